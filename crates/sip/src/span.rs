//! `Span`: a piece of a buffer, kept as offset and length so that it outlives any borrow.

/// A piece of a message (or of another text), as offset and length in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// Nothing, at the start.
    pub(crate) const NONE: Span = Span { start: 0, len: 0 };

    /// The span from `start` up to, not including, `end`; empty if `end` lies before `start`.
    ///
    /// Buffers are refused at the door when they exceed `u32`, so the casts lose nothing.
    pub const fn of(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            len: end.saturating_sub(start) as u32,
        }
    }

    /// Offset of the first byte.
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// Offset behind the last byte.
    pub const fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    /// Whether the span holds no byte.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The bytes of `buf` under this span; empty if it does not lie inside.
    pub fn get(self, buf: &[u8]) -> &[u8] {
        buf.get(self.start()..self.end()).unwrap_or_default()
    }

    /// The span narrowed to exclude white space (SP, HT, CR, LF) on both sides.
    pub fn trim(self, buf: &[u8]) -> Span {
        let text = self.get(buf);
        let tail = crate::chars::trim_start(text);
        let kept = crate::chars::trim_end(tail).len();
        Span {
            start: self.start + (text.len() - tail.len()) as u32,
            len: kept as u32,
        }
    }
}
