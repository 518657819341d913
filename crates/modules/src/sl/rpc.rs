//! RPC methods.

use engine::rpc::{RpcCall, RpcResult, RpcValue};

use crate::sl::Sl;

/// `sl.stats`: the number of replies by status, and by class for the others.
pub(super) fn stats(call: &RpcCall<'_>) -> RpcResult {
    let sl = call.state::<Sl>()?;
    let fields = sl
        .counters
        .values()
        .into_iter()
        // Kamailio has a statistic for these and leaves them out here.
        .filter(|(name, _)| *name != "1xx_replies")
        .map(|(name, value)| {
            let name = name.strip_suffix("_replies").unwrap_or(name);
            (name.to_owned(), RpcValue::Int(value))
        })
        .collect();
    Ok(vec![RpcValue::Struct(fields)])
}
