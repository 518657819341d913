//! The codes of ferrosip's diagnostics, read from its source: each stands as a literal where its
//! diagnostic is made.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use regex::Regex;

/// Where a code stands: the first literal of a call that makes a diagnostic, or what a kind of name
/// maps to.
const PLACES: &str = r#"(?x)
    (?: (?-u:\b)(?: error | error_here | warning | warn | problem ) [[:space:]]*
        \( [[:space:]]* (?: [^";{}]*?,[[:space:]]* )?
      | VariableName::[A-Za-z]+\(_\) [[:space:]]* => [[:space:]]* )
    "([a-z]+(?:-[a-z]+)*)""#;

/// The codes in a text of Rust; its tests, at the end, do not count.
fn codes_of(source: &str, place: &Regex, codes: &mut BTreeSet<String>) {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or(source);
    codes.extend(place.captures_iter(source).map(|found| found[1].to_owned()));
}

/// All codes of the program's crates.
///
/// # Errors
/// When the source cannot be read.
///
/// # Panics
/// Never: the pattern is one.
pub fn of_the_program() -> io::Result<BTreeSet<String>> {
    let place = Regex::new(PLACES).expect("a pattern");
    let mut codes = BTreeSet::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates"))? {
        folders.push(entry?.path().join("src"));
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let is_test = path.file_stem().is_some_and(|name| name == "tests");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
                codes_of(&fs::read_to_string(&path)?, &place, &mut codes);
            }
        }
    }
    Ok(codes)
}

/// The codes that a file of messages shows: `error[code]: …`.
///
/// # Panics
/// Never: the pattern is one.
#[must_use]
pub fn shown(messages: &str) -> BTreeSet<String> {
    let code = Regex::new(r"(?m)^(?:[^ ]+:[0-9]+:[0-9]+: )?(?:error|warning)\[([a-z-]+)\]: ");
    let code = code.expect("a pattern");
    let found = code.captures_iter(messages);
    found.map(|found| found[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    #[test]
    fn codes_are_found_where_diagnostics_are_made() {
        let source = r#"
            self.error_here("one-here", "this is no-code");
            Diagnostic::error(
                "two",
                origin,
            );
            self.warn(span, "three-too", "text");
            VariableName::Ip(_) => "four-more",
            error!("not this"); other("nor-this");
#[cfg(test)]
mod tests { fn error() { error("nor-that") } }
"#;
        let mut codes = BTreeSet::new();
        let place = Regex::new(super::PLACES).expect("a pattern");
        super::codes_of(source, &place, &mut codes);
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        assert_eq!(codes, ["four-more", "one-here", "three-too", "two"]);
    }

    #[test]
    fn codes_are_shown_by_lines_of_messages_only() {
        let messages =
            "xlog(\"error[no]: \");\n--- \nt.cfg:1:2: warning[short-form]: x\nerror[long]: y";
        let codes = super::shown(messages);
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        assert_eq!(codes, ["long", "short-form"]);
    }
}
