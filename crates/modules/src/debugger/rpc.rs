//! Methods that change and show what is traced.

use engine::log::Facility;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

use super::state::DebuggerState;

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[
    Rpc {
        name: "dbg.get_mod_facility",
        doc: "Get module log facility.",
        run: get_facility,
    },
    Rpc {
        name: "dbg.get_mod_level",
        doc: "Get module log level.",
        run: get_level,
    },
    Rpc {
        name: "dbg.ls",
        doc: "Lists the process and whether it is traced.",
        run: list,
    },
    Rpc {
        name: "dbg.reset_msgid",
        doc: "Reset the number of messages; never done here.",
        run: |_| {
            let reason = "reset_msgid is 0. Set it to 1 to enable.";
            Err(RpcFault::new(500, reason))
        },
    },
    Rpc {
        name: "dbg.set_mod_facility",
        doc: "Sets a module's log facility, which counts while mod_facility_mode is 1.",
        run: set_facility,
    },
    Rpc {
        name: "dbg.set_mod_level",
        doc: "Sets a module's log level, which counts while mod_level_mode is 1.",
        run: set_level,
    },
    Rpc {
        name: "dbg.trace",
        doc: "Turn tracing on or off.",
        run: trace,
    },
];

fn invalid() -> RpcFault {
    RpcFault::new(500, "invalid parameters")
}

fn unstored() -> RpcFault {
    RpcFault::new(500, "cannot store parameter")
}

fn text(call: &RpcCall<'_>, index: usize) -> Result<String, RpcFault> {
    let text = call.text(index).ok_or_else(invalid)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn ok() -> RpcResult {
    Ok(vec!["200 ok".into()])
}

fn trace(call: &RpcCall<'_>) -> RpcResult {
    let state: &DebuggerState = call.state()?;
    let missing = || RpcFault::new(500, "Config trace command missing");
    let command = call.text(0).ok_or_else(missing)?;
    let on = match &*command {
        b"on" => true,
        b"off" => false,
        _ => return Err(RpcFault::new(500, "Unknown trace command")),
    };
    if call
        .int(1)
        .is_some_and(|id| id != call.core.services.process.id())
    {
        return Err(RpcFault::new(500, "No such pid"));
    }
    state.trace(on);
    ok()
}

/// One process, one row. `set`: 1 traced, 0 not.
fn list(call: &RpcCall<'_>) -> RpcResult {
    let state: &DebuggerState = call.state()?;
    let row = |name: &str, value: i64| (name.to_owned(), RpcValue::Int(value));
    Ok(vec![RpcValue::Struct(vec![
        row("entry", 0),
        row("pid", call.core.services.process.id()),
        row("set", i64::from(state.traces())),
        row("state", 0),
        row("in.pid", 0),
        row("in.cmd", 0),
    ])])
}

fn get_level(call: &RpcCall<'_>) -> RpcResult {
    let state: &DebuggerState = call.state()?;
    let module = text(call, 0)?;
    let own = state.logs.level(&module);
    let level = own.unwrap_or_else(|| i64::from(call.core.log_threshold.get()));
    Ok(vec![level.into()])
}

fn get_facility(call: &RpcCall<'_>) -> RpcResult {
    let state: &DebuggerState = call.state()?;
    let module = text(call, 0)?;
    let own = state.logs.facility(&module);
    let facility = own.unwrap_or(call.core.settings.log_facility);
    Ok(vec![facility.name().into()])
}

fn set_level(call: &RpcCall<'_>) -> RpcResult {
    let state: &DebuggerState = call.state()?;
    let (module, level) = (text(call, 0)?, call.int(1).ok_or_else(invalid)?);
    check(call, state, &module)?;
    state.logs.set_level(&module, level);
    ok()
}

fn set_facility(call: &RpcCall<'_>) -> RpcResult {
    let state: &DebuggerState = call.state()?;
    let (module, name) = (text(call, 0)?, text(call, 1)?);
    let facility = Facility::from_name(&name).ok_or_else(invalid)?;
    check(call, state, &module)?;
    state.logs.set_facility(&module, facility);
    ok()
}

/// Only for modules that there are, so that callers cannot fill the memory.
fn check(call: &RpcCall<'_>, state: &DebuggerState, module: &str) -> Result<(), RpcFault> {
    let known = call.core.loaded_modules().iter().any(|m| m.name == module);
    if known && state.stores {
        Ok(())
    } else {
        Err(unstored())
    }
}
