//! `$hu`.

use engine::Context;
use engine::module::{Inner, Status, Variable};
use engine::variable::PvName;
use script::value::Value;

use super::request::Http;

/// The module's variables.
pub(super) static VARIABLES: &[Variable] = &[Variable {
    name: "hu",
    inner: Inner::None,
    read: url,
    write: None,
    doc: "The URL of the HTTP request.",
    status: Status::Full,
}];

fn url(cx: &mut Context, _: &PvName) -> Value {
    let http = cx.extensions.get::<Http>();
    http.map_or(Value::Null, |h| Value::Str(h.url.clone()))
}
