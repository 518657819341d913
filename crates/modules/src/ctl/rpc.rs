//! The module's own methods.

use engine::control::ControlPeer;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue, Wire};

use super::state::CtlState;

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[
    Rpc {
        name: "ctl.connections",
        doc: "Returns number of open connections to control sockets.",
        run: connections,
    },
    Rpc {
        name: "ctl.listen",
        doc: "List control sockets: protocol, transport, address, port.",
        run: listen,
    },
    Rpc {
        name: "ctl.who",
        doc: "List open connections: protocol, transport, peer and its port, address and port.",
        run: who,
    },
];

fn connections(call: &RpcCall<'_>) -> RpcResult {
    let state: &CtlState = call.state()?;
    let count: usize = state
        .open()
        .iter()
        .map(|(_, socket)| socket.connections().len())
        .sum();
    Ok(vec![RpcValue::Int(count as i64)])
}

fn listen(call: &RpcCall<'_>) -> RpcResult {
    let state: &CtlState = call.state()?;
    let rows = state.open().into_iter().flat_map(|(protocol, socket)| {
        let address = socket.address();
        [
            protocol.name().into(),
            address.kind().into(),
            address.place().into(),
            port(address.port()),
        ]
    });
    Ok(rows.collect())
}

fn who(call: &RpcCall<'_>) -> RpcResult {
    if call.caller.wire != Wire::Binrpc {
        return Err(RpcFault::new(606, "rpc available only over binrpc (ctl)"));
    }
    let state: &CtlState = call.state()?;
    let mut rows = Vec::new();
    for (protocol, socket) in state.open() {
        for peer in socket.connections() {
            rows.push(protocol.name().into());
            rows.extend(peer_row(&peer));
        }
    }
    if rows.is_empty() {
        return Err(RpcFault::new(400, "no open stream connection"));
    }
    Ok(rows)
}

fn peer_row(peer: &ControlPeer) -> [RpcValue; 5] {
    let unnamed = || "<anonymous unix socket>".to_owned();
    [
        peer.local.kind().into(),
        peer.host.clone().unwrap_or_else(unnamed).into(),
        port(peer.port),
        peer.local.place().into(),
        port(peer.local.port()),
    ]
}

/// Ports are texts; what has none shows an empty one.
fn port(port: Option<u16>) -> RpcValue {
    port.map(|p| p.to_string()).unwrap_or_default().into()
}
