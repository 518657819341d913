//! Directives, defines, substitutions and includes: from files to one expanded text.
//!
//! The text keeps its line structure where it can; the source map tells for each byte where the
//! operator wrote it. Names are replaced in code only: never inside strings (those take
//! substitutions), variables, selects or comments.

mod conditions;
mod defines;
mod directive;
mod directives;
mod include;
mod subst;

pub use defines::{BUILTIN, Define};
pub use directives::{DIRECTIVES, Directive};

use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::diagnostic::Diagnostic;
use crate::lexer::is_reserved;
use crate::lexer::literal;
use crate::lexer::scan;
use crate::source::{FileId, Loader, Origin, SourceMap};
use conditions::Conditions;
use defines::Defines;
use subst::Subst;

/// Files may include each other this deep.
const MAX_INCLUDE_DEPTH: usize = 10;
/// Defines may refer to each other this deep.
const MAX_DEFINE_DEPTH: usize = 32;
/// The expanded text may be this large.
const MAX_EXPANDED: usize = 64 << 20;
/// Expanding names may take this many replacements.
const MAX_REPLACEMENTS: usize = 1_000_000;

/// What the command line adds to a configuration.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `-A NAME[=value]`.
    pub defines: Vec<(String, Option<String>)>,
    /// `--subst=/re/text/flags`.
    pub substs: Vec<String>,
    /// `--substdef=/NAME/text/`.
    pub substdefs: Vec<String>,
    /// `--substdefs=/NAME/text/`.
    pub substdefs_quoted: Vec<String>,
    /// Keep the text as `--cfg-print` shows it.
    pub prints: bool,
}

/// What preprocessing yields.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The text without directives.
    pub text: Vec<u8>,
    /// The text as `--cfg-print` shows it: conditions decided, files included, the rest as written.
    /// Only when [`Options::prints`] asks for it.
    pub printed: Vec<u8>,
    /// Where each byte of it was written.
    pub source: SourceMap,
    /// The defines at the end, for `$def(NAME)`.
    pub defines: Vec<Define>,
    /// Mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Expands a file and all that it includes.
pub fn expand(path: &Path, text: Bytes, loader: &dyn Loader, options: &Options) -> Expanded {
    expand_behind(&SourceMap::default(), path, text, loader, options)
}

/// Expands a file as [`expand`] does, to text that begins where that of another configuration
/// ends: places in both can be told apart.
pub(crate) fn expand_behind(
    known: &SourceMap,
    path: &Path,
    text: Bytes,
    loader: &dyn Loader,
    options: &Options,
) -> Expanded {
    let mut preprocessor = Preprocessor {
        loader,
        defines: Defines::with_builtins(),
        substs: Vec::new(),
        conditions: Conditions::default(),
        out: Expanded {
            text: vec![b'\n'; known.length],
            source: known.clone(),
            ..Expanded::default()
        },
        including: Vec::new(),
        replacing: Vec::new(),
        replacements: 0,
        is_full: false,
        inclusions: 0,
        prints: options.prints,
        dialect: Dialect::default(),
    };
    preprocessor.apply_options(options);
    preprocessor.file(path.to_owned(), text, None);
    preprocessor.finish()
}

struct Preprocessor<'l> {
    loader: &'l dyn Loader,
    defines: Defines,
    substs: Vec<Subst>,
    conditions: Conditions,
    out: Expanded,
    including: Vec<PathBuf>,
    replacing: Vec<String>,
    replacements: usize,
    is_full: bool,
    /// Directives so far that include a file, whether or not there was one.
    inclusions: usize,
    prints: bool,
    dialect: Dialect,
}

/// What `$name` stands for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Dialect {
    /// A variable, or an attribute when there is none of the name.
    #[default]
    Mixed,
    /// A variable.
    Native,
    /// An attribute, as in SER.
    Ser,
}

/// Text that is being scanned: a file, or the value of a define.
#[derive(Clone, Copy)]
struct Input<'t> {
    text: &'t [u8],
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    File(FileId),
    /// All of it stands for this use of a name.
    Use(Origin),
}

