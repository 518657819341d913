//! The module's parameters.

use engine::module::{DefaultValue, Param, Status};

const fn int(name: &'static str, value: i64, doc: &'static str) -> Param {
    Param {
        name,
        default: DefaultValue::Int(value),
        doc,
        status: Status::Full,
    }
}

const fn text(name: &'static str, value: Option<&'static str>, doc: &'static str) -> Param {
    Param {
        name,
        default: DefaultValue::Text(value),
        doc,
        status: Status::Full,
    }
}

const fn without_effect(name: &'static str, default: DefaultValue, doc: &'static str) -> Param {
    Param {
        name,
        default,
        doc,
        status: Status::Noop,
    }
}

/// Every parameter.
pub(super) static TABLE: &[Param] = &[
    int(
        "fr_timer",
        30_000,
        "No final reply, or no ACK: timeout, ms.",
    ),
    int(
        "fr_inv_timer",
        120_000,
        "No final reply to an INVITE after a provisional one: timeout, ms.",
    ),
    int(
        "max_inv_lifetime",
        180_000,
        "Longest active life of an INVITE transaction, ms.",
    ),
    int(
        "max_noninv_lifetime",
        32_000,
        "Longest active life of other transactions, ms.",
    ),
    int(
        "wt_timer",
        5_000,
        "How long a finished transaction absorbs delayed messages, ms.",
    ),
    int("retr_timer1", 500, "First retransmission interval, ms."),
    int("retr_timer2", 4_000, "Largest retransmission interval, ms."),
    int("auto_inv_100", 1, "Send 100 on INVITE."),
    text(
        "auto_inv_100_reason",
        Some("trying -- your call is important to us"),
        "Reason phrase of that 100.",
    ),
    int(
        "ruri_matching",
        1,
        "Compare request URIs where RFC 2543 matching is needed.",
    ),
    int(
        "via1_matching",
        1,
        "Compare topmost Vias where RFC 2543 matching is needed.",
    ),
    int(
        "callid_matching",
        0,
        "Compare Call-IDs besides the Via branch.",
    ),
    int(
        "callid_cseq_matching",
        0,
        "Match by Call-ID and CSeq alone.",
    ),
    int(
        "unmatched_cancel",
        0,
        "CANCEL without INVITE: 0 relayed statefully, 1 statelessly, 2 dropped.",
    ),
    int(
        "cancel_b_method",
        1,
        "Cancel a branch without any reply: 0 give it up, 1 wait for a provisional reply, 2 send CANCEL at once.",
    ),
    int(
        "restart_fr_on_each_reply",
        1,
        "Each provisional reply starts fr_inv_timer anew.",
    ),
    int("disable_6xx_block", 0, "A 6xx does not end a fork."),
    int("relay_100", 0, "Forward 100 replies."),
    int(
        "aggregate_challenges",
        1,
        "Join the challenges of all branches in a 401 or 407.",
    ),
    int(
        "failure_reply_mode",
        3,
        "Which replies of earlier rounds of serial forking count.",
    ),
    int(
        "faked_reply_prio",
        0,
        "Penalty of replies made here in the choice of the winner.",
    ),
    without_effect(
        "failure_exec_mode",
        DefaultValue::Int(0),
        "The failure route runs only after a branch was sent.",
    ),
    int("remap_503_500", 1, "Forward a 503 as 500."),
    int(
        "local_cancel_reason",
        1,
        "Reason header in CANCELs caused by a final reply.",
    ),
    int(
        "e2e_cancel_reason",
        1,
        "Copy the Reason headers of a received CANCEL.",
    ),
    without_effect(
        "default_code",
        DefaultValue::Int(500),
        "Every reply of ours has a status of its own.",
    ),
    without_effect(
        "default_reason",
        DefaultValue::Text(Some("Server Internal Error")),
        "Every reply of ours has a reason of its own.",
    ),
    text(
        "ac_extra_hdrs",
        None,
        "Name prefixes of further headers to copy into ACK and CANCEL.",
    ),
    without_effect(
        "noisy_ctimer",
        DefaultValue::Int(1),
        "Kamailio reads it, too, without using it: a timeout is always answered.",
    ),
    without_effect(
        "reparse_invite",
        DefaultValue::Int(1),
        "CANCEL and ACK are always made from the request as sent.",
    ),
    without_effect(
        "reparse_on_dns_failover",
        DefaultValue::Int(1),
        "There is no DNS failover yet.",
    ),
    without_effect(
        "pass_provisional_replies",
        DefaultValue::Int(0),
        "For embedded languages' callbacks, which there are none of.",
    ),
    without_effect(
        "blst_503",
        DefaultValue::Int(0),
        "There is no destination blocklist yet.",
    ),
    without_effect(
        "blst_503_def_timeout",
        DefaultValue::Int(0),
        "There is no destination blocklist yet.",
    ),
    without_effect(
        "blst_503_min_timeout",
        DefaultValue::Int(0),
        "There is no destination blocklist yet.",
    ),
    without_effect(
        "blst_503_max_timeout",
        DefaultValue::Int(3600),
        "There is no destination blocklist yet.",
    ),
    without_effect(
        "blst_methods_add",
        DefaultValue::Int(1),
        "There is no destination blocklist yet.",
    ),
    without_effect(
        "blst_methods_lookup",
        DefaultValue::Int(4_294_967_287),
        "There is no destination blocklist yet.",
    ),
    without_effect(
        "unix_tx_timeout",
        DefaultValue::Int(500),
        "For t_write_unix, which does not exist yet.",
    ),
    int(
        "local_ack_mode",
        0,
        "The ACK of an INVITE of ours goes: 0 by the dialog's route, 1 where the INVITE went, 2 where the 2xx came from.",
    ),
    text(
        "contacts_avp",
        None,
        "XAVP in which t_load_contacts puts the destinations aside.",
    ),
    text(
        "contact_flows_avp",
        None,
        "XAVP in which t_next_contacts puts further flows of an instance aside.",
    ),
    text(
        "fr_timer_avp",
        None,
        "AVP with the fr_timer of a transaction, seconds.",
    ),
    text(
        "fr_inv_timer_avp",
        None,
        "AVP with the fr_inv_timer of a transaction, seconds.",
    ),
    text(
        "on_sl_reply",
        None,
        "Reply route for replies that belong to no transaction.",
    ),
    without_effect(
        "xavp_contact",
        DefaultValue::Text(None),
        "Attributes of a contact do not go into the branches.",
    ),
    without_effect(
        "event_callback",
        DefaultValue::Text(None),
        "For embedded languages, which there are none of.",
    ),
    without_effect(
        "event_callback_lres_sent",
        DefaultValue::Text(None),
        "For embedded languages, which there are none of.",
    ),
    without_effect(
        "dns_reuse_rcv_socket",
        DefaultValue::Int(0),
        "There is no DNS failover yet.",
    ),
    without_effect(
        "reply_relay_mode",
        DefaultValue::Int(1),
        "Reply routes are never suspended.",
    ),
    without_effect(
        "exec_time_check",
        DefaultValue::Int(5000),
        "No process waits for a lock of a transaction.",
    ),
    Param {
        name: "enable_uac_fr",
        default: DefaultValue::Int(0),
        doc: "event_route[uac:reply] of module uac runs for failures that it asks for; there are no failure routes of requests made here.",
        status: Status::Partial,
    },
    int(
        "rich_redirect",
        0,
        "What the Contacts of a 3xx say besides: 1 branch flags, 2 the path.",
    ),
];
