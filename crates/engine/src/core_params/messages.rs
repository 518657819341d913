//! Datagrams and the treatment of messages.

use script::ast::CoreParam as Given;

use super::apply::{int, store, switch, text, within};
use super::table::full;
use super::{CoreParam, Unfit, noop};
use crate::socket::Proto;

const OWN_VIA: &str = "No effect, as in Kamailio 5.6: the address in our Via is the socket's.";

/// A number, or a name of netinet/ip.h.
fn type_of_service(given: &Given) -> Result<u8, Unfit> {
    let name = text(given)?;
    match name.as_str() {
        "IPTOS_LOWDELAY" => Ok(0x10),
        "IPTOS_THROUGHPUT" => Ok(0x08),
        "IPTOS_RELIABILITY" => Ok(0x04),
        "IPTOS_MINCOST" | "IPTOS_LOWCOST" => Ok(0x02),
        _ => within(given, 0, 255)
            .map(|n| u8::try_from(n).unwrap_or(0))
            // To Kamailio's check any word is fit.
            .map_err(|_| Unfit::Range(format!("`{name}` is no type of service"))),
    }
}

fn transport(given: &Given) -> Result<Proto, String> {
    let name = text(given)?;
    let number = name.parse::<i64>().ok();
    let found = Proto::ALL
        .into_iter()
        .find(|proto| Some(proto.number()) == number || proto.name().eq_ignore_ascii_case(&name));
    found
        .filter(|proto| proto.number() <= Proto::Sctp.number())
        .ok_or_else(|| format!("`{name}` is no transport"))
}

pub(super) const ROWS: &[CoreParam] = &[
    full(
        "maxbuffer",
        "Bytes that the receive buffers of UDP sockets are raised to (default: 262144).",
        |s, g| {
            s.receive_buffer = usize::try_from(int(g)?).ok().filter(|n| *n > 0);
            Ok(())
        },
    ),
    full(
        "pmtu_discovery",
        "Datagrams are not fragmented on their way.",
        |s, g| {
            s.path_mtu_discovery = switch(g)?;
            Ok(())
        },
    ),
    full(
        "auto_bind_ipv6",
        "Interfaces stand for their addresses of IPv6, too; so do all of them if there is no listen line.",
        |s, g| {
            s.auto_bind_ipv6 = int(g)? != 0;
            Ok(())
        },
    ),
    full(
        "bind_ipv6_link_local",
        "Link-local addresses of IPv6 are bound with the scope of their interface.",
        |s, g| {
            s.bind_link_local = int(g)? != 0;
            Ok(())
        },
    ),
    full(
        "ip_free_bind",
        "Addresses that no interface has yet are bound too.",
        |s, g| {
            s.free_bind = int(g)? != 0;
            Ok(())
        },
    )
    .also(&["ipfreebind", "ip_nonlocal_bind"]),
    full(
        "udp4_raw",
        "Unless 0, datagrams over IPv4 leave as udp4_raw_mtu and udp4_raw_ttl say, for which the server needs the privilege to send raw packets; -1: if it has that. Those that need not be cut leave by ordinary sockets, many with one call.",
        |s, g| {
            s.udp4_raw = int(g)?;
            Ok(())
        },
    ),
    full(
        "udp4_raw_mtu",
        "Bytes of a packet above which udp4_raw cuts a datagram; less than 29: never. What is too large for the interface is left to the system.",
        |s, g| {
            s.udp4_raw_mtu = int(g)?;
            Ok(())
        },
    ),
    full(
        "udp4_raw_ttl",
        "How many routers datagrams of udp4_raw may pass; -1: as many as the system lets them.",
        |s, g| {
            s.udp4_raw_ttl = int(g)?;
            Ok(())
        },
    ),
    full(
        "udp_mtu",
        "Bytes above which a request leaves by the transport of udp_mtu_try_proto; 0: never.",
        |s, g| {
            s.udp_mtu = within(g, 0, 65_535)?;
            Ok(())
        },
    ),
    full(
        "udp_mtu_try_proto",
        "Transport of requests that are too large for a datagram.",
        |s, g| {
            s.udp_mtu_try_proto = transport(g)?.number();
            Ok(())
        },
    ),
    full(
        "mcast",
        "The interface that joins the group of the listen line that follows.",
        |s, g| {
            s.mcast.push((s.listen.len(), text(g)?));
            Ok(())
        },
    ),
    full(
        "mcast_loopback",
        "What is sent to groups comes to this machine, too.",
        |s, g| {
            s.mcast_loopback = int(g)? != 0;
            Ok(())
        },
    ),
    full(
        "mcast_ttl",
        "How many routers what is sent to groups may pass.",
        |s, g| {
            s.mcast_ttl = Some(u8::try_from(within(g, 0, 255)?).unwrap_or(u8::MAX));
            Ok(())
        },
    ),
    full(
        "tos",
        "Type of service of what is sent, IPTOS_LOWDELAY by default.",
        |s, g| {
            s.tos = Some(type_of_service(g)?);
            Ok(())
        },
    ),
    full(
        "check_via",
        "Replies whose top Via does not name us are dropped.",
        |s, g| {
            s.check_via = switch(g)?;
            Ok(())
        },
    ),
    full(
        "reply_to_via",
        "Replies of ours go to the address in the Via, not to the one that sent.",
        |s, g| {
            s.reply_to_via = switch(g)?;
            Ok(())
        },
    ),
    full(
        "sip_warning",
        "Replies of ours get a Warning that says what they are about.",
        |s, g| {
            s.sip_warning = switch(g)?;
            Ok(())
        },
    ),
    full(
        "onsend_route_reply",
        "onsend_route runs for replies that are forwarded, too.",
        |s, g| {
            s.onsend_for_replies = switch(g)?;
            Ok(())
        },
    ),
    full(
        "phone2tel",
        "A SIP URI with user=phone is read as a tel URI.",
        |s, g| {
            s.phone2tel = switch(g)?;
            Ok(())
        },
    ),
    full(
        "xavp_via_params",
        "The XAVP whose values via_add_xavp_params() has added to our Via.",
        |s, g| {
            s.xavp_via_params = Some(text(g)?.into());
            Ok(())
        },
    ),
    noop("xavp_via_fields", &[], OWN_VIA, store),
    full(
        "uri_host_extra_chars",
        "Further characters that host names of URIs may have.",
        |s, g| {
            s.host_chars = text(g)?.into();
            Ok(())
        },
    ),
    full(
        "hdr_name_extra_chars",
        "Further characters that names of headers may have.",
        |s, g| {
            s.tolerance.name_chars = sip::ByteSet::of(text(g)?.as_bytes());
            Ok(())
        },
    ),
];
