//! The table of directives, from which the preprocessor works.

use super::Dialect;
use crate::status::Status;

/// What a directive does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    Define,
    TryDefine,
    Redefine,
    IfDefined,
    IfNotDefined,
    Else,
    EndIf,
    Subst,
    SubstDefine,
    SubstDefineQuoted,
    Environment {
        quoted: bool,
        optional: bool,
    },
    Include,
    Import,
    /// Names the dialect of what follows.
    Dialect(Dialect),
    /// No directive: a form that the table lists for documentation.
    Form,
}

/// A directive or another form of the preprocessor.
#[derive(Clone, Copy, Debug)]
pub struct Directive {
    /// As written.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// How far it is implemented.
    pub status: Status,
    /// What it does.
    pub doc: &'static str,
    pub(super) action: Action,
}

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    action: Action,
    doc: &'static str,
) -> Directive {
    Directive {
        name,
        aliases,
        status: Status::Full,
        doc,
        action,
    }
}

/// Every directive and form that the preprocessor understands.
pub const DIRECTIVES: &[Directive] = &[
    row(
        "#!define",
        &["#!def"],
        Action::Define,
        "names a text; a backslash continues the line",
    ),
    row(
        "#!trydef",
        &["#!trydefine"],
        Action::TryDefine,
        "names a text unless the name is taken",
    ),
    row(
        "#!redefine",
        &["#!redef"],
        Action::Redefine,
        "names a text whether or not it is taken",
    ),
    row(
        "#!ifdef",
        &[],
        Action::IfDefined,
        "keeps what follows when the name is defined",
    ),
    row(
        "#!ifndef",
        &[],
        Action::IfNotDefined,
        "keeps what follows when it is not",
    ),
    row("#!else", &[], Action::Else, "the other branch"),
    row("#!endif", &[], Action::EndIf, "ends a conditional part"),
    row("#!subst", &[], Action::Subst, "rewrites inside strings"),
    row(
        "#!substdef",
        &[],
        Action::SubstDefine,
        "rewrites inside strings and defines the name",
    ),
    row(
        "#!substdefs",
        &[],
        Action::SubstDefineQuoted,
        "rewrites inside strings and defines the name as a string",
    ),
    row(
        "#!defenv",
        &[],
        Action::Environment {
            quoted: false,
            optional: false,
        },
        "defines from the environment, which must have it",
    ),
    row(
        "#!defenvs",
        &[],
        Action::Environment {
            quoted: true,
            optional: false,
        },
        "the same, as a string",
    ),
    row(
        "#!trydefenv",
        &[],
        Action::Environment {
            quoted: false,
            optional: true,
        },
        "defines from the environment if it has it",
    ),
    row(
        "#!trydefenvs",
        &[],
        Action::Environment {
            quoted: true,
            optional: true,
        },
        "the same, as a string",
    ),
    row(
        "include_file",
        &["#!include_file", "!!include_file"],
        Action::Include,
        "inserts a file",
    ),
    row(
        "import_file",
        &["#!import_file", "!!import_file"],
        Action::Import,
        "inserts a file if there is one",
    ),
    row(
        "#!KAMAILIO",
        &["#!OPENSER", "//!KAMAILIO"],
        Action::Dialect(Dialect::Native),
        "the native dialect: `$name` is a variable",
    ),
    row(
        "#!SER",
        &[],
        Action::Dialect(Dialect::Ser),
        "the dialect of SER: `$name` is an attribute",
    ),
    row(
        "#!MAXCOMPAT",
        &["#!ALL"],
        Action::Dialect(Dialect::Mixed),
        "the dialect without such a line: `$name` is a variable, or else an attribute",
    ),
    row(
        "$def(ID)",
        &[],
        Action::Form,
        "the text of a define, at run time",
    ),
    row(
        "$defn(ID)",
        &[],
        Action::Form,
        "the number that a define is, at run time",
    ),
    row(
        "!!<directive>",
        &[],
        Action::Form,
        "another prefix of every directive",
    ),
    row("KAMAILIO_<major>", &[], Action::Form, "defined: KAMAILIO_5"),
    row(
        "KAMAILIO_<major>_<minor>",
        &[],
        Action::Form,
        "defined: KAMAILIO_5_6",
    ),
    row(
        "KAMAILIO_<major>_<minor>_<patch>",
        &[],
        Action::Form,
        "defined: KAMAILIO_5_6_3",
    ),
    row(
        "MOD_<module>",
        &[],
        Action::Form,
        "defined when the module is loaded",
    ),
    row(
        "-A ID[=VALUE]",
        &[],
        Action::Form,
        "defines on the command line",
    ),
    row(
        "--subst=",
        &[],
        Action::Form,
        "a #!subst on the command line",
    ),
    row(
        "--substdef=",
        &[],
        Action::Form,
        "a #!substdef on the command line",
    ),
    row(
        "--substdefs=",
        &[],
        Action::Form,
        "a #!substdefs on the command line",
    ),
];

/// The directive that a word after `#!` or `!!` names.
pub(super) fn find(word: &str) -> Option<&'static Directive> {
    DIRECTIVES.iter().find(|row| {
        let names = |name: &str| name.strip_prefix("#!").unwrap_or(name) == word;
        row.action != Action::Form
            && (names(row.name) || row.aliases.iter().any(|name| names(name)))
    })
}

/// All words that may follow `#!`.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    DIRECTIVES
        .iter()
        .filter(|row| row.action != Action::Form)
        .map(|row| row.name.strip_prefix("#!").unwrap_or(row.name))
}
