//! `$sdp(…)`.

use bytes::Bytes;
use engine::Context;
use engine::log::Level;
use engine::module::{Inner, Variable};
use engine::variable::{InnerName, PvName};
use script::value::Value;

use super::description::Description;

pub(super) static TABLE: &[Variable] = &[Variable::new(
    "sdp",
    read,
    "The session description (`body`) or its version (`sess_version`; writing -1 adds one).",
)
.named(Inner::OneOf(&["body", "sess_version"]))
.in_text(text)
.writable(write)];

fn is_body(name: &PvName) -> bool {
    matches!(&name.inner, InnerName::Text(text) if &text[..] == b"body")
}

/// A version is a number where it fits into one.
fn read(cx: &mut Context, name: &PvName) -> Value {
    match text(cx, name) {
        Value::Str(version) if !is_body(name) => match script::value::parse_int(&version) {
            Some(number) => Value::from(number),
            None => Value::Str(version),
        },
        value => value,
    }
}

fn text(cx: &mut Context, name: &PvName) -> Value {
    let Ok(sdp) = Description::of(&cx.msg) else {
        return Value::Null;
    };
    let span = if is_body(name) {
        sdp.whole
    } else {
        sdp.version
    };
    Value::Str(cx.msg.slice(span))
}

fn write(cx: &mut Context, name: &PvName, value: Value) -> bool {
    if is_body(name) {
        return false;
    }
    let Value::Int(new) = value else {
        cx.log(Level::Error, "$sdp(sess_version) takes an integer");
        return false;
    };
    let Ok(sdp) = Description::of(&cx.msg) else {
        return false;
    };
    let text: Bytes = match u64::try_from(new) {
        Ok(new) => new.to_string().into(),
        Err(_) if new != -1 => {
            cx.log(Level::Error, "$sdp(sess_version) cannot be negative");
            return false;
        }
        Err(_) => {
            let old = sip::chars::decimal(cx.msg.text(sdp.version));
            let Some(next) = old.and_then(|old| old.checked_add(1)) else {
                return false;
            };
            next.to_string().into()
        }
    };
    cx.edits.replace(sdp.version, text);
    true
}
