//! The script functions: thin, each reads its arguments and calls what does the work.

pub(crate) mod contacts;
pub(crate) mod inspect;
pub(crate) mod relay;
pub(crate) mod replicate;
pub(crate) mod routes;
pub(crate) mod timing;
pub(crate) mod transaction;
pub(crate) mod written;

use engine::module::{Arg, ArgKind, Function, Routes, Status, TRUE};
use script::ast::BlockKind;

/// Where most functions on a transaction may be called.
const INSIDE: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::BRANCH)
    .and(Routes::TM_ONREPLY);
const REQUEST_FAILURE: Routes = Routes::REQUEST.and(Routes::FAILURE);
const REPLYING: Routes = REQUEST_FAILURE.and(Routes::ONREPLY);

const fn route(kind: BlockKind) -> Arg {
    Arg::new("route", ArgKind::Route(kind))
}

const HOST_PORT: &[Arg] = &[Arg::text("host"), Arg::int("port")];
const PROTO_PLACE: &[Arg] = &[Arg::text("proto"), Arg::text("hostport")];
const CODE_REASON: &[Arg] = &[Arg::int("code"), Arg::new("reason", ArgKind::Word)];
const TOLD: &[Arg] = &[
    Arg::literal("place"),
    Arg::parsed("info", written::parse_info),
];
const ON_OFF: &[Arg] = &[Arg::int("value")];

