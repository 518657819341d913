//! URIs: parameters, comparison, conversion.

use bytes::Bytes;
use sip::UriRef;
use sip::uri::{Scheme, UriBuilder, UriParams};

/// A URI with a parameter text added behind its parameters.
pub(super) fn add_param(uri: &UriRef<'_>, param: &[u8]) -> Bytes {
    let params = if uri.params_text().is_empty() {
        param.to_vec()
    } else {
        [uri.params_text(), b";", param].concat()
    };
    let mut builder = UriBuilder::from_uri(uri);
    builder.params = &params;
    builder.to_vec().into()
}

/// The value of a parameter whose name is written exactly so, as Kamailio looks for it.
pub(super) fn exact_param<'t>(uri: &UriRef<'t>, name: &[u8]) -> Option<&'t [u8]> {
    uri.params()
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.unwrap_or_default())
}

/// A URI without the parameters of a name; `None` when it has none.
pub(super) fn remove_param(uri: &UriRef<'_>, name: &[u8]) -> Option<Bytes> {
    uri.param(name)?;
    let mut params: Vec<u8> = Vec::new();
    for (found, value) in UriParams::new(uri.params_text()) {
        if found.eq_ignore_ascii_case(name) {
            continue;
        }
        if !params.is_empty() {
            params.push(b';');
        }
        params.extend_from_slice(found);
        if let Some(value) = value {
            params.push(b'=');
            params.extend_from_slice(value);
        }
    }
    let mut builder = UriBuilder::from_uri(uri);
    builder.params = &params;
    Some(builder.to_vec().into())
}

/// Whether two URIs are equal by RFC 3261 section 19.1.4, but that, as in Kamailio, a transport
/// may stand in one only.
pub(super) fn same(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    let (one, other) = match (a.transport(), b.transport()) {
        (Some(_), None) => (a, b),
        (None, Some(_)) => (b, a),
        _ => return sip::uri::same_rfc3261(a, b),
    };
    let Some(bare) = remove_param(one, b"transport") else {
        return false;
    };
    UriRef::parse(&bare).is_ok_and(|bare| sip::uri::same_rfc3261(&bare, other))
}

/// Whether two URIs name the same user at the same place, whatever their parameters.
pub(super) fn same_aor(a: &UriRef<'_>, b: &UriRef<'_>) -> bool {
    a.scheme() == b.scheme()
        && a.user() == b.user()
        && a.host().eq_ignore_ascii_case(b.host())
        && a.port_or_default() == b.port_or_default()
}

/// A tel URI as a sip URI at a host (RFC 3261 section 19.1.6); `None` when it is no tel URI.
pub(super) fn tel_to_sip(tel: &[u8], host: &[u8]) -> Option<Bytes> {
    let rest = tel.get(4..)?;
    if !tel[..4].eq_ignore_ascii_case(b"tel:") {
        return None;
    }
    let end = rest.iter().position(|c| *c == b';').unwrap_or(rest.len());
    let (number, params) = rest.split_at(end);
    let mut uri = b"sip:".to_vec();
    let is_visual = |c: &&u8| matches!(c, b'-' | b'.' | b'(' | b')');
    uri.extend(number.iter().filter(|c| !is_visual(c)));
    uri.extend(params.to_ascii_lowercase());
    uri.push(b'@');
    uri.extend_from_slice(host);
    uri.extend_from_slice(b";user=phone");
    Some(uri.into())
}

/// A URI with another user; an empty one leaves none. `None`: it has no scheme.
pub(super) fn with_user(uri: &[u8], user: &[u8]) -> Option<Bytes> {
    let colon = memchr::memchr(b':', uri)? + 1;
    let (scheme, rest) = uri.split_at(colon);
    let host = memchr::memchr(b'@', rest).map_or(rest, |at| &rest[at + 1..]);
    let at: &[u8] = if user.is_empty() { b"" } else { b"@" };
    Some([scheme, user, at, host].concat().into())
}

/// A URI with another host. `None`: it has no scheme, or the host is empty.
pub(super) fn with_host(uri: &[u8], host: &[u8]) -> Option<Bytes> {
    if host.is_empty() {
        return None;
    }
    let colon = memchr::memchr(b':', uri)? + 1;
    let start = memchr::memchr(b'@', &uri[colon..]).map_or(colon, |at| colon + at + 1);
    let rest = &uri[start..];
    let bracket = match rest.first() {
        Some(b'[') => memchr::memchr(b']', rest).unwrap_or(0),
        _ => 0,
    };
    let len = rest[bracket..]
        .iter()
        .position(|c| matches!(c, b':' | b';' | b'?'))
        .map_or(rest.len(), |at| bracket + at);
    Some([&uri[..start], host, &rest[len..]].concat().into())
}

/// A number in E.164 form: `+` and 2 to 15 digits.
pub(super) fn is_e164(text: &[u8]) -> bool {
    match text {
        [b'+', digits @ ..] => {
            (2..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Digits, perhaps behind a `+`.
pub(super) fn is_tel_number(text: &[u8]) -> bool {
    let digits = match text {
        // No country's code begins with 0.
        [b'+', b'0', ..] => return false,
        [b'+', digits @ ..] => digits,
        digits => digits,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a sip URI's user is a number in E.164 form.
pub(super) fn has_e164_user(uri: &[u8]) -> bool {
    UriRef::parse(uri).is_ok_and(|uri| uri.scheme() != Scheme::Tel && is_e164(uri.user()))
}
