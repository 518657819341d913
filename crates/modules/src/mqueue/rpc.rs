//! RPC methods.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

use super::Mqueue;
use super::queue::Queue;

/// All methods.
pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "mqueue.fetch",
        doc: "Takes the oldest item out of a queue and shows it: queue.",
        run: fetch,
    },
    Rpc {
        name: "mqueue.get_size",
        doc: "How many items a queue has: queue.",
        run: get_size,
    },
    Rpc {
        name: "mqueue.get_sizes",
        doc: "How many items each queue has.",
        run: get_sizes,
    },
];

fn size(queue: &Queue) -> RpcValue {
    RpcValue::Struct(vec![
        ("name".to_owned(), RpcValue::Text(queue.name.clone())),
        (
            "size".to_owned(),
            RpcValue::Int(i64::try_from(queue.len()).unwrap_or(i64::MAX)),
        ),
    ])
}

fn fetch(call: &RpcCall<'_>) -> RpcResult {
    let name = call
        .text(0)
        .ok_or_else(|| RpcFault::new(500, "No queue name"))?;
    let queue = call
        .state::<Mqueue>()?
        .queue(&name)
        .ok_or_else(|| RpcFault::new(500, "No such queue"))?;
    let item = queue
        .fetch()
        .ok_or_else(|| RpcFault::new(404, "Empty queue"))?;
    Ok(vec![RpcValue::Struct(vec![
        ("key".to_owned(), RpcValue::Text(item.key)),
        ("val".to_owned(), RpcValue::Text(item.value)),
    ])])
}

fn get_size(call: &RpcCall<'_>) -> RpcResult {
    let name = call
        .text(0)
        .ok_or_else(|| RpcFault::new(400, "No queue name"))?;
    match call.state::<Mqueue>()?.queue(&name) {
        Some(queue) => Ok(vec![size(queue)]),
        None => Err(RpcFault::new(404, "No such queue")),
    }
}

fn get_sizes(call: &RpcCall<'_>) -> RpcResult {
    Ok(call.state::<Mqueue>()?.queues.iter().map(size).collect())
}
