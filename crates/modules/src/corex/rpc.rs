//! Methods about sockets, the log level and memory.

use engine::module::Rpc;
use engine::process::Memory;
use engine::rpc::{RpcCall, RpcResult, RpcValue};

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[
    Rpc {
        name: "corex.debug",
        doc: "Set or return the log level.",
        run: debug,
    },
    Rpc {
        name: "corex.list_aliases",
        doc: "List the names that the server answers to.",
        run: list_aliases,
    },
    Rpc {
        name: "corex.list_sockets",
        doc: "List the sockets that the server listens on.",
        run: list_sockets,
    },
    Rpc {
        name: "shm.info",
        doc: "Returns the allocator and the memory that the machine has.",
        run: |call| {
            let memory = call.core.services.process.memory();
            Ok(vec![record(vec![
                ("name", "mimalloc".into()),
                ("size", size(memory.total)),
            ])])
        },
    },
    Rpc {
        name: "shm.stats",
        doc: "Returns memory: what the machine has and has free, what the process holds.",
        run: |call| Ok(vec![statistics(call.core.services.process.memory())]),
    },
];

fn record(members: Vec<(&str, RpcValue)>) -> RpcValue {
    let members = members.into_iter().map(|(n, v)| (n.to_owned(), v));
    RpcValue::Struct(members.collect())
}

fn size(bytes: u64) -> RpcValue {
    RpcValue::Int(i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn statistics(memory: Memory) -> RpcValue {
    record(vec![
        ("total", size(memory.total)),
        ("free", size(memory.free)),
        ("used", size(memory.used)),
        ("real_used", size(memory.used)),
        ("max_used", size(memory.max_used)),
        ("fragments", 0.into()),
    ])
}

fn debug(call: &RpcCall<'_>) -> RpcResult {
    let old = call.core.log_threshold.get();
    let Some(new) = call.int(0).and_then(|n| i32::try_from(n).ok()) else {
        return Ok(vec![record(vec![("debug", i64::from(old).into())])]);
    };
    call.core.log_threshold.set(new);
    Ok(vec![record(vec![
        ("old", i64::from(old).into()),
        ("new", i64::from(new).into()),
    ])])
}

fn list_aliases(call: &RpcCall<'_>) -> RpcResult {
    let rows = call.core.sockets.aliases().into_iter().map(|alias| {
        record(vec![
            ("PROTO", alias.proto.map_or("*", |p| p.name()).into()),
            ("ADDR", alias.host.into()),
            ("PORT", i64::from(alias.port.unwrap_or(0)).into()),
        ])
    });
    Ok(rows.collect())
}

fn list_sockets(call: &RpcCall<'_>) -> RpcResult {
    let dash = || RpcValue::from("-");
    let rows = call.core.sockets.by_transport().into_iter().map(|socket| {
        let advertised = socket.advertised_host.as_ref().map(|host| {
            let host = String::from_utf8_lossy(host);
            let port = socket.advertised_port.unwrap_or(socket.address.port());
            RpcValue::from(format!("{}:{host}:{port}", socket.proto.name()))
        });
        let addresses = record(vec![("ADDR", socket.bare_host().into())]);
        record(vec![
            ("PROTO", socket.proto.name().into()),
            ("NAME", socket.own_name().into()),
            ("ADDRLIST", addresses),
            ("PORT", socket.port.clone().into()),
            ("MCAST", "no".into()),
            ("MHOMED", "no".into()),
            ("VIRTUAL", "no".into()),
            (
                "SOCKNAME",
                socket.name.clone().map_or_else(dash, Into::into),
            ),
            ("ADVERTISE", advertised.unwrap_or_else(dash)),
        ])
    });
    Ok(rows.collect())
}
