//! Pseudo-variables.

use engine::context::Context;
use engine::module::Variable;
use engine::variable::PvName;
use script::value::Value;
use sip::UriRef;

/// All variables.
pub(super) static TABLE: &[Variable] = &[
    Variable::new("rr_count", count, "How many Record-Routes there are."),
    Variable::new(
        "rr_top_count",
        top_count,
        "2 when the topmost Record-Route is one of a pair, 1 when it is single, else 0.",
    ),
];

fn count(cx: &mut Context, _: &PvName) -> Value {
    let count = match cx.msg.record_routes() {
        Some(Ok(routes)) => routes.len(),
        _ => 0,
    };
    Value::Int(count as i64)
}

fn top_count(cx: &mut Context, _: &PvName) -> Value {
    let Some(Ok(routes)) = cx.msg.record_routes() else {
        return Value::Int(0);
    };
    let top = routes.first().map(|r| r.addr.uri);
    let Some(uri) = top.and_then(|span| UriRef::parse(cx.msg.text(span)).ok()) else {
        return Value::Int(0);
    };
    Value::Int(if uri.param(b"r2").is_some() { 2 } else { 1 })
}
