//! The core's own run-time values.

use super::{CfgInt, CfgVars};
use crate::settings::Settings;

/// Values that the core reads at each use.
pub(crate) struct CoreCfg {
    pub(crate) debug: CfgInt,
    pub(crate) max_while_loops: CfgInt,
    pub(crate) force_rport: CfgInt,
    pub(crate) corelog: CfgInt,
    pub(crate) latency_cfg_log: CfgInt,
    pub(crate) latency_log: CfgInt,
    pub(crate) latency_limit_action: CfgInt,
    pub(crate) udp_mtu: CfgInt,
    pub(crate) udp_mtu_try_proto: CfgInt,
}

impl CoreCfg {
    /// Declares them, and those that are fixed at start and only shown.
    pub(crate) fn declare(cfg: &CfgVars, settings: &Settings) -> Self {
        let seconds = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let shown = [
            (
                "connect_timeout",
                seconds(settings.tcp_connect_timeout),
                "used only in non-async mode, in seconds",
            ),
            (
                "send_timeout",
                seconds(settings.tcp_send_timeout),
                "in seconds",
            ),
            (
                "connection_lifetime",
                seconds(settings.tcp_connection_lifetime),
                "connection lifetime (in seconds)",
            ),
            (
                "max_connections",
                settings.tcp_max_connections as i64,
                "maximum connection number, soft limit",
            ),
        ];
        for (name, value, help) in shown {
            cfg.int("tcp", name, value, None, help);
            cfg.freeze("tcp", name);
        }
        let level = |name, value: i32, help| cfg.int("core", name, i64::from(value), None, help);
        let loops = i64::from(settings.max_while_loops);
        Self {
            debug: cfg.int(
                "core",
                "debug",
                i64::from(settings.debug),
                None,
                "debug level",
            ),
            max_while_loops: cfg.int(
                "core",
                "max_while_loops",
                loops,
                Some((0, i64::from(u32::MAX))),
                "maximum iterations allowed for while loops",
            ),
            force_rport: cfg.int(
                "core",
                "force_rport",
                i64::from(settings.force_rport),
                Some((0, 1)),
                "force rport for all the received messages",
            ),
            corelog: level(
                "corelog",
                settings.corelog,
                "log level for non-critical core error messages",
            ),
            latency_cfg_log: level(
                "latency_cfg_log",
                settings.latency_cfg_log,
                "log level for printing latency of routing blocks",
            ),
            latency_log: level(
                "latency_log",
                settings.latency_log,
                "log level for latency limits alert messages",
            ),
            latency_limit_action: cfg.int(
                "core",
                "latency_limit_action",
                settings.latency_limit_action,
                None,
                "limit in microseconds for alerting on time consuming actions",
            ),
            udp_mtu: cfg.int(
                "core",
                "udp_mtu",
                settings.udp_mtu,
                Some((0, 65_535)),
                "fallback to a congestion controlled protocol if send size exceeds udp_mtu",
            ),
            udp_mtu_try_proto: cfg.int(
                "core",
                "udp_mtu_try_proto",
                settings.udp_mtu_try_proto,
                Some((1, 4)),
                "if send size > udp_mtu use proto (1 udp, 2 tcp, 3 tls, 4 sctp)",
            ),
        }
    }
}
