//! `cargo xtask bench`: measures everything and writes the tables of docs/performance.md.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::install;
use crate::tree;

const DOCUMENT: &str = "docs/performance.md";

/// Builds what is measured and what measures, then runs every measurement.
pub(crate) fn run() -> ExitCode {
    install::what_tests_need();
    let packages = ["server", "bench", "micro"];
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--release"]);
    for package in packages {
        build.args(["--package", package]);
    }
    if !succeeds(&mut build) {
        return ExitCode::FAILURE;
    }
    let load = tree::root().join("target/release/ferrosip-load");
    let all = ["compare", "scale", "micro"];
    if all.into_iter().all(|what| measured(&load, what)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn measured(load: &Path, what: &str) -> bool {
    succeeds(Command::new(load).args([what, "--write", DOCUMENT]))
}

fn succeeds(command: &mut Command) -> bool {
    match command.current_dir(tree::root()).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cannot run {command:?}: {error}");
            false
        }
    }
}
