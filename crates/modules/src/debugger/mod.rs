//! `debugger`: traces the script, statement by statement.
//!
//! Mirrors Kamailio's module `debugger`. Differences: a statement has the line that it begins on
//! (Kamailio: often the one it ends on); functions inside conditions have no line of their own; no
//! breakpoints, since stopping would hold a thread that other messages need. A line belongs to the
//! module whose function runs; what a module does at other times counts as the core's.

mod functions;
mod params;
mod rpc;
mod state;
mod statement;
mod trace;

use std::sync::Arc;

use engine::module::Module;

/// The module's table.
pub static MODULE: Module = Module {
    name: "debugger",
    doc: "Traces the statements of the script.",
    functions: functions::FUNCTIONS,
    params: params::PARAMS,
    rpcs: rpc::RPCS,
    init: |setup| {
        let state = Arc::new(state::DebuggerState::new(setup)?);
        let tracer = Arc::clone(&state);
        setup.hooks.trace.push(Box::new(move |cx, span| {
            trace::statement(&tracer, cx, span)
        }));
        Ok(state)
    },
    start: Some(|core, state| {
        if let Some(state) = state.downcast_ref::<state::DebuggerState>() {
            core.log_threshold.divide(Arc::clone(&state.logs));
        }
        Ok(())
    }),
    ..Module::EMPTY
};

#[cfg(test)]
mod tests;
