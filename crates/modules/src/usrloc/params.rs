//! The parameters of usrloc, and what they make.

use engine::core::Setup;
use engine::module::{DefaultValue, InitError, Param, Status};

use super::api::Options;
use super::matching::MatchingMode;
use super::order::Order;

/// The largest `hash_size`: 65,536 slots.
const MAX_HASH_SIZE: i64 = 16;

/// Reads the parameters.
///
/// # Errors
/// A value that makes no sense, or a database mode.
pub(super) fn read(setup: &Setup<'_>) -> Result<Options, InitError> {
    let params = setup.params;
    let mode = params.int("db_mode");
    if mode != 0 {
        return Err(InitError::of_param(
            "db_mode",
            format!("db_mode {mode} is not supported yet: contacts are kept in memory only (0)"),
        ));
    }
    let matching = params.int("matching_mode");
    let matching_mode = MatchingMode::from_number(matching).ok_or_else(|| {
        InitError::of_param("matching_mode", format!("there is no mode {matching}"))
    })?;
    let flag = params.int("nat_bflag");
    let nat_flag = match flag {
        -1 => 0,
        0..=31 => 1u32 << flag,
        _ => {
            let message = format!("{flag} is no flag: they are 0 to 31");
            return Err(InitError::of_param("nat_bflag", message));
        }
    };
    let hash_size = params.int("hash_size").clamp(1, MAX_HASH_SIZE);
    let order = match params.int("desc_time_order") {
        0 => Order::ByPreference,
        _ => Order::NewestFirst,
    };
    Ok(Options {
        use_domain: params.int("use_domain") != 0,
        nat_flag,
        matching_mode,
        cseq_delay: seconds(params.int("cseq_delay")),
        order,
        hash_size: seconds(hash_size),
        timer_interval: seconds(params.int("timer_interval")).max(1),
        handle_lost_tcp: params.int("handle_lost_tcp") != 0,
        close_expired_tcp: params.int("close_expired_tcp") != 0,
        xavp_contact: params.text("xavp_contact").filter(|t| !t.is_empty()),
    })
}

