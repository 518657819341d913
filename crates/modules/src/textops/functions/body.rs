//! Functions on the body.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use script::value::Value;
use sip::{HeaderKind, Span};

use super::truth;
use crate::textops::body::{self, Hold};
use crate::textops::multipart::{self, Part};

pub(super) fn has_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let mime = args.text(cx, 0);
    truth(body::is_there(
        &cx.msg,
        (!args.is_empty()).then_some(&mime[..]),
    ))
}

pub(super) fn set_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let mime = args.text(cx, 1);
    if text.is_empty() || mime.is_empty() {
        cx.log(Level::Error, "set_body needs a body and its type");
        return FALSE;
    }
    body::set(cx, text, &mime);
    TRUE
}

pub(super) fn is_audio_on_hold(cx: &mut Context, _: &Args<'_>) -> Outcome {
    match body::audio_on_hold(&cx.msg) {
        Some(Hold::NullAddress) => TRUE,
        Some(Hold::Direction) => Outcome::Return(2),
        None => FALSE,
    }
}

pub(super) fn is_privacy(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let wanted = args.text(cx, 0);
    let mut values = cx
        .msg
        .all(HeaderKind::Privacy)
        .flat_map(|h| cx.msg.text(h.value).split(|c| matches!(c, b';' | b',')));
    truth(values.any(|v| sip::chars::trim(v).eq_ignore_ascii_case(&wanted)))
}

pub(super) fn filter_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let mime = args.text(cx, 0);
    truth(multipart::filter(cx, &mime))
}

pub(super) fn remove_body_part(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let mime = args.text(cx, 0);
    truth(multipart::remove(cx, &mime))
}

/// The bytes of pairs of hexadecimal digits, which blanks may separate.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .iter()
        .filter(|c| **c != b' ')
        .map(|c| char::from(*c).to_digit(16).map(|d| d as u8))
        .collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    pairs
        .remainder()
        .is_empty()
        .then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

pub(super) fn append_body_part_hex(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    match from_hex(&text) {
        Some(bytes) => append_part(cx, args, &bytes),
        None => {
            cx.log(
                Level::Error,
                "append_body_part_hex: these are no hexadecimal digits",
            );
            FALSE
        }
    }
}

pub(super) fn set_reply_body(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, mime) = (args.text(cx, 0), args.text(cx, 1));
    if text.is_empty() || mime.is_empty() {
        cx.log(Level::Error, "set_reply_body needs a body and its type");
        return FALSE;
    }
    if !cx.reply_body.is_empty() {
        cx.log(
            Level::Error,
            "the replies to this request have a body already",
        );
        return FALSE;
    }
    let line = [b"Content-Type: ", &mime[..], b"\r\n"].concat();
    cx.reply_headers.push(line.into());
    cx.reply_body = text;
    TRUE
}

pub(super) fn append_body_part(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    append_part(cx, args, &text)
}

fn append_part(cx: &mut Context, args: &Args<'_>, text: &[u8]) -> Outcome {
    let mime = args.text(cx, 1);
    if text.is_empty() || mime.is_empty() {
        cx.log(Level::Error, "a part needs a text and its type");
        return FALSE;
    }
    let disposition = (args.len() > 2).then(|| args.text(cx, 2));
    let done = multipart::append(cx, text, &mime, disposition.as_deref());
    if !done {
        cx.log(
            Level::Error,
            "a part was to be added, but the body is not multipart",
        );
    }
    truth(done)
}

fn stored(cx: &mut Context, args: &Args<'_>, pick: fn(Part) -> Span) -> Outcome {
    let mime = args.text(cx, 0);
    let span = match multipart::find(&cx.msg, &mime) {
        Some(part) => pick(part),
        // A body without parts is its own only part.
        None if body::is_there(&cx.msg, Some(&mime)) => cx.msg.body_span(),
        None => return FALSE,
    };
    let text = cx.msg.slice(span);
    match args.variable(1) {
        Some(target) => truth(target.write(cx, Value::Str(text))),
        None => FALSE,
    }
}

pub(super) fn get_body_part(cx: &mut Context, args: &Args<'_>) -> Outcome {
    stored(cx, args, |part| part.rest)
}

pub(super) fn get_body_part_raw(cx: &mut Context, args: &Args<'_>) -> Outcome {
    stored(cx, args, |part| part.bounded)
}

pub(super) fn set_body_multipart(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let boundary = match args.len() {
        3 => args.text(cx, 2),
        _ => bytes::Bytes::from_static(b"unique-boundary-1"),
    };
    let (mut text, mut mime) = (args.text(cx, 0), args.text(cx, 1));
    if text.is_empty() {
        if multipart::is_multipart(&cx.msg) {
            return TRUE;
        }
        text = cx.msg.slice(cx.msg.body_span());
        mime = cx
            .msg
            .value(HeaderKind::ContentType)
            .unwrap_or_default()
            .to_vec()
            .into();
    }
    if text.is_empty() || mime.is_empty() {
        cx.log(Level::Error, "set_body_multipart needs a body and its type");
        return FALSE;
    }
    multipart::set(cx, &text, &mime, &boundary);
    TRUE
}
