//! Script functions.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, ArgKind, FALSE, Function, Outcome, Routes, Status, TRUE};
use engine::statistics::Counter;

use super::state::CountersState;

const NAME: Arg = Arg {
    name: "name",
    kind: ArgKind::Text,
};

const ROUTES: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::ONREPLY)
    .and(Routes::ONSEND)
    .and(Routes::EVENT);

/// The module's functions.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "cnt_inc",
        args: &[NAME],
        required: 1,
        routes: ROUTES,
        run: |cx, args| on_counter(cx, args, |_, counter| counter.increment()),
        doc: "Adds one to a counter.",
        status: Status::Full,
    },
    Function {
        name: "cnt_add",
        args: &[
            NAME,
            Arg {
                name: "number",
                kind: ArgKind::Int,
            },
        ],
        required: 2,
        routes: ROUTES,
        run: |cx, args| {
            let number = args.int(cx, 1);
            on_counter(cx, args, |_, counter| counter.add(number.unwrap_or(0)))
        },
        doc: "Adds a number to a counter.",
        status: Status::Full,
    },
    Function {
        name: "cnt_reset",
        args: &[NAME],
        required: 1,
        routes: ROUTES,
        run: |cx, args| on_counter(cx, args, |_, counter| counter.reset()),
        doc: "Sets a counter to zero.",
        status: Status::Full,
    },
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
