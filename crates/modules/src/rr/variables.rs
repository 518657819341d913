//! Pseudo-variables of rr.

use engine::Context;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

use super::api::{Direction, direction};
use super::hops::Hops;

/// All variables.
pub(super) static TABLE: &[Variable] = &[
    Variable::new("route_uri", route_uri, "The URI of the first Route.").silent(),
    Variable::new(
        "rdir",
        route_direction,
        "The direction of the request: downstream (1) or upstream (2).",
    )
    .named(Inner::OneOf(&["id", "name"])),
    Variable::new(
        "fti",
        |cx, _| initial_tag(cx, Direction::Downstream),
        "The From tag of the request that made the dialog.",
    ),
    Variable::new(
        "tti",
        |cx, _| initial_tag(cx, Direction::Upstream),
        "The To tag of the request that made the dialog.",
    ),
];

fn route_uri(cx: &mut Context, _: &PvName) -> Value {
    let first = Hops::of(&cx.msg).next();
    match first {
        Some(Ok(route)) => Value::Str(cx.msg.slice(route.addr.uri)),
        _ => Value::Null,
    }
}

fn route_direction(cx: &mut Context, name: &PvName) -> Value {
    let direction = direction(cx);
    if name.text(cx) == "id" {
        return Value::Int(match direction {
            Direction::Downstream => 1,
            Direction::Upstream => 2,
        });
    }
    Value::Str(bytes::Bytes::from_static(match direction {
        Direction::Downstream => b"downstream",
        Direction::Upstream => b"upstream",
    }))
}

/// The tag that stood in From (`Downstream`) or To (`Upstream`) of the dialog's first request.
fn initial_tag(cx: &mut Context, side: Direction) -> Value {
    let tag = if direction(cx) == side {
        cx.msg.from_tag()
    } else {
        cx.msg.to_tag()
    };
    match tag {
        Some(tag) => Value::Str(cx.msg.raw().slice_ref(tag)),
        None => Value::Null,
    }
}
