//! Script functions that hide and restore the addresses of contacts.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use sip::{Message, Span};

use super::contacts;
use super::functions::truth;
use super::params::SipUtils;

/// Kamailio's code for a user part that holds no address.
const NOT_ENCODED: Outcome = Outcome::Return(-26);

fn rewrite(cx: &mut Context, make: impl Fn(&[u8]) -> Option<Bytes>) -> Outcome {
    rewrite_spans(cx, |msg, span| make(msg.text(span)))
}

fn rewrite_spans(cx: &mut Context, make: impl Fn(&Message, Span) -> Option<Bytes>) -> Outcome {
    let done = contacts::rewrite(cx, make);
    if !done {
        cx.log(Level::Error, "the contacts cannot be parsed");
    }
    truth(done)
}

pub(super) fn param_encode(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, address) = (args.text(cx, 0), args.text(cx, 1));
    // Without angle brackets the parameter would be the header's.
    rewrite_spans(cx, |msg, span| {
        let made = contacts::encode_param(msg.text(span), &name, &address);
        Some(if contacts::in_brackets(msg, span) {
            made
        } else {
            [b"<", &made[..], b">"].concat().into()
        })
    })
}

pub(super) fn param_decode(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    rewrite(cx, |uri| contacts::decode_param(uri, &name))
}

pub(super) fn param_rm(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    rewrite(cx, |uri| contacts::remove_param(uri, &name))
}

pub(super) fn param_decode_ruri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    if let Some(uri) = contacts::decode_param(&cx.request_uri(), &name) {
        cx.set_request_uri(uri);
    }
    TRUE
}

pub(super) fn encode(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if cx.msg.contacts().is_none() {
        return FALSE;
    }
    let (prefix, address) = (args.text(cx, 0), args.text(cx, 1));
    let separator = args.state::<SipUtils>().separator;
    rewrite(cx, |uri| {
        contacts::encode_user(uri, &prefix, &address, separator)
    })
}

pub(super) fn decode(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let separator = args.state::<SipUtils>().separator;
    let all = match cx.msg.contacts() {
        None => return FALSE,
        Some(Ok(contacts)) => contacts
            .list()
            .iter()
            .all(|c| contacts::decode_user(cx.msg.text(c.addr.uri), separator).is_some()),
        Some(Err(_)) => false,
    };
    if !all {
        return NOT_ENCODED;
    }
    rewrite(cx, |uri| contacts::decode_user(uri, separator))
}

pub(super) fn decode_ruri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let separator = args.state::<SipUtils>().separator;
    match contacts::decode_user(&cx.request_uri(), separator) {
        Some(uri) => {
            cx.set_request_uri(uri);
            TRUE
        }
        None => NOT_ENCODED,
    }
}
