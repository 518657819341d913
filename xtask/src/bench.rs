//! `cargo xtask bench`: measures everything and writes the tables of docs/performance.md.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::cargo;
use crate::install;
use crate::optimized;
use crate::tree;
use crate::words;

const DOCUMENT: &str = "docs/performance.md";

/// Builds what is measured and what measures, then runs every measurement; one that fails does not
/// keep the others from being run. `--quick` is a try of everything; `--document` writes elsewhere.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let Some((document, passed)) = words::take("--document", arguments) else {
        return ExitCode::from(2);
    };
    let document = document.unwrap_or_else(|| PathBuf::from(DOCUMENT));
    install::what_tests_need();
    let packages = ["server", "bench", "micro"];
    let mut build = cargo::command();
    build.args(["build", "--release"]);
    for package in packages {
        build.args(["--package", package]);
    }
    if !succeeds(&mut build) {
        return ExitCode::FAILURE;
    }
    let optimized = with_profile(&passed);
    let begun = Instant::now();
    let load = tree::root().join("target/release/ferrosip-load");
    let mut code = ExitCode::SUCCESS;
    for what in ["compare", "scale", "micro"] {
        eprintln!("== {what} ({:.0} s so far)", begun.elapsed().as_secs_f64());
        let mut measure = Command::new(&load);
        measure.args([what, "--write"]).arg(&document).args(&passed);
        // How costs grow and how many instructions there are is shown of the plain build.
        if let ("compare", Some(optimized)) = (what, &optimized) {
            measure.arg("--optimized").arg(optimized);
        }
        if !succeeds(&mut measure) {
            eprintln!("== {what} is not complete");
            code = ExitCode::FAILURE;
        }
    }
    eprintln!("== all in {:.0} s", begun.elapsed().as_secs_f64());
    code
}

/// The server built with a profile, a subject of the comparison where it can be built.
fn with_profile(passed: &[OsString]) -> Option<PathBuf> {
    let output = optimized::default_output();
    match optimized::build(&output, passed) {
        Ok(()) => Some(output),
        Err(error) => {
            eprintln!("== ferrosip built with a profile is not compared: {error}");
            None
        }
    }
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
