//! `$hu`.

use engine::Context;
use engine::module::Variable;
use engine::variable::PvName;
use script::value::Value;

use super::request::Http;

/// The module's variables.
pub(super) static VARIABLES: &[Variable] = &[Variable::new(
    "hu",
    url,
    "The URL of the HTTP request; of a SIP request its URI as received.",
)];

fn url(cx: &mut Context, _: &PvName) -> Value {
    match cx.extensions.get::<Http>() {
        Some(http) => Value::Str(http.url.clone()),
        None if cx.msg.is_request() => Value::Str(cx.msg.slice(cx.msg.request_uri_span())),
        None => Value::Null,
    }
}
