//! Where iterators stand: `$hfitname(i)`, `$hfitbody(i)`, `$blitval(i)`.

use bytes::Bytes;
use engine::Context;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

use super::iterators;

pub(super) static TABLE: &[Variable] = &[
    Variable::new(
        "hfitname",
        |cx, name| header(cx, name, |h| h.name),
        "Name of the header that an iterator stands at.",
    )
    .named(Inner::Required),
    Variable::new(
        "hfitbody",
        |cx, name| header(cx, name, |h| h.value),
        "Value of the header that an iterator stands at.",
    )
    .named(Inner::Required),
    Variable::new(
        "blitval",
        |cx, name| {
            let name = name.text(cx);
            value(iterators::line(cx, &name))
        },
        "The line of the body that an iterator stands at, with its end.",
    )
    .named(Inner::Required),
];

fn value(text: Option<Bytes>) -> Value {
    text.map_or(Value::Null, Value::Str)
}

fn header(cx: &mut Context, name: &PvName, pick: fn(&sip::Header) -> sip::Span) -> Value {
    let name = name.text(cx);
    value(iterators::header_part(cx, &name, pick))
}
