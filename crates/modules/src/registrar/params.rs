//! The parameters of registrar.

use engine::module::{Param, Status};

/// The rows.
pub(super) static TABLE: &[Param] = &[
    Param::int(
        "append_branches",
        1,
        "Whether lookup makes branches of the contacts after the first.",
    ),
    Param::int(
        "case_sensitive",
        0,
        "Whether the case of an address of record counts.",
    ),
    Param::int(
        "contact_max_size",
        512,
        "Longest Contact URI that is taken.",
    ),
    Param::int(
        "default_expires",
        3600,
        "Seconds that a contact lives when the request does not say.",
    ),
    Param::int(
        "default_expires_range",
        0,
        "Percentage by which default_expires is shortened by chance.",
    ),
    Param::int(
        "default_q",
        -1,
        "q in thousandths of contacts that give none; -1: none.",
    ),
    Param::text(
        "event_callback",
        None,
        "there are no embedded languages that it could call",
    )
    .with(Status::Noop),
    Param::int(
        "expires_range",
        0,
        "Percentage by which a lifetime asked for is shortened by chance.",
    ),
    Param::int(
        "flow_timer",
        0,
        "Flow-Timer in replies (RFC 5626); 0: none.",
    ),
    Param::int(
        "gruu_enabled",
        1,
        "Whether GRUUs are made and understood (RFC 5627); +sip.instance is stored in any case.",
    ),
    Param::int(
        "lookup_filter_mode",
        0,
        "1: lookup takes only contacts with a branch flag of $xavp(cfg=>rlf_bflags); 2: none whose connection is closed; 3: both.",
    ),
    Param::int(
        "max_contacts",
        0,
        "Most contacts of an address of record; 0: no limit.",
    ),
    Param::int(
        "max_expires",
        0,
        "Longest lifetime; longer ones are cut; 0: no limit.",
    ),
    Param::int(
        "method_filtering",
        0,
        "Whether lookup takes only contacts that allow the method, for requests outside dialogs.",
    ),
    Param::int("min_expires", 60, "Shortest lifetime; 0: no limit."),
    Param::int(
        "min_expires_mode",
        0,
        "What happens to shorter ones: 0 lengthened, 1 refused with 423.",
    ),
    Param::int(
        "outbound_mode",
        0,
        "RFC 5626: 0 not supported, 1 supported, 2 demanded.",
    ),
    Param::int(
        "path_check_local",
        0,
        "Whether lookup skips the first hop of a path when it is this server.",
    ),
    Param::int(
        "path_mode",
        2,
        "Path in replies: 0 never, 1 to clients that know it, 2 also refused from others with 420.",
    ),
    Param::int(
        "path_use_received",
        0,
        "Whether the received parameter of a path's first URI is the contact's source.",
    ),
    Param::text(
        "realm_prefix",
        None,
        "Taken off the front of the domain of an address of record.",
    ),
    Param::text(
        "received_avp",
        None,
        "The AVP that holds the source URI of a contact behind a NAT.",
    ),
    Param::text(
        "received_param",
        Some("received"),
        "The parameter that shows it in replies; empty: none.",
    ),
    Param::int(
        "regid_mode",
        0,
        "reg-id is stored with +sip.instance in either mode, as Kamailio 5.6 was seen to do",
    )
    .with(Status::Noop),
    Param::int(
        "retry_after",
        0,
        "Seconds in Retry-After of 5xx replies; 0: none.",
    ),
    Param::int(
        "sock_flag",
        -1,
        "The message flag with which sock_hdr_name counts.",
    ),
    Param::text(
        "sock_hdr_name",
        None,
        "The header that names the socket of a contact.",
    ),
    Param::int(
        "sock_mode",
        0,
        "sockets are stored by their identity, whatever address they advertise",
    )
    .with(Status::Noop),
    Param::int(
        "use_expired_contacts",
        0,
        "Whether lookup takes expired contacts too.",
    ),
    Param::int("use_path", 0, "Whether Path headers count (RFC 3327)."),
    Param::text(
        "xavp_cfg",
        None,
        "The XAVP by which scripts steer save, lookup and registered.",
    ),
    Param::text(
        "xavp_rcd",
        None,
        "The XAVP that tells scripts of a contact.",
    ),
    Param::int(
        "xavp_rcd_mask",
        0,
        "What xavp_rcd leaves out: 1 ruid, 2 contact, 4 expires, 8 received, 16 path.",
    ),
];
