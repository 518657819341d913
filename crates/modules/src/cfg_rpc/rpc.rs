//! The methods.

use engine::cfg_vars::{CfgError, CfgValue, CfgVar, CfgVars, Place};
use engine::log::Level;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[
    Rpc {
        name: "cfg.add_group_inst",
        doc: "Add a new instance to an existing configuration group.",
        run: |call| {
            on_instance(
                call,
                "Failed to add the group instance",
                CfgVars::add_instance,
            )
        },
    },
    Rpc {
        name: "cfg.commit",
        doc: "Commit the previously prepared configuration changes.",
        run: |call| {
            call.core.cfg.commit();
            Ok(Vec::new())
        },
    },
    Rpc {
        name: "cfg.del",
        doc: "Delete the value of a configuration variable from a group instance.",
        run: del,
    },
    Rpc {
        name: "cfg.del_delayed",
        doc: "Prepare the deletion of a value from a group instance.",
        run: del_delayed,
    },
    Rpc {
        name: "cfg.del_group_inst",
        doc: "Delete an instance of a configuration group.",
        run: |call| {
            let failed = "Failed to delete the group instance";
            on_instance(call, failed, CfgVars::remove_instance)
        },
    },
    Rpc {
        name: "cfg.diff",
        doc: "List the pending configuration changes that have not been committed yet.",
        run: diff,
    },
    Rpc {
        name: "cfg.get",
        doc: "Get the value of a configuration variable, or of all in a group.",
        run: get,
    },
    Rpc {
        name: "cfg.help",
        doc: "Print the description of a configuration variable.",
        run: help,
    },
    Rpc {
        name: "cfg.list",
        doc: "List the configuration variables, of one group or of all.",
        run: list,
    },
    Rpc {
        name: "cfg.reset",
        doc: "Reset all the values of a configuration group.",
        run: |call| {
            let group = text(call, 0)?;
            // Nothing to reset is no fault, as in Kamailio.
            let _ = call.core.cfg.reset(&group);
            Ok(Vec::new())
        },
    },
    Rpc {
        name: "cfg.rollback",
        doc: "Drop the prepared configuration changes.",
        run: |call| {
            call.core.cfg.rollback();
            Ok(Vec::new())
        },
    },
    Rpc {
        name: "cfg.set",
        doc: "Set the value of a configuration variable and commit the change immediately.",
        run: |call| set(call, any),
    },
    Rpc {
        name: "cfg.set_delayed",
        doc: "Prepare the change of a configuration variable, but does not commit the new value yet.",
        run: |call| set_delayed(call, any),
    },
    Rpc {
        name: "cfg.set_delayed_int",
        doc: "Prepare the change of an integer variable, but does not commit the new value yet.",
        run: |call| set_delayed(call, int),
    },
    Rpc {
        name: "cfg.set_delayed_string",
        doc: "Prepare the change of a string variable, but does not commit the new value yet.",
        run: |call| set_delayed(call, string),
    },
    Rpc {
        name: "cfg.set_now_int",
        doc: "Set the value of a configuration variable to an integer immediately.",
        run: |call| set(call, int),
    },
    Rpc {
        name: "cfg.set_now_string",
        doc: "Set the value of a configuration variable to a string immediately.",
        run: |call| set(call, string),
    },
    Rpc {
        name: "cfg.seti",
        doc: "Same as cfg.set_now_int.",
        run: |call| set(call, int),
    },
    Rpc {
        name: "cfg.sets",
        doc: "Same as cfg.set_now_string.",
        run: |call| set(call, string),
    },
];

