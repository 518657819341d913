//! Methods about statistics.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

/// The module's methods.
pub(super) static RPCS: &[Rpc] = &[
    Rpc {
        name: "stats.clear_statistics",
        doc: "Clear the statistics of the given names and print their values.",
        run: |call| {
            let found = find(call, "Please provide stats name")?;
            let lines = found.iter().map(line).collect();
            clear(call, &found);
            Ok(lines)
        },
    },
    Rpc {
        name: "stats.fetch",
        doc: "Fetch statistics values as texts: all, a group (group:), or a name.",
        run: |call| fetch(call, |value| value.to_string().into()),
    },
    Rpc {
        name: "stats.fetchn",
        doc: "Fetch statistics values as numbers: all, a group (group:), or a name.",
        run: |call| fetch(call, RpcValue::Int),
    },
    Rpc {
        name: "stats.get_statistics",
        doc: "Get statistics as lines: all, a group (group:), or a name.",
        run: |call| Ok(find(call, WHICH)?.iter().map(line).collect()),
    },
    Rpc {
        name: "stats.reset_statistics",
        doc: "Reset the statistics of the given names to zero.",
        run: |call| {
            let found = find(call, "Please provide stats name")?;
            clear(call, &found);
            Ok(Vec::new())
        },
    },
];

const WHICH: &str = "Please provide which stats to retrieve";

type Row = (String, String, i64);

fn line((group, name, value): &Row) -> RpcValue {
    format!("{group}:{name} = {value}").into()
}

fn clear(call: &RpcCall<'_>, rows: &[Row]) {
    for (group, name, _) in rows {
        // Computed ones stay as they are.
        call.core.statistics.reset(group, name);
    }
}

fn fetch(call: &RpcCall<'_>, show: fn(i64) -> RpcValue) -> RpcResult {
    let found = find(call, WHICH)?;
    let members = found
        .into_iter()
        .map(|(group, name, value)| (format!("{group}.{name}"), show(value)));
    Ok(vec![RpcValue::Struct(members.collect())])
}

/// The statistics that the arguments name, each argument's sorted; unknown names are passed over.
fn find(call: &RpcCall<'_>, missing: &str) -> Result<Vec<Row>, RpcFault> {
    if call.args.is_empty() {
        return Err(RpcFault::new(400, missing));
    }
    let mut all = call.core.statistics.all();
    all.sort();
    let mut found = Vec::new();
    for index in 0..call.args.len() {
        let Some(text) = call.text(index) else {
            continue;
        };
        let text = String::from_utf8_lossy(&text);
        let wanted = |(group, name, _): &&Row| match text.split_once([':', '.']) {
            _ if text == "all" => true,
            Some((g, "")) => group == g,
            Some((g, n)) => group == g && name == n,
            None => *name == *text,
        };
        found.extend(all.iter().filter(wanted).cloned());
    }
    Ok(found)
}
