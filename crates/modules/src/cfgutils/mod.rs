//! `cfgutils`: chance, waiting, locks, global flags and debugging aids for scripts (Kamailio's
//! cfgutils module).
//!
//! Differences: `sleep` and `lock` park the route, never a thread. A route that waits for a lock
//! gives up after a minute, when whoever holds it has been forgotten by its client; in a block that
//! cannot wait both fail. A negative time is refused, where Kamailio waits for over an hour. Memory
//! is shown as of the process, in one line.

mod chance;
mod config_hash;
mod flags;
mod functions;
mod locks;
mod params;
mod rpc;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::Core;
use engine::context::Context;
use engine::module::{InitError, Inner, Module, State, Variable};
use engine::variable::PvName;
use script::value::Value;

use chance::Chance;
use config_hash::ConfigHash;
use flags::GlobalFlags;
use locks::LockSet;

/// What the module keeps.
pub(super) struct Cfgutils {
    chance: Chance,
    flags: GlobalFlags,
    hash: ConfigHash,
    /// `None` without `lock_set_size`.
    locks: Option<LockSet>,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "cfgutils",
    doc: "Chance, waiting, locks, global flags and debugging aids for scripts.",
    functions: functions::TABLE,
    params: params::TABLE,
    variables: &[
        Variable::new("RANDOM", random, "A random number from 0 to 2^31 - 1.").named(Inner::None),
    ],
    rpcs: rpc::TABLE,
    init: |setup| Ok(Arc::new(params::init(setup)?)),
    start: Some(start),
    ..Module::EMPTY
};

fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    match state.downcast_ref::<Cfgutils>() {
        Some(state) => state.hash.remember(core),
        None => Ok(()),
    }
}

fn random(cx: &mut Context, _: &PvName) -> Value {
    // 31 random bits fit in any integer.
    Value::Int((cx.core.services.random.next() >> 33) as i64)
}
