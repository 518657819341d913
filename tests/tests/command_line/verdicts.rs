//! Which command lines are refused.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use acceptance::findings::Findings;
use acceptance::parallel;
use acceptance::subject::{KAMAILIO, Program, unusable_reference};

/// A command line with what is known of it.
struct Case {
    /// As it is written.
    text: String,
    arguments: Vec<String>,
    /// Kamailio's exit status.
    status: i32,
    /// Why ferrosip's is another one.
    differs: Option<String>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("command_line/cases.txt");
    let file = fs::read_to_string(&path).expect("the cases can be read");
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.map(case).collect()
}

fn case(line: &str) -> Case {
    let (line, differs) = match line.split_once("  ## ") {
        Some((line, why)) => (line, Some(why.to_owned())),
        None => (line, None),
    };
    let (status, text) = line.split_once(' ').expect("a status and arguments");
    Case {
        text: text.to_owned(),
        arguments: words(text),
        status: status.parse().expect("a status"),
        differs,
    }
}

/// Splits as a shell does: blanks separate, quotes hold together.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// The exit status for each case, in a folder with the configurations that they name.
fn statuses(program: &Path, cases: &[Case]) -> Vec<Option<i32>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let end = "request_route { exit; }\n";
    let listen = "listen=udp:127.0.43.1:5060\n";
    for (name, text) in [
        ("ok.cfg", format!("{listen}{end}")),
        ("tm.cfg", format!("{listen}loadmodule \"tm.so\"\n{end}")),
    ] {
        fs::write(folder.path().join(name), text).expect("the configuration can be written");
    }
    parallel::map(cases, |_, case| {
        let ended = Command::new(program)
            .args(["-Y", "run"])
            .args(&case.arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        ended.status.code()
    })
}

#[test]
fn the_file_says_what_kamailio_says() {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let cases = cases();
    let kamailio = Path::new(KAMAILIO);
    let found = statuses(kamailio, &cases);
    let mut wrong = Findings::default();
    for (case, mut found) in cases.iter().zip(found) {
        // It did not start once in thousands of times (`-x tlsf_malloc`, on a busy machine): what counts comes each time.
        if found != Some(case.status) {
            found = statuses(kamailio, std::slice::from_ref(case))[0];
        }
        wrong.expect(&case.text, &found, &Some(case.status));
    }
    wrong.report();
}

#[test]
fn ferrosip_agrees_or_the_file_says_why_not() {
    let cases = cases();
    let found = statuses(&Program::ferrosip().path, &cases);
    let mut wrong = Findings::default();
    for (case, found) in cases.iter().zip(found) {
        let why = case.differs.as_deref();
        wrong.expect_or_why(&case.text, &found, &Some(case.status), why);
    }
    wrong.report();
}

/// Each option that Kamailio's help names is in the cases, and in ours.
#[test]
fn every_option_of_the_help_is_met() {
    let help = |program: &Path| {
        let output = Command::new(program).arg("-h").output();
        String::from_utf8_lossy(&output.expect("the program runs").stdout).into_owned()
    };
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let named = |help: &str| -> HashSet<String> {
        let lines = help.lines().filter_map(|line| line.strip_prefix("    -"));
        let name = |rest: &str| {
            let end = rest.find([' ', '=']).unwrap_or(rest.len());
            format!("-{}", &rest[..end])
        };
        lines.map(name).collect()
    };
    let kamailios = named(&help(Path::new(KAMAILIO)));
    assert!(kamailios.len() > 40, "{kamailios:?}");
    let ours = named(&help(&Program::ferrosip().path));
    let cases = cases();
    for option in &kamailios {
        assert!(ours.contains(option), "{option} is not in our help");
        let is_met = cases.iter().any(|case| {
            case.arguments
                .iter()
                .any(|argument| match option.starts_with("--") {
                    true => argument.split('=').next() == Some(option),
                    false => argument.starts_with(option.as_str()),
                })
        });
        assert!(is_met, "{option} is in no case");
    }
}
