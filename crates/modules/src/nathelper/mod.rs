//! `nathelper`: helps clients behind NATs (Kamailio's nathelper module).
//!
//! Differences: keep-alives go to UDP contacts that have an address, not to names;
//! `handle_ruri_alias` with a mode takes the last alias, where
//! Kamailio 5.6.3 fails when there are two. The changed contact is not seen by registrar within
//! the same message.

mod address;
mod answers;
pub mod api;
mod contact;
mod detect;
mod functions;
mod params;
mod ping;
mod rpc;
mod sdp;
mod selects;
mod source;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;

use bytes::Bytes;
use engine::Core;
use engine::module::{InitError, Module, State};
use engine::variable::Readable;

use crate::usrloc::api::Usrloc;
use address::Networks;
use ping::Pinger;

/// Its table.
pub static MODULE: Module = Module {
    name: "nathelper",
    doc: "Helps clients behind NATs.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    selects: selects::TABLE,
    rpcs: rpc::TABLE,
    init: |setup| Ok(Arc::new(params::init(setup)?)),
    start: Some(start),
    ..Module::EMPTY
};

/// The module's state.
pub struct Nathelper {
    networks: Networks,
    alias_name: String,
    /// The line that marks a changed description.
    mark: Bytes,
    keeps_old_media_ip: bool,
    received_avp: Option<Readable>,
    pinger: Option<Pinger>,
}

fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    let Ok(state) = Arc::clone(state).downcast::<Nathelper>() else {
        return Ok(());
    };
    let Some(pinger) = &state.pinger else {
        return Ok(());
    };
    let Some(usrloc) = core.modules.get::<Usrloc>() else {
        return Err(InitError::of_param(
            "natping_interval",
            "keep-alives need module usrloc",
        ));
    };
    let interval = pinger.interval;
    let weak = Arc::downgrade(core);
    core.timers
        .every(core.services.clock.now(), interval, move |_| {
            if let (Some(core), Some(pinger)) = (weak.upgrade(), &state.pinger) {
                pinger.run(&core, &usrloc);
            }
        });
    Ok(())
}
