//! Where one message ends and the next begins: decided by the caller.

use crate::ConnInfo;

/// What the front of a receive buffer holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Frame {
    /// No whole message yet. `at_least` is the length that the buffer must
    /// reach before asking again makes sense; 0 when unknown.
    NeedMore {
        /// The length to wait for.
        at_least: usize,
    },
    /// A message of this many bytes.
    Message(usize),
    /// This many bytes to throw away, such as line ends between messages.
    Skip(usize),
    /// A keepalive of `len` bytes, to be answered with `reply` (RFC 5626
    /// §3.5.1: two line ends are answered with one).
    Keepalive {
        /// Its length.
        len: usize,
        /// The answer; may be empty.
        reply: &'static [u8],
    },
    /// The bytes cannot be a message; the connection is closed.
    Error,
}

/// Finds message boundaries in a stream. It keeps no state: the same buffer
/// must give the same answer, however it was cut into reads.
pub trait Framer: Send + Sync + 'static {
    /// Looks at the front of `buffer`, which is never empty. The first `seen`
    /// bytes were already there when the last call answered
    /// [`Frame::NeedMore`], so that a search may begin near their end.
    fn frame(&self, conn: &ConnInfo, buffer: &[u8], seen: usize) -> Frame;
}
