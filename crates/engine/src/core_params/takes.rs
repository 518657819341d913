//! How the value of a core parameter may be written: to Kamailio that is part of the grammar.

use script::ast::{CoreParam as Given, ParamValue};
use script::lexer::is_reserved;

use super::shown;

/// Forms of values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Takes {
    /// A number without a sign, or `yes` and its kin.
    Number,
    /// A number, also with a sign.
    Signed,
    /// A string in quotes.
    Quoted,
    /// A string in quotes or a word.
    Text,
    /// A word.
    Word,
    /// A word, or a number without a sign.
    WordOrNumber,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An address.
    Address,
    /// What the parameter's own reader knows.
    Own,
}

const PROTOCOLS: Takes = Takes::OneOf(&["UDP", "udp", "TCP", "tcp", "TLS", "tls", "SCTP", "sctp"]);

const TLS_METHODS: Takes = Takes::OneOf(&[
    "SSLv23", "sslv23", "SSLV23", "SSLv2", "sslv2", "SSLV2", "SSLv3", "sslv3", "SSLV3", "TLSv1",
    "tlsv1", "TLSV1",
]);

const POLL_METHODS: Takes = Takes::OneOf(&[
    "none",
    "poll",
    "epoll_lt",
    "epoll_et",
    "sigio_rt",
    "select",
    "kqueue",
    "/dev/poll",
]);

fn takes(name: &str) -> Takes {
    match name {
        "debug"
        | "corelog"
        | "ip_free_bind"
        | "latency_cfg_log"
        | "latency_log"
        | "memdbg"
        | "memlog"
        | "mem_join"
        | "mem_safety"
        | "mem_status_mode"
        | "mem_summary"
        | "received_route_mode"
        | "sip_parser_log"
        | "sip_parser_log_oneline"
        | "sip_parser_mode"
        | "dns_sctp_pref"
        | "dns_tcp_pref"
        | "dns_tls_pref"
        | "dns_udp_pref"
        | "tcp_connection_lifetime"
        | "tcp_connect_timeout"
        | "tcp_script_mode"
        | "tcp_send_timeout"
        | "tcp_wait_data"
        | "udp4_raw" => Takes::Signed,
        "async_workers_group"
        | "ipv6_hex_style"
        | "log_engine_data"
        | "log_engine_type"
        | "log_name"
        | "log_prefix"
        | "server_header"
        | "stats_name_separator"
        | "uri_host_extra_chars"
        | "hdr_name_extra_chars"
        | "user_agent_header"
        | "version_table"
        | "xavp_via_params"
        | "xavp_via_fields"
        | "tls_certificate"
        | "tls_private_key"
        | "tls_ca_list" => Takes::Quoted,
        _ if name.starts_with("kemi.") => Takes::Quoted,
        "user" | "group" | "chroot" | "mcast" | "rundir" | "workdir" => Takes::Text,
        "log_facility" => Takes::Word,
        "udp_mtu_try_proto" => PROTOCOLS,
        "tls_method" => TLS_METHODS,
        "tcp_poll_method" => POLL_METHODS,
        "tcp_source_ipv4" | "tcp_source_ipv6" => Takes::Address,
        "tos" => Takes::WordOrNumber,
        "listen" | "alias" | "advertised_address" => Takes::Own,
        _ => Takes::Number,
    }
}

/// Whether a value has a form that the parameter of this name takes; `written` is its text.
pub(crate) fn check(name: &str, given: &Given, written: &[u8]) -> Result<(), String> {
    let Some(value) = given.values.first().map(|value| &value.node) else {
        return Ok(());
    };
    let (fits, wanted) = match takes(name) {
        Takes::Number => (
            matches!(value, ParamValue::Int(_)) && !written.starts_with(b"-"),
            "a number without a sign",
        ),
        Takes::Signed => (matches!(value, ParamValue::Int(_)), "a number"),
        Takes::Quoted if name == "ipv6_hex_style" => (
            is_quoted(value) && shown(value).starts_with(['a', 'A', 'c']),
            "\"a\", \"A\" or \"c\"",
        ),
        Takes::Quoted => (is_quoted(value), "a string in quotes"),
        Takes::Text if name == "rundir" && shown(value).is_empty() => (false, "a folder"),
        Takes::Text => (
            is_quoted(value) || is_word(value),
            "a string in quotes or a word",
        ),
        Takes::Word => (is_word(value), "a word without quotes"),
        Takes::WordOrNumber => (
            is_word(value) || matches!(value, ParamValue::Int(_)) && !written.starts_with(b"-"),
            "a number or a word",
        ),
        Takes::OneOf(words) => (words.contains(&shown(value).as_str()), "a known word"),
        Takes::Address => {
            let text = shown(value);
            let address = text.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            let is_of_family = address.is_ok_and(|a| a.is_ipv4() == name.ends_with("4"));
            (
                is_of_family && !is_quoted(value),
                "an address of its family",
            )
        }
        Takes::Own => (
            !written.starts_with(b"-")
                && transport_alone(written).is_none()
                && (name != "listen"
                    || written.starts_with(b"\"")
                    || !given.values.iter().any(|value| is_number(&value.node))),
            "a host",
        ),
    };
    if fits {
        return Ok(());
    }
    let mut message = format!(
        "`{}` takes {wanted}, not `{}`",
        given.name.node,
        shown(value)
    );
    if let Takes::OneOf(words) = takes(name) {
        message = format!("{message}: {}", words.join(", "));
    }
    Err(message)
}

/// A number in the place of a host.
fn is_number(host: &ParamValue) -> bool {
    let host = shown(host);
    let digits = host.strip_prefix("0x").unwrap_or(&host);
    let is_hex = |byte: u8| byte.is_ascii_hexdigit();
    digits.bytes().all(is_hex) && digits.starts_with(|first: char| first.is_ascii_digit())
}

/// The name of a transport with nothing behind it, which is no host.
fn transport_alone(written: &[u8]) -> Option<&str> {
    let word = std::str::from_utf8(written).ok()?;
    ["UDP", "udp", "TCP", "tcp", "TLS", "tls", "SCTP", "sctp"]
        .into_iter()
        .find(|transport| *transport == word)
}

fn is_quoted(value: &ParamValue) -> bool {
    matches!(value, ParamValue::Str(_))
}

/// A word that is no address or host name, and none of the language.
fn is_word(value: &ParamValue) -> bool {
    match value {
        ParamValue::Word(word) => {
            word.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !is_reserved(word)
        }
        _ => false,
    }
}
