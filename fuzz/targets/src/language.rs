//! The configuration language.

use std::path::Path;

use bytes::Bytes;
use script::preprocess::Options;
use script::source::MemoryLoader;

/// A configuration: a tree and mistakes, never more.
pub fn config(data: &[u8]) {
    let parsed = script::parse::parse_text(
        Path::new("fuzz.cfg"),
        Bytes::copy_from_slice(data),
        &MemoryLoader::default(),
        &Options::default(),
    );
    let _ = script::diagnostic::render_full(&parsed.diagnostics, &parsed.source, false);
    let _ = script::diagnostic::render_json(&parsed.diagnostics, &parsed.source);
}

/// A POSIX expression: translates to something that compiles, or is refused.
pub fn regex(data: &[u8]) {
    if let Ok(pattern) = script::regex::Pattern::new(data, script::regex::Case::Insensitive) {
        let _ = pattern.is_match(b"sip:alice@example.com");
    }
}
