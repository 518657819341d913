//! Hiding the addresses of contacts: in a parameter, or in the user part.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use engine::Context;
use sip::uri::UriBuilder;
use sip::{Message, Span, UriRef};

use super::uris;

/// Replaces the URI of each contact by what a function makes of it; `None` leaves it.
///
/// False when the contacts cannot be parsed.
pub(super) fn rewrite(cx: &mut Context, make: impl Fn(&Message, Span) -> Option<Bytes>) -> bool {
    let spans: Vec<Span> = match cx.msg.contacts() {
        None => return true,
        Some(Ok(contacts)) => contacts.list().iter().map(|c| c.addr.uri).collect(),
        Some(Err(_)) => return false,
    };
    for span in spans {
        if let Some(uri) = make(&cx.msg, span) {
            cx.edits.replace(span, uri);
        }
    }
    true
}

/// Whether a URI of a header stands in angle brackets.
pub(super) fn in_brackets(msg: &Message, uri: Span) -> bool {
    msg.raw()[..uri.start()].ends_with(b"<")
}

/// A URI at another address, with the old one in a parameter.
pub(super) fn encode_param(uri: &[u8], param: &[u8], address: &[u8]) -> Bytes {
    let encoded = URL_SAFE_NO_PAD.encode(uri);
    [address, b";", param, b"=", encoded.as_bytes()]
        .concat()
        .into()
}

/// The URI in a parameter of another.
pub(super) fn decode_param(uri: &[u8], param: &[u8]) -> Option<Bytes> {
    let uri = UriRef::parse(uri).ok()?;
    let decoded = URL_SAFE_NO_PAD.decode(uri.param(param)?).ok()?;
    UriRef::parse(&decoded).ok()?;
    Some(decoded.into())
}

/// A URI without a parameter.
pub(super) fn remove_param(uri: &[u8], param: &[u8]) -> Option<Bytes> {
    uris::remove_param(&UriRef::parse(uri).ok()?, param)
}

/// A URI as `sip:prefix*user*password*host*port*transport@address`.
pub(super) fn encode_user(
    uri: &[u8],
    prefix: &[u8],
    address: &[u8],
    separator: u8,
) -> Option<Bytes> {
    let uri = UriRef::parse(uri).ok()?;
    let port = uri.uri.port_span.get(uri.text);
    let transport = uri.transport().unwrap_or_default();
    let parts = [
        prefix,
        uri.user(),
        uri.password(),
        uri.host(),
        port,
        transport,
    ];
    let user = parts.join(&[separator][..]);
    Some([b"sip:", &user[..], b"@", address].concat().into())
}

/// The URI in the user part of another, see [`encode_user`].
pub(super) fn decode_user(uri: &[u8], separator: u8) -> Option<Bytes> {
    let uri = UriRef::parse(uri).ok()?;
    let parts: Vec<&[u8]> = uri.user().split(|c| *c == separator).collect();
    let [_, user, password, host, port, transport] = parts[..] else {
        return None;
    };
    let params = if transport.is_empty() {
        Vec::new()
    } else {
        [b"transport=", transport].concat()
    };
    let port = match port {
        [] => None,
        digits => Some(u16::try_from(sip::chars::decimal(digits)?).ok()?),
    };
    let builder = UriBuilder {
        scheme: uri.scheme(),
        user,
        password,
        host,
        port,
        params: &params,
        headers: b"",
    };
    Some(builder.to_vec().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let uri = b"sip:c:pw@1.2.3.4:5066;transport=tcp";
        let hidden = encode_user(uri, b"p", b"9.9.9.9", b'*').unwrap();
        assert_eq!(hidden, "sip:p*c*pw*1.2.3.4*5066*tcp@9.9.9.9");
        assert_eq!(decode_user(&hidden, b'*').unwrap(), &uri[..]);
        assert_eq!(decode_user(b"sip:a@b", b'*'), None);
        assert_eq!(decode_param(b"sip:a@b;eh=!!!", b"eh"), None);
        assert_eq!(decode_param(b"sip:a@b;eh=Zm9v", b"eh"), None);
    }
}
