//! Script functions.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::statistics::Counter;

use super::state::CountersState;

const NAME: Arg = Arg::text("name");

const ROUTES: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::ONREPLY)
    .and(Routes::ONSEND)
    .and(Routes::EVENT);

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "cnt_inc",
        &[NAME],
        1,
        ROUTES,
        |cx, args| on_counter(cx, args, |_, counter| counter.increment()),
        "Adds one to a counter.",
    )
    .constant(),
    Function::new(
        "cnt_add",
        &[NAME, Arg::int("number")],
        2,
        ROUTES,
        |cx, args| {
            let number = args.int(cx, 1);
            on_counter(cx, args, |_, counter| counter.add(number.unwrap_or(0)))
        },
        "Adds a number to a counter.",
    )
    .constant(),
    Function::new(
        "cnt_reset",
        &[NAME],
        1,
        ROUTES,
        |cx, args| on_counter(cx, args, |_, counter| counter.reset()),
        "Sets a counter to zero.",
    )
    .constant(),
];

fn on_counter(cx: &mut Context, args: &Args<'_>, work: impl Fn(&mut Context, &Counter)) -> Outcome {
    let state: &CountersState = args.state();
    let name = args.text(cx, 0);
    match state.counter(&String::from_utf8_lossy(&name)) {
        Some(counter) => {
            work(cx, counter);
            TRUE
        }
        None => {
            let text = format!("no counter `{}` is declared", name.escape_ascii());
            cx.log(Level::Error, &text);
            FALSE
        }
    }
}
