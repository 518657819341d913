//! The configuration language.

use std::path::Path;

use bytes::Bytes;
use script::preprocess::Options;
use script::source::MemoryLoader;

/// A configuration: a tree and mistakes, never more. A tree without mistakes is the same after it
/// was printed and read again.
pub fn config(data: &[u8]) {
    let parsed = parse(data);
    let _ = script::diagnostic::render_full(&parsed.diagnostics, &parsed.source, false);
    let _ = script::diagnostic::render_json(&parsed.diagnostics, &parsed.source);
    if !parsed.has_errors() {
        let printed = script::print::print(&parsed.config);
        let again = parse(&printed);
        assert!(!again.has_errors(), "what was printed has mistakes");
        assert_eq!(printed, script::print::print(&again.config));
    }
}

/// A configuration through the whole front end: parameters, modules, compiler and the checks for
/// traps. It runs, or is refused.
pub fn load(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = testkit::Sim::new(1).server("10.0.0.1:5060", &text, modules::LIBRARY);
}

fn parse(data: &[u8]) -> script::parse::Parsed {
    script::parse::parse_text(
        Path::new("fuzz.cfg"),
        Bytes::copy_from_slice(data),
        &MemoryLoader::default(),
        &Options::default(),
    )
}

/// A POSIX expression: translates to something that compiles, or is refused.
pub fn regex(data: &[u8]) {
    if let Ok(pattern) = script::regex::Pattern::new(data, script::regex::Case::Insensitive) {
        let _ = pattern.is_match(b"sip:alice@example.com");
    }
}
