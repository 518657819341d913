//! What other modules may use: how the source of a message is written.

use engine::socket::Received;

use super::source;

/// `sip:host:port`, with the transport unless it is UDP.
#[must_use]
pub fn source_uri(received: &Received) -> String {
    source::uri(received)
}

/// `host~port~transport`, the value of an alias parameter.
#[must_use]
pub fn source_alias(received: &Received) -> String {
    source::alias(received)
}

/// The URI that an alias value stands for.
#[must_use]
pub fn alias_uri(value: &[u8]) -> Option<Vec<u8>> {
    Some(source::uri_of_alias(value)?.uri(false))
}
