//! `include_file` and `import_file`.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::{Input, MAX_INCLUDE_DEPTH, Place, Preprocessor};
use crate::diagnostic::Diagnostic;
use crate::lexer::{literal, scan};
use crate::source::Origin;

impl Preprocessor<'_> {
    /// `include_file "path"` as a statement; none when no string follows the word.
    pub(super) fn include_statement(
        &mut self,
        input: Input<'_>,
        at: usize,
        word_end: usize,
    ) -> Option<usize> {
        let rest = &input.text[word_end..];
        let space = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        if !matches!(rest.get(space), Some(b'"' | b'\'')) {
            return None;
        }
        let start = word_end + space;
        let end = scan::string_end(input.text, start);
        if !end.closed {
            return None;
        }
        let path = literal::unquote(&input.text[start..end.at]);
        let optional = &input.text[at..word_end] == b"import_file";
        self.include(input, &path, input.origin(start, end.at), optional);
        // A semicolon may follow; it ends nothing.
        let next = input.text[end.at..]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count()
            + end.at;
        Some(if input.text.get(next) == Some(&b';') {
            next + 1
        } else {
            end.at
        })
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
