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
    Param::text(
        "callid_column",
        Some("callid"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "cflags_column",
        Some("cflags"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "close_expired_tcp",
        0,
        "1: the connection that a contact was registered by is closed when the contact expires.",
    ),
    Param::text(
        "connection_id_column",
        Some("connection_id"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "contact_column",
        Some("contact"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "cseq_column",
        Some("cseq"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "cseq_delay",
        20,
        "Seconds in which the same Call-ID and CSeq count as a retransmission.",
    ),
    Param::int(
        "db_check_update",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_clean_tcp",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_insert_null",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_insert_update",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_load",
        1,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_mode",
        0,
        "How contacts are kept in a database. Only 0, memory alone, is supported.",
    )
    .with(Status::Partial),
    Param::int(
        "db_ops_ruid",
        1,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_raw_fetch_type",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_timer_clean",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "db_update_as_insert",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "db_url",
        Some("mysql://kamailio:kamailiorw@localhost/kamailio"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "desc_time_order",
        0,
        "Whether the newest contact comes first, whatever its q.",
    ),
    Param::text(
        "domain_column",
        Some("domain"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "expires_column",
        Some("expires"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "expires_type",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "fetch_rows",
        2000,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "flags_column",
        Some("flags"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "handle_lost_tcp",
        0,
        "1: contacts end with the connection that they were registered by.",
    ),
    Param::int("hash_size", 10, "The tables have 2^n slots (n at most 16)."),
    Param::text(
        "instance_column",
        Some("instance"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "ka_domain",
        Some("kamailio.org"),
        "Domain in To of keep-alives, unless use_domain is on.",
    ),
    Param::int("ka_filter", 0, "contacts in memory are this server's own").with(Status::Noop),
    Param::text(
        "ka_from",
        Some("sip:server@kamailio.org"),
        "URI in From of keep-alives.",
    ),
    Param::int(
        "ka_loglevel",
        255,
        "Level of a line for each answer to a keep-alive; 255: none.",
    ),
    Param::text(
        "ka_logmsg",
        Some(" to-uri: [$tu] remote-addr: [$sas]"),
        "What such a line ends with.",
    ),
    Param::text("ka_method", Some("OPTIONS"), "Method of keep-alives."),
    Param::int(
        "ka_mode",
        0,
        "Keep-alives: 1 to all contacts, 2 to those with nat_bflag, +4 over UDP only.",
    ),
    Param::int(
        "ka_timeout",
        0,
        "Seconds after which a contact goes that does not answer keep-alives; 0: it stays.",
    ),
    Param::text(
        "keepalive_column",
        Some("keepalive"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int("load_rank", 1, "there are no child processes").with(Status::Noop),
    Param::int(
        "matching_mode",
        0,
        "How a registration finds its contact: 0 by URI, 1 and Call-ID, 2 and Path, 3 by Call-ID alone.",
    ),
    Param::text(
        "methods_column",
        Some("methods"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "nat_bflag",
        -1,
        "The branch flag that marks contacts behind a NAT.",
    ),
    Param::text(
        "partition_column",
        Some("partition"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "path_column",
        Some("path"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::new(
        "preload",
        DefaultValue::List,
        "A table to have from the start, though no function names it.",
    ),
    Param::text(
        "q_column",
        Some("q"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "received_column",
        Some("received"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "reg_id_column",
        Some("reg_id"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "rm_expired_delay",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "ruid_column",
        Some("ruid"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "server_id_column",
        Some("server_id"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "server_id_filter",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "skip_remote_socket",
        0,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "socket_column",
        Some("socket"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "timer_interval",
        60,
        "Seconds between two removals of what has expired.",
    ),
    Param::int(
        "timer_procs",
        0,
        "there are no timer processes; one pass costs only what is due",
    )
    .with(Status::Noop),
    Param::int(
        "use_domain",
        0,
        "Whether an address of record includes the domain.",
    ),
    Param::text(
        "user_agent_column",
        Some("user_agent"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "user_column",
        Some("username"),
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::int(
        "version_table",
        1,
        "takes effect with a database, which db_mode 0 does not use",
    )
    .with(Status::Noop),
    Param::text(
        "xavp_contact",
        None,
        "The XAVP whose values are kept with a contact and given back by lookup.",
    ),
];
