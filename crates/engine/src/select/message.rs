//! The rest of a message: start line, plain headers, body, sizes.

use bytes::Bytes;
use script::value::Value;
use sip::sdp;
use sip::{HeaderKind, Span};

use super::path::Step;
use crate::context::Context;

/// A part of the message.
pub(super) enum Part {
    /// The value of the first header of a kind.
    Header(HeaderKind),
    CseqNumber,
    CseqMethod,
    /// The event package alone.
    Event,
    Method,
    Status,
    Reason,
    /// Of the start line, of a request or a reply only where that is asked for.
    Version(Option<bool>),
    /// The message, as a request or as a reply only where that is asked for.
    Buffer(Option<bool>),
    FirstLine,
    Kind,
    Length,
    Number,
    NumberInHex,
    /// The body if it describes a session, or its first line of a letter.
    Session(Option<u8>),
    Flags,
    Body,
}

impl Part {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let names: Vec<&str> = steps.iter().map(Step::word).collect::<Option<_>>()?;
        if matches!(names[..], ["msg" | "message", ..]) {
            return Self::of_message(&names[1..], steps);
        }
        Some(match names[..] {
            ["cseq", "num"] => Self::CseqNumber,
            ["cseq", "method"] => Self::CseqMethod,
            ["event"] => Self::Event,
            ["method"] => Self::Method,
            ["status" | "code"] => Self::Status,
            ["reason"] => Self::Reason,
            ["version"] => Self::Version(None),
            [name] => Self::Header(header(name)?),
            _ => return None,
        })
    }

    fn of_message(names: &[&str], steps: &[Step]) -> Option<Self> {
        Some(match names {
            [] => Self::Buffer(None),
            ["first_line"] => Self::FirstLine,
            ["type"] => Self::Kind,
            ["len"] => Self::Length,
            ["id"] => Self::Number,
            ["id", "hex"] => Self::NumberInHex,
            ["body" | "content"] => Self::Body,
            ["body" | "content", "sdp"] => Self::Session(None),
            // The case of the letter matters.
            ["body" | "content", "sdp", "line", _] => {
                Self::Session(Some(*steps.last()?.text()?.as_bytes().first()?))
            }
            ["flags"] => Self::Flags,
            ["request" | "req"] => Self::Buffer(Some(true)),
            ["response" | "res"] => Self::Buffer(Some(false)),
            ["request" | "req", "method"] => Self::Method,
            ["request" | "req", "version"] => Self::Version(Some(true)),
            ["response" | "res", "version"] => Self::Version(Some(false)),
            ["response" | "res", "status" | "code"] => Self::Status,
            ["response" | "res", "reason"] => Self::Reason,
            _ => return None,
        })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        let msg = &cx.msg;
        let text = |span: Span| Value::Str(msg.slice(span));
        let number = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let cseq = || msg.cseq().and_then(Result::ok);
        match self {
            Self::Header(kind) => msg
                .first(*kind)
                .map_or(Value::Null, |h| text(h.raw_value(msg.raw()))),
            Self::CseqNumber => cseq().map_or(Value::Null, |cseq| text(cseq.number_span)),
            Self::CseqMethod => cseq().map_or(Value::Null, |cseq| text(cseq.method_span)),
            Self::Event => msg
                .first(HeaderKind::Event)
                .map_or(Value::Null, |h| package(&msg.slice(h.value))),
            Self::Method | Self::Version(Some(true)) if !msg.is_request() => Value::Null,
            Self::Reason | Self::Version(Some(false)) if !msg.is_reply() => Value::Null,
            Self::Method => Value::Str(Bytes::copy_from_slice(msg.method_text())),
            Self::Status => msg.status().map_or(Value::Null, |s| number(s.into())),
            Self::Reason => Value::Str(Bytes::copy_from_slice(msg.reason())),
            Self::Version(_) => Value::Str(Bytes::copy_from_slice(msg.version())),
            Self::Buffer(Some(request)) if *request != msg.is_request() => Value::Null,
            Self::Buffer(_) => Value::Str(msg.raw().clone()),
            Self::FirstLine => {
                let line = msg.slice(msg.start_line_span());
                Value::Str(line.slice_ref(line.trim_ascii_end()))
            }
            Self::Kind => number(if msg.is_request() { 1 } else { 2 }),
            Self::Length => number(msg.raw().len()),
            Self::Number => Value::Int(i64::try_from(cx.id).unwrap_or(i64::MAX)),
            Self::NumberInHex => Value::Str(format!("{:08x}", cx.id).into()),
            Self::Session(letter) => session(cx, *letter),
            Self::Flags => Value::Int(i64::from(cx.flags)),
            Self::Body => text(msg.body_span()),
        }
    }
}

/// The headers that have a select of their own.
fn header(name: &str) -> Option<HeaderKind> {
    Some(match name {
        "call_id" => HeaderKind::CallId,
        "content_length" => HeaderKind::ContentLength,
        "content_type" => HeaderKind::ContentType,
        "cseq" => HeaderKind::CSeq,
        "date" => HeaderKind::Date,
        "expires" => HeaderKind::Expires,
        "identity" => HeaderKind::Identity,
        "identity_info" => HeaderKind::IdentityInfo,
        "max_forwards" => HeaderKind::MaxForwards,
        "min_se" => HeaderKind::MinSe,
        "organization" => HeaderKind::Organization,
        "priority" => HeaderKind::Priority,
        "session_expires" => HeaderKind::SessionExpires,
        "sip_if_match" => HeaderKind::SipIfMatch,
        "subject" => HeaderKind::Subject,
        "user_agent" => HeaderKind::UserAgent,
        _ => return None,
    })
}

/// `refer` of `refer;id=2`.
fn package(value: &Bytes) -> Value {
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    Value::Str(value.slice_ref(value[..end].trim_ascii()))
}

fn session(cx: &Context, letter: Option<u8>) -> Value {
    let Some(span) = sdp::find(&cx.msg) else {
        return Value::Null;
    };
    let body = cx.msg.slice(span);
    let Some(letter) = letter else {
        return Value::Str(body);
    };
    let mut lines = body.split(|b| *b == b'\n');
    let found = lines.find_map(|line| line.strip_prefix(&[letter, b'=']));
    found.map_or(Value::Null, |line| {
        Value::Str(body.slice_ref(line.strip_suffix(b"\r").unwrap_or(line)))
    })
}
