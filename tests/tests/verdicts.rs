//! What `-c` says of small configurations, against the installed Kamailio.
//!
//! `tests/verdicts/cases.txt` holds the configurations with the exit status of `kamailio -c`.
//! `ferrosip --compat-check` must give the same; `ferrosip -c` may refuse more, which the case
//! then says. Without Kamailio the file's word is taken. Environment: `FERROSIP_BIN`.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use acceptance::check::check;
use acceptance::findings::Findings;
use acceptance::parallel;
use acceptance::subject::{Program, unusable_reference};

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
fn statuses(program: &Program, arguments: &[&str], cases: &[Case]) -> Vec<Option<i32>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    parallel::map(cases, |index, case| {
        let file = folder.path().join(format!("{index}.cfg"));
        fs::write(&file, &case.text).expect("the case can be written");
        let ended = check(program, arguments, &file).expect("the program runs");
        // A crash has the number of its signal, as a shell says it.
        let status = ended.status;
        status.code().or(status.signal().map(|signal| 128 + signal))
    })
}

#[test]
fn the_file_says_what_kamailio_says() {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let cases = cases();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = folder.path().display().to_string();
    let found = statuses(&Program::kamailio(), &["-c", "-Y", &runtime], &cases);
    let mut wrong = Findings::default();
    for (case, found) in cases.iter().zip(found) {
        wrong.expect(&case.name, &found, &Some(case.status));
    }
    wrong.report();
}

#[test]
fn the_compatible_check_agrees_with_kamailio() {
    let cases = cases();
    let found = statuses(&Program::ferrosip(), &["--compat-check"], &cases);
    let mut wrong = Findings::default();
    for (case, found) in cases.iter().zip(found) {
        let why = case.differs.as_deref();
        wrong.expect_or_why(&case.name, &found, &Some(case.status), why);
    }
    wrong.report();
}

#[test]
fn the_check_is_stricter_where_it_says_so() {
    let cases = cases();
    let found = statuses(&Program::ferrosip(), &["-c"], &cases);
    let mut wrong = Findings::default();
    for (case, found) in cases.iter().zip(found) {
        if case.differs.is_some() {
            continue;
        }
        let expected = if case.is_beyond { REFUSED } else { case.status };
        wrong.expect(&case.name, &found, &Some(expected));
    }
    wrong.report();
}
