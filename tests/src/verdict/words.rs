//! Words of the language where names stand.

use std::collections::BTreeSet;

use super::{Export, Row, Table};

/// Declarations of flags.
const FLAG_FORMS: [(&str, &str, &str); 6] = [
    ("flags", "flags ", ""),
    ("numbered", "flags ", ":2"),
    ("second", "flags other, ", ""),
    ("avpflags", "avpflags ", ""),
    ("quoted", "flags \"", "\""),
    ("avp-quoted", "avpflags \"", "\""),
];

/// Names of blocks and of the operator's parameters.
const NAME_FORMS: [(&str, &str, &str); 9] = [
    ("route", "route[", "] { exit; }"),
    ("failure", "failure_route[", "] { exit; }"),
    ("onreply", "onreply_route[", "] { exit; }"),
    ("call", "route[R{n}] { route(", "); }"),
    ("test", "route[R{n}] { if (route(", ")) exit; }"),
    ("group", "", ".nosuchname = 5"),
    ("instance", "", "[2].nosuchname = 5"),
    ("member", "g{n}.", " = 5"),
    ("define", "#!define ", " 3\ndebug=WORD"),
];

/// All words of the language and some others.
fn words(exports: &[Export]) -> BTreeSet<String> {
    let words = exports.iter().filter(|row| {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        matches!(
            row.kind.as_str(),
            "core-param" | "core-function" | "keyword"
        ) && row.name.bytes().all(is_word)
            && row
                .name
                .starts_with(|first: char| first.is_ascii_alphabetic())
    });
    let more = ["foo", "Foo", "foo_bar", "_foo", "x", "tm", "sl_send_reply"];
    let more = more
        .into_iter()
        .chain(["loadmodule", "modparam", "loadpath", "mpath"]);
    let more = more.chain([
        "flags",
        "avpflags",
        "bool",
        "cfgengine",
        "include_file",
        "import_file",
    ]);
    words
        .map(|row| row.name.as_str())
        .chain(more)
        .map(str::to_owned)
        .collect()
}

fn table(
    name: &'static str,
    forms: &[(&'static str, &str, &str)],
    words: impl IntoIterator<Item = String>,
) -> Table {
    let rows = words.into_iter().map(|word| {
        let cell = |(_, before, after): &(_, &str, &str)| {
            Some(format!("{before}{word}{}", after.replace("WORD", &word)))
        };
        Row {
            cells: forms.iter().map(cell).collect(),
            name: word.clone(),
        }
    });
    Table {
        name,
        columns: forms.iter().map(|(name, ..)| *name).collect(),
        together: 1,
        rows: rows.collect(),
    }
}

/// Every word of the language as the name of a flag.
#[must_use]
pub fn flags(exports: &[Export]) -> Table {
    table("flags", &FLAG_FORMS, words(exports))
}

/// Every word of the language, also in capitals, as a name of something else.
#[must_use]
pub fn names(exports: &[Export]) -> Table {
    let mut words = words(exports);
    let capitals: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
    words.extend(capitals);
    table("names", &NAME_FORMS, words)
}
