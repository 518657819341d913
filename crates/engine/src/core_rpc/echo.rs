//! Methods that give back what they are given.

use crate::module::Rpc;
use crate::rpc::{RpcCall, RpcResult, RpcValue};

pub(super) const ECHO: Rpc = Rpc {
    name: "core.echo",
    doc: "Returns back its parameters.",
    run: echo,
};

pub(super) const PRINTI: Rpc = Rpc {
    name: "core.printi",
    doc: "Returns back its integer parameters.",
    run: |call| while_good(call, |call, index| call.want_int(index).map(RpcValue::Int)),
};

pub(super) const PRINTS: Rpc = Rpc {
    name: "core.prints",
    doc: "Returns back its string parameters.",
    run: |call| {
        while_good(call, |call, index| {
            call.want_text(index).map(RpcValue::Text)
        })
    },
};

/// Everything comes back as text; a number with a fraction loses it.
fn echo(call: &RpcCall<'_>) -> RpcResult {
    let texts = call.args.iter().map_while(|arg| match arg {
        RpcValue::Text(text) => Some(RpcValue::Text(text.clone())),
        RpcValue::Int(n) => Some(n.to_string().into()),
        RpcValue::Double(d) => Some((*d as i64).to_string().into()),
        _ => None,
    });
    Ok(texts.collect())
}

/// The values up to the first of a wrong type, which is a fault only when it is the first.
fn while_good(
    call: &RpcCall<'_>,
    read: impl Fn(&RpcCall<'_>, usize) -> Result<RpcValue, crate::rpc::RpcFault>,
) -> RpcResult {
    let mut values = Vec::new();
    for index in 0..call.args.len() {
        match read(call, index) {
            Ok(value) => values.push(value),
            Err(fault) if values.is_empty() => return Err(fault),
            Err(_) => break,
        }
    }
    Ok(values)
}
