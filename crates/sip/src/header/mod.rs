//! Headers: one file for each, and the list of kinds. See README.md beside this file.

pub mod contact;
pub mod content_type;
pub mod credentials;
pub mod cseq;
pub mod kind;
pub mod name_addr;
pub mod number;
pub mod params;
pub mod route;
pub mod via;

pub use contact::{Contact, Contacts};
pub use content_type::ContentType;
pub use credentials::{Credentials, nonce_count, split_username};
pub use cseq::CSeq;
pub use kind::HeaderKind;
pub use name_addr::NameAddr;
pub use params::{Param, Params, Style};
pub use route::Route;
pub use via::Via;

use crate::Span;

/// One header of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Which header it is.
    pub kind: HeaderKind,
    /// The name as written, without white space before the colon.
    pub name: Span,
    /// The value without white space around it; folded lines are included as they are.
    pub value: Span,
    /// The whole header with its line end.
    pub whole: Span,
}

/// A header whose value cannot be understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{problem} at byte {at}")]
pub struct HeaderError {
    /// What is wrong.
    pub problem: Problem,
    /// Offset in the buffer at which it was noticed.
    pub at: u32,
}

/// What can be wrong with the value of a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// `SIP/2.0/transport` expected.
    #[error("bad protocol")]
    Protocol,
    /// A host is missing or malformed.
    #[error("bad host")]
    Host,
    /// A port is missing or out of range.
    #[error("bad port")]
    Port,
    /// A parameter is malformed.
    #[error("bad parameter")]
    Param,
    /// A quoted string does not end.
    #[error("unterminated quoted string")]
    Quote,
    /// Angle brackets do not close, or are missing where they must stand.
    #[error("bad angle brackets")]
    Bracket,
    /// A URI is missing.
    #[error("no URI")]
    Uri,
    /// A number is missing, malformed or too large.
    #[error("bad number")]
    Number,
    /// A method is missing.
    #[error("no method")]
    Method,
    /// A type or subtype is missing.
    #[error("bad media type")]
    MediaType,
    /// The list is empty where an element must stand, or `*` stands among others.
    #[error("bad list")]
    List,
    /// A scheme name or credentials are malformed.
    #[error("bad credentials")]
    Credentials,
}

impl Header {
    /// The value as Kamailio's `$hdr` shows it: white space at its end is kept.
    pub fn raw_value(&self, buf: &[u8]) -> Span {
        Span::of(
            self.value.start(),
            self.content_end(buf).max(self.value.end()),
        )
    }

    /// Offset of the line end that closes the header.
    pub fn content_end(&self, buf: &[u8]) -> usize {
        let line_end = match self.whole.get(buf) {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            _ => 0,
        };
        self.whole.end() - line_end
    }
}

impl HeaderError {
    pub(crate) fn at(problem: Problem, at: usize) -> HeaderError {
        HeaderError {
            problem,
            at: at as u32,
        }
    }
}
