//! Stream connections and what is set about them.

use super::record;
use crate::Core;
use crate::cfg_vars::CfgValue;
use crate::module::Rpc;
use crate::net::AddressText;
use crate::rpc::RpcValue;
use crate::services::StreamConnection;
use crate::socket::Proto;

pub(super) const LIST: Rpc = Rpc {
    name: "core.tcp_list",
    doc: "Returns the open stream connections.",
    run: |call| {
        let lifetime = count(call.core.settings.tcp_connection_lifetime);
        let open = call.core.services.network.connections();
        Ok(open.iter().map(|c| row(c, lifetime.clone())).collect())
    },
};

fn row(connection: &StreamConnection, lifetime: RpcValue) -> RpcValue {
    record(vec![
        ("id", count(connection.id.0)),
        ("type", connection.proto.via_name().into()),
        ("state", connection.state.into()),
        ("timeout", count(connection.timeout)),
        ("lifetime", lifetime),
        ("ref_count", 1.into()),
        (
            "src_ip",
            AddressText::new(connection.peer.ip()).to_string().into(),
        ),
        ("src_port", i64::from(connection.peer.port()).into()),
        (
            "dst_ip",
            AddressText::new(connection.local.ip()).to_string().into(),
        ),
        ("dst_port", i64::from(connection.local.port()).into()),
    ])
}

pub(super) const INFO: Rpc = Rpc {
    name: "core.tcp_info",
    doc: "Returns how many stream connections there are and may be.",
    run: |call| {
        let open = call.core.services.network.connections();
        let most = count(call.core.settings.tcp_max_connections as u64);
        let secure = open
            .iter()
            .filter(|c| matches!(c.proto, Proto::Tls | Proto::Wss));
        let queued: usize = open.iter().map(|c| c.queued).sum();
        Ok(vec![record(vec![
            // One runtime serves all of them.
            ("readers", 1.into()),
            ("max_connections", most.clone()),
            ("max_tls_connections", most),
            ("opened_connections", count(open.len() as u64)),
            ("opened_tls_connections", count(secure.count() as u64)),
            ("write_queued_bytes", count(queued as u64)),
        ])])
    },
};

pub(super) const OPTIONS: Rpc = Rpc {
    name: "core.tcp_options",
    doc: "Returns the settings of stream connections as they are now.",
    run: |call| {
        let now = |shown: &'static str| {
            let name = shown.strip_suffix("(soft)").unwrap_or(shown);
            (shown, value(call.core, "tcp", name))
        };
        Ok(vec![record(TCP_OPTIONS.map(now).to_vec())])
    },
};

/// The run-time values of the group `tcp` that are told, some under another name.
const TCP_OPTIONS: [&str; 23] = [
    "connect_timeout",
    "send_timeout",
    "connection_lifetime",
    "max_connections(soft)",
    "max_tls_connections(soft)",
    "no_connect",
    "fd_cache",
    "async",
    "connect_wait",
    "conn_wq_max",
    "wq_max",
    "defer_accept",
    "delayed_ack",
    "syncnt",
    "linger2",
    "keepalive",
    "keepidle",
    "keepintvl",
    "keepcnt",
    "crlf_ping",
    "accept_aliases",
    "alias_flags",
    "new_conn_alias_flags",
];

pub(super) const UDP4_RAW: Rpc = Rpc {
    name: "core.udp4_raw_info",
    doc: "Returns how datagrams over IPv4 leave.",
    run: |call| {
        let now = |name| (name, value(call.core, "core", name));
        let names = ["udp4_raw", "udp4_raw_mtu", "udp4_raw_ttl"];
        Ok(vec![record(names.map(now).to_vec())])
    },
};

/// A number that may change while the server runs.
fn value(core: &Core, group: &str, name: &str) -> RpcValue {
    match core.cfg.value(group, name) {
        Some(CfgValue::Int(number)) => RpcValue::Int(number),
        _ => RpcValue::Int(0),
    }
}

fn count(number: u64) -> RpcValue {
    RpcValue::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
