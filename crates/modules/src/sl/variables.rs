//! `$ltt(…)`: the To tag of our replies.

use bytes::Bytes;
use engine::Context;
use engine::module::{Inner, Variable};
use engine::reply::stateless_tag;
use engine::variable::PvName;
use script::value::Value;

use super::Sl;

pub(super) static TABLE: &[Variable] = &[Variable::new(
    "ltt",
    read,
    "To tag of our replies: s without a transaction, t of the transaction, x of what there is.",
)
.named(Inner::OneOf(&["s", "t", "x"]))];

fn read(cx: &mut Context, name: &PvName) -> Value {
    let tm = name.state::<Sl>().and_then(|sl| sl.tm.as_ref());
    let of_transaction = tm.and_then(|tm| tm.local_tag(cx));
    let stateless = || Bytes::copy_from_slice(&stateless_tag(&cx.core, cx));
    match name.parsed.key {
        0 => Value::Str(stateless()),
        1 => of_transaction.map_or(Value::Null, Value::Str),
        _ => Value::Str(of_transaction.unwrap_or_else(stateless)),
    }
}
