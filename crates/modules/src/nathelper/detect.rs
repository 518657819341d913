//! Signs that the sender of a message is behind a NAT: `nat_uac_test`.

use engine::context::Context;
use engine::socket::Proto;
use sip::UriRef;
use sip::sdp::Sdp;

use super::Nathelper;
use super::address::Networks;
use super::contact;

const DEFAULT_PORT: u16 = 5060;

/// Bits of the test, as scripts give them.
const CONTACT_PRIVATE: i64 = 1;
const VIA_IS_NOT_SOURCE: i64 = 2;
const VIA_PRIVATE: i64 = 4;
const SDP_PRIVATE: i64 = 8;
const VIA_PORT_IS_NOT_SOURCE: i64 = 16;
const SOURCE_PRIVATE: i64 = 32;
const WEBSOCKET: i64 = 64;
const CONTACT_PORT_IS_NOT_SOURCE: i64 = 128;
const SDP_IS_NOT_SOURCE: i64 = 256;
const TARGETS_DIFFER: i64 = 512;

/// One of the tests.
type Check = fn(&Context, Networks) -> bool;

/// Whether any of the tests finds a sign.
pub(super) fn is_behind_nat(cx: &Context, state: &Nathelper, tests: i64) -> bool {
    let networks = state.networks;
    let checks: [(i64, Check); 10] = [
        (VIA_PORT_IS_NOT_SOURCE, |cx, _| via_port_differs(cx)),
        (VIA_IS_NOT_SOURCE, |cx, _| via_host_differs(cx)),
        (CONTACT_PRIVATE, contact_is_private),
        (VIA_PRIVATE, via_is_private),
        (SDP_PRIVATE, sdp_is_private),
        (SOURCE_PRIVATE, source_is_private),
        (WEBSOCKET, |cx, _| is_websocket(cx)),
        (CONTACT_PORT_IS_NOT_SOURCE, |cx, _| contact_port_differs(cx)),
        (SDP_IS_NOT_SOURCE, |cx, _| sdp_differs(cx)),
        (TARGETS_DIFFER, |cx, _| targets_differ(cx)),
    ];
    checks
        .iter()
        .any(|(bit, check)| tests & bit != 0 && check(cx, networks))
}

fn bare(host: &[u8]) -> &[u8] {
    host.strip_prefix(b"[")
        .and_then(|h| h.strip_suffix(b"]"))
        .unwrap_or(host)
}

/// Whether a host, as text, is this address. A name is none.
fn is_address(host: &[u8], ip: std::net::IpAddr) -> bool {
    std::str::from_utf8(bare(host))
        .ok()
        .and_then(engine::net::parse_address)
        == Some(ip)
}

fn via_host_differs(cx: &Context) -> bool {
    match cx.msg.via1() {
        Some(Ok(via)) => !is_address(cx.msg.text(via.host), cx.received.source.ip()),
        _ => false,
    }
}

fn via_port_differs(cx: &Context) -> bool {
    match cx.msg.via1() {
        Some(Ok(via)) => via.port.unwrap_or(DEFAULT_PORT) != cx.received.source.port(),
        _ => false,
    }
}

fn via_is_private(cx: &Context, networks: Networks) -> bool {
    match cx.msg.via1() {
        Some(Ok(via)) => networks.contain(cx.msg.text(via.host)),
        _ => false,
    }
}

fn contact_is_private(cx: &Context, networks: Networks) -> bool {
    let Some(Ok(contacts)) = cx.msg.contacts() else {
        return false;
    };
    contacts.list().iter().any(|contact| {
        UriRef::parse(cx.msg.text(contact.addr.uri)).is_ok_and(|uri| networks.contain(uri.host()))
    })
}

fn contact_port_differs(cx: &Context) -> bool {
    contact::last(&cx.msg)
        .and_then(|contact| UriRef::parse(cx.msg.text(contact.uri)).ok())
        .is_some_and(|uri| uri.port().unwrap_or(DEFAULT_PORT) != cx.received.source.port())
}

fn sdp(cx: &Context) -> Option<Sdp> {
    let span = sip::sdp::find(&cx.msg)?;
    Sdp::parse(cx.msg.raw(), span).ok()
}

fn sdp_is_private(cx: &Context, networks: Networks) -> bool {
    sdp(cx).is_some_and(|sdp| {
        let mut addresses = sdp.media.iter().filter_map(|m| sdp.address_of(m));
        addresses.any(|a| networks.contain(cx.msg.text(a.host)))
    })
}

/// Only the session's own address is compared, as in Kamailio.
fn sdp_differs(cx: &Context) -> bool {
    sdp(cx)
        .filter(|sdp| !sdp.media.is_empty())
        .and_then(|sdp| sdp.connection)
        .is_some_and(|a| !is_address(cx.msg.text(a.host), cx.received.source.ip()))
}

fn source_is_private(cx: &Context, networks: Networks) -> bool {
    match cx.received.source.ip() {
        std::net::IpAddr::V4(ip) => networks.contain_address(ip),
        std::net::IpAddr::V6(_) => false,
    }
}

fn is_websocket(cx: &Context) -> bool {
    matches!(cx.received.proto, Proto::Ws | Proto::Wss)
}

/// A request that goes elsewhere than its URI says; a reply whose next Via is not where its
/// `received` and `rport` say.
fn targets_differ(cx: &Context) -> bool {
    if is_websocket(cx) {
        return true;
    }
    if cx.msg.is_request() {
        return request_target_differs(cx);
    }
    let Some(Ok(via)) = cx.msg.via2() else {
        return false;
    };
    let host_differs = via
        .received
        .is_some_and(|r| bare(cx.msg.text(r)) != bare(cx.msg.text(via.host)));
    let port = via.rport.and_then(|r| sip::chars::decimal(cx.msg.text(r)));
    host_differs || port.is_some_and(|p| p != u32::from(via.port.unwrap_or(DEFAULT_PORT)))
}

fn request_target_differs(cx: &Context) -> bool {
    let Some(next) = &cx.target.dst_uri else {
        return false;
    };
    let own = cx.request_uri();
    let (Ok(own), Ok(next)) = (UriRef::parse(&own), UriRef::parse(next)) else {
        return false;
    };
    !own.host().eq_ignore_ascii_case(next.host())
        || own.port_or_default() != next.port_or_default()
        || matches!(
            next.transport().and_then(Proto::from_name),
            Some(Proto::Ws | Proto::Wss)
        )
}
