//! `cargo xtask docs`: writes docs/reference and the generated part of docs/compatibility.md from
//! the tables that the loader uses.

use std::process::ExitCode;

use crate::tree;

/// Runs the generator.
pub(crate) fn run() -> ExitCode {
    let status = crate::cargo::command()
        .current_dir(tree::root())
        .args([
            "run",
            "--quiet",
            "--package",
            "modules",
            "--example",
            "reference",
            "--",
        ])
        .args(["docs/reference", "docs/compatibility.md"])
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
