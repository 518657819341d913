//! What `-h`, `-v`, `-I` and `--exports` print about the command line.

use std::fmt::Write as _;

use super::options::OPTIONS;
use super::row::{OptionRow, Status};

const COLUMN: usize = 18;
const WIDTH: usize = 80;

/// The first line of `-v`, which scripts read.
pub fn version() -> String {
    format!(
        "version: ferrosip {} ({}/{})\nconfiguration and behaviour: kamailio 5.6.3\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS,
    )
}

/// The text of `-h`.
pub fn help() -> String {
    let mut text = version();
    text.push_str("Usage: ferrosip [options]\nOptions:\n");
    for row in OPTIONS {
        option(&mut text, row);
    }
    text
}

/// The text of `-I`.
pub fn internals() -> String {
    let mut text = String::from("Print out of ferrosip internals\n");
    for (name, value) in [
        ("Version", env!("CARGO_PKG_VERSION")),
        ("Default config", super::DEFAULT_CONFIG),
        ("Default paths to modules", "built in"),
        ("Compiled architecture", std::env::consts::ARCH),
        (
            "Profile",
            if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
        ),
    ] {
        let _ = writeln!(text, "  {name}: {value}");
    }
    text
}

/// The `cli` rows of `--exports`: kind, module, name, fewest and most arguments, status.
pub fn exports() -> impl Iterator<Item = String> {
    OPTIONS.iter().map(|row| {
        let arguments = u8::from(row.value.is_some());
        format!(
            "cli\tcore\t{}\t{arguments}\t{arguments}\t{}",
            row.name,
            row.status.word()
        )
    })
}

fn option(text: &mut String, row: &OptionRow) {
    let head = match row.value {
        Some(value) if row.name.starts_with("--") => format!("    {}={value}", row.name),
        Some(value) => format!("    {} {value}", row.name),
        None => format!("    {}", row.name),
    };
    text.push_str(&head);
    let mut column = head.chars().count();
    if column >= COLUMN {
        text.push('\n');
        column = 0;
    }
    let note = match row.status {
        Status::Full => String::new(),
        Status::Partial(reason) => format!(" (in part: {reason})"),
        Status::Noop(reason) => format!(" (no effect: {reason})"),
    };
    for word in row.doc.split(' ').chain(note.split_whitespace()) {
        if column > COLUMN && column + 1 + word.chars().count() > WIDTH {
            text.push('\n');
            column = 0;
        }
        while column < COLUMN - 1 {
            text.push(' ');
            column += 1;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + word.chars().count();
    }
    text.push('\n');
}
