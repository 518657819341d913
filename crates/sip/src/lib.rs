//! The SIP wire format: messages, headers, URIs, deferred edits and printing. No I/O.
//!
//! - [`Message`] is one immutable buffer plus spans; headers that not every server asks for are
//!   parsed on first use.
//! - [`Edits`] are deferred changes; [`print`](mod@print) applies them in one pass,
//!   [`forward`] makes those that a hop owes to the Via, [`reply`] builds local replies.
//! - [`Uri`] splits a URI into spans of the text it was parsed from.
//! - [`Framer`] cuts a byte stream into messages.
//! - [`sdp`] reads session descriptions.
//!
//! What is forgiven and what is refused follows what Kamailio 5.6.3 was seen to do; the tests
//! hold the observations. Nothing here panics on any input.

pub mod chars;
pub mod date;
pub mod edit;
mod folded;
pub mod forward;
pub mod frame;
pub mod header;
pub mod message;
mod method;
pub mod print;
pub mod reply;
mod scan;
pub mod sdp;
mod span;
mod tolerance;
pub mod uri;

pub use chars::{ByteSet, allow_in_hosts};
pub use edit::{Edit, Edits};
pub use frame::{Frame, FrameError, Framer};
pub use header::{Header, HeaderError, HeaderKind};
pub use message::{Message, ParseError, StartLine};
pub use method::Method;
pub use span::Span;
pub use tolerance::Tolerance;
pub use uri::{Uri, UriRef};
