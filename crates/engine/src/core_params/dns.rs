//! Names and destinations that failed.

use super::apply::{any_int, any_switch, switch, warn_unless};
use super::table::full;
use super::{CoreParam, noop};

const VIA_NAME: &str = "No effect on messages, as in Kamailio 5.6: it looks up the host in the Via, and adds received whatever the answer.";
const CACHE: &str =
    "No effect: answers are kept for as long as their records say; the cache has no settings.";
const RESOLVER: &str = "No effect: names are looked up with the system's resolver settings.";
const NAPTR_ORDER: &str = "No effect: NAPTR records are taken in their own order.";
const BLOCKLIST: &str = "No effect: destinations that failed are not remembered.";

pub(super) const ROWS: &[CoreParam] = &[
    noop("dns", &[], VIA_NAME, any_switch),
    full(
        "rev_dns",
        "A request whose Via has a name of its source address, by the hosts file or DNS, gets no received.",
        |s, g| {
            s.rev_dns = switch(g)?;
            Ok(())
        },
    ),
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
    full(
        "use_dns_failover",
        "A request that tm cannot deliver goes to the next address of its name.",
        any_switch,
    ),
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
