//! Methods that read all statistics.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

use super::state::CountersState;

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[
    Rpc {
        name: "cnt.get",
        doc: "Get counter value (takes group and counter name as parameters).",
        run: get,
    },
    Rpc {
        name: "cnt.get_raw",
        doc: "Get counter value (takes group and counter name as parameters).",
        run: get,
    },
    Rpc {
        name: "cnt.get_vars",
        doc: "List all counter names and values in a specified group.",
        run: group_values,
    },
    Rpc {
        name: "cnt.grp_get_all",
        doc: "List all counter names and values in a specified group.",
        run: group_values,
    },
    Rpc {
        name: "cnt.grps_list",
        doc: "List all the counter groups.",
        run: groups,
    },
    Rpc {
        name: "cnt.help",
        doc: "Print a counter's description.",
        run: help,
    },
    Rpc {
        name: "cnt.list_groups",
        doc: "List all the counter groups.",
        run: groups,
    },
    Rpc {
        name: "cnt.list_vars",
        doc: "List all the counters' names in a specified group.",
        run: names,
    },
    Rpc {
        name: "cnt.reset",
        doc: "Reset counter value (takes group and counter name as parameters).",
        run: reset,
    },
    Rpc {
        name: "cnt.var_list",
        doc: "List all the counters' names in a specified group.",
        run: names,
    },
];

fn text(call: &RpcCall<'_>, index: usize) -> Result<String, RpcFault> {
    let text = call.want_text(index)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The line end is Kamailio's.
fn missing(group: &str, name: &str) -> RpcFault {
    RpcFault::new(400, format!("non-existent counter {group}.{name}\n"))
}

fn value(call: &RpcCall<'_>) -> Result<(String, String, i64), RpcFault> {
    let (group, name) = (text(call, 0)?, text(call, 1)?);
    let value = call.core.statistics.value(&group, &name);
    let value = value.filter(|_| !group.is_empty());
    let value = value.ok_or_else(|| missing(&group, &name))?;
    Ok((group, name, value))
}

fn get(call: &RpcCall<'_>) -> RpcResult {
    if call.args.len() == 1 {
        return group_values(call);
    }
    value(call).map(|(.., value)| vec![value.into()])
}

fn reset(call: &RpcCall<'_>) -> RpcResult {
    let (group, name, _) = value(call)?;
    // A computed value stays as it is.
    call.core.statistics.reset(&group, &name);
    Ok(Vec::new())
}

fn help(call: &RpcCall<'_>) -> RpcResult {
    let (group, name, _) = value(call)?;
    let state: &CountersState = call.state()?;
    let known = state.description(&group, &name).or_else(|| {
        let rows = call.core.loaded_modules().iter();
        let mut rows = rows.flat_map(|m| m.statistics);
        rows.find(|s| s.group == group && s.name == name)
            .map(|s| s.doc)
    });
    Ok(vec![
        known
            .unwrap_or("kamailio statistic (no description)")
            .into(),
    ])
}

/// The statistics of the group that is asked for, sorted.
fn in_group(call: &RpcCall<'_>) -> Result<Vec<(String, i64)>, RpcFault> {
    let wanted = text(call, 0)?;
    let all = call.core.statistics.all().into_iter();
    let mut found: Vec<(String, i64)> = all
        .filter(|(group, ..)| *group == wanted)
        .map(|(_, name, value)| (name, value))
        .collect();
    found.sort();
    Ok(found)
}

fn group_values(call: &RpcCall<'_>) -> RpcResult {
    let members = in_group(call)?.into_iter();
    let members = members.map(|(name, value)| (name, value.into()));
    Ok(vec![RpcValue::Struct(members.collect())])
}

fn names(call: &RpcCall<'_>) -> RpcResult {
    let rows = in_group(call)?.into_iter();
    Ok(rows.map(|(name, _)| name.into()).collect())
}

fn groups(call: &RpcCall<'_>) -> RpcResult {
    let all = call.core.statistics.all().into_iter();
    let mut groups: Vec<String> = all.map(|(group, ..)| group).collect();
    groups.sort();
    groups.dedup();
    Ok(groups.into_iter().map(Into::into).collect())
}
