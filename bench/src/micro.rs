//! Instructions of single operations: each is run under callgrind twice, a different number of
//! times; the difference is what it costs, whatever starting costs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::options::Options;
use crate::report;

/// How often an operation is done in the shorter and in the longer run.
const TIMES: [u32; 2] = [1_000, 3_000];

/// Counts all operations, as many at a time as there are cores, and prints, or writes, the table.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let names = Command::new(&options.micro).arg("list").output()?.stdout;
    let names = String::from_utf8_lossy(&names).into_owned();
    let names: Vec<&str> = names.lines().collect();
    let next = AtomicUsize::new(0);
    let counts = Mutex::new(BTreeMap::new());
    let count = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(number) else {
                return;
            };
            eprintln!("{name}");
            let counted = each(&options.micro, number);
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.insert(number, counted);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(count);
        }
    });
    let mut text = String::from("| operation | instructions |\n|---|---|\n");
    let mut failures = Vec::new();
    let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (name, counted) in names.iter().zip(counts.into_values()) {
        match counted {
            // Writing to a string cannot fail.
            Ok(count) => _ = writeln!(text, "| {name} | {count} |"),
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    print!("{text}");
    if let Some(document) = &options.write {
        report::replace_part(document, "instructions", &text)?;
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(failures.join("; ")))
}

/// What one operation costs.
fn each(micro: &Path, number: usize) -> io::Result<u64> {
    let few = instructions(micro, number, TIMES[0])?;
    let many = instructions(micro, number, TIMES[1])?;
    Ok(many.saturating_sub(few) / u64::from(TIMES[1] - TIMES[0]))
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
