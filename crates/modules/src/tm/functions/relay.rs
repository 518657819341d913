//! `t_relay` and its relatives.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::module::{FALSE, Outcome, TRUE};
use engine::socket::Proto;
use sip::{Method, UriRef};

use crate::tm::functions::replicate;
use crate::tm::message::current;
use crate::tm::relay::{RelayOptions, relay as relay_request};
use crate::tm::state::Tm;
use crate::tm::targets::NextHop;

pub(super) fn relay(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_proto(cx, args, None)
}

pub(super) fn relay_udp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_proto(cx, args, Some(Proto::Udp))
}

pub(super) fn relay_tcp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_proto(cx, args, Some(Proto::Tcp))
}

pub(super) fn relay_tls(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_proto(cx, args, Some(Proto::Tls))
}

pub(super) fn relay_sctp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    with_proto(cx, args, Some(Proto::Sctp))
}

/// `t_forward_nonack`: the script must have made the transaction.
pub(super) fn forward_nonack(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if current(cx).is_none() || cx.msg.is_reply() {
        return FALSE;
    }
    with(cx, args, None, true)
}

pub(super) fn nonack_udp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    nonack_by(cx, args, Proto::Udp)
}

pub(super) fn nonack_tcp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    nonack_by(cx, args, Proto::Tcp)
}

pub(super) fn nonack_tls(cx: &mut Context, args: &Args<'_>) -> Outcome {
    nonack_by(cx, args, Proto::Tls)
}

pub(super) fn nonack_sctp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    nonack_by(cx, args, Proto::Sctp)
}

fn nonack_by(cx: &mut Context, args: &Args<'_>, proto: Proto) -> Outcome {
    if current(cx).is_none() || cx.msg.is_reply() {
        return FALSE;
    }
    with(cx, args, Some(proto), true)
}

/// `t_forward_nonack_to(proto, hostport)`.
pub(super) fn forward_nonack_to(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if current(cx).is_none() || cx.msg.is_reply() {
        return FALSE;
    }
    to_place(cx, args, true)
}

/// `t_relay_to_avp(proto, hostport)`.
pub(super) fn relay_to_place(cx: &mut Context, args: &Args<'_>) -> Outcome {
    to_place(cx, args, false)
}

fn to_place(cx: &mut Context, args: &Args<'_>, no_100: bool) -> Outcome {
    let Some(hop) = replicate::named_hop(cx, args) else {
        return FALSE;
    };
    let options = RelayOptions {
        hop,
        no_100,
        ..RelayOptions::default()
    };
    relay_request(args.state::<Tm>(), cx, options)
}

fn with_proto(cx: &mut Context, args: &Args<'_>, proto: Option<Proto>) -> Outcome {
    with(cx, args, proto, false)
}

fn with(cx: &mut Context, args: &Args<'_>, proto: Option<Proto>, no_100: bool) -> Outcome {
    let tm = args.state::<Tm>();
    let mut options = RelayOptions {
        no_100,
        ..RelayOptions::default()
    };
    options.hop.proto = proto;
    if !args.is_empty() {
        let host = args.text(cx, 0);
        options.hop.host = Some(host);
        options.hop.port = args.int(cx, 1).and_then(|port| u16::try_from(port).ok());
    }
    relay_request(tm, cx, options)
}

/// `t_relay_to(proxy, flags)`: either may be left out.
pub(super) fn relay_to(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    let mut options = RelayOptions::default();
    let mut flags = args.int(cx, 1).unwrap_or(0);
    if !args.is_empty() {
        let first = args.text(cx, 0);
        match flags_of(&first) {
            Some(number) if args.len() == 1 => flags = number,
            _ => match proxy(&first) {
                Some(hop) => options.hop = hop,
                None => return FALSE,
            },
        }
    }
    options.no_100 = flags & 1 != 0;
    relay_request(tm, cx, options)
}

/// `1` or `0x01`.
fn flags_of(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `udp:host:port`, `host:port`, `host`.
pub(super) fn proxy(text: &Bytes) -> Option<NextHop> {
    let (proto, rest) = match text.iter().position(|c| *c == b':') {
        Some(at) if Proto::from_name(&text[..at]).is_some() => {
            (Proto::from_name(&text[..at]), text.slice(at + 1..))
        }
        _ => (None, text.clone()),
    };
    let uri = [b"sip:".as_slice(), &rest].concat();
    let uri = UriRef::parse(&uri).ok()?;
    let host = uri.host();
    let host = host
        .strip_prefix(b"[")
        .and_then(|h| h.strip_suffix(b"]"))
        .unwrap_or(host);
    Some(NextHop {
        host: Some(Bytes::copy_from_slice(host)),
        port: uri.port(),
        proto,
        ..NextHop::default()
    })
}

/// `t_relay_cancel`: true when there is nothing to do, so that scripts go on.
pub(super) fn relay_cancel(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tm = args.state::<Tm>();
    if cx.msg.method() != Method::Cancel {
        return TRUE;
    }
    match crate::tm::cancel::relay_matched(tm, cx) {
        // Dealt with: the script ends.
        Some(_) => Outcome::Return(0),
        None => TRUE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_flags() {
        let hop = |text: &'static str| proxy(&Bytes::from_static(text.as_bytes())).unwrap();
        assert_eq!(
            hop("tcp:h.org:99"),
            NextHop {
                host: Some("h.org".into()),
                port: Some(99),
                proto: Some(Proto::Tcp),
                ..NextHop::default()
            }
        );
        assert_eq!(hop("10.0.0.1").port, None);
        assert_eq!(hop("[::1]:5080").host.unwrap(), "::1");
        assert_eq!(flags_of(b"0x03"), Some(3));
        assert_eq!(flags_of(b"h"), None);
    }
}
