//! Rules for the documents.

use std::path::Path;

use super::Finding;
use crate::tree::File;

/// Every path that ARCHITECTURE.md names exists.
pub(super) fn paths_exist(root: &Path, files: &[File]) -> Vec<Finding> {
    let Some(map) = files
        .iter()
        .find(|file| file.path == Path::new("ARCHITECTURE.md"))
    else {
        return vec![Finding::new("ARCHITECTURE.md", 1, "missing")];
    };
    let mut findings = Vec::new();
    for (index, line) in map.text.lines().enumerate() {
        for span in line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|span| is_path(span))
        {
            if !exists(root, span) {
                findings.push(Finding::new(
                    &map.path,
                    index + 1,
                    format!("`{span}` does not exist"),
                ));
            }
        }
    }
    findings
}

/// A code span that names a file or a folder of the repository.
fn is_path(span: &str) -> bool {
    let plain = span
        .chars()
        .all(|c| c.is_alphanumeric() || "/._-".contains(c));
    let place = [
        "crates/",
        "tests/",
        "xtask/",
        "bench/",
        "fuzz/",
        "docs/",
        "examples/",
        ".ci/",
    ];
    let ending = [".rs", ".toml", ".md"];
    plain
        && (place.iter().any(|place| span.starts_with(place))
            || ending.iter().any(|ending| span.ends_with(ending)))
}

/// In the repository, or shortened as `engine/src/receive.rs` in crates.
fn exists(root: &Path, span: &str) -> bool {
    root.join(span).exists() || root.join("crates").join(span).exists()
}

/// The two READMEs say the same: as many headings of each level in the same order, the same code.
pub(super) fn readmes_match(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut read = |name: &str| {
        let file = files.iter().find(|file| file.path == Path::new(name));
        if file.is_none() {
            findings.push(Finding::new(name, 1, "missing"));
        }
        file
    };
    let (Some(english), Some(chinese)) = (read("README.md"), read("README.zh-CN.md")) else {
        return findings;
    };
    let (ours, theirs) = (outline(&english.text), outline(&chinese.text));
    let differing = ours
        .iter()
        .zip(&theirs)
        .find(|((_, ours), (_, theirs))| ours != theirs);
    if let Some(((here, ours), (line, theirs))) = differing {
        let reason = format!("{theirs} here, but {ours} in line {here} of README.md");
        findings.push(Finding::new(&chinese.path, *line, reason));
    } else if ours.len() != theirs.len() {
        let reason = format!(
            "{} headings and code blocks here, {} in README.md",
            theirs.len(),
            ours.len()
        );
        findings.push(Finding::new(&chinese.path, 1, reason));
    }
    findings
}

/// Headings and code blocks in order, with their lines.
fn outline(text: &str) -> Vec<(usize, String)> {
    let mut parts = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            if !inside {
                parts.push((index + 1, format!("a code block `{}`", language.trim())));
            }
            inside = !inside;
        } else if !inside && line.starts_with('#') {
            let level = line.chars().take_while(|c| *c == '#').count();
            parts.push((index + 1, format!("a heading of level {level}")));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn named_paths_must_exist() {
        let root = crate::tree::root();
        let text = "`xtask/src/main.rs`, `cargo test`, `sl_send_reply()`\n`crates/nothing/here.rs` `{a,b}.rs`\n";
        let found = paths_exist(root, &[file("ARCHITECTURE.md", text)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn readmes_have_the_same_outline() {
        let english = file("README.md", "# A\n\n## B\n\n```sh\n# no heading\n```\n");
        let good = file("README.zh-CN.md", "# 甲\n## 乙\n```sh\nx\n```\n");
        assert!(readmes_match(&[english.clone(), good]).is_empty());
        let order = file("README.zh-CN.md", "# 甲\n```sh\nx\n```\n## 乙\n");
        assert_eq!(readmes_match(&[english.clone(), order])[0].line, 2);
        let short = file("README.zh-CN.md", "# 甲\n");
        assert_eq!(readmes_match(&[english.clone(), short]).len(), 1);
        assert_eq!(readmes_match(&[english]).len(), 1);
    }
}
