//! Every dependency is under a permissive licence.

use serde_json::Value;

use super::Finding;
use super::arrows::array;

const PERMISSIVE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(super) fn check(metadata: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Only what is built on this platform counts; the list of packages names all platforms.
    let nodes = array(&metadata["resolve"], "nodes");
    let built = |id: &Value| nodes.is_empty() || nodes.iter().any(|node| node["id"] == *id);
    for package in array(metadata, "packages")
        .iter()
        .filter(|package| built(&package["id"]))
    {
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_permissive(licence) {
            let name = package["name"].as_str().unwrap_or_default();
            findings.push(Finding::new(
                "Cargo.toml",
                1,
                format!("the licence of `{name}` is not permissive: {licence:?}"),
            ));
        }
    }
    findings
}

/// Evaluates an SPDX expression; the old `/` means OR.
fn is_permissive(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let verdict = any(&mut rest);
    verdict && rest.is_empty()
}

fn any(words: &mut &[&str]) -> bool {
    let mut verdict = all(words);
    while take(words, "OR") {
        verdict |= all(words);
    }
    verdict
}

fn all(words: &mut &[&str]) -> bool {
    let mut verdict = one(words);
    while take(words, "AND") {
        verdict &= one(words);
    }
    verdict
}

fn one(words: &mut &[&str]) -> bool {
    if take(words, "(") {
        let verdict = any(words);
        return take(words, ")") && verdict;
    }
    let Some((name, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    // An exception only adds permissions.
    if take(words, "WITH") {
        *words = words.get(1..).unwrap_or_default();
    }
    PERMISSIVE.contains(name)
}

fn take(words: &mut &[&str], wanted: &str) -> bool {
    match words.split_first() {
        Some((word, rest)) if *word == wanted => {
            *words = rest;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_evaluated() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(is_permissive(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MPL-2.0",
            "MIT AND GPL-2.0",
            "(MIT",
            "MIT MIT",
            "LGPL-2.1 OR AGPL-3.0",
        ] {
            assert!(!is_permissive(bad), "{bad}");
        }
    }
}
