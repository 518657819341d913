//! `t_replicate` and its relatives: a copy of the request whose replies concern nobody.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::module::{FALSE, Outcome};
use engine::socket::Proto;
use sip::UriRef;

use crate::tm::functions::relay::proxy;
use crate::tm::relay::{RelayOptions, relay};
use crate::tm::state::Tm;
use crate::tm::targets::NextHop;

fn to(cx: &mut Context, args: &Args<'_>, hop: NextHop) -> Outcome {
    let options = RelayOptions {
        hop,
        no_100: false,
        is_replica: true,
    };
    relay(args.state::<Tm>(), cx, options)
}

fn host_port(cx: &mut Context, args: &Args<'_>, proto: Option<Proto>) -> Outcome {
    let hop = NextHop {
        host: Some(args.text(cx, 0)),
        port: args.int(cx, 1).and_then(|port| u16::try_from(port).ok()),
        proto,
        ..NextHop::default()
    };
    to(cx, args, hop)
}

/// `t_replicate()`, `t_replicate(uri)`, `t_replicate(host, port)`.
pub(super) fn replicate(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match args.len() {
        0 => to(cx, args, NextHop::default()),
        1 => {
            let uri = args.text(cx, 0);
            match hop_of(&uri) {
                Some(hop) => to(cx, args, hop),
                None => FALSE,
            }
        }
        _ => host_port(cx, args, None),
    }
}

/// The next hop that a URI names.
fn hop_of(uri: &Bytes) -> Option<NextHop> {
    let parsed = UriRef::parse(uri).ok()?;
    let host = parsed.host();
    let host = host
        .strip_prefix(b"[")
        .and_then(|h| h.strip_suffix(b"]"))
        .unwrap_or(host);
    Some(NextHop {
        host: Some(uri.slice_ref(host)),
        port: parsed.port(),
        proto: parsed.transport().and_then(Proto::from_name),
        ..NextHop::default()
    })
}

pub(super) fn udp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    host_port(cx, args, Some(Proto::Udp))
}

pub(super) fn tcp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    host_port(cx, args, Some(Proto::Tcp))
}

pub(super) fn tls(cx: &mut Context, args: &Args<'_>) -> Outcome {
    host_port(cx, args, Some(Proto::Tls))
}

pub(super) fn sctp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    host_port(cx, args, Some(Proto::Sctp))
}

/// The next hop in `(proto, "host:port")`.
pub(super) fn named_hop(cx: &mut Context, args: &Args<'_>) -> Option<NextHop> {
    let name = args.text(cx, 0);
    let place = args.text(cx, 1);
    let proto = Proto::from_name(&name)?;
    let hop = proxy(&place)?;
    Some(NextHop {
        proto: Some(proto),
        ..hop
    })
}

/// `t_replicate_to(proto, hostport)`.
pub(super) fn replicate_to(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match named_hop(cx, args) {
        Some(hop) => to(cx, args, hop),
        None => FALSE,
    }
}
