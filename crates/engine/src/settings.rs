//! Core parameters as values, set by the rows of [`crate::core_params`].

use bytes::Bytes;
use script::ast::ListenValue;

use crate::log::Facility;

/// Every core parameter that has an effect. Defaults are Kamailio 5.6's.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `debug`: the log level.
    pub debug: i32,
    /// `log_stderror`.
    pub log_stderror: bool,
    /// `log_facility`.
    pub log_facility: Facility,
    /// `log_name`: syslog ident.
    pub log_name: Option<String>,
    /// `log_prefix`.
    pub log_prefix: Option<String>,
    /// `log_prefix_mode`: evaluate the prefix for each line.
    pub log_prefix_anew: bool,
    /// `log_color`.
    pub log_color: bool,
    /// `corelog`: level of lines about what strangers send.
    pub corelog: i32,
    /// `latency_cfg_log`: level of lines about how long routes took.
    pub latency_cfg_log: i32,
    /// `latency_log`: level of lines about actions that took too long.
    pub latency_log: i32,
    /// `latency_limit_action`: microseconds that an action may take; 0: any time.
    pub latency_limit_action: i64,
    /// `children`: upper bound of receiving threads for each UDP socket.
    pub children: Option<i64>,
    /// `tcp_children`: upper bound of the threads that serve streams.
    pub tcp_children: Option<i64>,
    /// `listen`.
    pub listen: Vec<ListenValue>,
    /// `alias`.
    pub aliases: Vec<ListenValue>,
    /// `port`: default port of `listen` lines without one.
    pub port: u16,
    /// `disable_tcp`.
    pub disable_tcp: bool,
    /// `tcp_connection_lifetime`, seconds.
    pub tcp_connection_lifetime: u64,
    /// `tcp_max_connections`.
    pub tcp_max_connections: usize,
    /// `tcp_accept_no_cl`.
    pub tcp_accept_no_cl: bool,
    /// `tcp_conn_wq_max`.
    pub tcp_conn_wq_max: usize,
    /// `tcp_wq_max`.
    pub tcp_wq_max: usize,
    /// `tcp_keepalive` and what belongs to it.
    pub tcp_keepalive: KeepaliveSettings,
    /// `tcp_accept_aliases`.
    pub tcp_accept_aliases: bool,
    /// `tcp_rd_buf_size`: a stream message must be shorter.
    pub tcp_rd_buf_size: usize,
    /// `tcp_connect_timeout`, seconds.
    pub tcp_connect_timeout: u64,
    /// `tcp_send_timeout`, seconds.
    pub tcp_send_timeout: u64,
    /// `advertised_address`.
    pub advertised_address: Option<Bytes>,
    /// `advertised_port`.
    pub advertised_port: Option<u16>,
    /// `server_signature`: put a Server header into our replies.
    pub server_signature: bool,
    /// `server_header`: the whole line without CRLF.
    pub server_header: Bytes,
    /// `user_agent_header`: the whole line without CRLF.
    pub user_agent_header: Bytes,
    /// `max_while_loops`.
    pub max_while_loops: u32,
    /// `max_branches`: destinations in all.
    pub max_branches: usize,
    /// `mhomed`: choose the socket by the route to the peer.
    pub mhomed: bool,
    /// `force_rport` for every request.
    pub force_rport: bool,
    /// `user`, `group`, `workdir`, `chroot` of the process.
    pub process: ProcessSettings,
    /// Names that the preprocessor has defined, in order, each with its text.
    pub defines: Vec<(String, Bytes)>,
    /// `flags` declarations: name and bit.
    pub flag_names: Vec<(String, u32)>,
    /// Names of the flags of AVPs, in the order of their bits.
    pub avp_flag_names: Vec<String>,
    /// `tcp_script_mode`: connections stay open when the script fails.
    pub tcp_script_mode: bool,
    /// `msg_time`: a message's time is when it came in.
    pub msg_time: bool,
    /// `stats_name_separator`: what joins the parts of a statistic's name.
    pub stats_separator: char,
    /// `auto_aliases`: the names of our addresses are ours, too.
    pub auto_aliases: bool,
    /// `rev_dns`: a request whose Via has a name of its source address gets no `received`.
    pub rev_dns: bool,
    /// `local_rport`: rport in the Via of every request.
    pub local_rport: bool,
    /// `received_route_mode`: `event_route[core:msg-received]` is raised.
    pub received_route: bool,
    /// `tos`: type of service of what is sent.
    pub tos: Option<u8>,
    /// `maxbuffer`: size that the receive buffers of UDP sockets are raised to.
    pub receive_buffer: Option<usize>,
    /// `ip_free_bind`.
    pub free_bind: bool,
    /// `max_recursive_level`: how deep blocks may nest.
    pub max_recursive_level: u32,
    /// What the parser forgives: `sip_parser_mode`, `hdr_name_extra_chars`, `http_reply_parse`.
    pub tolerance: sip::Tolerance,
    /// `uri_host_extra_chars`.
    pub host_chars: Bytes,
    /// `ipv6_hex_style`.
    pub ipv6_style: Option<crate::net::Ipv6Style>,
    /// `auto_bind_ipv6`: interfaces stand for their addresses of IPv6, too.
    pub auto_bind_ipv6: bool,
    /// `bind_ipv6_link_local`.
    pub bind_link_local: bool,
    /// `mcast`: by the number of the `listen` line that follows, the interface that joins its group.
    pub mcast: Vec<(usize, String)>,
    /// `mcast_ttl`.
    pub mcast_ttl: Option<u8>,
    /// `udp4_raw`: whether the next two count; -1: if the system lets them.
    pub udp4_raw: i64,
    /// `udp4_raw_mtu`.
    pub udp4_raw_mtu: i64,
    /// `udp4_raw_ttl`; -1: the system's.
    pub udp4_raw_ttl: i64,
    /// `mcast_loopback`.
    pub mcast_loopback: bool,
    /// `pmtu_discovery`.
    pub path_mtu_discovery: bool,
    /// `tcp_no_connect`: connections are never opened.
    pub tcp_no_connect: bool,
    /// `tcp_source_ipv4`, `tcp_source_ipv6`: what connections leave from.
    pub tcp_source: [Option<std::net::IpAddr>; 2],
    /// `tcp_connection_match`: connections of the sending socket go before newer ones.
    pub tcp_connection_match: bool,
    /// `tcp_accept_haproxy`: connections may begin with a header of the PROXY protocol.
    pub tcp_accept_haproxy: bool,
    /// `sip_warning`: replies of ours say what they are about.
    pub sip_warning: bool,
    /// `reply_to_via`: replies of ours go to the address in the Via.
    pub reply_to_via: bool,
    /// `onsend_route_reply`: `onsend_route` runs for forwarded replies.
    pub onsend_for_replies: bool,
    /// `check_via`: replies whose top Via is not ours are dropped.
    pub check_via: bool,
    /// `udp_mtu`: bytes above which a request leaves by another transport; 0: never.
    pub udp_mtu: i64,
    /// `udp_mtu_try_proto`.
    pub udp_mtu_try_proto: i64,
    /// `xavp_via_params`: the XAVP whose values become parameters of our Via.
    pub xavp_via_params: Option<Bytes>,
    /// `phone2tel`: a sip URI with `user=phone` is read as a tel URI.
    pub phone2tel: bool,
    /// `server_id`.
    pub server_id: i64,
    /// What the parameters ask for and the server does not do, to be told to the operator.
    pub warnings: Vec<String>,
    /// Parameters that are accepted and only shown, with their text.
    pub stored: Vec<(&'static str, String)>,
}

