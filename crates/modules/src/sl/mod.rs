//! Module sl: replies without a transaction.
//!
//! Mirrors Kamailio's sl README. ACKs to its replies are filtered by the To tag before the script
//! runs, whenever they come: Kamailio forgets them when no reply was sent for a while.

pub mod api;
mod counters;
mod forward;
mod functions;
mod rpc;
mod variables;

use std::sync::Arc;

use engine::Context;
use engine::context::RunKind;
use engine::core::Setup;
use engine::hooks::Verdict;
use engine::module::{EventRoute, InitError, Module, Param, Rpc, State, Statistic, Status};
use engine::reply::is_stateless_tag;
use engine::route::run_beside;
use sip::Method;

use crate::tm::api::Tm;
use counters::Counters;

/// The state of module sl.
pub struct Sl {
    counters: Counters,
    /// Module tm, when it is loaded and `bind_tm` is set.
    tm: Option<Arc<Tm>>,
    default_code: u16,
    default_reason: bytes::Bytes,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "sl",
    doc: "Replies without a transaction.",
    functions: functions::TABLE,
    variables: variables::TABLE,
    params: &[
        Param::int(
            "default_code",
            500,
            "Status when a function is given none that can be used.",
        ),
        Param::text(
            "default_reason",
            Some("Internal Server Error"),
            "Reason when a function is given none that can be used.",
        ),
        Param::int(
            "bind_tm",
            1,
            "send_reply answers within the transaction if there is one.",
        ),
        Param::int(
            "rich_redirect",
            0,
            "q values and branch flags are not added to the Contacts of a 3xx.",
        )
        .with(Status::Noop),
        Param::text(
            "event_callback_fl_ack",
            None,
            "For embedded languages, which there are none of.",
        )
        .with(Status::Noop),
        Param::text(
            "event_callback_lres_sent",
            None,
            "For embedded languages, which there are none of.",
        )
        .with(Status::Noop),
    ],
    statistics: &[Statistic {
        group: "sl",
        name: "xxx_replies",
        doc: "Replies sent, by status or class.",
    }],
    rpcs: &[Rpc {
        name: "sl.stats",
        doc: "Counts the replies sent by status.",
        run: rpc::stats,
    }],
    event_routes: &[
        EventRoute {
            name: "sl:filtered-ack",
            doc: "An ACK of a stateless reply was absorbed.",
        },
        EventRoute {
            name: "sl:local-response",
            doc: "A stateless reply was sent.",
        },
    ],
    init,
    ..Module::EMPTY
};

fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let code = setup.params.int("default_code");
    let default_code = u16::try_from(code)
        .ok()
        .filter(|n| (100..700).contains(n))
        .ok_or_else(|| InitError::of_param("default_code", "must be between 100 and 699"))?;
    let sl = Arc::new(Sl {
        counters: Counters::register(setup.statistics),
        tm: (setup.params.int("bind_tm") != 0)
            .then(|| setup.modules.get::<Tm>())
            .flatten(),
        default_code,
        default_reason: setup.params.text("default_reason").unwrap_or_default(),
    });
    let filter = Arc::clone(&sl);
    setup
        .hooks
        .before_request
        .push(Box::new(move |cx| filter.filter_ack(cx)));
    Ok(sl)
}

impl Sl {
    /// Hook before `request_route`: absorbs ACKs of our stateless replies.
    fn filter_ack(&self, cx: &mut Context) -> Verdict {
        if cx.msg.method() != Method::Ack {
            return Verdict::Continue;
        }
        let is_ours = cx
            .msg
            .to_tag()
            .is_some_and(|tag| is_stateless_tag(&cx.core, tag));
        if !is_ours {
            return Verdict::Continue;
        }
        self.counters.received_acks.increment();
        run_event(cx, "sl:filtered-ack");
        Verdict::Consumed
    }
}

/// Runs an event route if the script has it. The reply is out or the ACK absorbed: nothing waits for
/// how it ends.
fn run_event(cx: &mut Context, name: &str) {
    if let Some(route) = cx.program.event_route(name) {
        run_beside(cx, route, RunKind::Event);
    }
}
