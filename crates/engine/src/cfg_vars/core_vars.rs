//! The core's own run-time values.

use super::core_table::{ROWS, Row, Start, View};
use super::{CfgInt, CfgValue, CfgVars};
use crate::log::Facility;
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
    pub(crate) accept_aliases: CfgInt,
    pub(crate) use_dns_failover: CfgInt,
}

impl CoreCfg {
    /// Declares them with what the configuration gives, and those that are only shown.
    pub(crate) fn declare(cfg: &CfgVars, settings: &Settings) -> Self {
        for row in ROWS {
            declare(cfg, settings, row);
            if row.name == "debug" {
                declare_facility(cfg, settings);
            }
        }
        // A second declaration gives the value that exists.
        let core = |name| cfg.int("core", name, 0, None, "");
        Self {
            debug: core("debug"),
            max_while_loops: core("max_while_loops"),
            force_rport: core("force_rport"),
            corelog: core("corelog"),
            latency_cfg_log: core("latency_cfg_log"),
            latency_log: core("latency_log"),
            latency_limit_action: core("latency_limit_action"),
            udp_mtu: core("udp_mtu"),
            udp_mtu_try_proto: core("udp_mtu_try_proto"),
            accept_aliases: cfg.int("tcp", "accept_aliases", 0, None, ""),
            use_dns_failover: core("use_dns_failover"),
        }
    }
}

/// The facility that a value of `core.log_facility` names.
#[must_use]
pub fn facility(name: &[u8]) -> Option<Facility> {
    Facility::from_name(std::str::from_utf8(name).ok()?)
}

/// The one text among the numbers; it stands behind `debug`.
fn declare_facility(cfg: &CfgVars, settings: &Settings) {
    let name = settings.log_facility.name().into();
    cfg.text("core", "log_facility", name, "syslog facility of log lines");
    cfg.restrict("core", "log_facility", View::Hidden);
    cfg.limit("core", "log_facility", |value| match value {
        CfgValue::Text(name) => facility(name).is_some(),
        CfgValue::Int(_) => false,
    });
}

fn declare(cfg: &CfgVars, settings: &Settings, row: &Row) {
    let value = match row.start {
        Start::From(read) => read(settings),
        Start::At(default) => stored(settings, row).unwrap_or(default),
    };
    cfg.int(row.group, row.name, value, row.range, row.help);
    cfg.restrict(row.group, row.name, row.view);
}

/// What the parameter of this name was given, if it is one that is only kept.
fn stored(settings: &Settings, row: &Row) -> Option<i64> {
    let is_own = |param: &str| match row.group {
        "tcp" => param
            .strip_prefix("tcp_")
            .is_some_and(|p| row.name.strip_suffix("_ms").unwrap_or(row.name) == p),
        _ => param == row.name,
    };
    let mut given = settings.stored.iter().rev();
    given.find(|(param, _)| is_own(param))?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfg_vars::CfgError;

    #[test]
    fn values_begin_as_the_configuration_says() {
        let settings = Settings {
            tcp_connect_timeout: 7,
            stored: vec![
                ("tcp_wait_data", "30".to_owned()),
                ("memdbg", "5".to_owned()),
            ],
            ..Settings::default()
        };
        let cfg = CfgVars::default();
        CoreCfg::declare(&cfg, &settings);
        let value = |group, name| cfg.value(group, name);
        assert_eq!(value("tcp", "wait_data_ms"), Some(CfgValue::Int(30)));
        assert_eq!(value("tcp", "connect_timeout"), Some(CfgValue::Int(7)));
        assert_eq!(value("core", "memdbg"), Some(CfgValue::Int(5)));
        assert_eq!(value("core", "memlog"), Some(CfgValue::Int(4)));
        assert!(cfg.find("tcp", "connect_timeout").unwrap().is_hidden());
        let set = |name, number| cfg.set("tcp", name, &CfgValue::Int(number));
        assert_eq!(set("async", 0), Err(CfgError::ReadOnly));
        assert_eq!(set("linger2", 3601), Err(CfgError::Range));
        assert_eq!(set("linger2", 3600), Ok(()));
    }
}
