//! Differences that are deliberate: `tests/known_differences.toml`.

use std::path::{Path, PathBuf};

use regex::Regex;
use serde::Deserialize;

use crate::diff::Line;

/// One deliberate difference.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Name of the scenario that shows it.
    pub scenario: String,
    /// Pattern of the differing lines, as the report prints them (with `- ` or `+ `).
    pub line: String,
    /// Why it is so.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    difference: Vec<Difference>,
}

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// The file is not such a list.
    #[error("{0}: {1}")]
    Parse(PathBuf, toml::de::Error),
}

/// Reads the list.
pub fn load(path: &Path) -> Result<Vec<Difference>, KnownError> {
    let text =
        std::fs::read_to_string(path).map_err(|e| KnownError::Read(path.to_path_buf(), e))?;
    let file: File = toml::from_str(&text).map_err(|e| KnownError::Parse(path.to_path_buf(), e))?;
    Ok(file.difference)
}

/// What remains of a comparison: unexplained differences and entries that explain nothing.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Differing lines no entry covers, with `- ` or `+ `.
    pub unexplained: Vec<String>,
    /// Differing lines that an entry covers.
    pub explained: usize,
    /// Patterns of this scenario that match no differing line.
    pub stale: Vec<String>,
}

/// Judges the comparison of one scenario.
pub fn judge(lines: &[Line], entries: &[&Difference]) -> Result<Verdict, regex::Error> {
    let patterns: Result<Vec<Regex>, _> = entries.iter().map(|e| Regex::new(&e.line)).collect();
    let patterns = patterns?;
    let mut used = vec![false; patterns.len()];
    let mut verdict = Verdict::default();
    for line in lines {
        let shown = match line {
            Line::Same(_) => continue,
            Line::Missing(text) => format!("- {text}"),
            Line::Extra(text) => format!("+ {text}"),
        };
        match patterns.iter().position(|pattern| pattern.is_match(&shown)) {
            Some(i) => {
                used[i] = true;
                verdict.explained += 1;
            }
            None => verdict.unexplained.push(shown),
        }
    }
    let stale = entries.iter().zip(used).filter(|(_, used)| !used);
    verdict.stale = stale.map(|(entry, _)| entry.line.clone()).collect();
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: &str) -> Difference {
        let (scenario, reason) = ("x/y".to_owned(), "because".to_owned());
        Difference {
            scenario,
            line: line.to_owned(),
            reason,
        }
    }

    #[test]
    fn a_known_difference_explains_its_lines_only() {
        let lines = [
            Line::Missing("Server: a".to_owned()),
            Line::Extra("X: b".to_owned()),
        ];
        let verdict = judge(&lines, &[&entry("^- Server: ")]).expect("a valid pattern");
        assert_eq!((verdict.explained, verdict.unexplained.len()), (1, 1));
        assert!(verdict.stale.is_empty());
    }

    #[test]
    fn an_entry_without_a_line_is_stale() {
        let lines = [Line::Same("Server: a".to_owned())];
        let verdict = judge(&lines, &[&entry("^- Server: ")]).expect("a valid pattern");
        assert_eq!(verdict.stale, ["^- Server: "]);
    }
}
