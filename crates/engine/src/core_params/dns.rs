//! Names and destinations that failed.

use super::apply::{any_int, any_switch, warn_unless};
use super::{CoreParam, noop};
use crate::module::Status;

const ALIASES: &str = "No effect: it only adds names to the list of aliases.";
const CACHE: &str =
    "No effect: answers are kept for as long as their records say; the cache has no settings.";
const RESOLVER: &str = "No effect: names are looked up with the system's resolver settings.";
const NAPTR_ORDER: &str = "No effect: NAPTR records are taken in their own order.";
const BLOCKLIST: &str = "No effect: destinations that failed are not remembered.";

pub(super) const ROWS: &[CoreParam] = &[
    noop("dns", &[], ALIASES, any_switch),
    noop("rev_dns", &[], ALIASES, any_switch),
    noop(
        "dns_cache_del_nonexp",
        &["dns_cache_delete_nonexpired"],
        CACHE,
        any_switch,
    ),
    noop("dns_cache_init", &[], CACHE, any_switch),
    noop("use_dns_cache", &[], CACHE, any_switch),
    noop("dns_cache_rec_pref", &[], CACHE, any_int),
    noop("dns_cache_flags", &[], CACHE, any_int),
    noop("dns_cache_gc_interval", &[], CACHE, any_int),
    noop("dns_cache_max_ttl", &[], CACHE, any_int),
    noop("dns_cache_mem", &[], CACHE, any_int),
    noop("dns_cache_min_ttl", &[], CACHE, any_int),
    noop("dns_cache_negative_ttl", &[], CACHE, any_int),
    noop("dns_retr_no", &[], RESOLVER, any_int),
    noop("dns_retr_time", &[], RESOLVER, any_int),
    noop("dns_servers_no", &[], RESOLVER, any_int),
    noop("dns_slow_query_ms", &[], RESOLVER, any_int),
    noop("dns_search_full_match", &[], RESOLVER, any_switch),
    noop("dns_use_search_list", &[], RESOLVER, any_switch),
    noop("dns_naptr_ignore_rfc", &[], RESOLVER, any_switch),
    noop("dns_try_ipv6", &[], RESOLVER, any_switch),
    noop(
        "dns_sctp_pref",
        &["dns_sctp_preference"],
        NAPTR_ORDER,
        any_int,
    ),
    noop(
        "dns_tcp_pref",
        &["dns_tcp_preference"],
        NAPTR_ORDER,
        any_int,
    ),
    noop(
        "dns_tls_pref",
        &["dns_tls_preference"],
        NAPTR_ORDER,
        any_int,
    ),
    noop(
        "dns_udp_pref",
        &["dns_udp_preference"],
        NAPTR_ORDER,
        any_int,
    ),
    noop(
        "dns_try_naptr",
        &[],
        "No effect: NAPTR records are not asked for by this setting.",
        |s, g| warn_unless(s, g, 0),
    ),
    noop(
        "dns_srv_lb",
        &["dns_srv_loadbalancing"],
        "No effect: the weights of SRV records are not used to spread load by this setting.",
        |s, g| warn_unless(s, g, 0),
    ),
    CoreParam {
        name: "use_dns_failover",
        aliases: &[],
        doc: "A request that tm cannot deliver goes to the next address of its name.",
        status: Status::Full,
        apply: any_switch,
    },
    noop(
        "dst_blocklist_expire",
        &["dst_blocklist_ttl"],
        BLOCKLIST,
        any_int,
    ),
    noop("dst_blocklist_gc_interval", &[], BLOCKLIST, any_int),
    noop("dst_blocklist_mem", &[], BLOCKLIST, any_int),
    noop("dst_blocklist_udp_imask", &[], BLOCKLIST, any_int),
    noop("dst_blocklist_tcp_imask", &[], BLOCKLIST, any_int),
    noop("dst_blocklist_tls_imask", &[], BLOCKLIST, any_int),
    noop("dst_blocklist_sctp_imask", &[], BLOCKLIST, any_int),
    noop("dst_blocklist_init", &[], BLOCKLIST, any_switch),
    noop("use_dst_blocklist", &[], BLOCKLIST, |s, g| {
        warn_unless(s, g, 0)
    }),
];
