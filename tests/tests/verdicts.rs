//! What `-c` says of small configurations, against the installed Kamailio.
//!
//! `tests/verdicts/cases.txt` holds the configurations with the exit status of `kamailio -c`.
//! `ferrosip --compat-check` must give the same; `ferrosip -c` may refuse more, which the case
//! then says. Without Kamailio the file's word is taken. Environment: `FERROSIP_BIN`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use acceptance::subject::{KAMAILIO, Program};

/// Kamailio's exit status for a wrong configuration.
const REFUSED: i32 = 255;

/// A configuration with what is known of it.
#[derive(Debug)]
struct Case {
    name: String,
    text: String,
    /// The exit status of `kamailio -c`.
    status: i32,
    /// `ferrosip -c` refuses it although Kamailio's does not.
    is_beyond: bool,
    /// Why `ferrosip --compat-check` says something else.
    differs: Option<String>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("verdicts/cases.txt");
    let file = fs::read_to_string(&path).expect("the cases can be read");
    let mut base = String::new();
    let mut cases = Vec::new();
    for part in file.split("\n=== ").skip(1) {
        let (head, text) = part.split_once('\n').unwrap_or((part, ""));
        let mut words = head.split('|').map(str::trim);
        let name = words.next().unwrap_or_default().to_owned();
        let place = words.next().unwrap_or_default();
        if place == "base" {
            text.clone_into(&mut base);
            continue;
        }
        let text = match place {
            "whole" => format!("{text}\n"),
            "top" => format!("{base}\n{text}\nrequest_route {{\n\texit;\n}}\n"),
            "body" => format!("{base}\nrequest_route {{\n{text}\n}}\n"),
            other => panic!("{name}: unknown place {other}"),
        };
        let status = words.next().and_then(|word| word.parse().ok());
        let mut case = Case {
            status: status.unwrap_or_else(|| panic!("{name}: no exit status")),
            name,
            text,
            is_beyond: false,
            differs: None,
        };
        for word in words {
            match word.split_once(' ') {
                None if word == "beyond" => case.is_beyond = true,
                Some(("differs", why)) => case.differs = Some(why.to_owned()),
                _ => panic!("{}: unknown mark {word}", case.name),
            }
        }
        cases.push(case);
    }
    cases
}

/// The exit status of a program for each case.
fn statuses(program: &Path, arguments: &[&str], cases: &[Case]) -> Vec<Option<i32>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let next = AtomicUsize::new(0);
    let results: Vec<_> = cases.iter().map(|_| AtomicUsize::new(usize::MAX)).collect();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, case)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(index).map(|case| (index, case))
                } {
                    let file: PathBuf = folder.path().join(format!("{index}.cfg"));
                    fs::write(&file, &case.text).expect("the case can be written");
                    let ended = Command::new(program)
                        .args(arguments)
                        .arg("-f")
                        .arg(&file)
                        .stdin(Stdio::null())
                        .output()
                        .expect("the program runs");
                    let code = ended
                        .status
                        .code()
                        .and_then(|code| usize::try_from(code).ok());
                    results[index].store(code.unwrap_or(usize::MAX), Ordering::Relaxed);
                }
            });
        }
    });
    results
        .iter()
        .map(|code| i32::try_from(code.load(Ordering::Relaxed)).ok())
        .collect()
}

fn report(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_file_says_what_kamailio_says() {
    if !Path::new(KAMAILIO).exists() {
        eprintln!("SKIPPED: there is no {KAMAILIO}");
        return;
    }
    let cases = cases();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = folder.path().display().to_string();
    let found = statuses(Path::new(KAMAILIO), &["-c", "-Y", &runtime], &cases);
    let wrong: Vec<String> = cases
        .iter()
        .zip(found)
        .filter(|(case, found)| *found != Some(case.status))
        .map(|(case, found)| format!("{}: {found:?} instead of {}", case.name, case.status))
        .collect();
    report(&wrong);
}

#[test]
fn the_compatible_check_agrees_with_kamailio() {
    let cases = cases();
    let found = statuses(&Program::ferrosip().path, &["--compat-check"], &cases);
    let mut wrong = Vec::new();
    for (case, found) in cases.iter().zip(found) {
        match (found == Some(case.status), &case.differs) {
            (true, Some(why)) => wrong.push(format!("{}: no longer differs ({why})", case.name)),
            (false, None) => wrong.push(format!(
                "{}: {found:?} instead of {}",
                case.name, case.status
            )),
            _ => {}
        }
    }
    report(&wrong);
}

#[test]
fn the_check_is_stricter_where_it_says_so() {
    let cases = cases();
    let found = statuses(&Program::ferrosip().path, &["-c"], &cases);
    let mut wrong = Vec::new();
    for (case, found) in cases.iter().zip(found) {
        if case.differs.is_some() {
            continue;
        }
        let expected = if case.is_beyond { REFUSED } else { case.status };
        if found != Some(expected) {
            wrong.push(format!("{}: {found:?} instead of {expected}", case.name));
        }
    }
    report(&wrong);
}
