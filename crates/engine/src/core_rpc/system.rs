//! Which methods there are.

use crate::module::Rpc;
use crate::rpc::{RpcCall, RpcFault, RpcResult};

pub(super) const LIST_METHODS: Rpc = Rpc {
    name: "system.listMethods",
    doc: "Lists all RPC methods supported by the server.",
    run: |call| Ok(call.core.rpcs.names().map(Into::into).collect()),
};

pub(super) const METHOD_HELP: Rpc = Rpc {
    name: "system.methodHelp",
    doc: "Print the help string for given method.",
    run: help,
};

pub(super) const METHOD_SIGNATURE: Rpc = Rpc {
    name: "system.methodSignature",
    doc: "Returns signature of given method; Kamailio answers that it is not implemented.",
    run: |_| Err(RpcFault::new(500, "Not Implemented Yet")),
};

fn help(call: &RpcCall<'_>) -> RpcResult {
    let name = call
        .text(0)
        .ok_or_else(|| RpcFault::new(400, "Method Name Expected"))?;
    let row = call.core.rpcs.method(&String::from_utf8_lossy(&name));
    row.map(|row| vec![row.doc.into()])
        .ok_or_else(|| RpcFault::new(400, "command not found"))
}
