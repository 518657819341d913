//! How a contact is reached without a transaction: for keep-alives.

use bytes::Bytes;
use engine::Core;
use engine::forward;
use engine::services::Located;
use engine::socket::{Destination, Proto, SocketId};
use sip::UriRef;

/// Where a URI leads, from a socket if one is given. `None`: it is no URI, no socket of ours fits,
/// or its name would have to be looked up. What is behind a NAT has no name.
#[must_use]
pub fn reach(core: &Core, target: &[u8], socket: Option<SocketId>) -> Option<Destination> {
    let uri = UriRef::parse(target).ok()?;
    let proto = uri.transport().and_then(Proto::from_name);
    let Located::Ready(found) = forward::locate(core, &uri, proto) else {
        return None;
    };
    let candidate = found.first()?;
    let socket = forward::socket_for(core, candidate, socket, None)?;
    Some(Destination {
        proto: candidate.proto,
        peer: candidate.address,
        socket: socket.id,
        connection: None,
        no_connect: false,
        close: false,
    })
}

/// The URI of a path's first hop.
#[must_use]
pub fn first_hop(path: &[u8]) -> Option<Bytes> {
    let start = memchr::memchr(b'<', path)? + 1;
    let end = start + memchr::memchr(b'>', &path[start..])?;
    Some(Bytes::copy_from_slice(&path[start..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(
            first_hop(b"<sip:a;lr>, <sip:b;lr>").as_deref(),
            Some(&b"sip:a;lr"[..])
        );
        assert_eq!(first_hop(b"sip:a"), None);
    }
}
