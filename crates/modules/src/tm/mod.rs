//! Module tm: stateful handling of requests (RFC 3261 sections 16 and 17).
//!
//! Mirrors the chapters "Parameters" and "Functions" of Kamailio's tm README. The machines, the
//! table and the timers are crate `transaction`, which does no I/O; here is what drives them:
//!
//! * [`create`], [`matching`]: how requests find or make their transaction;
//! * [`relay`], [`branches`]: from one request to branches that are sent;
//! * [`reply_in`], [`reply_out`], [`failure`]: replies, and the choice between them;
//! * [`cancel`], [`ack`], [`hop`]: the two requests that are special;
//! * [`perform`]: does what the machines ask for, without any lock;
//! * [`timers`]: the clock; [`observers`]: what other modules may see.
//!
//! Differences from Kamailio: no blocklist; a timer never needs a second
//! look (`t_clean` has nothing to do).

mod ack;
pub mod api;
mod appends;
mod branches;
mod cancel;
mod config;
mod contacts;
mod counters;
mod create;
mod dialog_target;
mod error;
mod failover;
mod failure;
mod functions;
mod hop;
mod kept;
mod local_ack;
mod local_reply;
mod lost;
mod matching;
mod message;
mod observers;
mod packed;
mod params;
mod perform;
mod relay;
mod reply_in;
mod reply_out;
mod rpc;
mod selects;
mod settings;
mod spiral;
mod state;
mod stored;
mod suspend;
mod targets;
mod timers;
mod uac;
mod uac_rpc;
mod written;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::tm::state::Tm;
use engine::core::{Core, Setup};
use engine::module::{EventRoute, InitError, Module, State};
use engine::overload::Gauge;

/// Its table.
pub static MODULE: Module = Module {
    name: "tm",
    doc: "Stateful handling of requests.",
    functions: functions::TABLE,
    params: params::TABLE,
    selects: selects::TABLE,
    rpcs: rpc::TABLE,
    event_routes: &[
        EventRoute {
            name: "tm:branch-failure",
            doc: "One branch has failed; its name goes on with `:` and what t_on_branch_failure named.",
        },
        EventRoute {
            name: "tm:local-request",
            doc: "A request made here is about to be sent.",
        },
        EventRoute {
            name: "tm:local-response",
            doc: "A reply made here in a transaction has been sent.",
        },
    ],
    init,
    start: Some(start),
    reconfigure: config::reconfigure,
    ..Module::EMPTY
};

fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let tm = Arc::new(Tm::new(setup)?);
    let of_replies = Arc::clone(&tm);
    setup
        .hooks
        .reply
        .push(Box::new(move |cx| reply_in::on_reply(&of_replies, cx)));
    let of_requests = Arc::clone(&tm);
    setup
        .hooks
        .after_request
        .push(Box::new(move |cx| create::after_request(&of_requests, cx)));
    let of_spirals = Arc::clone(&tm);
    setup
        .hooks
        .before_request
        .push(Box::new(move |cx| spiral::before_request(&of_spirals, cx)));
    let of_lost = Arc::clone(&tm);
    setup.hooks.lost.push(Box::new(move |core, token| {
        lost::on_lost(&of_lost, core, token);
    }));
    let counted = Arc::clone(&tm);
    setup.hooks.gauges.push(Gauge::new(
        setup.cfg,
        "transactions",
        "max_transactions",
        1_000_000,
        "transactions at which new requests are refused",
        move |_| counted.table.len() as u64,
    ));
    let of_retransmissions = Arc::clone(&tm);
    setup.hooks.in_work.push(Box::new(move |cx| {
        of_retransmissions.find_own(&cx.msg).is_some()
    }));
    timers::register(setup, &tm);
    Ok(tm)
}

fn start(core: &Arc<Core>, _: &State) -> Result<(), InitError> {
    match core.modules.get::<Tm>() {
        Some(tm) => {
            tm.attach(core);
            Ok(())
        }
        None => Err(InitError::new("tm has no state")),
    }
}
