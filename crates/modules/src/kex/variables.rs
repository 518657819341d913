//! `$sruid`: an id that no other message gets.

use engine::Context;
use engine::module::Variable;
use engine::variable::PvName;
use script::value::Value;

use super::Kex;

pub(super) static TABLE: &[Variable] =
    &[Variable::new("sruid", read, "A new unique id at each use.")];

fn read(_: &mut Context, name: &PvName) -> Value {
    let ids = name.state::<Kex>().map(|kex| &kex.ids);
    ids.map_or(Value::Null, |ids| Value::Str(ids.next("srid").into()))
}
