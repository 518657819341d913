//! Module parameters.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use engine::Setup;
use engine::module::{InitError, Param, Status};
use engine::socket::{Proto, SocketId};

use super::address::Networks;
use super::ping::Pinger;
use super::{Nathelper, answers};

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text(
        "alias_name",
        Some("alias"),
        "Name of the alias parameter in URIs.",
    ),
    Param::int(
        "append_sdp_oldmediaip",
        1,
        "Whether fix_nated_sdp keeps replaced addresses in lines of their own.",
    ),
    Param::int(
        "filter_server_id",
        0,
        "contacts in memory are this server's own",
    )
    .with(Status::Noop),
    Param::text(
        "force_socket",
        None,
        "Socket that keep-alives are sent from.",
    ),
    Param::int(
        "keepalive_timeout",
        0,
        "Seconds after which a contact goes that does not answer SIP keep-alives; 0: it stays.",
    ),
    Param::int(
        "nat_addr_mode",
        1,
        "Whether reserved networks count as private too.",
    ),
    Param::int(
        "natping_disable_bflag",
        -1,
        "Branch flag of contacts that are not kept alive.",
    ),
    Param::int(
        "natping_interval",
        0,
        "Seconds between two keep-alives; 0: none are sent.",
    ),
    Param::int(
        "natping_processes",
        1,
        "keep-alives need no processes of their own",
    )
    .with(Status::Noop),
    Param::text(
        "natping_socket",
        None,
        "no packets are sent from an address that is not the server's",
    )
    .with(Status::Noop),
    Param::text(
        "nortpproxy_str",
        Some("a=nortpproxy:yes\r\n"),
        "Line by which fix_nated_sdp marks a description.",
    ),
    Param::int(
        "ping_nated_only",
        0,
        "Keeps only contacts alive that have usrloc's nat_bflag.",
    ),
    Param::text(
        "received_avp",
        None,
        "Variable that fix_nated_register writes, the same as registrar's.",
    ),
    Param::int(
        "sipping_bflag",
        -1,
        "Branch flag of contacts that get a SIP request instead of four bytes.",
    ),
    Param::text("sipping_from", None, "From of that request."),
    Param::text("sipping_method", Some("OPTIONS"), "Method of that request."),
    Param::int(
        "udpping_from_path",
        0,
        "no packets are sent from an address that is not the server's",
    )
    .with(Status::Noop),
];

/// Reads them.
///
/// # Errors
/// A value cannot be used.
pub(super) fn init(setup: &mut Setup<'_>) -> Result<Nathelper, InitError> {
    let name = setup.params.text("alias_name").unwrap_or_default();
    let name = String::from_utf8(name.to_vec())
        .ok()
        .filter(|n| !n.is_empty())
        .ok_or_else(|| {
            InitError::of_param("alias_name", "the name of a URI parameter is needed")
        })?;
    let mark = setup.params.text("nortpproxy_str").unwrap_or_default();
    Ok(Nathelper {
        networks: if setup.params.int("nat_addr_mode") == 0 {
            Networks::Private
        } else {
            Networks::PrivateAndReserved
        },
        alias_name: name,
        mark: whole_line(&mark),
        keeps_old_media_ip: setup.params.int("append_sdp_oldmediaip") != 0,
        received_avp: setup.variable_param("received_avp")?,
        pinger: pinger(setup)?,
    })
}

/// A line with its end.
fn whole_line(text: &Bytes) -> Bytes {
    if text.is_empty() || text.ends_with(b"\n") {
        return text.clone();
    }
    [text, &b"\r\n"[..]].concat().into()
}

fn pinger(setup: &mut Setup<'_>) -> Result<Option<Pinger>, InitError> {
    let interval = u64::try_from(setup.params.int("natping_interval")).unwrap_or(0);
    if interval == 0 {
        return Ok(None);
    }
    let flag = |name: &'static str| match setup.params.int(name) {
        -1 => Ok(0u32),
        n @ 0..32 => Ok(1 << n),
        _ => Err(InitError::of_param(
            name,
            "branch flags are numbered 0 to 31",
        )),
    };
    let timeout = u32::try_from(setup.params.int("keepalive_timeout")).unwrap_or(0);
    if timeout > 0 {
        setup.hooks.reply.push(Box::new(|cx| {
            answers::take(cx);
            None
        }));
    }
    Ok(Some(Pinger {
        interval: interval.saturating_mul(1000),
        nated_only: setup.params.int("ping_nated_only") != 0,
        sip_flag: flag("sipping_bflag")?,
        disable_flag: flag("natping_disable_bflag")?,
        from: setup.params.text("sipping_from").filter(|f| !f.is_empty()),
        method: setup.params.text("sipping_method").unwrap_or_default(),
        socket: force_socket(setup)?,
        is_enabled: AtomicBool::new(true),
        timeout,
    }))
}

fn force_socket(setup: &Setup<'_>) -> Result<Option<SocketId>, InitError> {
    let Some(text) = setup.params.text("force_socket") else {
        return Ok(None);
    };
    let address = text.strip_prefix(b"udp:").unwrap_or(&text);
    let (host, port) = match memchr::memrchr(b':', address) {
        Some(at) if !address.ends_with(b"]") => {
            (&address[..at], sip::chars::decimal(&address[at + 1..]))
        }
        _ => (address, None),
    };
    let port = port.and_then(|p| u16::try_from(p).ok());
    setup
        .sockets
        .find(host, port, Some(Proto::Udp))
        .map(|s| Some(s.id))
        .ok_or_else(|| InitError::of_param("force_socket", "the server does not listen there"))
}
