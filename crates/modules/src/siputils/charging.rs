//! P-Charging-Vector (RFC 7315 section 5.6): reading, making and removing it.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::module::{Inner, Outcome, TRUE, Variable};
use engine::variable::PvName;
use script::value::Value;
use sip::Message;

const NAME: &[u8] = b"P-Charging-Vector";

/// A header that we made for a message: reads see it at once.
struct Made {
    line: Bytes,
    id: Bytes,
    address: Bytes,
}

/// `$pcv(…)`.
pub(super) static VARIABLES: &[Variable] = &[Variable::new(
    "pcv",
    read,
    "A part of P-Charging-Vector: all, value, genaddr, orig, term.",
)
.named(Inner::OneOf(&["all", "value", "genaddr", "orig", "term"]))];

/// A parameter of the header as received, up to a blank or semicolon.
fn param(msg: &Message, name: &[u8]) -> Option<Bytes> {
    let header = msg.find_name(NAME)?;
    let text = msg.text(header.value);
    let value = text
        .split(|c| matches!(c, b';' | b' ' | b'\t' | b'\r' | b'\n'))
        .find_map(|part| {
            let (found, value) = part.split_at_checked(name.len())?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.strip_prefix(b"="))?
        })?;
    Some(Bytes::copy_from_slice(value))
}

/// The received header, if it has the identity that every such header must have.
fn received(msg: &Message) -> Option<Bytes> {
    let header = msg.find_name(NAME)?;
    param(msg, b"icid-value").map(|_| msg.slice(header.value))
}

fn read(cx: &mut Context, name: &PvName) -> Value {
    let msg = Arc::clone(&cx.msg);
    let wanted = name.text(cx);
    let made = cx.extensions.get::<Made>();
    let found = match (&wanted[..], made) {
        (b"all", Some(made)) => Some(made.line.clone()),
        (b"value", Some(made)) => Some(made.id.clone()),
        (b"genaddr", Some(made)) => Some(made.address.clone()),
        (_, Some(_)) => None,
        (b"all", None) => received(&msg),
        (part, None) => received(&msg).and_then(|_| {
            param(
                &msg,
                match part {
                    b"value" => b"icid-value",
                    b"genaddr" => b"icid-generated-at",
                    b"orig" => b"orig-ioi",
                    _ => b"term-ioi",
                },
            )
        }),
    };
    found.map_or(Value::Null, Value::Str)
}

/// `sip_p_charging_vector(flags)`: `r` removes, `g` makes one unless there is one, `f` does both.
pub(super) fn manage(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let flags = args.text(cx, 0);
    let has = |flag: u8| flags.iter().any(|c| c.eq_ignore_ascii_case(&flag));
    if has(b'r') || has(b'f') {
        remove(cx);
    }
    if has(b'f') || (has(b'g') && received(&cx.msg).is_none()) {
        make(cx);
    }
    TRUE
}

fn remove(cx: &mut Context) {
    let msg = Arc::clone(&cx.msg);
    for header in msg.all_named(NAME) {
        cx.edits.delete(header.whole);
    }
}

/// Adds a header with an identity that no other message gets.
fn make(cx: &mut Context) {
    if cx.extensions.get::<Made>().is_some() {
        return;
    }
    let random = &cx.core.services.random;
    let id = format!("{:016X}{:016X}", random.next(), random.next());
    let address = engine::net::AddressText::new(cx.received.destination.ip()).to_string();
    let line: Bytes =
        format!("P-Charging-Vector: icid-value={id}; icid-generated-at={address}\r\n").into();
    cx.edits.insert_after(cx.msg.headers_end(), line.clone());
    cx.extensions.insert(Made {
        line,
        id: id.into(),
        address: address.into(),
    });
}
