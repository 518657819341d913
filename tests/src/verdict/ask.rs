//! A program's verdicts on the fragments of a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Table, Verdict, Verdicts};
use crate::parallel;
use crate::subject::Program;

/// Exit status of a check that refuses.
const REFUSED: i32 = 255;

/// Whether a program accepts the base with nothing else.
///
/// # Errors
/// When files cannot be written or the program cannot be started.
pub fn base(program: &Program, base: &str) -> std::io::Result<bool> {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), config(base, &[]))?;
    Ok(check(program, file.path(), &[])?.status.success())
}

/// A configuration of its own for each of these cells.
///
/// # Errors
/// When files cannot be written or the program cannot be started.
pub fn each(
    program: &Program,
    base: &str,
    cells: &[(usize, usize, &str)],
) -> std::io::Result<Verdicts> {
    let folder = tempfile::tempdir()?;
    let judge = |index: usize, &(row, column, fragment): &(usize, usize, &str)| {
        let file = folder.path().join(format!("{index}.cfg"));
        fs::write(&file, config(base, &[fragment]))?;
        let verdict = match check(program, &file, &[])?.status.code() {
            Some(0) => Verdict::Accepted,
            Some(REFUSED) => Verdict::Refused,
            _ => Verdict::Crashed,
        };
        fs::remove_file(&file)?;
        Ok(((row, column), verdict))
    };
    parallel::map(cells, judge).into_iter().collect()
}

/// ferrosip's verdicts, many in one run: it names every mistake and its line.
///
/// # Errors
/// When files cannot be written or the program cannot be started.
pub fn together(program: &Program, base: &str, table: &Table) -> std::io::Result<Verdicts> {
    let folder = tempfile::tempdir()?;
    let cells: Vec<(usize, usize, &str)> = table.cells().collect();
    let chunks: Vec<&[(usize, usize, &str)]> = cells
        .chunk_by(|a, b| a.0 / table.together == b.0 / table.together)
        .collect();
    let judge = |index: usize, chunk: &&[(usize, usize, &str)]| {
        let fragments: Vec<&str> = chunk.iter().map(|cell| cell.2).collect();
        let file = folder.path().join(format!("{index}.cfg"));
        fs::write(&file, config(base, &fragments))?;
        let said = check(program, &file, &["--diagnostics=json"])?;
        let refused = refused_lines(&String::from_utf8_lossy(&said.stderr));
        let first = base.lines().count() + 1;
        let judged = (first..).zip(*chunk).map(|(line, (row, column, _))| {
            let verdict = match refused.contains(&line) {
                true => Verdict::Refused,
                false => Verdict::Accepted,
            };
            ((*row, *column), verdict)
        });
        Ok(judged.collect())
    };
    let judged: std::io::Result<Vec<Verdicts>> =
        parallel::map(&chunks, judge).into_iter().collect();
    Ok(judged?.into_iter().flatten().collect())
}

/// Lines with a mistake that Kamailio's own check finds.
fn refused_lines(said: &str) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for line in said.lines() {
        let Ok(mistake) = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(line) else {
            continue;
        };
        let is = |key: &str, value: serde_json::Value| mistake.get(key) == Some(&value);
        if is("severity", "error".into()) && is("beyond_kamailio", false.into()) {
            let number = mistake.get("at").and_then(|at| at.get("line")?.as_u64());
            lines.extend(number.and_then(|number| usize::try_from(number).ok()));
        }
    }
    lines
}

fn config(base: &str, fragments: &[&str]) -> String {
    let numbered = fragments.iter().enumerate();
    let lines: Vec<String> = numbered
        .map(|(number, fragment)| fragment.replace("{n}", &number.to_string()))
        .collect();
    let lines = lines.join("\n");
    format!("{base}{lines}\nrequest_route {{\n\texit;\n}}\n")
}

fn check(program: &Program, file: &Path, more: &[&str]) -> std::io::Result<std::process::Output> {
    let is_reference = program.is_reference();
    Command::new(&program.path)
        .arg(if is_reference { "-c" } else { "--compat-check" })
        .args(more)
        .arg("-f")
        .arg(file)
        .stdin(Stdio::null())
        .output()
}
