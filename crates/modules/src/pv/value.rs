//! Short ways to make values.

use bytes::Bytes;
use engine::context::Context;
use script::value::Value;
use sip::Span;

/// Text of ours.
pub(super) fn word(text: &'static str) -> Value {
    Value::Str(Bytes::from_static(text.as_bytes()))
}

/// A copy of bytes.
pub(super) fn copy(text: &[u8]) -> Value {
    Value::Str(Bytes::copy_from_slice(text))
}

/// Text made for this.
pub(super) fn text(text: impl Into<Bytes>) -> Value {
    Value::Str(text.into())
}

/// An integer.
pub(super) fn int(number: impl TryInto<i64>) -> Value {
    Value::Int(number.try_into().unwrap_or(i64::MAX))
}

/// A piece of the message.
pub(super) fn piece(cx: &Context, span: Span) -> Value {
    Value::Str(cx.msg.slice(span))
}

/// Text, or null when there is none.
pub(super) fn maybe(text: Option<&[u8]>) -> Value {
    text.map_or(Value::Null, copy)
}
