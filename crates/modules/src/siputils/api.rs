//! What modules that check credentials leave for siputils.

use bytes::Bytes;

/// The user whose credentials were found right; kept with the message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Authorized {
    /// `username` of the credentials.
    pub username: Bytes,
}
