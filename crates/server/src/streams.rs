//! The options of stream connections, from the configuration and from run-time values, which the
//! transport follows.

use std::sync::Arc;
use std::time::Duration;

use engine::Core;
use engine::cfg_vars::CfgValue;
use transport::tcp::{Keepalive, Taken};
use transport::{TcpOptions, Transport};

/// Seconds that stand for no limit at all.
const EVER: u64 = 1 << 27;

/// The options by what the values are now.
#[must_use]
pub(crate) fn options(core: &Core) -> TcpOptions {
    let settings = &core.settings;
    let value = |name| match core.cfg.value("tcp", name) {
        Some(CfgValue::Int(number)) => number,
        _ => 0,
    };
    let seconds = |name| Duration::from_secs(u64::try_from(value(name)).unwrap_or(EVER));
    let count = |name| usize::try_from(value(name)).unwrap_or(0);
    // 0 leaves it to the system.
    let given = |name| u32::try_from(value(name)).ok().filter(|number| *number > 0);
    let time = |name| given(name).map(|number| Duration::from_secs(number.into()));
    TcpOptions {
        max_connections: count("max_connections"),
        lifetime: seconds("connection_lifetime"),
        connect_timeout: seconds("connect_timeout"),
        send_timeout: seconds("send_timeout"),
        queue_per_connection: count("conn_wq_max"),
        queue_total: count("wq_max"),
        max_message: count("rd_buf_size").saturating_sub(1),
        keepalive: (value("keepalive") != 0).then(|| Keepalive {
            idle: time("keepidle"),
            interval: time("keepintvl"),
            count: given("keepcnt"),
        }),
        connects: value("no_connect") == 0,
        source: settings.tcp_source,
        tos: settings.tos,
        reuse_port: value("reuse_port") != 0,
        match_socket: settings.tcp_connection_match,
        defer_accept: given("defer_accept"),
        linger2: given("linger2"),
        syn_count: given("syncnt"),
        delayed_ack: value("delayed_ack") != 0,
        proxy_protocol: settings.tcp_accept_haproxy,
        wait_data: Duration::from_millis(u64::try_from(value("wait_data_ms")).unwrap_or(0)),
        alias_taken: taken(value("alias_flags")),
        peer_taken: taken(value("new_conn_alias_flags")),
        ..TcpOptions::default()
    }
}

/// What becomes of an alias that is taken, by Kamailio's number.
fn taken(flags: i64) -> Taken {
    match flags {
        0 => Taken::Kept,
        1 => Taken::Shared,
        _ => Taken::Replaced,
    }
}

/// Lets the transport follow the values. It goes when the core goes.
pub(crate) fn follow(core: &Arc<Core>, transport: &Arc<Transport>) {
    let (watched, transport) = (Arc::downgrade(core), Arc::clone(transport));
    let follow = move || {
        if let Some(core) = watched.upgrade() {
            transport.change_tcp(options(&core));
        }
    };
    core.cfg.watch("tcp", Box::new(follow));
}
