//! A line by line comparison and its readable form.

use std::fmt::Write;

/// A line of a comparison.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Line {
    /// In both.
    Same(String),
    /// Only the reference has it.
    Missing(String),
    /// Only the subject has it.
    Extra(String),
}

/// Compares two transcripts.
pub fn compare(
    reference: &[String],
    subject: &[String],
    same: impl Fn(&str, &str) -> bool,
) -> Vec<Line> {
    let (rows, columns) = (reference.len(), subject.len());
    let mut common = vec![vec![0_u32; columns + 1]; rows + 1];
    for r in (0..rows).rev() {
        for s in (0..columns).rev() {
            common[r][s] = if same(&reference[r], &subject[s]) {
                common[r + 1][s + 1] + 1
            } else {
                common[r + 1][s].max(common[r][s + 1])
            };
        }
    }
    let (mut r, mut s) = (0, 0);
    let mut lines = Vec::new();
    while r < rows || s < columns {
        if r < rows && s < columns && same(&reference[r], &subject[s]) {
            lines.push(Line::Same(reference[r].clone()));
            r += 1;
            s += 1;
        } else if s == columns || (r < rows && common[r + 1][s] >= common[r][s + 1]) {
            lines.push(Line::Missing(reference[r].clone()));
            r += 1;
        } else {
            lines.push(Line::Extra(subject[s].clone()));
            s += 1;
        }
    }
    lines
}

/// Shows the differences with the lines around them, and always the headings.
pub fn render(lines: &[Line]) -> String {
    const CONTEXT: usize = 3;
    let differs = |line: &Line| !matches!(line, Line::Same(_));
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let around = i.saturating_sub(CONTEXT)..(i + CONTEXT + 1).min(lines.len());
        let near = lines[around].iter().any(differs);
        let _ = match line {
            Line::Same(text) if near || text.starts_with("=== ") => writeln!(out, "  {text}"),
            Line::Same(_) => Ok(()),
            Line::Missing(text) => writeln!(out, "- {text}"),
            Line::Extra(text) => writeln!(out, "+ {text}"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn equal_transcripts_have_only_same_lines() {
        let compared = compare(&lines("a\nb"), &lines("a\nb"), |l, r| l == r);
        assert!(compared.iter().all(|line| matches!(line, Line::Same(_))));
    }

    #[test]
    fn missing_and_extra_lines_are_told_apart() {
        let compared = compare(&lines("a\nb\nc"), &lines("a\nc\nd"), |l, r| l == r);
        assert_eq!(
            compared,
            [
                Line::Same("a".to_owned()),
                Line::Missing("b".to_owned()),
                Line::Same("c".to_owned()),
                Line::Extra("d".to_owned()),
            ]
        );
        assert_eq!(render(&compared), "  a\n- b\n  c\n+ d\n");
    }
}
