//! RPC methods.

use std::sync::atomic::Ordering;

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult};

use super::Nathelper;

/// All methods.
pub(super) static TABLE: &[Rpc] = &[Rpc {
    name: "nathelper.enable_ping",
    doc: "Switches keep-alives on (1) or off (0).",
    run: enable_ping,
}];

fn enable_ping(call: &RpcCall<'_>) -> RpcResult {
    let state: &Nathelper = call.state()?;
    let Some(pinger) = &state.pinger else {
        return Err(RpcFault::new(500, "NATping disabled"));
    };
    let Some(value) = call.int(0) else {
        return Err(RpcFault::new(500, "No parameter"));
    };
    pinger.is_enabled.store(value != 0, Ordering::Relaxed);
    Ok(Vec::new())
}
