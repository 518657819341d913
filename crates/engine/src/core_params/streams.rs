//! TCP, TLS, SCTP.

use script::ast::CoreParam as Given;

use super::apply::{any_int, any_switch, checked_int, int, store, switch, text, warn_unless};
use super::table::full;
use super::{CoreParam, noop};

const QUEUES: &str = "No effect: the queues of streams need no such tuning.";
const OLD_TLS: &str = "No effect: a setting of Kamailio's old core TLS, which 5.6 ignores too.";

fn bytes(given: &Given) -> Result<usize, String> {
    Ok(usize::try_from(int(given)?).unwrap_or(0))
}

/// 0 leaves it to the system.
fn probe(given: &Given) -> Result<Option<u32>, String> {
    Ok(u32::try_from(int(given)?).ok().filter(|n| *n != 0))
}

fn address(given: &Given) -> Result<std::net::IpAddr, String> {
    let name = text(given)?;
    crate::net::parse_address(&name).ok_or_else(|| format!("`{name}` is no address"))
}

pub(super) const ROWS: &[CoreParam] = &[
    noop(
        "tcp_async",
        &["tcp_buf_write"],
        "No effect: sending never waits for a peer, and what is sent is the same in Kamailio 5.6.",
        any_switch,
    ),
    noop("tcp_fd_cache", &[], QUEUES, any_switch),
    noop(
        "tcp_clone_rcvbuf",
        &[],
        "No effect that a peer could see, as in Kamailio 5.6: a message never shares its bytes with what follows it in the stream.",
        any_switch,
    ),
    full(
        "tcp_conn_wq_max",
        "Bytes that may wait for the peer of one connection.",
        |s, g| {
            s.tcp_conn_wq_max = bytes(g)?;
            Ok(())
        },
    ),
    full(
        "tcp_wq_max",
        "Bytes that may wait for the peers of all connections.",
        |s, g| {
            s.tcp_wq_max = bytes(g)?;
            Ok(())
        },
    ),
    full(
        "tcp_keepalive",
        "The system probes idle connections.",
        |s, g| {
            s.tcp_keepalive.enabled = switch(g)?;
            Ok(())
        },
    ),
    full(
        "tcp_keepidle",
        "Seconds of silence before the first probe.",
        |s, g| {
            s.tcp_keepalive.idle = probe(g)?;
            Ok(())
        },
    ),
    full("tcp_keepintvl", "Seconds between probes.", |s, g| {
        s.tcp_keepalive.interval = probe(g)?;
        Ok(())
    }),
    full(
        "tcp_keepcnt",
        "Lost probes after which a connection is given up.",
        |s, g| {
            s.tcp_keepalive.count = probe(g)?;
            Ok(())
        },
    ),
    noop("tcp_wq_blk_size", &[], QUEUES, any_int),
    full(
        "tcp_wait_data",
        "Milliseconds to wait for the header that tcp_accept_haproxy speaks of.",
        any_int,
    ),
    full(
        "tcp_script_mode",
        "1: the connection of a message that cannot be worked on, or whose route ends with a negative code, stays open.",
        |s, g| {
            s.tcp_script_mode = int(g)? != 0;
            Ok(())
        },
    ),
    noop(
        "tcp_accept_unique",
        &[],
        "No effect, as in Kamailio 5.6: the system never has two connections of one peer's port to one socket.",
        any_int,
    ),
    full(
        "tcp_connection_match",
        "1: of several connections with a peer, one of the sending socket goes before newer ones.",
        |s, g| {
            s.tcp_connection_match = int(g)? != 0;
            Ok(())
        },
    ),
    full(
        "tcp_defer_accept",
        "Seconds that the system keeps back a connection on which nothing was sent.",
        any_int,
    ),
    full(
        "tcp_linger2",
        "Seconds that the system keeps a connection that the peer does not end.",
        any_int,
    ),
    full(
        "tcp_syncnt",
        "Times that the system repeats the opening of a connection.",
        any_int,
    ),
    full(
        "tcp_delayed_ack",
        "The system may acknowledge an opened connection with its first data.",
        any_switch,
    ),
    full(
        "tcp_reuse_port",
        "Connections are opened from the port of the sending socket, as far as the system allows.",
        any_switch,
    ),
    full(
        "tcp_crlf_ping",
        "Pings of clients (an empty line) are answered.",
        any_switch,
    ),
    noop(
        "tcp_poll_method",
        &[],
        "No effect: the runtime chooses.",
        store,
    ),
    full(
        "tcp_accept_haproxy",
        "Connections may begin with a header of the PROXY protocol, version 1 or 2, that names the peer.",
        |s, g| {
            s.tcp_accept_haproxy = switch(g)?;
            Ok(())
        },
    ),
    noop(
        "tcp_accept_hep3",
        &[],
        "No effect: HEP over TCP is taken apart by the module sipcapture, which there is none of.",
        |s, g| warn_unless(s, g, 0),
    ),
    full(
        "tcp_no_connect",
        "Connections are never opened, only used.",
        |s, g| {
            s.tcp_no_connect = switch(g)?;
            Ok(())
        },
    ),
    full(
        "tcp_source_ipv4",
        "Address that IPv4 connections are opened from.",
        |s, g| {
            s.tcp_source[0] = Some(address(g)?);
            Ok(())
        },
    ),
    full(
        "tcp_source_ipv6",
        "Address that IPv6 connections are opened from.",
        |s, g| {
            s.tcp_source[1] = Some(address(g)?);
            Ok(())
        },
    ),
    noop(
        "tls_port_no",
        &[],
        "No effect: TLS sockets name their port.",
        |s, g| checked_int(s, g, 1, 65535),
    ),
    noop(
        "tls_max_connections",
        &[],
        "No effect: tcp_max_connections counts all streams.",
        any_int,
    ),
    noop("tlslog", &["tls_log"], OLD_TLS, store),
    noop("tls_method", &[], OLD_TLS, store),
    noop("tls_verify", &[], OLD_TLS, store),
    noop("tls_require_certificate", &[], OLD_TLS, store),
    noop("tls_certificate", &[], OLD_TLS, store),
    noop("tls_private_key", &[], OLD_TLS, store),
    noop("tls_ca_list", &[], OLD_TLS, store),
    noop("tls_handshake_timeout", &[], OLD_TLS, store),
    noop("tls_send_timeout", &[], OLD_TLS, store),
    noop(
        "disable_tls",
        &["tls_disable"],
        "No effect: TLS is off unless enable_tls says otherwise.",
        any_switch,
    ),
    noop("disable_sctp", &[], "No effect: SCTP is never on.", any_int),
];