impl Input<'_> {
    fn origin(&self, start: usize, end: usize) -> Origin {
        match self.place {
            Place::File(file) => Origin {
                file,
                start: start as u32,
                end: end as u32,
            },
            Place::Use(origin) => origin,
        }
    }
}

impl Preprocessor<'_> {
    fn finish(mut self) -> Expanded {
        for open in self.conditions.take_open() {
            self.out.diagnostics.push(
                Diagnostic::error(
                    "unclosed-condition",
                    open.origin,
                    format!("`{}` without `#!endif`", open.directive),
                )
                .with_note("opened here, never closed")
                .with_help("add `#!endif` where the conditional part ends"),
            );
        }
        self.out.defines = self.defines.into_list();
        self.out.source.length = self.out.text.len();
        self.out
    }

    fn file(&mut self, path: PathBuf, text: Bytes, included_from: Option<Origin>) {
        if text.len() > MAX_EXPANDED {
            let origin = included_from.unwrap_or_default();
            self.report(Diagnostic::error(
                "file-too-large",
                origin,
                "the file is too large",
            ));
            return;
        }
        let file = self
            .out
            .source
            .add_file(path.clone(), text.clone(), included_from);
        self.including.push(path);
        self.out.text.reserve(text.len());
        // A byte order mark is no text, but it is printed.
        let mark = b"\xef\xbb\xbf";
        let start = if text.starts_with(mark) {
            mark.len()
        } else {
            0
        };
        if self.prints {
            self.out.printed.extend_from_slice(&text[..start]);
        }
        self.scan(
            Input {
                text: &text,
                place: Place::File(file),
            },
            start,
        );
        self.including.pop();
    }

    fn scan(&mut self, input: Input<'_>, start: usize) {
        let mut at = start;
        let mut is_behind_condition = false;
        while at < input.text.len() && !self.is_full {
            let before = at;
            let was_skipping = self.conditions.is_skipping();
            let inclusions = self.inclusions;
            at = if was_skipping {
                self.skip_line(input, at)
            } else {
                match self.plain_end(input.text, at, is_behind_condition) {
                    end if end > at => self.verbatim(input, at, end),
                    _ => self.element(input, at),
                }
            };
            assert!(at > before, "the preprocessor must advance");
            let piece = input.text.get(before..at).unwrap_or_default();
            let is_condition = !was_skipping
                && matches!(piece.first(), Some(b'#' | b'!'))
                && directive::starts(piece)
                && directive::starts_condition(piece);
            if was_skipping || is_condition {
                is_behind_condition = !piece.ends_with(b"\n");
                continue;
            }
            // The line of a condition goes with its end.
            let is_its_end = is_behind_condition && piece == b"\n";
            is_behind_condition = false;
            let is_written = inclusions == self.inclusions && matches!(input.place, Place::File(_));
            if self.prints && is_written && !is_its_end {
                self.out.printed.extend_from_slice(piece);
            }
        }
    }

    /// Where the text that stays as it is ends: before anything that [`Self::element`] may change.
    fn plain_end(&self, text: &[u8], start: usize, is_behind_condition: bool) -> usize {
        // The line end behind a condition is looked at by itself.
        if is_behind_condition && text.get(start) == Some(&b'\n') {
            return start;
        }
        let mut at = scan::gap_end(text, start);
        while let Some(byte) = text.get(at) {
            let end = match byte {
                b'#' => break,
                b'!' if text.get(at + 1) == Some(&b'!') => break,
                b'/' if matches!(text.get(at + 1), Some(b'/' | b'*')) => break,
                b'"' | b'\'' | b'$' if !self.substs.is_empty() => break,
                b'$' if self.dialect == Dialect::Ser => break,
                b'"' | b'\'' => scan::string_end(text, at).at,
                b'$' => scan::variable_end(text, at).at,
                b'%' => scan::attribute_end(text, at).max(at + 1),
                b'@' => scan::select_end(text, at).at,
                byte if scan::is_name_start(*byte) => {
                    let end = scan::name_end(text, at);
                    if self.means_something(&text[at..end]) {
                        break;
                    }
                    end
                }
                byte if byte.is_ascii_digit() => scan::name_end(text, at),
                _ => at + 1,
            };
            at = scan::gap_end(text, end);
        }
        at
    }

    /// Whether a name is one that [`Self::name`] does something about.
    fn means_something(&self, name: &[u8]) -> bool {
        matches!(
            name,
            b"include_file" | b"import_file" | b"event_route" | b"loadmodule"
        ) || self.replacement(name).is_some()
    }

    /// The text that a name stands for. A word of the language stands for itself, whatever define
    /// has its name.
    fn replacement(&self, name: &[u8]) -> Option<&Bytes> {
        let value = self.defines.value(name)?;
        let stands_for_itself = std::str::from_utf8(name).is_ok_and(is_reserved);
        (!stands_for_itself).then_some(value)
    }

    /// In a part that is not taken only directives count, wherever on a line they stand.
    fn skip_line(&mut self, input: Input<'_>, at: usize) -> usize {
        let end = scan::line_end(input.text, at);
        let line = &input.text[at..end];
        let found = memchr::memchr_iter(b'!', line)
            .filter_map(|mark| mark.checked_sub(1))
            .find(|start| directive::starts_condition(&line[*start..]));
        if let Some(start) = found {
            return self.directive(input, at + start).max(at + 1);
        }
        let next = (end + 1).min(input.text.len());
        if end < input.text.len() {
            self.copy(input, end, next);
        }
        next
    }

    /// Handles one element of the text; the answer is where the next one starts.
    fn element(&mut self, input: Input<'_>, at: usize) -> usize {
        let rest = &input.text[at..];
        match rest[0] {
            b'#' | b'!' if directive::starts(rest) => self.directive(input, at),
            b'#' => scan::line_end(input.text, at).max(at + 1),
            b'/' if directive::starts_dialect(rest) => self.directive(input, at + 1),
            b'/' if rest.get(1) == Some(&b'/') => scan::line_end(input.text, at),
            b'/' if rest.get(1) == Some(&b'*') => {
                let end = scan::block_comment_end(input.text, at);
                // The lexer is the one to complain about a comment that does not end.
                if end.closed {
                    self.blank(input, at, end.at);
                } else {
                    self.copy(input, at, end.at);
                }
                end.at
            }
            b'"' | b'\'' => self.string(input, at),
            b'$' => self.variable(input, at),
            b'%' => {
                let end = scan::attribute_end(input.text, at).max(at + 1);
                self.verbatim(input, at, end)
            }
            b'@' => self.verbatim(input, at, scan::select_end(input.text, at).at),
            byte if scan::is_name_start(byte) => self.name(input, at),
            byte if byte.is_ascii_digit() => {
                self.verbatim(input, at, scan::name_end(input.text, at))
            }
            _ => self.verbatim(input, at, at + 1),
        }
    }

    fn verbatim(&mut self, input: Input<'_>, start: usize, end: usize) -> usize {
        self.copy(input, start, end);
        end
    }

    fn copy(&mut self, input: Input<'_>, start: usize, end: usize) {
        let offset = self.out.text.len() as u32;
        if self.out.text.len() + (end - start) > MAX_EXPANDED {
            self.overflow(input.origin(start, end));
            return;
        }
        self.out.text.extend_from_slice(&input.text[start..end]);
        match input.place {
            Place::File(_) => self.out.source.copied(offset, input.origin(start, end)),
            Place::Use(origin) => self.out.source.replaced(offset, origin),
        }
    }

    /// Puts other text in the place of a stretch of the input.
    fn replace(&mut self, text: &[u8], origin: Origin) {
        if self.out.text.len() + text.len() > MAX_EXPANDED {
            self.overflow(origin);
            return;
        }
        let offset = self.out.text.len() as u32;
        self.out.text.extend_from_slice(text);
        self.out.source.replaced(offset, origin);
    }

    /// Leaves a space, and the line structure, in the place of a comment.
    fn blank(&mut self, input: Input<'_>, start: usize, end: usize) {
        self.replace(b" ", input.origin(start, end));
        for newline in memchr::memchr_iter(b'\n', &input.text[start..end]) {
            self.copy(input, start + newline, start + newline + 1);
        }
    }

    fn overflow(&mut self, origin: Origin) {
        if !self.is_full {
            self.is_full = true;
            self.report(Diagnostic::error(
                "expansion-too-large",
                origin,
                "the configuration grows too large here",
            ));
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    fn string(&mut self, input: Input<'_>, at: usize) -> usize {
        let end = scan::string_end(input.text, at);
        if end.closed && !self.substs.is_empty() {
            let value = literal::unquote(&input.text[at..end.at]);
            if let Some(changed) = subst::apply_all(&self.substs, &value) {
                let mut quoted = Vec::with_capacity(changed.len() + 2);
                literal::quote(&changed, &mut quoted);
                self.replace(&quoted, input.origin(at, end.at));
                return end.at;
            }
        }
        self.verbatim(input, at, end.at)
    }

    /// Substitutions reach into variables too.
    fn variable(&mut self, input: Input<'_>, at: usize) -> usize {
        let end = scan::variable_end(input.text, at).at;
        if self.dialect == Dialect::Ser {
            return self.attribute(input, at, end);
        }
        match subst::apply_all(&self.substs, &input.text[at..end]) {
            Some(changed) => self.replace(&changed, input.origin(at, end)),
            None => self.copy(input, at, end),
        }
        end
    }

    /// `$name` in the dialect of SER is what `%name` is elsewhere; there are no other variables.
    fn attribute(&mut self, input: Input<'_>, at: usize, end: usize) -> usize {
        let name_end = scan::attribute_end(input.text, at);
        if name_end == at + 1 || name_end != end {
            let origin = input.origin(at, end);
            self.report(
                Diagnostic::error(
                    "dialect",
                    origin,
                    "the dialect of SER has no variables, only attributes",
                )
                .with_help("write `#!KAMAILIO` before this line"),
            );
            // As in the native dialect, so that this is the only complaint.
            return self.verbatim(input, at, end);
        }
        self.replace(b"%", input.origin(at, at + 1));
        self.verbatim(input, at + 1, end)
    }

    fn name(&mut self, input: Input<'_>, at: usize) -> usize {
        let end = scan::name_end(input.text, at);
        let name = &input.text[at..end];
        match name {
            b"include_file" | b"import_file" => {
                return self.include_statement(input, at, end);
            }
            b"event_route" => {
                let line = scan::line_end(input.text, end);
                let close = memchr::memchr(b']', &input.text[end..line]);
                return self.verbatim(input, at, close.map_or(end, |close| end + close + 1));
            }
            b"loadmodule" => self.note_module(&input.text[end..]),
            _ => {}
        }
        match self.replacement(name).cloned() {
            Some(value) => {
                let name = String::from_utf8_lossy(name).into_owned();
                self.use_define(input.origin(at, end), name, &value);
            }
            None => self.copy(input, at, end),
        }
        end
    }

    fn use_define(&mut self, origin: Origin, name: String, value: &[u8]) {
        self.replacements += 1;
        if self.replacements > MAX_REPLACEMENTS {
            self.overflow(origin);
            return;
        }
        if self.replacing.contains(&name) || self.replacing.len() >= MAX_DEFINE_DEPTH {
            self.report(
                Diagnostic::error(
                    "recursive-define",
                    origin,
                    format!("the define `{name}` leads back to itself"),
                )
                .with_help("Kamailio never finishes reading such a configuration"),
            );
            return;
        }
        self.replacing.push(name);
        self.scan(
            Input {
                text: value,
                place: Place::Use(origin),
            },
            0,
        );
        self.replacing.pop();
    }

    /// A loaded module is known to the preprocessor as `MOD_<name>`.
    fn note_module(&mut self, rest: &[u8]) {
        let rest = rest.trim_ascii_start();
        if !matches!(rest.first(), Some(b'"' | b'\'')) {
            return;
        }
        let end = scan::string_end(rest, 0);
        let path = String::from_utf8_lossy(&literal::unquote(&rest[..end.at])).into_owned();
        let file = path.rsplit('/').next().unwrap_or_default();
        let module = file.strip_suffix(".so").unwrap_or(file);
        self.defines.set(&format!("MOD_{module}"), Bytes::new());
    }
}

#[cfg(test)]
mod tests;
