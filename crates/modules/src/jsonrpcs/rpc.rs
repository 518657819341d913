//! The module's own method.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcResult, RpcValue};

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[Rpc {
    name: "jsonrpc.echo",
    doc: "Echo back the parameters: one text and one integer.",
    run: echo,
}];

fn echo(call: &RpcCall<'_>) -> RpcResult {
    let text = call.text(0).map(RpcValue::Text);
    let number = call.int(1).map(RpcValue::Int);
    Ok(text.into_iter().chain(number).collect())
}
