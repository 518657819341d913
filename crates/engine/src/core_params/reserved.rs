//! Words that mean something to the language, so that they name nothing else without quotes.

use script::lexer::{KeywordKind, find_keyword};

use crate::core_functions;

/// Words that head lines of a configuration, beside parameters.
const HEADS: [&str; 19] = [
    "attr_mark",
    "avpflags",
    "bool",
    "branch_route",
    "cfgengine",
    "event_route",
    "failure_route",
    "flags",
    "import_file",
    "include_file",
    "loadmodule",
    "loadpath",
    "modparam",
    "mpath",
    "onreply_route",
    "onsend_route",
    "reply_route",
    "request_route",
    "route",
];

/// Whether a word is one of the language.
pub(crate) fn is_reserved(word: &str) -> bool {
    // Another name of `listen` that the language does not reserve.
    if word == "bind" {
        return false;
    }
    let is_constant = ["LOG_", "IPTOS_", "L_"]
        .iter()
        .any(|start| word.starts_with(start));
    let keyword = find_keyword(word).filter(|keyword| keyword.kind != KeywordKind::Literal);
    keyword.is_some() && !is_constant
        || HEADS.contains(&word)
        || super::find(word).is_some()
        || core_functions::TABLE.iter().any(|row| row.name == word)
}