/// Every function of the module.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "t_newtran",
        &[],
        0,
        Routes::REQUEST,
        transaction::newtran,
        "Makes the request's transaction; ends the script for a retransmission.",
    ),
    Function::new(
        "t_relay",
        &[],
        0,
        REQUEST_FAILURE,
        relay::relay,
        "Relays the request statefully to its destinations.",
    )
    .constant(),
    Function::new(
        "t_relay",
        HOST_PORT,
        2,
        REQUEST_FAILURE,
        relay::relay,
        "As without arguments, to this host and port.",
    )
    .constant(),
    Function::new(
        "t_relay_to",
        &[Arg::text("proxy"), Arg::int("flags")],
        0,
        REQUEST_FAILURE,
        relay::relay_to,
        "Relays to an outbound proxy; flags: 1 no 100, 2 no error reply, 4 no DNS failover.",
    )
    .constant(),
    Function::new(
        "t_relay_to_udp",
        &[],
        0,
        REQUEST_FAILURE,
        relay::relay_udp,
        "Relays over UDP.",
    )
    .constant(),
    Function::new(
        "t_relay_to_udp",
        HOST_PORT,
        2,
        REQUEST_FAILURE,
        relay::relay_udp,
        "As without arguments, to this host and port.",
    )
    .constant(),
    Function::new(
        "t_relay_to_tcp",
        &[],
        0,
        REQUEST_FAILURE,
        relay::relay_tcp,
        "Relays over TCP.",
    )
    .constant(),
    Function::new(
        "t_relay_to_tcp",
        HOST_PORT,
        2,
        REQUEST_FAILURE,
        relay::relay_tcp,
        "As without arguments, to this host and port.",
    )
    .constant(),
    Function::new(
        "t_relay_to_tls",
        &[],
        0,
        REQUEST_FAILURE,
        relay::relay_tls,
        "Relays over TLS.",
    )
    .constant(),
    Function::new(
        "t_relay_to_tls",
        HOST_PORT,
        2,
        REQUEST_FAILURE,
        relay::relay_tls,
        "As without arguments, to this host and port.",
    )
    .constant(),
    Function::new(
        "t_relay_to_sctp",
        &[],
        0,
        REQUEST_FAILURE,
        relay::relay_sctp,
        "Relays over SCTP.",
    )
    .constant(),
    Function::new(
        "t_relay_to_sctp",
        HOST_PORT,
        2,
        REQUEST_FAILURE,
        relay::relay_sctp,
        "As without arguments, to this host and port.",
    )
    .constant(),
    Function::new(
        "t_forward_nonack",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::forward_nonack,
        "Relays within a transaction that the script made.",
    )
    .constant(),
    Function::new(
        "t_forward_nonack_uri",
        &[],
        0,
        Routes::REQUEST,
        relay::forward_nonack,
        "Relays by the request URI within a transaction that the script made.",
    ),
    Function::new(
        "t_forward_nonack_udp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::nonack_udp,
        "Relays over UDP within a transaction that the script made.",
    )
    .constant(),
    Function::new(
        "t_forward_nonack_tcp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::nonack_tcp,
        "Relays over TCP within a transaction that the script made.",
    )
    .constant(),
    Function::new(
        "t_forward_nonack_tls",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::nonack_tls,
        "Relays over TLS within a transaction that the script made.",
    )
    .constant(),
    Function::new(
        "t_forward_nonack_sctp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::nonack_sctp,
        "Relays over SCTP within a transaction that the script made.",
    )
    .constant(),
    Function::new(
        "t_load_contacts",
        &[Arg::int("mode")],
        0,
        REQUEST_FAILURE,
        contacts::load,
        "Puts the destination set aside, in the order of preference.",
    ),
    Function::new(
        "t_next_contacts",
        &[],
        0,
        REQUEST_FAILURE,
        contacts::next,
        "Makes the best destinations put aside the destination set.",
    ),
    Function::new(
        "t_next_contact_flow",
        &[],
        0,
        Routes::REQUEST.and(Routes::EVENT),
        contacts::next_flow,
        "Makes the next flow of the failed branch's instance the destination.",
    ),
    Function::new(
        "t_forward_nonack_to",
        PROTO_PLACE,
        2,
        Routes::REQUEST,
        relay::forward_nonack_to,
        "Relays to a place within a transaction that the script made.",
    )
    .constant(),
    Function::new(
        "t_relay_to_avp",
        PROTO_PLACE,
        2,
        Routes::REQUEST,
        relay::relay_to_place,
        "Relays to a place.",
    )
    .constant(),
    Function::new(
        "t_replicate",
        &[Arg::text("uri"), Arg::int("port")],
        0,
        Routes::REQUEST,
        replicate::replicate,
        "Sends a copy of the request whose replies concern nobody.",
    )
    .constant_from(2),
    Function::new(
        "t_replicate_udp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        replicate::udp,
        "As t_replicate, over UDP.",
    )
    .constant(),
    Function::new(
        "t_replicate_tcp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        replicate::tcp,
        "As t_replicate, over TCP.",
    )
    .constant(),
    Function::new(
        "t_replicate_tls",
        HOST_PORT,
        2,
        Routes::REQUEST,
        replicate::tls,
        "As t_replicate, over TLS.",
    )
    .constant(),
    Function::new(
        "t_replicate_sctp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        replicate::sctp,
        "As t_replicate, over SCTP.",
    )
    .constant(),
    Function::new(
        "t_replicate_to",
        PROTO_PLACE,
        2,
        Routes::REQUEST,
        replicate::replicate_to,
        "As t_replicate, to a place.",
    )
    .constant(),
    Function::anywhere(
        "t_use_uac_headers",
        &[],
        0,
        |_, _| TRUE,
        "True: our ACK and CANCEL always repeat the request as it was sent.",
    ),
    Function::anywhere(
        "t_uac_send",
        &[
            Arg::text("method"),
            Arg::text("uri"),
            Arg::text("nexthop"),
            Arg::text("socket"),
            Arg::text("headers"),
            Arg::text("body"),
        ],
        6,
        transaction::uac_send,
        "Sends a request of our own.",
    )
    .constant(),
    Function::new(
        "t_relay_cancel",
        &[],
        0,
        Routes::REQUEST,
        relay::relay_cancel,
        "Relays a CANCEL if its INVITE is known; else returns true and does nothing.",
    ),
    Function::new(
        "t_reply",
        CODE_REASON,
        2,
        REPLYING,
        transaction::reply,
        "Answers the request of the transaction.",
    )
    .constant(),
    Function::new(
        "t_send_reply",
        CODE_REASON,
        2,
        REPLYING,
        transaction::send_reply,
        "Makes the transaction if there is none, and answers.",
    )
    .constant(),
    Function::new(
        "t_release",
        &[],
        0,
        Routes::REQUEST,
        transaction::release,
        "Gives the transaction up.",
    ),
    Function::new(
        "t_check_trans",
        &[],
        0,
        Routes::REQUEST.and(Routes::BRANCH).and(Routes::ONREPLY),
        transaction::check_trans,
        "Tells whether the message belongs to a transaction; ends the script for retransmissions.",
    ),
    Function::new(
        "t_lookup_request",
        &[],
        0,
        Routes::REQUEST,
        transaction::lookup_request,
        "Tells whether the request has a transaction.",
    ),
    Function::new(
        "t_lookup_cancel",
        &[Arg::int("mode")],
        0,
        Routes::REQUEST,
        transaction::lookup_cancel,
        "Tells whether the INVITE of a CANCEL is known.",
    ),
    Function::new(
        "t_retransmit_reply",
        &[],
        0,
        Routes::REQUEST,
        transaction::retransmit_reply,
        "Sends the last reply of the transaction again.",
    ),
    Function::new(
        "t_clean",
        &[],
        0,
        Routes::ANY,
        transaction::clean,
        "No effect: no transaction outlives its timers.",
    )
    .with(Status::Noop),
    Function::new(
        "t_save_lumps",
        &[],
        0,
        Routes::REQUEST,
        transaction::save_lumps,
        "Keeps the changes made so far with the transaction.",
    ),
    Function::new(
        "t_on_failure",
        &[route(BlockKind::Failure)],
        1,
        INSIDE,
        routes::on_failure,
        "Names the route to run when every branch has failed.",
    )
    .constant(),
    Function::new(
        "t_on_branch",
        &[route(BlockKind::Branch)],
        1,
        REQUEST_FAILURE,
        routes::on_branch,
        "Names the route to run for each branch.",
    )
    .constant(),
    Function::new(
        "t_on_reply",
        &[route(BlockKind::OnReply)],
        1,
        INSIDE,
        routes::on_reply,
        "Names the route to run for each reply.",
    )
    .constant(),
    Function::new(
        "t_on_branch_failure",
        &[Arg::text("route")],
        1,
        INSIDE,
        routes::on_branch_failure,
        "Names the event route to run when one branch has failed.",
    )
    .constant(),
    Function::new(
        "t_is_set",
        &[Arg::text("target")],
        1,
        Routes::ANY,
        routes::is_set,
        "Tells whether a failure, branch or onreply route is set.",
    )
    .constant(),
    Function::new(
        "t_check_status",
        &[Arg::regex("re")],
        1,
        REPLYING,
        inspect::check_status,
        "Matches the reply's status.",
    )
    .constant(),
    Function::new(
        "t_grep_status",
        &[Arg::text("code")],
        1,
        INSIDE,
        inspect::grep_status,
        "Tells whether a branch has this final status.",
    ),
    Function::new(
        "t_get_status_code",
        &[],
        0,
        REPLYING.and(Routes::BRANCH),
        inspect::status_code,
        "The status of the reply, as return code.",
    ),
    Function::new(
        "t_is_canceled",
        &[],
        0,
        INSIDE,
        inspect::is_canceled,
        "Tells whether the request was cancelled.",
    ),
    Function::new(
        "t_is_expired",
        &[],
        0,
        INSIDE,
        inspect::is_expired,
        "Tells whether the transaction has outlived its longest life.",
    ),
    Function::new(
        "t_any_timeout",
        &[],
        0,
        INSIDE,
        inspect::any_timeout,
        "Tells whether a branch has timed out.",
    ),
    Function::new(
        "t_any_replied",
        &[],
        0,
        INSIDE,
        inspect::any_replied,
        "Tells whether a branch has replied.",
    ),
    Function::new(
        "t_branch_timeout",
        &[],
        0,
        Routes::FAILURE.and(Routes::EVENT),
        inspect::branch_timeout,
        "Tells whether the branch has timed out.",
    ),
    Function::new(
        "t_branch_replied",
        &[],
        0,
        Routes::FAILURE.and(Routes::EVENT),
        inspect::branch_replied,
        "Tells whether the branch has replied.",
    ),
    Function::new(
        "t_is_retr_async_reply",
        &[],
        0,
        Routes::TM_ONREPLY,
        inspect::is_retr_async_reply,
        "Tells whether another reply of the transaction is suspended.",
    ),
    Function::new(
        "t_drop_replies",
        &[Arg::text("mode")],
        0,
        Routes::FAILURE,
        transaction::drop_replies,
        "Takes earlier replies out of the choice.",
    ),
    Function::new(
        "t_write_req",
        TOLD,
        2,
        REQUEST_FAILURE,
        written::write_req,
        "Writes the request's facts to a named pipe that another program reads; files are refused.",
    )
    .constant(),
    Function::new(
        "t_write_unix",
        TOLD,
        2,
        REQUEST_FAILURE,
        written::write_unix,
        "Sends the request's facts to a unix datagram socket of another program.",
    )
    .constant(),
    Function::new(
        "t_set_fr",
        &[Arg::int("fr_inv_timeout"), Arg::int("fr_timeout")],
        1,
        INSIDE,
        timing::set_fr,
        "Sets the final-reply timeouts, milliseconds.",
    ),
    Function::new(
        "t_reset_fr",
        &[],
        0,
        INSIDE,
        timing::reset_fr,
        "Back to the configured final-reply timeouts.",
    ),
    Function::new(
        "t_set_retr",
        &[Arg::int("t1"), Arg::int("t2")],
        2,
        INSIDE,
        timing::set_retr,
        "Sets the retransmission intervals, milliseconds.",
    ),
    Function::new(
        "t_reset_retr",
        &[],
        0,
        INSIDE,
        timing::reset_retr,
        "Back to the configured retransmission intervals.",
    ),
    Function::new(
        "t_set_max_lifetime",
        &[Arg::int("inv"), Arg::int("noninv")],
        2,
        INSIDE,
        timing::set_max_lifetime,
        "Sets the longest life, milliseconds.",
    ),
    Function::new(
        "t_reset_max_lifetime",
        &[],
        0,
        INSIDE,
        timing::reset_max_lifetime,
        "Back to the configured longest life.",
    ),
    Function::new(
        "t_set_auto_inv_100",
        ON_OFF,
        1,
        Routes::REQUEST,
        timing::set_auto_inv_100,
        "Whether a 100 is sent on INVITE.",
    ),
    Function::new(
        "t_set_disable_6xx",
        ON_OFF,
        1,
        INSIDE,
        timing::set_disable_6xx,
        "Whether a 6xx is treated as any failure.",
    ),
    Function::new(
        "t_set_disable_failover",
        ON_OFF,
        1,
        INSIDE,
        timing::set_disable_failover,
        "Whether a request that cannot be delivered goes to no further address of its name.",
    ),
    Function::new(
        "t_set_disable_internal_reply",
        ON_OFF,
        1,
        INSIDE,
        timing::set_disable_internal_reply,
        "Whether errors of t_relay go unanswered.",
    ),
    Function::new(
        "t_set_no_e2e_cancel_reason",
        ON_OFF,
        1,
        INSIDE,
        timing::set_no_cancel_reason,
        "Whether the Reason of a CANCEL is not passed on.",
    ),
    Function::new(
        "t_disable_e2e_cancel_reason",
        ON_OFF,
        1,
        INSIDE,
        timing::set_no_cancel_reason,
        "Same as t_set_no_e2e_cancel_reason.",
    ),
];
