//! Script functions of path.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::header::{self, Path};
use super::params::Settings;

const ARGS: &[Arg] = &[Arg::text("user"), Arg::text("parameters")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "add_path",
        ARGS,
        0,
        Routes::REQUEST,
        |cx, args| add(cx, args, false),
        "Adds a Path header with our address, a user and further URI parameters.",
    ),
    Function::new(
        "add_path_received",
        ARGS,
        0,
        Routes::REQUEST,
        |cx, args| add(cx, args, true),
        "As add_path, with the source of the request in a parameter.",
    ),
];

fn add(cx: &mut Context, args: &Args<'_>, received: bool) -> Outcome {
    let user = args.text(cx, 0);
    let params = args.text(cx, 1);
    let path = Path {
        user: &user,
        params: &params,
        received,
    };
    match header::add(args.state::<Settings>(), cx, path) {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("no Path added: {error}"));
            FALSE
        }
    }
}
