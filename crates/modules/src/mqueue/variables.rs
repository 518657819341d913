//! Variables.

use bytes::Bytes;
use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

use super::Mqueue;
use super::queue::Item;

/// All variables.
pub(super) static TABLE: &[Variable] = &[
    Variable::new("mq_size", size, "How many items a queue has.").named(Inner::Required),
    Variable::new(
        "mqk",
        |cx, name| fetched(cx, name, |item| &item.key),
        "Key of the item that mq_fetch took from a queue.",
    )
    .named(Inner::Required),
    Variable::new(
        "mqv",
        |cx, name| fetched(cx, name, |item| &item.value),
        "Value of the item that mq_fetch took from a queue.",
    )
    .named(Inner::Required),
];

/// What a message fetched: the last item of each queue.
#[derive(Default)]
pub(super) struct Fetched(Vec<(Bytes, Item)>);

impl Fetched {
    /// Keeps the item of a queue.
    pub(super) fn keep(&mut self, queue: Bytes, item: Item) {
        self.0.push((queue, item));
    }

    /// Forgets the item of a queue.
    pub(super) fn forget(&mut self, queue: &[u8]) {
        self.0.retain(|(name, _)| name != queue);
    }
}

/// What Kamailio shows for a queue that is not there.
const NO_QUEUE: Value = Value::Str(Bytes::new());

fn size(cx: &mut Context, name: &PvName) -> Value {
    let queue = name.text(cx);
    let count = name
        .state::<Mqueue>()
        .and_then(|state| state.queue(&queue))
        .map(super::Queue::len);
    count.map_or(NO_QUEUE, |n| {
        Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
    })
}

fn fetched(cx: &mut Context, name: &PvName, part: fn(&Item) -> &Bytes) -> Value {
    let queue = name.text(cx);
    let state = name.state::<Mqueue>();
    if state.and_then(|s| s.queue(&queue)).is_none() {
        return NO_QUEUE;
    }
    let item = cx
        .extensions
        .get::<Fetched>()
        .and_then(|fetched| fetched.0.iter().find(|(name, _)| *name == queue));
    match item.map(|(_, item)| part(item)) {
        Some(text) if !text.is_empty() => Value::Str(text.clone()),
        _ => Value::Null,
    }
}