fn text(call: &RpcCall<'_>, index: usize) -> Result<String, RpcFault> {
    let text = call.want_text(index)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn bad_group() -> RpcFault {
    RpcFault::new(
        400,
        "Wrong group syntax. Use either \"group\", or \"group[id]\"",
    )
}

/// `group[id]`, which some methods want.
fn instance(text: &str) -> Result<(&str, u32), RpcFault> {
    match Place::parse(text) {
        Ok(Place {
            group,
            instance: Some(id),
        }) => Ok((group, id)),
        _ => Err(RpcFault::new(400, "Wrong group syntax. Use \"group[id]\"")),
    }
}

fn on_instance(
    call: &RpcCall<'_>,
    failed: &str,
    work: fn(&CfgVars, &str, u32) -> bool,
) -> RpcResult {
    let place = text(call, 0)?;
    let (group, id) = instance(&place)?;
    if work(&call.core.cfg, group, id) {
        Ok(Vec::new())
    } else {
        Err(RpcFault::new(400, failed))
    }
}

fn del(call: &RpcCall<'_>) -> RpcResult {
    let (place, name) = (text(call, 0)?, text(call, 1)?);
    let (group, id) = instance(&place)?;
    let failed = |_| RpcFault::new(400, "Failed to delete the value");
    call.core.cfg.unset(group, id, &name).map_err(failed)?;
    Ok(Vec::new())
}

fn del_delayed(call: &RpcCall<'_>) -> RpcResult {
    let (place, name) = (text(call, 0)?, text(call, 1)?);
    let (group, id) = instance(&place)?;
    let failed = |_| RpcFault::new(400, "Failed to delete the value");
    call.core
        .cfg
        .unset_delayed(group, id, &name)
        .map_err(failed)?;
    Ok(Vec::new())
}

type ReadValue = fn(&RpcCall<'_>, usize) -> Result<CfgValue, RpcFault>;

fn int(call: &RpcCall<'_>, index: usize) -> Result<CfgValue, RpcFault> {
    call.want_int(index).map(CfgValue::Int)
}

fn string(call: &RpcCall<'_>, index: usize) -> Result<CfgValue, RpcFault> {
    call.want_text(index).map(CfgValue::Text)
}

fn any(call: &RpcCall<'_>, index: usize) -> Result<CfgValue, RpcFault> {
    match call.args.get(index) {
        Some(RpcValue::Int(n)) => Ok(CfgValue::Int(*n)),
        _ => string(call, index),
    }
}

fn set(call: &RpcCall<'_>, read: ReadValue) -> RpcResult {
    let (place, name) = (text(call, 0)?, text(call, 1)?);
    let value = read(call, 2)?;
    let parsed = Place::parse(&place).map_err(|_| bad_group())?;
    let shown = show(&value);
    call.core
        .cfg
        .set_at(parsed, &name, value)
        .map_err(|error| refused(call, &place, &name, error))?;
    call.core.log(
        Level::Info,
        &format!("{place}.{name} has been changed to {shown}"),
    );
    Ok(Vec::new())
}

fn set_delayed(call: &RpcCall<'_>, read: ReadValue) -> RpcResult {
    let (place, name) = (text(call, 0)?, text(call, 1)?);
    let value = read(call, 2)?;
    let parsed = Place::parse(&place).map_err(|_| bad_group())?;
    call.core
        .cfg
        .set_delayed(parsed, &name, value)
        .map_err(|error| refused(call, &place, &name, error))?;
    Ok(Vec::new())
}

/// The reason goes to the log, as in Kamailio.
fn refused(call: &RpcCall<'_>, group: &str, name: &str, error: CfgError) -> RpcFault {
    call.core
        .log(Level::Error, &format!("cannot set {group}.{name}: {error}"));
    RpcFault::new(400, "Failed to set the variable")
}

fn show(value: &CfgValue) -> String {
    match value {
        CfgValue::Int(n) => n.to_string(),
        CfgValue::Text(t) => String::from_utf8_lossy(t).into_owned(),
    }
}

fn rpc_value(value: CfgValue) -> RpcValue {
    match value {
        CfgValue::Int(n) => RpcValue::Int(n),
        CfgValue::Text(t) => RpcValue::Text(t),
    }
}

const HIDDEN: &str = "Variable exists, but it is not readable via RPC interface";

fn get(call: &RpcCall<'_>) -> RpcResult {
    let missing = |_| RpcFault::new(500, "Failed to get the parameters");
    let group = text(call, 0).map_err(missing)?;
    let failed = |_| RpcFault::new(400, "Failed to get the variable");
    let place = Place::parse(&group).map_err(|_| bad_group())?;
    let cfg = &call.core.cfg;
    if let Some(name) = call.text(1) {
        let hidden = cfg.find(place.group, &String::from_utf8_lossy(&name));
        if hidden.is_some_and(|var| var.is_hidden()) {
            return Err(RpcFault::new(400, HIDDEN));
        }
        let value = cfg.value_at(place, &String::from_utf8_lossy(&name));
        return Ok(vec![rpc_value(value.map_err(failed)?)]);
    }
    let mut members = Vec::new();
    let shown = |var: &CfgVar| var.group == place.group && !var.is_hidden();
    for var in cfg.all().into_iter().filter(shown) {
        let value = cfg.value_at(place, &var.name).map_err(failed)?;
        members.push((var.name, rpc_value(value)));
    }
    Ok(vec![RpcValue::Struct(members)])
}

fn help(call: &RpcCall<'_>) -> RpcResult {
    let (group, name) = (text(call, 0)?, text(call, 1)?);
    let var = call
        .core
        .cfg
        .find(&group, &name)
        .ok_or_else(|| RpcFault::new(400, "Failed to get the variable description"))?;
    let kind = if var.is_int() { "integer" } else { "string" };
    Ok(vec![
        var.description.into(),
        format!("(parameter type is {kind})").into(),
    ])
}

/// Groups come in the reverse order of their declaration.
fn list(call: &RpcCall<'_>) -> RpcResult {
    let wanted = match call.args.first() {
        Some(RpcValue::Text(group)) => Some(String::from_utf8_lossy(group).into_owned()),
        _ => None,
    };
    let vars = call.core.cfg.all();
    let mut groups: Vec<&str> = Vec::new();
    for var in &vars {
        if !groups.contains(&var.group.as_str()) {
            groups.push(&var.group);
        }
    }
    let in_group = |group: &str| -> Vec<&CfgVar> {
        let of_group = vars.iter().filter(|v| v.group == group);
        of_group.collect()
    };
    let shown = groups
        .iter()
        .rev()
        .filter(|g| wanted.as_deref().is_none_or(|w| w == **g))
        .flat_map(|g| in_group(g));
    Ok(shown
        .map(|v| format!("{}: {}", v.group, v.name).into())
        .collect())
}

fn diff(call: &RpcCall<'_>) -> RpcResult {
    let rows = call.core.cfg.waiting().into_iter().map(|change| {
        let mut row = vec![("group name".to_owned(), change.group.into())];
        if let Some(id) = change.instance {
            row.push(("group id".to_owned(), i64::from(id).into()));
        }
        row.push(("variable name".to_owned(), change.name.into()));
        row.push(("old value".to_owned(), rpc_value(change.old)));
        row.push(("new value".to_owned(), rpc_value(change.new)));
        RpcValue::Struct(row)
    });
    Ok(rows.collect())
}
