//! Remote-Party-ID from the variable that authentication leaves it in.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use script::value::Value;
use sip::Span;

use super::functions::truth;
use super::params::SipUtils;
use super::uris;

/// The identity, if one is known.
fn identity(cx: &mut Context, args: &Args<'_>) -> Option<Bytes> {
    let variable = args.state::<SipUtils>().rpid.as_ref()?;
    match variable.read(cx) {
        Value::Str(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// `append_rpid_hf([prefix, suffix])`.
pub(super) fn append(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(identity) = identity(cx, args) else {
        return FALSE;
    };
    let (prefix, suffix) = if args.len() > 1 {
        (args.text(cx, 0), args.text(cx, 1))
    } else {
        let state = args.state::<SipUtils>();
        (state.rpid_prefix.clone(), state.rpid_suffix.clone())
    };
    let line = [
        b"Remote-Party-ID: ",
        &prefix[..],
        &identity,
        &suffix,
        b"\r\n",
    ]
    .concat();
    cx.edits.insert_after(cx.msg.headers_end(), line.into());
    TRUE
}

/// `is_rpid_user_e164()`.
pub(super) fn is_user_e164(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(identity) = identity(cx, args) else {
        return FALSE;
    };
    let whole = Span::of(0, identity.len());
    let uri = match sip::header::NameAddr::parse(&identity, whole) {
        Ok(address) => identity.slice(address.uri.start()..address.uri.end()),
        Err(error) => {
            cx.log(
                Level::Error,
                &format!("the identity for Remote-Party-ID cannot be parsed: {error}"),
            );
            return FALSE;
        }
    };
    truth(uris::has_e164_user(&uri))
}
