//! A program's verdicts on the fragments of a table.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use super::{Table, Verdict, Verdicts};
use crate::check::check;
use crate::parallel;
use crate::subject::Program;

/// Whether a program accepts the base with nothing else.
///
/// # Errors
/// When files cannot be written or the program cannot be started.
pub fn base(program: &Program, base: &str) -> std::io::Result<bool> {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), config(base, &[]))?;
    Ok(judged(program, file.path(), &[])?.status.success())
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
        let verdict = Verdict::of(judged(program, &file, &[])?.status);
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
        let said = judged(program, &file, &["--diagnostics=json"])?;
        let refused = refused_lines(&String::from_utf8_lossy(&said.stderr));
        let mut line = base.lines().count() + 1;
        let judged = chunk.iter().map(|(row, column, fragment)| {
            let lines = line..line + fragment.lines().count();
            line = lines.end;
            let verdict = match refused.range(lines).next() {
                Some(_) => Verdict::Refused,
                None => Verdict::Accepted,
            };
            ((*row, *column), verdict)
        });
        Ok(judged.collect())
    };
    let judged: std::io::Result<Vec<Verdicts>> =
        parallel::map(&chunks, judge).into_iter().collect();
    Ok(judged?.into_iter().flatten().collect())
}

/// A mistake that ferrosip names.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Its kind.
    pub code: String,
    /// Where it is.
    pub line: usize,
    /// Kamailio's own check does not find it.
    pub is_beyond_kamailio: bool,
}

/// The errors in what a check with `--diagnostics=json` said.
#[must_use]
pub fn mistakes(said: &str) -> Vec<Mistake> {
    let mistake = |line: &str| {
        let said: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_error = said.get("severity")? == "error";
        let line = said.get("at")?.get("line")?.as_u64()?;
        is_error.then_some(Mistake {
            code: said.get("code")?.as_str()?.to_owned(),
            line: usize::try_from(line).ok()?,
            is_beyond_kamailio: said.get("beyond_kamailio")?.as_bool()?,
        })
    };
    said.lines().filter_map(mistake).collect()
}

/// Lines with a mistake that Kamailio's own check finds.
fn refused_lines(said: &str) -> BTreeSet<usize> {
    let found = mistakes(said).into_iter();
    let found = found.filter(|mistake| !mistake.is_beyond_kamailio);
    found.map(|mistake| mistake.line).collect()
}

fn config(base: &str, fragments: &[&str]) -> String {
    let numbered = fragments.iter().enumerate();
    let lines: Vec<String> = numbered
        .map(|(number, fragment)| fragment.replace("{n}", &number.to_string()))
        .collect();
    let lines = lines.join("\n");
    format!("{base}{lines}\nrequest_route {{\n\texit;\n}}\n")
}

fn judged(program: &Program, file: &Path, more: &[&str]) -> std::io::Result<Output> {
    let is_reference = program.is_reference();
    let wanted = if is_reference { "-c" } else { "--compat-check" };
    check(program, &[&[wanted], more].concat(), file)
}
