//! The message itself: start line, sizes, body, buffer, flags.

use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName};
use script::value::Value;
use script::view::View;
use sip::print::write_message;

use super::super::api::method_id;
use super::super::value::{copy, int, piece, text, word};

pub(super) const ROWS: &[Variable] = &[
    Variable::showing("rm", |cx, _| View::some(cx.msg.method_text()), "Method; of a reply the one of its CSeq.").numbered(|cx, _| Some(method_id(cx.msg.method()))).of_message(),
    Variable::new("rmid", |cx, _| int(method_id(cx.msg.method())), "Kamailio's number of the method."),
    Variable::new("rs", |cx, _| cx.msg.status().map_or(Value::Null, int), "Status code of a reply.").of_message(),
    Variable::new("rr", reason, "Reason phrase of a reply."),
    Variable::showing("rv", |cx, _| View::Str(cx.msg.version()), "Protocol version of the start line."),
    Variable::new("mt", |cx, _| int(if cx.msg.is_request() { 1 } else { 2 }), "1 for a request, 2 for a reply.").of_message(),
    Variable::new("mts", |cx, _| word(if cx.msg.is_request() { "rq" } else { "rp" }), "`rq` for a request, `rp` for a reply.").of_message(),
    Variable::new("mi", |cx, _| int(cx.id), "Number of the message in this process."),
    Variable::new("ml", |cx, _| int(cx.msg.raw().len()), "Length of the message.").of_message(),
    Variable::new("mb", |cx, _| text(cx.msg.raw().clone()), "The message as received."),
    Variable::new("mbu", updated, "The message with the changes made so far."),
    Variable::new("rb", |cx, _| text(cx.msg.slice(cx.msg.body_span())), "The body."),
    Variable::new("bs", |cx, _| int(cx.msg.body().len()), "Length of the body."),
    Variable::new("msg", part, "Parts of the message: len, buf, body, body_len, hdrs, hdrs_len, fline, fpart, lpart, hdrc.").named(Inner::OneOf(PARTS)),
    Variable::new("mf", |cx, _| signed(cx.flags), "Message flags as a number.").in_text(|cx, _| int(cx.flags)).writable(|cx, _, v| set(&mut cx.flags, &v)),
    Variable::new("mF", |cx, _| hex(cx.flags), "Message flags in hexadecimal.").writable(|cx, _, v| set(&mut cx.flags, &v)),
    Variable::new("Mf", |cx, n| bit(cx.flags, n), "One message flag.").named(Inner::Parsed(flag_name)).writable(|cx, n, v| set_bit(&mut cx.flags, n, &v)),
    Variable::new("bf", |cx, _| signed(cx.target.flags), "Branch flags as a number.").in_text(|cx, _| int(cx.target.flags)).writable(|cx, _, v| set(&mut cx.target.flags, &v)),
    Variable::new("bF", |cx, _| hex(cx.target.flags), "Branch flags in hexadecimal.").writable(|cx, _, v| set(&mut cx.target.flags, &v)),
    Variable::new("Bf", |cx, n| bit(cx.target.flags, n), "One branch flag.").named(Inner::Parsed(flag_name)).writable(|cx, n, v| set_bit(&mut cx.target.flags, n, &v)),
    Variable::new("sf", |cx, _| signed(cx.script_flags), "Script flags as a number.").in_text(|cx, _| int(cx.script_flags)).writable(|cx, _, v| set(&mut cx.script_flags, &v)),
    Variable::new("sF", |cx, _| hex(cx.script_flags), "Script flags in hexadecimal.").writable(|cx, _, v| set(&mut cx.script_flags, &v)),
    Variable::new("Sf", |cx, n| bit(cx.script_flags, n), "One script flag.").named(Inner::Parsed(flag_name)).writable(|cx, n, v| set_bit(&mut cx.script_flags, n, &v)),
];

const PARTS: &[&str] = &[
    "len", "buf", "body", "body_len", "hdrs", "hdrs_len", "fline", "fpart", "lpart", "hdrc",
];

fn reason(cx: &mut Context, _: &PvName) -> Value {
    if cx.msg.is_request() {
        return Value::Null;
    }
    copy(cx.msg.reason())
}

fn updated(cx: &mut Context, _: &PvName) -> Value {
    let mut out = Vec::with_capacity(cx.msg.raw().len() + 128);
    write_message(&mut out, &cx.msg, None, &[&cx.edits]);
    text(out)
}

fn part(cx: &mut Context, name: &PvName) -> Value {
    let msg = &cx.msg;
    let first = msg.start_line_span();
    // Without the end of the last header's line.
    let headers = sip::Span::of(msg.headers_start(), msg.headers_end());
    let trimmed = msg.text(headers).trim_ascii_end().len();
    let inner = sip::Span::of(headers.start(), headers.start() + trimmed);
    match usize::try_from(name.parsed.key)
        .ok()
        .and_then(|k| PARTS.get(k))
    {
        Some(&"len") => int(msg.raw().len()),
        Some(&"buf") => text(msg.raw().clone()),
        Some(&"body") => text(msg.slice(msg.body_span())),
        Some(&"body_len") => int(msg.body().len()),
        Some(&"hdrs") => piece(cx, inner),
        Some(&"hdrs_len") => int(inner.len),
        Some(&"fline") => copy(msg.text(first).trim_ascii_end()),
        Some(&"fpart") => piece(cx, sip::Span::of(first.start(), inner.end())),
        Some(&"lpart") => piece(cx, sip::Span::of(headers.start(), msg.raw().len())),
        Some(&"hdrc") => int(msg.headers().len()),
        _ => Value::Null,
    }
}

fn flag_name(_: &mut engine::catalog::NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    name.trim()
        .parse::<u64>()
        .ok()
        .filter(|n| *n < 32)
        .map(ParsedName::key)
        .ok_or_else(|| format!("`{name}` is no flag number from 0 to 31"))
}

fn hex(flags: u32) -> Value {
    text(format!("{flags:08x}"))
}

/// Numbers are 32 bits wide in scripts: the last flag is the sign.
fn signed(flags: u32) -> Value {
    Value::from(flags as i32)
}

fn bit(flags: u32, name: &PvName) -> Value {
    int(flags >> name.parsed.key & 1)
}

/// Null clears all.
fn set(flags: &mut u32, value: &Value) -> bool {
    match value {
        Value::Null => *flags = 0,
        // Numbers are 32 bits wide in scripts: the upper half is dropped.
        Value::Int(n) => *flags = *n as u32,
        Value::Str(_) => return false,
    }
    true
}

fn set_bit(flags: &mut u32, name: &PvName, value: &Value) -> bool {
    let mask = 1u32.checked_shl(name.parsed.key as u32).unwrap_or(0);
    match value {
        Value::Null => *flags &= !mask,
        Value::Int(0) => *flags &= !mask,
        Value::Int(_) => *flags |= mask,
        Value::Str(_) => return false,
    }
    true
}
