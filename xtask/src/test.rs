//! `cargo xtask test`: install, build, run everything.

use std::ffi::OsString;
use std::process::{ExitCode, Stdio};

use crate::install;
use crate::tree::{self, File};

/// Runs all tests; the status is the runner's.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    install::what_tests_need();
    // The black-box tests start the program, so it must be there before they run.
    if !cargo(&["build", "--package", "server", "--package", "ctl"], &[]) {
        return ExitCode::FAILURE;
    }
    // Somebody who names a package wants that one alone.
    let named = arguments
        .iter()
        .any(|argument| argument == "-p" || argument == "--package");
    let scope: &[&str] = if named { &[] } else { &["--workspace"] };
    if !named
        && !cargo(
            &["test", "--package", "parking", "--features", "shuttle"],
            &[],
        )
    {
        return ExitCode::FAILURE;
    }
    if !has_nextest() {
        return status(cargo(&[&["test"], scope].concat(), &arguments));
    }
    if named {
        return status(cargo(&["nextest", "run"], &arguments));
    }
    // Nextest leaves documentation tests out.
    if has_doc_tests(&tree::files(tree::root())) && !cargo(&["test", "--workspace", "--doc"], &[]) {
        return ExitCode::FAILURE;
    }
    if !cargo(
        &["nextest", "run", "--workspace", "--exclude", BLACK_BOX],
        &arguments,
    ) {
        return ExitCode::FAILURE;
    }
    // Its scenarios share servers within a process, and nextest makes a process for each test. The
    // runner's summary stands last.
    status(cargo(&["test", "--package", BLACK_BOX], &arguments))
}

/// What property tests draw their inputs from.
const SEED: &str = "PROPTEST_RNG_SEED";

/// The same seed in each run, so that a failure belongs to a change and not to chance; somebody who
/// looks for new failures sets another one.
fn seed() -> OsString {
    std::env::var_os(SEED).unwrap_or_else(|| "3261".into())
}

/// The package of the tests that start servers.
const BLACK_BOX: &str = "acceptance";

fn status(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn cargo(arguments: &[&str], more: &[OsString]) -> bool {
    let run = crate::cargo::command()
        .args(arguments)
        .args(more)
        .env(SEED, seed())
        .current_dir(tree::root())
        .status();
    match run {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cargo {}: {error}", arguments.join(" "));
            false
        }
    }
}

fn has_nextest() -> bool {
    let mut command = crate::cargo::command();
    command
        .args(["nextest", "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether a documentation comment of a library holds a block that rustdoc would run.
fn has_doc_tests(files: &[File]) -> bool {
    let sources = files
        .iter()
        .filter(|file| file.is("rs") && file.path.starts_with("crates"));
    sources
        .flat_map(|file| runnable_blocks(&file.text))
        .next()
        .is_some()
}

/// The opening lines of runnable blocks.
fn runnable_blocks(source: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in source.lines() {
        let line = line.trim_start();
        let Some(text) = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
        else {
            inside = false;
            continue;
        };
        let Some(language) = text.trim_start().strip_prefix("```") else {
            continue;
        };
        if !inside
            && matches!(
                language.trim(),
                "" | "rust" | "no_run" | "should_panic" | "compile_fail"
            )
        {
            found.push(line);
        }
        inside = !inside;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rust_blocks_are_runnable() {
        assert!(runnable_blocks("//! ```text\n//! a\n//! ```\nfn a() {}").is_empty());
        assert_eq!(
            runnable_blocks("/// ```\n/// a();\n/// ```\nfn a() {}"),
            ["/// ```"]
        );
        assert_eq!(runnable_blocks("    /// ```no_run\n    /// ```\n").len(), 1);
    }
}
