//! Instructions of single operations: each is run under callgrind twice, a different number of
//! times; the difference is what it costs, whatever starting costs.

use std::fmt::Write;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::options::Options;
use crate::report;

/// How often an operation is done in the shorter and in the longer run.
const TIMES: [u32; 2] = [1_000, 3_000];

/// Counts all operations and prints, or writes, the table.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let names = Command::new(&options.micro).arg("list").output()?.stdout;
    let names = String::from_utf8_lossy(&names).into_owned();
    let mut text = String::from("| operation | instructions |\n|---|---|\n");
    for (number, name) in names.lines().enumerate() {
        eprintln!("{name}");
        let [few, many] = TIMES.map(|times| instructions(&options.micro, number, times));
        let each = many?.saturating_sub(few?) / u64::from(TIMES[1] - TIMES[0]);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {each} |");
    }
    print!("{text}");
    match &options.write {
        Some(document) => report::replace_part(document, "instructions", &text),
        None => Ok(()),
    }
}

fn instructions(micro: &Path, number: usize, times: u32) -> io::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(micro)
        .args([number.to_string(), times.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    counted
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| io::Error::other(format!("valgrind: {text}")))
}
