//! RPC methods.

use std::sync::Arc;

use bytes::Bytes;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};
use script::value::Value;

use super::api::{Htable, now};
use super::date;
use super::table::{Entry, Table};

/// All methods.
pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "htable.delete",
        doc: "Removes an item: table, key.",
        run: delete,
    },
    Rpc {
        name: "htable.dump",
        doc: "Lists the items of a table by slot: table.",
        run: dump,
    },
    Rpc {
        name: "htable.flush",
        doc: "Removes all items of a table: table.",
        run: flush,
    },
    Rpc {
        name: "htable.get",
        doc: "Shows an item: table, key.",
        run: get,
    },
    Rpc {
        name: "htable.listTables",
        doc: "Lists the tables with their attributes.",
        run: list_tables,
    },
    Rpc {
        name: "htable.reload",
        doc: "Loads a table from the database: table. Faults: no database is configured.",
        run: no_database,
    },
    Rpc {
        name: "htable.setex",
        doc: "Lets an item end after so many seconds: table, key, seconds.",
        run: set_life,
    },
    Rpc {
        name: "htable.seti",
        doc: "Sets an item to an integer: table, key, value.",
        run: set_integer,
    },
    Rpc {
        name: "htable.sets",
        doc: "Sets an item to a text: table, key, value.",
        run: set_text,
    },
    Rpc {
        name: "htable.setxi",
        doc: "Sets an item to an integer that ends after so many seconds: table, key, value, seconds.",
        run: set_integer_for,
    },
    Rpc {
        name: "htable.setxs",
        doc: "Sets an item to a text that ends after so many seconds: table, key, value, seconds.",
        run: set_text_for,
    },
    Rpc {
        name: "htable.stats",
        doc: "Slots and items of each table, fewest and most items in a slot.",
        run: stats,
    },
    Rpc {
        name: "htable.store",
        doc: "Stores a table in the database: table. Faults: no database is configured.",
        run: no_database,
    },
];

const NEEDS_TWO: &str = "Not enough parameters (htable name and key name)";
const NEEDS_THREE: &str = "Not enough parameters (htable name, key name and value)";
const NEEDS_LIFE: &str = "Not enough parameters (htable name, key name and expire)";
const NEEDS_FOUR: &str = "Not enough parameters (htable name, key name, value and expire)";

fn fault(reason: &str) -> RpcFault {
    RpcFault::new(500, reason)
}

fn done(text: &str) -> RpcResult {
    Ok(vec![RpcValue::from(text)])
}

fn table(call: &RpcCall<'_>, name: &[u8]) -> Result<Arc<Table>, RpcFault> {
    call.state::<Htable>()?
        .table(name)
        .cloned()
        .ok_or_else(|| fault("No such htable"))
}

fn text(call: &RpcCall<'_>, index: usize, missing: &str) -> Result<Bytes, RpcFault> {
    call.text(index).ok_or_else(|| fault(missing))
}

fn int(call: &RpcCall<'_>, index: usize, missing: &str) -> Result<i64, RpcFault> {
    call.int(index).ok_or_else(|| fault(missing))
}

fn rpc_value(value: &Value) -> RpcValue {
    match value {
        Value::Int(n) => RpcValue::Int(*n),
        other => RpcValue::Text(other.to_bytes()),
    }
}

fn delete(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, NEEDS_TWO)?;
    let key = text(call, 1, NEEDS_TWO)?;
    if table(call, &name)?.remove(&key) {
        done("Ok. Key deleted.")
    } else {
        Err(RpcFault::new(404, "Key not found in htable."))
    }
}

fn flush(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, "No htable name given")?;
    table(call, &name)?.clear();
    done("Ok. Htable flushed.")
}

fn no_database(call: &RpcCall<'_>) -> RpcResult {
    text(call, 0, "No htable name given")?;
    Err(fault("No htable db_url"))
}

fn get(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, NEEDS_TWO)?;
    let key = text(call, 1, NEEDS_TWO)?;
    let entry = table(call, &name)?
        .entry(&key, now(call.core))
        .ok_or_else(|| fault("Key name doesn't exist in htable."))?;
    let expire = match entry.expires {
        0 => "NEVER".to_owned(),
        seconds => date::date_and_time(seconds),
    };
    let item = vec![
        ("name".to_owned(), RpcValue::Text(entry.name)),
        ("value".to_owned(), rpc_value(&entry.value)),
        ("flags".to_owned(), RpcValue::Int(flags(&entry.value))),
        ("expire".to_owned(), expire.into()),
    ];
    Ok(vec![RpcValue::Struct(vec![(
        "item".to_owned(),
        RpcValue::Struct(item),
    )])])
}

/// Kamailio's flags of a value: 2 marks text.
fn flags(value: &Value) -> i64 {
    match value {
        Value::Str(_) => 2,
        _ => 0,
    }
}

