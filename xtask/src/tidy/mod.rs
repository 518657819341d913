//! `cargo xtask tidy`: the rules that the compiler does not check, one small function each.

mod arrows;
mod documents;
mod licences;
mod modules;
mod sources;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::tree::{self, File};

/// A broken rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: PathBuf,
    line: usize,
    reason: String,
    /// A warning is printed and fails nothing.
    warning: bool,
}

impl Finding {
    fn new(path: impl Into<PathBuf>, line: usize, reason: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            reason: reason.into(),
            warning: false,
        }
    }

    fn warning(path: impl Into<PathBuf>, line: usize, reason: impl Into<String>) -> Self {
        Self {
            warning: true,
            ..Self::new(path, line, reason)
        }
    }
}

/// Checks the repository and prints what is wrong as `file:line: reason`.
pub(crate) fn run() -> ExitCode {
    let root = tree::root();
    let files = tree::files(root);
    let mut findings = check(root, &files);
    match metadata(root) {
        Ok(metadata) => {
            findings.extend(arrows::check(root, &metadata));
            findings.extend(licences::check(&metadata));
        }
        Err(reason) => findings.push(Finding::new("Cargo.toml", 1, reason)),
    }
    for finding in &findings {
        let kind = if finding.warning { "warning: " } else { "" };
        println!(
            "{}:{}: {kind}{}",
            finding.path.display(),
            finding.line,
            finding.reason
        );
    }
    let errors = findings.iter().filter(|finding| !finding.warning).count();
    println!(
        "tidy: {} files, {errors} errors, {} warnings",
        files.len(),
        findings.len() - errors
    );
    if errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn check(root: &Path, files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        findings.extend(sources::machine_paths(file));
        if file.is("rs") {
            findings.extend(sources::starts_with_docs(file));
            findings.extend(sources::within_budget(file));
            findings.extend(sources::finished(file));
        }
    }
    findings.extend(modules::shape(files));
    findings.extend(modules::only_through_api(files));
    findings.extend(documents::paths_exist(root, files));
    findings.extend(documents::readmes_match(files));
    findings
}

fn metadata(root: &Path) -> Result<Value, String> {
    let output = crate::cargo::command()
        .args([
            "metadata",
            "--format-version",
            "1",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}