/// Core parameters about the process.
#[derive(Clone, Debug, Default)]
pub struct ProcessSettings {
    /// `user`.
    pub user: Option<String>,
    /// `group`.
    pub group: Option<String>,
    /// `workdir`.
    pub workdir: Option<String>,
    /// `chroot`.
    pub chroot: Option<String>,
    /// `fork`.
    pub fork: Option<bool>,
    /// `disable_core_dump`.
    pub disable_core_dump: bool,
    /// `open_files_limit`.
    pub open_files: Option<u64>,
    /// `exit_timeout`, seconds; 0: none.
    pub exit_timeout: u64,
    /// `real_time`, as far as it is about more than timers.
    pub real_time: bool,
    /// `rt_policy` and `rt_prio`.
    pub schedule: (i32, i32),
    /// `-Y` or `runtime_dir`: where sockets and pipes without a directory of their own are made.
    pub runtime_dir: Option<std::path::PathBuf>,
}

impl Settings {
    /// The interface that joins the group of a `listen` line, by the line's number.
    #[must_use]
    pub fn mcast_of(&self, listen: usize) -> Option<&str> {
        let mut given = self.mcast.iter().rev();
        let (_, name) = given.find(|(line, _)| *line == listen)?;
        Some(name)
    }

    /// Where a socket or pipe goes: a name without a directory lies in the runtime directory.
    #[must_use]
    pub fn runtime_path(&self, name: &str) -> std::path::PathBuf {
        const DEFAULT: &str = "/run/kamailio";
        let dir = self.process.runtime_dir.as_deref();
        dir.unwrap_or(std::path::Path::new(DEFAULT)).join(name)
    }
}

