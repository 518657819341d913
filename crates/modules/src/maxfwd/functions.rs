//! Script functions of maxfwd.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::hops::{self, Left};
use super::params::MaxFwd;

const LIMIT: &[Arg] = &[Arg::int("max_value")];

const CHECK: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "mf_process_maxfwd_header",
        LIMIT,
        1,
        Routes::REQUEST,
        process,
        "Lowers Max-Forwards, or adds it with this value. -1: no hop is left; 2: added.",
    ),
    Function::new(
        "process_maxfwd",
        LIMIT,
        1,
        Routes::REQUEST,
        process,
        "Same as mf_process_maxfwd_header.",
    ),
    Function::new(
        "maxfwd_process",
        LIMIT,
        1,
        Routes::REQUEST,
        process,
        "Same as mf_process_maxfwd_header.",
    ),
    Function::new(
        "is_maxfwd_lt",
        LIMIT,
        1,
        CHECK,
        is_less,
        "Whether Max-Forwards is less than this. -2: no header; -3: malformed.",
    ),
    Function::new(
        "mf_lowlimit",
        LIMIT,
        1,
        CHECK,
        is_less,
        "Same as is_maxfwd_lt.",
    ),
    Function::new(
        "maxfwd_at_least",
        LIMIT,
        1,
        CHECK,
        is_less,
        "Same as is_maxfwd_lt.",
    ),
];

/// The limit that a call asks for, as Kamailio takes it.
fn limit(cx: &mut Context, args: &Args<'_>) -> Option<i64> {
    let limit = args.int(cx, 0).filter(|n| (1..=255).contains(n));
    if limit.is_none() {
        cx.log(
            Level::Error,
            "the limit of Max-Forwards must lie between 1 and 255",
        );
    }
    limit
}

fn process(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(start) = limit(cx, args) else {
        return FALSE;
    };
    match hops::left(cx) {
        Left::Absent => {
            hops::add(cx, start);
            Outcome::Return(2)
        }
        Left::Malformed => {
            cx.log(Level::Error, "Max-Forwards holds no number");
            Outcome::Return(-2)
        }
        Left::Hops(0, _) => FALSE,
        Left::Hops(number, place) => {
            let most = u32::try_from(args.state::<MaxFwd>().limit.get()).unwrap_or(0);
            hops::set(cx, (number - 1).min(most), place);
            TRUE
        }
    }
}

fn is_less(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(limit) = limit(cx, args) else {
        return FALSE;
    };
    match hops::left(cx) {
        Left::Absent => Outcome::Return(-2),
        Left::Malformed => {
            cx.log(Level::Error, "Max-Forwards holds no number");
            Outcome::Return(-3)
        }
        Left::Hops(number, _) if i64::from(number) < limit => TRUE,
        Left::Hops(..) => FALSE,
    }
}
