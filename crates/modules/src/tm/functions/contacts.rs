//! Functions for serial forking by preference.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};

use crate::tm::contacts::{self, Next, Order};
use crate::tm::relay::is_target_new;
use crate::tm::state::Tm;

/// What `t_next_…` returns when nothing is left.
const NOTHING_LEFT: Outcome = Outcome::Return(-2);

fn outcome(next: Next) -> Outcome {
    match next {
        Next::Set => TRUE,
        Next::None => NOTHING_LEFT,
    }
}

fn disabled(cx: &mut Context) -> Outcome {
    cx.log(
        Level::Error,
        "tm: contacts_avp and contact_flows_avp are not set",
    );
    FALSE
}

/// `t_load_contacts([mode])`.
pub(super) fn load(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let config = &args.state::<Tm>().config;
    let Some((store, _)) = &config.contacts else {
        return disabled(cx);
    };
    let with_main = is_target_new(cx);
    let order = match args.int(cx, 0).unwrap_or(0) {
        0 => Order::Preference,
        1 => Order::Weight,
        _ => {
            cx.log(Level::Error, "t_load_contacts: the mode is 0 or 1");
            return FALSE;
        }
    };
    contacts::load(cx, store, config.attributes.as_ref(), order, with_main);
    TRUE
}

pub(super) fn next(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let config = &args.state::<Tm>().config;
    let attributes = config.attributes.as_ref();
    match &config.contacts {
        Some((store, flows)) => outcome(contacts::next(cx, store, flows, attributes)),
        None => disabled(cx),
    }
}

pub(super) fn next_flow(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match &args.state::<Tm>().config.contacts {
        Some((_, flows)) => outcome(contacts::next_flow(cx, flows)),
        None => disabled(cx),
    }
}
