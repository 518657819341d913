//! Datagrams and the treatment of messages.

use super::apply::{any_int, any_switch, store, warn, warn_unless};
use super::{CoreParam, noop};

const BINDING: &str = "No effect: only the addresses of listen lines are bound.";
const RAW: &str = "No effect: datagrams leave by ordinary sockets.";
const LARGE_REQUESTS: &str = "No effect: a large request is not moved to another transport.";
const MULTICAST: &str = "No effect: multicast is not joined.";
const OWN_VIA: &str = "No effect: our Via takes nothing from XAVPs.";
const NAMES: &str = "No effect: the characters of names are fixed.";

pub(super) const ROWS: &[CoreParam] = &[
    noop(
        "maxbuffer",
        &[],
        "No effect: receive buffers have the size that the system gives.",
        any_int,
    ),
    noop(
        "pmtu_discovery",
        &[],
        "No effect: fragmentation is left to the system.",
        any_switch,
    ),
    noop("auto_bind_ipv6", &[], BINDING, any_switch),
    noop("bind_ipv6_link_local", &[], BINDING, any_switch),
    noop(
        "ip_free_bind",
        &["ipfreebind", "ip_nonlocal_bind"],
        BINDING,
        any_switch,
    ),
    noop("udp4_raw", &[], RAW, |s, g| warn_unless(s, g, 0)),
    noop("udp4_raw_mtu", &[], RAW, any_int),
    noop("udp4_raw_ttl", &[], RAW, any_int),
    noop("udp_mtu", &[], LARGE_REQUESTS, |s, g| warn_unless(s, g, 0)),
    noop("udp_mtu_try_proto", &[], LARGE_REQUESTS, store),
    noop("mcast", &[], MULTICAST, warn),
    noop("mcast_loopback", &[], MULTICAST, any_switch),
    noop("mcast_ttl", &[], MULTICAST, any_int),
    noop(
        "tos",
        &[],
        "No effect: packets carry the system's type of service.",
        store,
    ),
    noop(
        "check_via",
        &[],
        "No effect: replies are not checked against our Via by this setting.",
        |s, g| warn_unless(s, g, 0),
    ),
    noop(
        "reply_to_via",
        &[],
        "No effect: replies go where RFC 3261 and rport say.",
        |s, g| warn_unless(s, g, 0),
    ),
    noop(
        "sip_warning",
        &[],
        "No effect: no Warning header is added to replies.",
        |s, g| warn_unless(s, g, 0),
    ),
    noop(
        "onsend_route_reply",
        &[],
        "No effect: onsend_route does not run for replies.",
        |s, g| warn_unless(s, g, 0),
    ),
    noop(
        "phone2tel",
        &[],
        "No effect: user=phone changes nothing in comparisons.",
        any_switch,
    ),
    noop("xavp_via_params", &[], OWN_VIA, warn),
    noop("xavp_via_fields", &[], OWN_VIA, warn),
    noop("uri_host_extra_chars", &[], NAMES, warn),
    noop("hdr_name_extra_chars", &[], NAMES, warn),
];
