//! Rules for single files.

use super::Finding;
use crate::tree::File;

const AIM: usize = 400;
const WALL: usize = 800;

// Split, so that this file breaks no rule of its own.
const UNFINISHED: [&str; 3] = [
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("db", "g!("),
];
const MACHINE_PATHS: [&str; 3] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

/// A source file says in its first line what it is.
pub(super) fn starts_with_docs(file: &File) -> Option<Finding> {
    let missing = !file.text.starts_with("//!");
    missing.then(|| {
        Finding::new(
            &file.path,
            1,
            "the file must start with `//!` and say what it is",
        )
    })
}

/// Files stay small enough to be read.
pub(super) fn within_budget(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    if lines <= AIM {
        None
    } else if lines <= WALL {
        let reason = format!("{lines} lines; aim for {AIM}");
        Some(Finding::warning(&file.path, lines, reason))
    } else {
        let reason = format!("{lines} lines; the limit is {WALL}: split it by concept");
        Some(Finding::new(&file.path, lines, reason))
    }
}

/// Nothing is left for later.
pub(super) fn finished(file: &File) -> Vec<Finding> {
    let code = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found = code.flat_map(|(index, line)| {
        let words = UNFINISHED.iter().filter(move |word| line.contains(*word));
        words.map(move |word| {
            Finding::new(
                &file.path,
                index + 1,
                format!("`{word}…)` must not be committed"),
            )
        })
    });
    found.collect()
}

/// No path of one developer's machine.
pub(super) fn machine_paths(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for path in MACHINE_PATHS.iter().filter(|path| names_path(line, path)) {
            found.push(Finding::new(
                &file.path,
                index + 1,
                format!("`{path}` is a path of one machine"),
            ));
        }
    }
    found
}

/// Whether the line holds the path at its beginning, not inside of a longer one or of a URL.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        before
            .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '/' | '-' | '_' | '}' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File {
        File {
            path: "a.rs".into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn docs_come_first() {
        assert!(starts_with_docs(&file("//! It.\n")).is_none());
        assert!(starts_with_docs(&file("\n//! It.\n")).is_some());
    }

    #[test]
    fn sizes_warn_and_then_fail() {
        assert!(within_budget(&file(&"a\n".repeat(AIM))).is_none());
        assert!(
            within_budget(&file(&"a\n".repeat(AIM + 1))).is_some_and(|finding| finding.warning)
        );
        assert!(
            within_budget(&file(&"a\n".repeat(WALL + 1))).is_some_and(|finding| !finding.warning)
        );
    }

    #[test]
    fn unfinished_code_is_found_with_its_line() {
        let text = format!("// {0})\n    {0})\n", UNFINISHED[0]);
        let found = finished(&file(&text));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn machine_paths_are_found() {
        let path = MACHINE_PATHS[0];
        assert_eq!(
            machine_paths(&file(&format!("see {path}x and `{path}`"))).len(),
            1
        );
        assert!(machine_paths(&file(&format!("target{path} https://a.example{path}"))).is_empty());
    }
}
