//! Script functions.

use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};

use super::Mqueue;
use super::variables::Fetched;

const QUEUE: &[Arg] = &[Arg::text("queue")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::exact(
        "mq_add",
        &[Arg::text("queue"), Arg::text("key"), Arg::text("value")],
        add,
        "Puts a key with a value into a queue; the oldest item goes when the queue is full.",
    )
    .constant(),
    Function::exact(
        "mq_fetch",
        QUEUE,
        fetch,
        "Takes the oldest item out of a queue, for $mqk and $mqv; -2 when there is none.",
    ),
    Function::exact(
        "mq_pv_free",
        QUEUE,
        free,
        "Forgets the item that mq_fetch took.",
    ),
    Function::exact(
        "mq_size",
        QUEUE,
        size,
        "Returns how many items a queue has; -1 for none, -2 when there is no such queue.",
    ),
];

fn no_queue(cx: &mut Context, name: &[u8], code: i64) -> Outcome {
    let text = format!("there is no queue `{}`", name.escape_ascii());
    cx.log_bytes(Level::Error, None, "mqueue", text.as_bytes());
    Outcome::Return(code)
}

fn add(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (name, key, value) = (args.text(cx, 0), args.text(cx, 1), args.text(cx, 2));
    let Some(queue) = args.state::<Mqueue>().queue(&name) else {
        return no_queue(cx, &name, -1);
    };
    match queue.add(&key, &value) {
        Ok(()) => TRUE,
        Err(full) => {
            let text = format!("nothing added to `{}`: {full}", name.escape_ascii());
            cx.log_bytes(Level::Error, None, "mqueue", text.as_bytes());
            FALSE
        }
    }
}

fn fetch(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let Some(queue) = args.state::<Mqueue>().queue(&name) else {
        return FALSE;
    };
    let item = queue.fetch();
    let fetched: &mut Fetched = cx.extensions.get_or_default();
    fetched.forget(&queue.name);
    match item {
        Some(item) => {
            fetched.keep(queue.name.clone(), item);
            TRUE
        }
        None => Outcome::Return(-2),
    }
}

fn free(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    if let Some(fetched) = cx.extensions.get_mut::<Fetched>() {
        fetched.forget(&name);
    }
    TRUE
}

fn size(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    match args.state::<Mqueue>().queue(&name).map(super::Queue::len) {
        None => no_queue(cx, &name, -2),
        Some(0) => FALSE,
        Some(count) => Outcome::Return(i64::try_from(count).unwrap_or(i64::MAX)),
    }
}
