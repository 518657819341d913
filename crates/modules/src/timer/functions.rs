//! Script functions.

use std::sync::Arc;

use engine::arguments::Args;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};
use engine::variable::ParsedName;
use script::value::parse_int;

use super::definition::Timer;
use super::{Timers, run};

/// All functions.
pub(super) static TABLE: &[Function] = &[Function::anywhere(
    "timer_enable",
    &[
        Arg::parsed("timer_id", parse_timer),
        Arg::literal("enable_disable"),
    ],
    2,
    enable,
    "Turns a timer on (1) or off (0).",
)
.constant()];

fn parse_timer(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let name = String::from_utf8_lossy(text);
    scope
        .state::<Timers>()
        .and_then(|timers| timers.find(&name))
        .map(|timer| ParsedName::data(Arc::clone(timer)))
        .ok_or_else(|| format!("no timer `{name}` is declared"))
}

fn enable(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(timer) = args.parsed::<Arc<Timer>>(0) else {
        return FALSE;
    };
    // What is no number counts as 0, as in Kamailio.
    let on = parse_int(&args.text(cx, 1)).unwrap_or(0) != 0;
    run::switch(&cx.core, timer, on);
    TRUE
}
