//! Where requests of a dialog go that a request made here has begun (RFC 3261 section 12.1.2).

use bytes::Bytes;
use sip::{HeaderKind, Message, UriRef};

/// What the positive reply says of the requests that follow.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct DialogTarget {
    /// Their request URI; empty: the reply names none.
    pub(crate) uri: Bytes,
    /// The URI of their next hop; empty: not known.
    pub(crate) next_hop: Bytes,
    /// Values of Route in order.
    pub(crate) routes: Vec<Bytes>,
}

impl DialogTarget {
    /// Reads it from a reply; `None`: its Contact is no URI.
    pub(crate) fn of(reply: &Message) -> Option<Self> {
        let contact = match reply.first(HeaderKind::Contact) {
            Some(header) => {
                let uri = uri_in(reply.text(header.value))?;
                Some(reply.raw().slice_ref(uri))
            }
            None => None,
        };
        Some(Self::new(contact, route_set(reply)))
    }

    /// As [`Self::of`], with a request URI for a reply that names none.
    pub(crate) fn or(reply: &Message, uri: Bytes) -> Self {
        let contact = reply
            .first(HeaderKind::Contact)
            .and_then(|header| uri_in(reply.text(header.value)))
            .map_or(uri, |found| reply.raw().slice_ref(found));
        Self::new(Some(contact), route_set(reply))
    }

    fn new(contact: Option<Bytes>, mut routes: Vec<Bytes>) -> Self {
        let first = routes.first().and_then(|route| {
            let uri = uri_in(route)?;
            let is_loose = UriRef::parse(uri).is_ok_and(|parsed| parsed.is_loose_router());
            Some((route.slice_ref(uri), is_loose))
        });
        let uri = contact.unwrap_or_default();
        match first {
            None => Self {
                next_hop: uri.clone(),
                uri,
                routes,
            },
            Some((next_hop, true)) => Self {
                uri,
                next_hop,
                routes,
            },
            // A strict router takes the place of the request URI, which goes last.
            Some((next_hop, false)) => {
                routes.remove(0);
                if !uri.is_empty() {
                    routes.push([b"<", &uri[..], b">"].concat().into());
                }
                Self {
                    uri: next_hop.clone(),
                    next_hop,
                    routes,
                }
            }
        }
    }

    /// The Route header without its line end; empty without routes.
    pub(crate) fn route_header(&self) -> Bytes {
        if self.routes.is_empty() {
            return Bytes::new();
        }
        [b"Route: ", &self.routes.join(&b", "[..])[..]]
            .concat()
            .into()
    }
}

/// The URI of a name-addr or addr-spec at the start of a header value.
fn uri_in(value: &[u8]) -> Option<&[u8]> {
    let uri = match value.iter().position(|c| *c == b'<') {
        Some(start) => {
            let rest = &value[start + 1..];
            &rest[..rest.iter().position(|c| *c == b'>')?]
        }
        None => value.split(|c| matches!(c, b';' | b',')).next()?,
    };
    let uri = uri.trim_ascii();
    UriRef::parse(uri).ok().map(|_| uri)
}

/// The Record-Route entries of a reply, last first.
fn route_set(reply: &Message) -> Vec<Bytes> {
    let mut routes = Vec::new();
    for header in reply.all(HeaderKind::RecordRoute) {
        let value = reply.text(header.value);
        // A comma within quotes or angle brackets belongs to its entry.
        let mut inside = None;
        let entries = value.split(|c| {
            inside = match (inside, c) {
                (None, b'<') => Some(b'>'),
                (None, b'"') => Some(b'"'),
                (Some(end), c) if *c == end => None,
                (inside, _) => inside,
            };
            *c == b',' && inside.is_none()
        });
        for entry in entries {
            routes.push(reply.raw().slice_ref(entry.trim_ascii()));
        }
    }
    routes.reverse();
    routes
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::Tolerance;

    fn target(headers: &str) -> Option<DialogTarget> {
        let text = format!("SIP/2.0 200 OK\r\n{headers}\r\n");
        let msg = Message::parse(Bytes::from(text), &Tolerance::KAMAILIO).unwrap();
        DialogTarget::of(&msg)
    }

    #[test]
    fn routes_are_reversed_and_the_contact_is_found() {
        let found = target(
            "Record-Route: <sip:a;lr;x=1>, \"b, c\" <sip:b;lr>\r\n\
             Record-Route: <sip:d;lr>\r\n\
             Contact: \"x\" <sip:one@h:5070>;q=1\r\n",
        )
        .unwrap();
        assert_eq!(found.uri, "sip:one@h:5070");
        assert_eq!(found.next_hop, "sip:d;lr");
        assert_eq!(
            found.route_header(),
            "Route: <sip:d;lr>, \"b, c\" <sip:b;lr>, <sip:a;lr;x=1>"
        );
    }

    #[test]
    fn a_strict_router_comes_first() {
        let found =
            target("Record-Route: <sip:a>\r\nRecord-Route: <sip:b>\r\nContact: <sip:c@d>\r\n")
                .unwrap();
        assert_eq!(
            (&found.uri[..], &found.next_hop[..]),
            (&b"sip:b"[..], &b"sip:b"[..])
        );
        assert_eq!(found.route_header(), "Route: <sip:a>, <sip:c@d>");
    }

    #[test]
    fn contacts_may_be_missing_or_bad() {
        assert_eq!(target(""), Some(DialogTarget::default()));
        for bad in ["*", "x@y", "<sip:x@y"] {
            assert_eq!(target(&format!("Contact: {bad}\r\n")), None, "{bad}");
        }
        assert_eq!(uri_in(b"sip:x@y;p=1"), Some(&b"sip:x@y"[..]));
    }
}
