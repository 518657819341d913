//! `include_file` and `import_file`.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::{Input, MAX_INCLUDE_DEPTH, Place, Preprocessor, directive};
use crate::diagnostic::Diagnostic;
use crate::source::Origin;

impl Preprocessor<'_> {
    /// `include_file "path"` as a statement. The word means nothing else, wherever it stands.
    pub(super) fn include_statement(
        &mut self,
        input: Input<'_>,
        at: usize,
        word_end: usize,
    ) -> usize {
        let start = word_end + scan_blanks(&input.text[word_end..]);
        let end = directive::word_end(input.text, start);
        if let Some((path, end)) = self.path(input, word_end) {
            let optional = &input.text[at..word_end] == b"import_file";
            self.include(input, &path, input.origin(start, end), optional);
        }
        end.max(word_end)
    }

    /// The path behind `include_file`, and where it ends. It is one word in double quotes; what
    /// follows behind a blank is text of the configuration.
    pub(super) fn path(&mut self, input: Input<'_>, at: usize) -> Option<(Bytes, usize)> {
        let start = at + scan_blanks(&input.text[at..]);
        let end = directive::word_end(input.text, start);
        let word = &input.text[start..end];
        let inner = word
            .strip_prefix(b"\"")
            .and_then(|word| word.strip_suffix(b"\""));
        match inner {
            Some(path) if !path.is_empty() && !path.contains(&b'"') => {
                Some((self.substituted(Bytes::copy_from_slice(path)), end))
            }
            _ => {
                self.report(
                    Diagnostic::error(
                        "include-path",
                        input.origin(start, end),
                        "the path of a file is one word in double quotes",
                    )
                    .with_help("no blanks in it, and nothing glued to it, not even a semicolon"),
                );
                None
            }
        }
    }

    pub(super) fn include(
        &mut self,
        input: Input<'_>,
        path: &Bytes,
        origin: Origin,
        optional: bool,
    ) {
        self.inclusions += 1;
        if self.including.len() > MAX_INCLUDE_DEPTH {
            self.report(
                Diagnostic::error(
                    "include-too-deep",
                    origin,
                    format!("files include each other more than {MAX_INCLUDE_DEPTH} deep"),
                )
                .with_help("a file may include itself by way of others"),
            );
            return;
        }
        let written = PathBuf::from(String::from_utf8_lossy(path).into_owned());
        let mut tried = Vec::new();
        for candidate in self.candidates(&written) {
            match self.loader.load(&candidate) {
                Ok(text) => {
                    let included_from = match input.place {
                        Place::File(_) => Some(origin),
                        Place::Use(origin) => Some(origin),
                    };
                    self.file(candidate, Bytes::from(text), included_from);
                    // What the file left open on its last line must not join what follows.
                    self.replace(b"\n", origin);
                    return;
                }
                Err(error) => tried.push(format!("{}: {error}", candidate.display())),
            }
        }
        if !optional {
            let mut diagnostic = Diagnostic::error(
                "missing-include",
                origin,
                format!("cannot read the included file `{}`", written.display()),
            )
            .with_note("asked for here")
            .with_help("`import_file` takes a file only if it is there");
            for attempt in tried {
                diagnostic = diagnostic.with_help(attempt);
            }
            self.report(diagnostic);
        }
    }

    /// A relative path is looked up as it is, then beside the file that includes it.
    fn candidates(&self, path: &Path) -> Vec<PathBuf> {
        let mut candidates = vec![path.to_owned()];
        if path.is_relative()
            && let Some(folder) = self.including.last().and_then(|file| file.parent())
            && folder != Path::new("")
        {
            candidates.push(folder.join(path));
        }
        candidates
    }
}

/// How many blanks and line ends a text begins with.
fn scan_blanks(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}
