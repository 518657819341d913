//! The shape of a module's folder in crates/modules/src.
//!
//! `mod.rs` holds `static MODULE`. Beside it, each where there is need: `params.rs`, `functions.rs`,
//! `variables.rs`, `rpc.rs`, `api.rs` (what other modules may use), files named after concepts of
//! the domain, and `tests.rs` or `tests/`.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::tree::File;

const FOLDER: &str = "crates/modules/src";

/// Folders that serve several modules and are none themselves.
const SHARED: [&str; 1] = ["shared"];

/// Each folder is a module with its table.
pub(super) fn shape(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in names(files) {
        let path: PathBuf = [FOLDER, name, "mod.rs"].iter().collect();
        match files.iter().find(|file| file.path == path) {
            Some(file) if file.text.contains("static MODULE") => {}
            Some(_) => findings.push(Finding::new(
                path,
                1,
                "a module has one table, `static MODULE`",
            )),
            None => findings.push(Finding::new(path, 1, "a module's folder has a mod.rs")),
        }
    }
    findings
}

/// A module reaches another only through its `api`.
pub(super) fn only_through_api(files: &[File]) -> Vec<Finding> {
    let names = names(files);
    let mut findings = Vec::new();
    for file in files {
        let Some(own) = module_of(&file.path) else {
            continue;
        };
        for (index, line) in file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for (_, rest) in line
                .match_indices("crate::")
                .map(|(at, found)| line.split_at(at + found.len()))
            {
                let mut path = rest.split("::");
                let (Some(target), inner) = (path.next(), path.next()) else {
                    continue;
                };
                let foreign = target != own && names.contains(&target);
                if foreign && inner.is_none_or(|inner| word(inner) != "api") {
                    let reason =
                        format!("`{own}` must use `{target}` through `{target}::api` only");
                    findings.push(Finding::new(&file.path, index + 1, reason));
                }
            }
        }
    }
    findings
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

fn names(files: &[File]) -> Vec<&str> {
    let mut names: Vec<_> = files
        .iter()
        .filter_map(|file| module_of(&file.path))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The module that a file belongs to.
fn module_of(path: &Path) -> Option<&str> {
    let mut parts = path.strip_prefix(FOLDER).ok()?.iter();
    let folder = parts.next()?.to_str()?;
    parts.next()?;
    (!SHARED.contains(&folder)).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: Path::new(FOLDER).join(path),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_module_needs_its_table() {
        assert!(
            shape(&[
                file("tm/mod.rs", "pub static MODULE: Module = x;"),
                file("lib.rs", "")
            ])
            .is_empty()
        );
        assert_eq!(shape(&[file("tm/mod.rs", "")]).len(), 1);
        assert_eq!(shape(&[file("tm/params.rs", "")]).len(), 1);
        assert!(shape(&[file("shared/mod.rs", "")]).is_empty());
    }

    #[test]
    fn other_modules_are_used_through_their_api() {
        let tm = file("tm/mod.rs", "use crate::tm::table::T;");
        let good = file(
            "tmx/mod.rs",
            "use crate::tm::api::Transactions;\nuse crate::shared::x;",
        );
        let bad = file("acc/mod.rs", "use crate::tm::table::T;");
        assert!(only_through_api(&[tm.clone(), good]).is_empty());
        assert_eq!(only_through_api(&[tm, bad]).len(), 1);
    }
}
