//! `$async(data)`: what `async_task_data` was given.

use bytes::Bytes;
use engine::Context;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

/// The data of a task, kept with its context.
pub(super) struct Task {
    pub(super) data: Bytes,
    pub(super) group: Bytes,
}

/// Every variable of the module.
pub(super) static TABLE: &[Variable] =
    &[
        Variable::new("async", read, "Data and group of the task that runs.")
            .named(Inner::OneOf(&["data", "gname"])),
    ];

fn read(cx: &mut Context, name: &PvName) -> Value {
    let name = name.text(cx);
    match cx.extensions.get::<Task>() {
        Some(task) if name == "data" => Value::Str(task.data.clone()),
        Some(task) if name == "gname" => Value::Str(task.group.clone()),
        _ => Value::Null,
    }
}
