//! Methods whose answer is a list in JSON, however many values it has.

/// Their names, sorted. binrpc makes no difference between one value and a list of one; JSON does,
/// and its clients rely on it.
static METHODS: &[&str] = &[
    "cfg.list",
    "cnt.grps_list",
    "cnt.list_groups",
    "cnt.list_vars",
    "cnt.var_list",
    "core.arg",
    "core.echo",
    "core.modules",
    "core.ppdefines",
    "core.ppdefines_full",
    "core.printi",
    "core.prints",
    "core.ps",
    "core.psa",
    "core.psx",
    "core.pwd",
    "core.tcp_list",
    "corex.list_aliases",
    "corex.list_sockets",
    "dlg.briefing",
    "dlg.list",
    "dlg.list_ctx",
    "dlg.list_match",
    "dlg.list_match_ctx",
    "dlg.profile_list",
    "dns.view",
    "htable.dump",
    "htable.listTables",
    "htable.stats",
    "jsonrpc.echo",
    "mod.mem_stats",
    "mod.mem_statsx",
    "mod.stats",
    "mqueue.get_sizes",
    "pkg.stats",
    "pl.list",
    "pl.stats",
    "rtpengine.show",
    "stats.get_statistics",
    "system.listMethods",
    "tls.list",
    "tm.hash_stats",
    "tm.list",
    "tm.t_uac_attrs",
    "tm.t_uac_wait",
    "uac.reg_dump",
];

/// Whether a method answers a list.
pub(super) fn is_list(method: &str) -> bool {
    METHODS.binary_search(&method).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(METHODS.is_sorted());
        assert!(is_list("core.ps") && !is_list("core.uptime"));
    }
}
