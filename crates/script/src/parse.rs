//! The front door: from a file to a tree, with all mistakes.

use std::path::Path;

use bytes::Bytes;

use crate::ast::{Config, Span};
use crate::diagnostic::{Diagnostic, Severity};
use crate::grammar;
use crate::preprocess::{self, Define, Expanded, Options};
use crate::source::{Loader, Origin, SourceMap};

/// What parsing a configuration yields; there is always a tree, even with mistakes.
#[derive(Debug)]
pub struct Parsed {
    /// The tree.
    pub config: Config,
    /// Where its spans were written.
    pub source: SourceMap,
    /// All mistakes, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The text as `--cfg-print` shows it.
    pub printed: Vec<u8>,
    /// The defines at the end of the text, for `$def(NAME)`.
    pub defines: Vec<Define>,
}

impl Parsed {
    /// Whether a mistake keeps the configuration from running.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Parses a configuration file and all that it includes.
pub fn parse_file(path: &Path, loader: &dyn Loader, options: &Options) -> Parsed {
    match loader.load(path) {
        Ok(text) => parse_text(path, text, loader, options),
        Err(error) => {
            let mut source = SourceMap::default();
            source.add_file(path.to_owned(), Bytes::new(), None);
            let message = format!("cannot read `{}`: {error}", path.display());
            Parsed {
                config: Config::default(),
                source,
                diagnostics: vec![Diagnostic::error("unreadable", Origin::default(), message)],
                printed: Vec::new(),
                defines: Vec::new(),
            }
        }
    }
}

/// Parses blocks that are to be appended to a program; their places come behind those of its
/// text, and the source map yielded is that of both.
pub fn parse_behind(
    known: &SourceMap,
    path: &Path,
    text: impl Into<Bytes>,
    loader: &dyn Loader,
    options: &Options,
) -> Parsed {
    let expanded = preprocess::expand_behind(known, path, text.into(), loader, options);
    parse_expanded(expanded)
}

/// Parses text; `path` names it in messages and is where its includes are relative to.
pub fn parse_text(
    path: &Path,
    text: impl Into<Bytes>,
    loader: &dyn Loader,
    options: &Options,
) -> Parsed {
    parse_expanded(preprocess::expand(path, text.into(), loader, options))
}

fn parse_expanded(expanded: Expanded) -> Parsed {
    let (config, mut mistakes) = grammar::parse(&expanded.text, &expanded.source);
    let mut diagnostics = expanded.diagnostics;
    diagnostics.append(&mut mistakes);
    if config.items.is_empty() && !has_errors(&diagnostics) {
        let origin = expanded.source.origin(Span::default());
        diagnostics.push(Diagnostic::error(
            "empty",
            origin,
            "the configuration is empty",
        ));
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary);
    Parsed {
        config,
        source: expanded.source,
        diagnostics,
        printed: expanded.printed,
        defines: expanded.defines,
    }
}
