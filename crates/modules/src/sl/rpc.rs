//! RPC methods.

use engine::rpc::{RpcCall, RpcResult, RpcValue};

use crate::sl::Sl;

/// `sl.stats`: the number of replies by status, then by class for the others.
pub(super) fn stats(call: &RpcCall<'_>) -> RpcResult {
    let sl = call.state::<Sl>()?;
    let mut fields: Vec<(String, RpcValue)> = Vec::new();
    for (name, value) in sl.counters.values() {
        let name = name.strip_suffix("_replies").unwrap_or(name);
        fields.push((name.to_owned(), RpcValue::Int(value)));
    }
    Ok(vec![RpcValue::Struct(fields)])
}