fn seconds(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

/// The rows.
pub(super) static TABLE: &[Param] = &[
    Param {
        name: "callid_column",
        default: DefaultValue::Text(Some("callid")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "cflags_column",
        default: DefaultValue::Text(Some("cflags")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "close_expired_tcp",
        default: DefaultValue::Int(0),
        doc: "1: the connection that a contact was registered by is closed when the contact expires.",
        status: Status::Full,
    },
    Param {
        name: "connection_id_column",
        default: DefaultValue::Text(Some("connection_id")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "contact_column",
        default: DefaultValue::Text(Some("contact")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "cseq_column",
        default: DefaultValue::Text(Some("cseq")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "cseq_delay",
        default: DefaultValue::Int(20),
        doc: "Seconds in which the same Call-ID and CSeq count as a retransmission.",
        status: Status::Full,
    },
    Param {
        name: "db_check_update",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_clean_tcp",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_insert_null",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_insert_update",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_load",
        default: DefaultValue::Int(1),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_mode",
        default: DefaultValue::Int(0),
        doc: "How contacts are kept in a database. Only 0, memory alone, is supported.",
        status: Status::Partial,
    },
    Param {
        name: "db_ops_ruid",
        default: DefaultValue::Int(1),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_raw_fetch_type",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_timer_clean",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_update_as_insert",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "db_url",
        default: DefaultValue::Text(Some("mysql://kamailio:kamailiorw@localhost/kamailio")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "desc_time_order",
        default: DefaultValue::Int(0),
        doc: "Whether the newest contact comes first, whatever its q.",
        status: Status::Full,
    },
    Param {
        name: "domain_column",
        default: DefaultValue::Text(Some("domain")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "expires_column",
        default: DefaultValue::Text(Some("expires")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "expires_type",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "fetch_rows",
        default: DefaultValue::Int(2000),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "flags_column",
        default: DefaultValue::Text(Some("flags")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "handle_lost_tcp",
        default: DefaultValue::Int(0),
        doc: "1: contacts end with the connection that they were registered by.",
        status: Status::Full,
    },
    Param {
        name: "hash_size",
        default: DefaultValue::Int(10),
        doc: "The tables have 2^n slots (n at most 16).",
        status: Status::Full,
    },
    Param {
        name: "instance_column",
        default: DefaultValue::Text(Some("instance")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "ka_domain",
        default: DefaultValue::Text(Some("kamailio.org")),
        doc: "Domain in To of keep-alives, unless use_domain is on.",
        status: Status::Full,
    },
    Param {
        name: "ka_filter",
        default: DefaultValue::Int(0),
        doc: "contacts in memory are this server's own",
        status: Status::Noop,
    },
    Param {
        name: "ka_from",
        default: DefaultValue::Text(Some("sip:server@kamailio.org")),
        doc: "URI in From of keep-alives.",
        status: Status::Full,
    },
    Param {
        name: "ka_loglevel",
        default: DefaultValue::Int(255),
        doc: "Level of a line for each answer to a keep-alive; 255: none.",
        status: Status::Full,
    },
    Param {
        name: "ka_logmsg",
        default: DefaultValue::Text(Some(" to-uri: [$tu] remote-addr: [$sas]")),
        doc: "What such a line ends with.",
        status: Status::Full,
    },
    Param {
        name: "ka_method",
        default: DefaultValue::Text(Some("OPTIONS")),
        doc: "Method of keep-alives.",
        status: Status::Full,
    },
    Param {
        name: "ka_mode",
        default: DefaultValue::Int(0),
        doc: "Keep-alives: 1 to all contacts, 2 to those with nat_bflag, +4 over UDP only.",
        status: Status::Full,
    },
    Param {
        name: "ka_timeout",
        default: DefaultValue::Int(0),
        doc: "Seconds after which a contact goes that does not answer keep-alives; 0: it stays.",
        status: Status::Full,
    },
    Param {
        name: "keepalive_column",
        default: DefaultValue::Text(Some("keepalive")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "load_rank",
        default: DefaultValue::Int(1),
        doc: "there are no child processes",
        status: Status::Noop,
    },
    Param {
        name: "matching_mode",
        default: DefaultValue::Int(0),
        doc: "How a registration finds its contact: 0 by URI, 1 and Call-ID, 2 and Path, 3 by Call-ID alone.",
        status: Status::Full,
    },
    Param {
        name: "methods_column",
        default: DefaultValue::Text(Some("methods")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "nat_bflag",
        default: DefaultValue::Int(-1),
        doc: "The branch flag that marks contacts behind a NAT.",
        status: Status::Full,
    },
    Param {
        name: "partition_column",
        default: DefaultValue::Text(Some("partition")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "path_column",
        default: DefaultValue::Text(Some("path")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "preload",
        default: DefaultValue::List,
        doc: "A table to have from the start, though no function names it.",
        status: Status::Full,
    },
    Param {
        name: "q_column",
        default: DefaultValue::Text(Some("q")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "received_column",
        default: DefaultValue::Text(Some("received")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "reg_id_column",
        default: DefaultValue::Text(Some("reg_id")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "rm_expired_delay",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "ruid_column",
        default: DefaultValue::Text(Some("ruid")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "server_id_column",
        default: DefaultValue::Text(Some("server_id")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "server_id_filter",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "skip_remote_socket",
        default: DefaultValue::Int(0),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "socket_column",
        default: DefaultValue::Text(Some("socket")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "timer_interval",
        default: DefaultValue::Int(60),
        doc: "Seconds between two removals of what has expired.",
        status: Status::Full,
    },
    Param {
        name: "timer_procs",
        default: DefaultValue::Int(0),
        doc: "there are no timer processes; one pass costs only what is due",
        status: Status::Noop,
    },
    Param {
        name: "use_domain",
        default: DefaultValue::Int(0),
        doc: "Whether an address of record includes the domain.",
        status: Status::Full,
    },
    Param {
        name: "user_agent_column",
        default: DefaultValue::Text(Some("user_agent")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "user_column",
        default: DefaultValue::Text(Some("username")),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "version_table",
        default: DefaultValue::Int(1),
        doc: "takes effect with a database, which db_mode 0 does not use",
        status: Status::Noop,
    },
    Param {
        name: "xavp_contact",
        default: DefaultValue::Text(None),
        doc: "The XAVP whose values are kept with a contact and given back by lookup.",
        status: Status::Full,
    },
];
