//! The program as a shell sees it: output and exit status.

use std::process::{Command, Output};

fn ferrosip(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ferrosip");
    Command::new(program)
        .args(arguments)
        .output()
        .expect("the program starts")
}

#[test]
fn questions_are_answered_with_success() {
    for (option, begins) in [
        ("-v", "version: ferrosip "),
        ("-V", "version: ferrosip "),
        ("--version", "version: ferrosip "),
        ("-h", "version: ferrosip "),
        ("-I", "Print out of ferrosip internals"),
    ] {
        let output = ferrosip(&[option]);
        assert!(output.status.success(), "{option}");
        assert!(output.stdout.starts_with(begins.as_bytes()), "{option}");
    }
}

#[test]
fn exports_name_the_options() {
    let output = ferrosip(&["--exports"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.lines().any(|line| line == "cli\tcore\t-f\t1\t1\tfull"),
        "{text}"
    );
}

#[test]
fn a_wrong_command_line_ends_with_255_as_kamailios() {
    for arguments in [
        ["-z", ""],
        ["-m", "abc"],
        ["-W", "nothing"],
        ["--bogus", ""],
    ] {
        let output = ferrosip(&arguments);
        assert_eq!(output.status.code(), Some(255), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}