/// Probes of idle stream connections; what is absent is left to the system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeepaliveSettings {
    /// `tcp_keepalive`.
    pub enabled: bool,
    /// `tcp_keepidle`, seconds.
    pub idle: Option<u32>,
    /// `tcp_keepintvl`, seconds.
    pub interval: Option<u32>,
    /// `tcp_keepcnt`.
    pub count: Option<u32>,
}

impl Default for KeepaliveSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            idle: None,
            interval: None,
            count: None,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self {
            debug: 0,
            log_stderror: false,
            log_facility: Facility::DAEMON,
            log_name: None,
            log_prefix: None,
            log_prefix_anew: false,
            log_color: false,
            corelog: -1,
            latency_cfg_log: 3,
            latency_log: -1,
            latency_limit_action: 0,
            children: None,
            tcp_children: None,
            listen: Vec::new(),
            aliases: Vec::new(),
            port: 5060,
            disable_tcp: false,
            tcp_connection_lifetime: 120,
            tcp_max_connections: 2048,
            tcp_accept_no_cl: false,
            tcp_conn_wq_max: 32 * 1024,
            tcp_wq_max: 10 * 1024 * 1024,
            tcp_keepalive: KeepaliveSettings::default(),
            tcp_accept_aliases: false,
            tcp_rd_buf_size: 16_384,
            tcp_connect_timeout: 10,
            tcp_send_timeout: 10,
            advertised_address: None,
            advertised_port: None,
            server_signature: true,
            server_header: format!("Server: ferrosip ({version})").into(),
            user_agent_header: format!("User-Agent: ferrosip ({version})").into(),
            max_while_loops: 100,
            max_branches: 12,
            mhomed: false,
            force_rport: false,
            process: ProcessSettings::default(),
            defines: Vec::new(),
            flag_names: Vec::new(),
            avp_flag_names: Vec::new(),
            tcp_script_mode: false,
            msg_time: true,
            stats_separator: '_',
            auto_aliases: true,
            rev_dns: false,
            local_rport: false,
            received_route: false,
            tos: Some(0x10),
            receive_buffer: Some(262_144),
            free_bind: false,
            max_recursive_level: 256,
            tolerance: sip::Tolerance::KAMAILIO,
            host_chars: Bytes::new(),
            ipv6_style: None,
            auto_bind_ipv6: false,
            bind_link_local: false,
            mcast: Vec::new(),
            mcast_ttl: None,
            udp4_raw: 0,
            udp4_raw_mtu: 1500,
            udp4_raw_ttl: -1,
            mcast_loopback: false,
            path_mtu_discovery: false,
            tcp_no_connect: false,
            tcp_source: [None; 2],
            tcp_connection_match: false,
            tcp_accept_haproxy: false,
            sip_warning: false,
            reply_to_via: false,
            onsend_for_replies: false,
            check_via: false,
            udp_mtu: 0,
            udp_mtu_try_proto: 0,
            xavp_via_params: None,
            phone2tel: true,
            server_id: 0,
            warnings: Vec::new(),
            stored: Vec::new(),
        }
    }
}
