//! `$hu`.

use engine::Context;
use engine::module::Variable;
use engine::variable::PvName;
use script::value::Value;

use super::request::Http;

/// The module's variables.
pub(super) static VARIABLES: &[Variable] =
    &[Variable::new("hu", url, "The URL of the HTTP request.")];

fn url(cx: &mut Context, _: &PvName) -> Value {
    let http = cx.extensions.get::<Http>();
    http.map_or(Value::Null, |h| Value::Str(h.url.clone()))
}
