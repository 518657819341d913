//! Pseudo-variables.

use engine::context::Context;
use engine::module::Variable;
use engine::variable::PvName;
use script::value::Value;
use sip::UriRef;

/// All variables.
pub(super) static TABLE: &[Variable] = &[
    Variable::new("rr_count", count, "How many Record-Routes there are.").silent(),
    Variable::new(
        "rr_top_count",
        top_count,
        "2 when the topmost Record-Route is one of a pair, 1 when it is single, else 0.",
    )
    .silent(),
];

/// Record-Routes that cannot be read have no count.
fn count(cx: &mut Context, _: &PvName) -> Value {
    match cx.msg.record_routes() {
        None => Value::Int(0),
        Some(Ok(routes)) => Value::Int(i64::try_from(routes.len()).unwrap_or(i64::MAX)),
        Some(Err(_)) => Value::Null,
    }
}

fn top_count(cx: &mut Context, _: &PvName) -> Value {
    let routes = match cx.msg.record_routes() {
        None => return Value::Int(0),
        Some(Ok(routes)) => routes,
        Some(Err(_)) => return Value::Null,
    };
    let top = routes.first().map(|r| r.addr.uri);
    let Some(uri) = top.and_then(|span| UriRef::parse(cx.msg.text(span)).ok()) else {
        return Value::Null;
    };
    Value::Int(if uri.param(b"r2").is_some() { 2 } else { 1 })
}
