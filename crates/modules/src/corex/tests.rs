//! Core parameters as configurations give them.

use testkit::Sim;

/// Parameters as Kamailio's grammar takes them, on Debian's 5.6.3 without an error.
const PARAMS: &str = "
debug=2
memdbg=5
memlog=5
log_facility=LOG_LOCAL0
log_prefix=\"{$mt $hdr(CSeq) $ci} \"
children=4
tcp_connection_lifetime=3605
tcp_accept_no_cl=yes
tcp_rd_buf_size=16384
tcp_crlf_ping=yes
tcp_async=yes
tcp_keepalive=yes
tcp_max_connections=4096
tls_max_connections=4096
auto_aliases=no
use_dns_cache=on
dns_cache_flags=1
dns_try_ipv6=no
dns_retr_time=1
dns_retr_no=3
dns=no
rev_dns=no
sip_warning=0
check_via=no
mlock_pages=no
shm_force_alloc=no
real_time=7
rt_prio=10
rt_policy=2
mhomed=0
udp_mtu_try_proto=TCP
tos=IPTOS_LOWDELAY
max_while_loops=500
server_id=7
pv_buffer_size=8192
async_workers=4
latency_limit_action=100000
kemi.received_route_callback=\"none\"
local_rport=no
tcp_reuse_port=yes
http_reply_parse=yes
phone2tel=1
version_table=\"version\"
exit_timeout=10
";

#[test]
fn common_parameters_load() {
    let sim = Sim::new(1);
    let config = format!("{PARAMS}\nloadmodule \"pv.so\"\nrequest_route {{ exit; }}");
    if let Err(error) = sim.server("127.0.44.1:5060", &config, crate::LIBRARY) {
        panic!("{error}");
    }
}
