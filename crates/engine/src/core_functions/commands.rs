//! `exec("command")`: a command of the shell.

use crate::arguments::Args;
use crate::context::Context;
use crate::log::Level;
use crate::module::{Outcome, TRUE};

/// Runs a command to its end. What it ends with is not looked at: Kamailio's yields true always.
pub(super) fn run(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let command = args.text(cx, 0);
    let ended = cx.core.services.spawner.command(command);
    Outcome::Wait(Box::pin(async move {
        let ended = ended.await;
        Box::new(move |cx: &mut Context| {
            if let Err(error) = ended {
                cx.log(Level::Error, &format!("exec: not run: {error}"));
            }
            TRUE
        }) as _
    }))
}
