//! The script functions: thin, each reads its arguments and calls what does the work.

pub(crate) mod inspect;
pub(crate) mod relay;
pub(crate) mod routes;
pub(crate) mod timing;
pub(crate) mod transaction;

use engine::module::{Arg, ArgKind, Function, Routes, Status};
use engine::{Context, arguments::Args, module::Outcome};
use script::ast::BlockKind;

/// Where most functions on a transaction may be called.
const INSIDE: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::BRANCH)
    .and(Routes::TM_ONREPLY);
const REQUEST_FAILURE: Routes = Routes::REQUEST.and(Routes::FAILURE);
const REPLYING: Routes = REQUEST_FAILURE.and(Routes::ONREPLY);

const fn text(name: &'static str) -> Arg {
    Arg {
        name,
        kind: ArgKind::Text,
    }
}

const fn int(name: &'static str) -> Arg {
    Arg {
        name,
        kind: ArgKind::Int,
    }
}

const fn route(kind: BlockKind) -> Arg {
    Arg {
        name: "route",
        kind: ArgKind::Route(kind),
    }
}

const fn row(
    name: &'static str,
    args: &'static [Arg],
    required: usize,
    routes: Routes,
    run: fn(&mut Context, &Args<'_>) -> Outcome,
    doc: &'static str,
) -> Function {
    Function {
        name,
        args,
        required,
        routes,
        run,
        doc,
        status: Status::Full,
    }
}

const HOST_PORT: &[Arg] = &[text("host"), int("port")];
const CODE_REASON: &[Arg] = &[
    int("code"),
    Arg {
        name: "reason",
        kind: ArgKind::Word,
    },
];
const ON_OFF: &[Arg] = &[int("value")];

/// Every function of the module.
pub(super) static TABLE: &[Function] = &[
    row(
        "t_newtran",
        &[],
        0,
        Routes::REQUEST,
        transaction::newtran,
        "Makes the request's transaction; ends the script for a retransmission.",
    ),
    row(
        "t_relay",
        HOST_PORT,
        0,
        REQUEST_FAILURE,
        relay::relay,
        "Relays the request statefully to its destinations.",
    ),
    row(
        "t_relay_to",
        &[text("proxy"), int("flags")],
        0,
        REQUEST_FAILURE,
        relay::relay_to,
        "Relays to an outbound proxy; flags: 1 no 100, 2 no error reply, 4 no DNS failover.",
    ),
    row(
        "t_relay_to_udp",
        HOST_PORT,
        0,
        REQUEST_FAILURE,
        relay::relay_udp,
        "Relays over UDP.",
    ),
    row(
        "t_relay_to_tcp",
        HOST_PORT,
        0,
        REQUEST_FAILURE,
        relay::relay_tcp,
        "Relays over TCP.",
    ),
    row(
        "t_relay_to_tls",
        HOST_PORT,
        0,
        REQUEST_FAILURE,
        relay::relay_tls,
        "Relays over TLS.",
    ),
    row(
        "t_relay_to_sctp",
        HOST_PORT,
        0,
        REQUEST_FAILURE,
        relay::relay_sctp,
        "Relays over SCTP.",
    ),
    row(
        "t_forward_nonack",
        HOST_PORT,
        0,
        Routes::REQUEST,
        relay::forward_nonack,
        "Relays within a transaction that the script made.",
    ),
    row(
        "t_forward_nonack_uri",
        &[],
        0,
        Routes::REQUEST,
        relay::forward_nonack,
        "Relays by the request URI within a transaction that the script made.",
    ),
    row(
        "t_forward_nonack_udp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::relay_udp,
        "Relays over UDP within a transaction that the script made.",
    ),
    row(
        "t_forward_nonack_tcp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::relay_tcp,
        "Relays over TCP within a transaction that the script made.",
    ),
    row(
        "t_forward_nonack_tls",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::relay_tls,
        "Relays over TLS within a transaction that the script made.",
    ),
    row(
        "t_forward_nonack_sctp",
        HOST_PORT,
        2,
        Routes::REQUEST,
        relay::relay_sctp,
        "Relays over SCTP within a transaction that the script made.",
    ),
    row(
        "t_relay_cancel",
        &[],
        0,
        Routes::REQUEST,
        relay::relay_cancel,
        "Relays a CANCEL if its INVITE is known; else returns true and does nothing.",
    ),
    row(
        "t_reply",
        CODE_REASON,
        2,
        REPLYING,
        transaction::reply,
        "Answers the request of the transaction.",
    ),
    row(
        "t_send_reply",
        CODE_REASON,
        2,
        REPLYING,
        transaction::send_reply,
        "Makes the transaction if there is none, and answers.",
    ),
    row(
        "t_release",
        &[],
        0,
        Routes::REQUEST,
        transaction::release,
        "Gives the transaction up.",
    ),
    row(
        "t_check_trans",
        &[],
        0,
        Routes::REQUEST.and(Routes::BRANCH).and(Routes::ONREPLY),
        transaction::check_trans,
        "Tells whether the message belongs to a transaction; ends the script for retransmissions.",
    ),
    row(
        "t_lookup_request",
        &[],
        0,
        Routes::REQUEST,
        transaction::lookup_request,
        "Tells whether the request has a transaction.",
    ),
    row(
        "t_lookup_cancel",
        &[int("mode")],
        0,
        Routes::REQUEST,
        transaction::lookup_cancel,
        "Tells whether the INVITE of a CANCEL is known.",
    ),
    row(
        "t_retransmit_reply",
        &[],
        0,
        Routes::REQUEST,
        transaction::retransmit_reply,
        "Sends the last reply of the transaction again.",
    ),
    row(
        "t_clean",
        &[],
        0,
        Routes::ANY,
        transaction::clean,
        "No effect: no transaction outlives its timers.",
    )
    .with(Status::Noop),
    row(
        "t_save_lumps",
        &[],
        0,
        Routes::REQUEST,
        transaction::save_lumps,
        "Keeps the changes made so far with the transaction.",
    ),
    row(
        "t_on_failure",
        &[route(BlockKind::Failure)],
        1,
        INSIDE,
        routes::on_failure,
        "Names the route to run when every branch has failed.",
    ),
    row(
        "t_on_branch",
        &[route(BlockKind::Branch)],
        1,
        REQUEST_FAILURE,
        routes::on_branch,
        "Names the route to run for each branch.",
    ),
    row(
        "t_on_reply",
        &[route(BlockKind::OnReply)],
        1,
        INSIDE,
        routes::on_reply,
        "Names the route to run for each reply.",
    ),
    row(
        "t_on_branch_failure",
        &[text("route")],
        1,
        INSIDE,
        routes::on_branch_failure,
        "Names the event route to run when one branch has failed.",
    ),
    row(
        "t_is_set",
        &[text("target")],
        1,
        Routes::ANY,
        routes::is_set,
        "Tells whether a failure, branch or onreply route is set.",
    ),
    row(
        "t_check_status",
        &[Arg {
            name: "re",
            kind: ArgKind::Regex,
        }],
        1,
        REPLYING,
        inspect::check_status,
        "Matches the reply's status.",
    ),
    row(
        "t_grep_status",
        &[text("code")],
        1,
        INSIDE,
        inspect::grep_status,
        "Tells whether a branch has this final status.",
    ),
    row(
        "t_get_status_code",
        &[],
        0,
        REPLYING.and(Routes::BRANCH),
        inspect::status_code,
        "The status of the reply, as return code.",
    ),
    row(
        "t_is_canceled",
        &[],
        0,
        INSIDE,
        inspect::is_canceled,
        "Tells whether the request was cancelled.",
    ),
    row(
        "t_is_expired",
        &[],
        0,
        INSIDE,
        inspect::is_expired,
        "Tells whether the transaction has outlived its longest life.",
    ),
    row(
        "t_any_timeout",
        &[],
        0,
        INSIDE,
        inspect::any_timeout,
        "Tells whether a branch has timed out.",
    ),
    row(
        "t_any_replied",
        &[],
        0,
        INSIDE,
        inspect::any_replied,
        "Tells whether a branch has replied.",
    ),
    row(
        "t_branch_timeout",
        &[],
        0,
        Routes::FAILURE.and(Routes::EVENT),
        inspect::branch_timeout,
        "Tells whether the branch has timed out.",
    ),
    row(
        "t_branch_replied",
        &[],
        0,
        Routes::FAILURE.and(Routes::EVENT),
        inspect::branch_replied,
        "Tells whether the branch has replied.",
    ),
    row(
        "t_is_retr_async_reply",
        &[],
        0,
        Routes::TM_ONREPLY,
        inspect::is_retr_async_reply,
        "No effect, always false: a reply is not handled twice at a time.",
    )
    .with(Status::Noop),
    row(
        "t_drop_replies",
        &[text("mode")],
        0,
        Routes::FAILURE,
        transaction::drop_replies,
        "Takes earlier replies out of the choice.",
    ),
    row(
        "t_set_fr",
        &[int("fr_inv_timeout"), int("fr_timeout")],
        1,
        INSIDE,
        timing::set_fr,
        "Sets the final-reply timeouts, milliseconds.",
    ),
    row(
        "t_reset_fr",
        &[],
        0,
        INSIDE,
        timing::reset_fr,
        "Back to the configured final-reply timeouts.",
    ),
    row(
        "t_set_retr",
        &[int("t1"), int("t2")],
        2,
        INSIDE,
        timing::set_retr,
        "Sets the retransmission intervals, milliseconds.",
    ),
    row(
        "t_reset_retr",
        &[],
        0,
        INSIDE,
        timing::reset_retr,
        "Back to the configured retransmission intervals.",
    ),
    row(
        "t_set_max_lifetime",
        &[int("inv"), int("noninv")],
        2,
        INSIDE,
        timing::set_max_lifetime,
        "Sets the longest life, milliseconds.",
    ),
    row(
        "t_reset_max_lifetime",
        &[],
        0,
        INSIDE,
        timing::reset_max_lifetime,
        "Back to the configured longest life.",
    ),
    row(
        "t_set_auto_inv_100",
        ON_OFF,
        1,
        Routes::REQUEST,
        timing::set_auto_inv_100,
        "Whether a 100 is sent on INVITE.",
    ),
    row(
        "t_set_disable_6xx",
        ON_OFF,
        1,
        INSIDE,
        timing::set_disable_6xx,
        "Whether a 6xx is treated as any failure.",
    ),
    row(
        "t_set_disable_failover",
        ON_OFF,
        1,
        INSIDE,
        timing::set_disable_failover,
        "No effect: there is no DNS failover yet.",
    )
    .with(Status::Noop),
    row(
        "t_set_disable_internal_reply",
        ON_OFF,
        1,
        INSIDE,
        timing::set_disable_internal_reply,
        "Whether errors of t_relay go unanswered.",
    ),
    row(
        "t_set_no_e2e_cancel_reason",
        ON_OFF,
        1,
        INSIDE,
        timing::set_no_cancel_reason,
        "Whether the Reason of a CANCEL is not passed on.",
    ),
    row(
        "t_disable_e2e_cancel_reason",
        ON_OFF,
        1,
        INSIDE,
        timing::set_no_cancel_reason,
        "Same as t_set_no_e2e_cancel_reason.",
    ),
];
