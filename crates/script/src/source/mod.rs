//! Where configuration text comes from, and where every byte of the expanded text was written.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::ast::Span;

/// Reads what a configuration refers to outside its own text.
pub trait Loader {
    /// The bytes of a file.
    fn load(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// An environment variable, for `#!defenv` and its kin.
    fn environment(&self, name: &str) -> Option<String>;
}

/// Reads the file system and the environment of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLoader;

impl Loader for SystemLoader {
    fn load(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// Files and environment held in memory: for tests and for checking text that is in no file.
#[derive(Clone, Debug, Default)]
pub struct MemoryLoader {
    /// Contents by path.
    pub files: HashMap<PathBuf, Vec<u8>>,
    /// Environment variables.
    pub variables: HashMap<String, String>,
}

impl MemoryLoader {
    /// Adds a file.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }
}

impl Loader for MemoryLoader {
    fn load(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// A file that took part in a configuration.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(pub u32);

/// A byte range of a file as the operator wrote it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place as people name it; lines and columns count from 1, columns in bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Location {
    /// The file's name.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One file's name and text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path, as it was asked for.
    pub path: PathBuf,
    /// Its bytes.
    pub text: Bytes,
    /// The directive that included it.
    pub included_from: Option<Origin>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// The line and column (from 1) of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self
            .line_starts
            .partition_point(|start| *start <= offset)
            .max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        (line as u32, offset.saturating_sub(start) + 1)
    }
}

/// A stretch of expanded text with one origin.
#[derive(Clone, Copy, Debug)]
struct Segment {
    start: u32,
    origin: Origin,
    /// Copied byte by byte; otherwise all of it stands for the whole origin (a define's use).
    verbatim: bool,
}

/// Files, and which of their bytes each byte of the expanded text came from.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    segments: Vec<Segment>,
    /// How long the expanded text is.
    pub(crate) length: usize,
    /// From which byte of the expanded text on `$name` may be an attribute, or may not.
    attributes: Vec<(u32, bool)>,
}

impl SourceMap {
    /// Adds a file.
    pub fn add_file(
        &mut self,
        path: PathBuf,
        text: Bytes,
        included_from: Option<Origin>,
    ) -> FileId {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', &text).map(|at| at as u32 + 1));
        self.files.push(SourceFile {
            path,
            text,
            included_from,
            line_starts,
        });
        FileId(self.files.len() as u32 - 1)
    }

    /// Notes that expanded text from `start` on was copied from `origin`.
    pub(crate) fn copied(&mut self, start: u32, origin: Origin) {
        if let Some(last) = self.segments.last_mut()
            && last.verbatim
            && last.origin.file == origin.file
            && last.origin.end == origin.start
            && last.start + (last.origin.end - last.origin.start) == start
        {
            last.origin.end = origin.end;
            return;
        }
        self.segments.push(Segment {
            start,
            origin,
            verbatim: true,
        });
    }

    /// Notes that expanded text from `start` on stands for `origin` as a whole.
    pub(crate) fn replaced(&mut self, start: u32, origin: Origin) {
        if let Some(last) = self.segments.last()
            && !last.verbatim
            && last.origin == origin
        {
            return;
        }
        self.segments.push(Segment {
            start,
            origin,
            verbatim: false,
        });
    }

    /// Notes whether `$name` may be an attribute from a byte of the expanded text on.
    pub(crate) fn note_attributes(&mut self, start: u32, allowed: bool) {
        self.attributes.push((start, allowed));
    }

    /// Whether `$name` may be an attribute there, when it is no variable.
    #[must_use]
    pub fn has_attributes(&self, span: Span) -> bool {
        let later = self.attributes.partition_point(|(at, _)| *at <= span.start);
        let noted = later.checked_sub(1).and_then(|at| self.attributes.get(at));
        noted.is_none_or(|(_, allowed)| *allowed)
    }

    /// Whether a text stands in one of the files.
    #[must_use]
    pub fn mentions(&self, text: &[u8]) -> bool {
        let finder = memchr::memmem::Finder::new(text);
        self.files.iter().any(|f| finder.find(&f.text).is_some())
    }

    /// All files, the root first.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// A file.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// What the operator wrote that became this span of the expanded text.
    #[must_use]
    pub fn origin(&self, span: Span) -> Origin {
        let first = self.origin_of_byte(span.start);
        if span.end <= span.start + 1 {
            return if span.end > span.start {
                first
            } else {
                Origin {
                    end: first.start,
                    ..first
                }
            };
        }
        let last = self.origin_of_byte(span.end - 1);
        if last.file == first.file && last.end >= first.start {
            Origin {
                file: first.file,
                start: first.start,
                end: last.end.max(first.end),
            }
        } else {
            first
        }
    }

    fn origin_of_byte(&self, at: u32) -> Origin {
        let index = self.segments.partition_point(|segment| segment.start <= at);
        let Some(segment) = index
            .checked_sub(1)
            .and_then(|index| self.segments.get(index))
        else {
            return Origin::default();
        };
        if !segment.verbatim {
            return segment.origin;
        }
        let start = (segment.origin.start + (at - segment.start)).min(segment.origin.end);
        Origin {
            file: segment.origin.file,
            start,
            end: (start + 1).min(segment.origin.end),
        }
    }

    /// File, line and column of an origin's first byte.
    #[must_use]
    pub fn location(&self, origin: Origin) -> Location {
        match self.file(origin.file) {
            Some(file) => {
                let (line, column) = file.line_column(origin.start);
                Location {
                    file: file.path.display().to_string(),
                    line,
                    column,
                }
            }
            None => Location {
                file: String::new(),
                line: 1,
                column: 1,
            },
        }
    }

    /// File, line and column of a span of the expanded text.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        self.location(self.origin(span))
    }

    /// The operator's own bytes behind an origin.
    #[must_use]
    pub fn snippet(&self, origin: Origin) -> &[u8] {
        let range: Range<usize> = origin.start as usize..origin.end as usize;
        self.file(origin.file)
            .and_then(|file| file.text.get(range))
            .unwrap_or_default()
    }
}
