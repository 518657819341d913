//! Expressions that a server refuses when it reads its configuration.

use std::collections::BTreeSet;
use std::process::Command;

use regex::Regex;

use super::Row;
use super::config;
use super::scene::Scene;
use crate::subject::Program;

/// Rows in one configuration that is checked.
const CHUNK: usize = 64;

/// What Kamailio says when it cannot prepare the routes.
const FIXUP: &str = "while trying to fix configuration";

/// When a mistake shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// `-c` refuses the configuration.
    Check,
    /// Kamailio's `-c` accepts it, but the server does not start.
    Start,
}

/// The rows that a program refuses, by number.
///
/// A mistake confuses Kamailio about what follows, so that only its first complaint counts: the row
/// is taken out, and the rest checked again. ferrosip names all mistakes at once.
pub fn refused(program: &Program, when: When, rows: &[&Row]) -> std::io::Result<BTreeSet<usize>> {
    let mut refused = BTreeSet::new();
    let all: Vec<usize> = (0..rows.len()).collect();
    let size = if program.is_reference() {
        CHUNK
    } else {
        rows.len().max(1)
    };
    let mut open: Vec<Vec<usize>> = all.chunks(size).map(<[usize]>::to_vec).collect();
    while let Some(mut numbers) = open.pop() {
        let some: Vec<&Row> = numbers.iter().map(|&number| rows[number]).collect();
        let Some(named) = check(program, when, &some)? else {
            continue;
        };
        match named.first() {
            None if numbers.len() <= 1 => refused.extend(numbers),
            None => {
                let half = numbers.split_off(numbers.len() / 2);
                open.extend([numbers, half]);
            }
            Some(&first) if program.is_reference() => {
                refused.insert(numbers.remove(first));
                open.push(numbers);
            }
            Some(_) => {
                refused.extend(named.iter().map(|&index| numbers[index]));
                let mut kept = (0..numbers.len()).map(|index| !named.contains(&index));
                numbers.retain(|_| kept.next().unwrap_or(true));
                open.push(numbers);
            }
        }
    }
    Ok(refused)
}

/// `None` when the configuration is accepted; otherwise which rows are complained about, in the
/// order of the complaints.
fn check(program: &Program, when: When, rows: &[&Row]) -> std::io::Result<Option<Vec<usize>>> {
    let written = config::write(rows, Scene::Arrived);
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &written.text)?;
    let mut command = Command::new(&program.path);
    let folder = tempfile::tempdir()?;
    command.args(["-E", "-M", "64", "-f"]).arg(file.path());
    match (program.is_reference(), when) {
        (true, When::Check) => _ = command.arg("-c"),
        // It reads the routes and then fails, because this host has no such address.
        (true, When::Start) => {
            command.args(["-DD", "-l", "udp:192.0.2.200:5060", "-Y"]);
            command
                .arg(folder.path())
                .arg("-P")
                .arg(folder.path().join("pid"));
        }
        (false, When::Check) => _ = command.args(["-c", "--compat-check"]),
        (false, When::Start) => _ = command.arg("-c"),
    }
    let output = command.output()?;
    if output.status.success() {
        return Ok(None);
    }
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stdout));
    let is_unbound = program.is_reference() && when == When::Start && !said.contains(FIXUP);
    Ok((!is_unbound).then(|| named_rows(&said, &written.lines)))
}

fn named_rows(said: &str, lines: &[usize]) -> Vec<usize> {
    let Ok(pattern) = Regex::new("(?:, line |fixing failed [^:]*cfg:[^:]*:|^ *--> [^:]*:)([0-9]+)")
    else {
        return Vec::new();
    };
    // ferrosip's warnings have places as well.
    let mut is_warning = false;
    let mut named = Vec::new();
    for line in said.lines() {
        if line.starts_with("warning") || line.starts_with("error") {
            is_warning = line.starts_with("warning");
        }
        let number = pattern
            .captures(line)
            .and_then(|found| found[1].parse::<usize>().ok());
        let row = number.and_then(|number| lines.iter().position(|&line| line == number));
        named.extend(row.filter(|_| !is_warning));
    }
    named
}
