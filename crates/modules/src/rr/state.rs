//! What rr keeps with a message.

use bytes::Bytes;

/// Kept in the message's extensions.
#[derive(Debug, Default)]
pub(super) struct MessageState {
    /// Parameters of our own Route, each with its `;`, once loose routing has found it.
    pub(super) route_params: Option<Bytes>,
    /// Those who asked for our own Routes have not been told of it yet.
    pub(super) untold: bool,
    /// A further Route header decides the next hop.
    pub(super) next_hop: bool,
    /// What `add_rr_param` was given before there was a Record-Route.
    pub(super) pending: Vec<u8>,
}