fn dump(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, "No htable name given")?;
    let entries = table(call, &name)?.entries(now(call.core));
    let slots = entries.chunk_by(|a, b| a.slot == b.slot);
    Ok(slots.map(slot).collect())
}

fn slot(entries: &[Entry]) -> RpcValue {
    let items = entries
        .iter()
        .map(|entry| {
            let kind = match entry.value {
                Value::Str(_) => "str",
                _ => "int",
            };
            RpcValue::Struct(vec![
                ("name".to_owned(), RpcValue::Text(entry.name.clone())),
                ("value".to_owned(), rpc_value(&entry.value)),
                ("type".to_owned(), kind.into()),
            ])
        })
        .collect();
    let number = entries.first().map_or(0, |e| i64::from(e.slot));
    RpcValue::Struct(vec![
        ("entry".to_owned(), RpcValue::Int(number)),
        ("size".to_owned(), RpcValue::Int(entries.len() as i64)),
        ("slot".to_owned(), RpcValue::List(items)),
    ])
}

fn list_tables(call: &RpcCall<'_>) -> RpcResult {
    let row = |table: &Arc<Table>| {
        let d = &table.definition;
        RpcValue::Struct(vec![
            ("name".to_owned(), RpcValue::Text(d.name.clone())),
            ("dbtable".to_owned(), RpcValue::Text(d.db_table.clone())),
            ("dbmode".to_owned(), RpcValue::Int(d.db_mode)),
            ("expire".to_owned(), RpcValue::Int(d.autoexpire as i64)),
            (
                "updateexpire".to_owned(),
                RpcValue::Int(i64::from(d.update_expire)),
            ),
            ("size".to_owned(), RpcValue::Int(i64::from(d.slots()))),
            ("dmqreplicate".to_owned(), RpcValue::Int(d.replicate)),
        ])
    };
    Ok(call.state::<Htable>()?.tables().iter().map(row).collect())
}

fn stats(call: &RpcCall<'_>) -> RpcResult {
    let now = now(call.core);
    let row = |table: &Arc<Table>| {
        let entries = table.entries(now);
        let filled = entries.chunk_by(|a, b| a.slot == b.slot);
        let sizes: Vec<usize> = filled.map(<[Entry]>::len).collect();
        let slots = table.definition.slots();
        let least = if sizes.len() < slots as usize {
            0
        } else {
            sizes.iter().copied().min().unwrap_or(0)
        };
        let most = sizes.iter().copied().max().unwrap_or(0);
        RpcValue::Struct(vec![
            (
                "name".to_owned(),
                RpcValue::Text(table.definition.name.clone()),
            ),
            ("slots".to_owned(), RpcValue::Int(i64::from(slots))),
            ("all".to_owned(), RpcValue::Int(entries.len() as i64)),
            ("min".to_owned(), RpcValue::Int(least as i64)),
            ("max".to_owned(), RpcValue::Int(most as i64)),
        ])
    };
    Ok(call.state::<Htable>()?.tables().iter().map(row).collect())
}

fn set_text(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, NEEDS_THREE)?;
    let key = text(call, 1, NEEDS_THREE)?;
    let value = Value::Str(text(call, 2, NEEDS_THREE)?);
    table(call, &name)?.set(&key, &value, now(call.core));
    done("Ok. Key set to new value.")
}

fn set_integer(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, NEEDS_THREE)?;
    let key = text(call, 1, NEEDS_THREE)?;
    let value = Value::Int(int(call, 2, NEEDS_THREE)?);
    table(call, &name)?.set(&key, &value, now(call.core));
    done("Ok. Key set to new value.")
}

fn set_life(call: &RpcCall<'_>) -> RpcResult {
    let name = text(call, 0, NEEDS_LIFE)?;
    let key = text(call, 1, NEEDS_LIFE)?;
    let seconds = int(call, 2, NEEDS_LIFE)?;
    table(call, &name)?.set_life(&key, seconds, now(call.core));
    done("Ok")
}

fn set_text_for(call: &RpcCall<'_>) -> RpcResult {
    let value = Value::Str(text(call, 2, NEEDS_FOUR)?);
    set_for(call, &value)
}

fn set_integer_for(call: &RpcCall<'_>) -> RpcResult {
    let value = Value::Int(int(call, 2, NEEDS_FOUR)?);
    set_for(call, &value)
}

fn set_for(call: &RpcCall<'_>, value: &Value) -> RpcResult {
    let name = text(call, 0, NEEDS_FOUR)?;
    let key = text(call, 1, NEEDS_FOUR)?;
    let seconds = int(call, 3, NEEDS_FOUR)?;
    let Ok(table) = table(call, &name) else {
        return Err(fault("Failed to set the item"));
    };
    table.set_for(&key, value, seconds, now(call.core));
    done("Ok. Key set to new value.")
}
