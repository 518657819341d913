//! Pseudo-variables.

use std::sync::Arc;

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::format::Format;
use engine::log::Level;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName};
use script::value::Value;

use super::api::{Ended, Htable, now};
use super::iterator::Iterators;
use super::matching::Test;
use super::table::Table;

/// All variables.
pub(super) static TABLE: &[Variable] = &[
    Variable::new(
        "sht",
        read_item,
        "An item of a table, $sht(table=>key); null removes it.",
    )
    .named(Inner::Parsed(parse_item))
    .writable(write_item),
    Variable::new(
        "shtcn",
        count_names,
        "How many items of a table have a name that passes an expression.",
    )
    .named(Inner::Parsed(parse_item)),
    Variable::new(
        "shtcv",
        count_values,
        "How many items of a table have a value that passes an expression.",
    )
    .named(Inner::Parsed(parse_item)),
    Variable::new(
        "shtdec",
        decrement,
        "Takes one from an integer item and yields the result, in one step.",
    )
    .named(Inner::Parsed(parse_item)),
    Variable::new(
        "shtex",
        read_life,
        "Seconds until an item ends; it may be set.",
    )
    .named(Inner::Parsed(parse_item))
    .writable(write_life),
    Variable::new(
        "shtinc",
        increment,
        "Adds one to an integer item and yields the result, in one step.",
    )
    .named(Inner::Parsed(parse_item)),
    Variable::new(
        "shtitkey",
        iterator_key,
        "Name of the item that an iterator stands on.",
    )
    .named(Inner::Required),
    Variable::new(
        "shtitval",
        iterator_value,
        "Value of the item that an iterator stands on.",
    )
    .named(Inner::Required),
    Variable::new(
        "shtrecord",
        read_record,
        "Name or value of the item that ended, in event_route[htable:expired:table].",
    )
    .named(Inner::OneOf(&["key", "value"]))
    .silent(),
];

/// `table=>key`, resolved at load.
struct ItemName {
    /// `None`: no such table; Kamailio loads such a configuration and reads null.
    table: Option<Arc<Table>>,
    key: Format,
}

fn parse_item(scope: &mut NameScope<'_, '_>, text: &str) -> Result<ParsedName, String> {
    let Some((table, key)) = text.split_once("=>") else {
        return Err(format!("`{text}` is not of the form table=>key"));
    };
    let table = scope
        .state::<Htable>()
        .and_then(|state| state.table(table.trim().as_bytes()))
        .cloned();
    let key = scope.format(key)?;
    Ok(ParsedName::data(ItemName { table, key }))
}

/// The table and the item's name as it is now.
fn item(cx: &mut Context, name: &PvName) -> Option<(Arc<Table>, Bytes)> {
    let parsed: &ItemName = name.data()?;
    let table = parsed.table.clone()?;
    Some((table, parsed.key.text(cx)))
}

fn read_item(cx: &mut Context, name: &PvName) -> Value {
    match item(cx, name) {
        Some((table, key)) => table.value(&key, now(&cx.core)),
        None => Value::Null,
    }
}

fn write_item(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let Some((table, key)) = item(cx, name) else {
        return false;
    };
    table.set(&key, &value, now(&cx.core));
    true
}

/// The difference as Kamailio shows it: unsigned, so that what has ended, and what never ends,
/// reads as a huge number.
fn read_life(cx: &mut Context, name: &PvName) -> Value {
    let Some((table, key)) = item(cx, name) else {
        return Value::Null;
    };
    if table.definition.autoexpire == 0 {
        return Value::Int(0);
    }
    let left = match table.expires(&key) {
        Some(expires) => expires.wrapping_sub(now(&cx.core)) as u32,
        None => 0,
    };
    Value::Int(i64::from(left))
}

fn write_life(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let Some((table, key)) = item(cx, name) else {
        return false;
    };
    // Kamailio takes text for 0 here, whatever it says.
    let seconds = match value {
        Value::Int(n) => n,
        _ => 0,
    };
    table.set_life(&key, seconds, now(&cx.core));
    true
}

fn increment(cx: &mut Context, name: &PvName) -> Value {
    add(cx, name, 1)
}

fn decrement(cx: &mut Context, name: &PvName) -> Value {
    add(cx, name, -1)
}

fn add(cx: &mut Context, name: &PvName, by: i64) -> Value {
    item(cx, name)
        .and_then(|(table, key)| table.add(&key, by, now(&cx.core)))
        .map_or(Value::Null, Value::Int)
}

fn count_names(cx: &mut Context, name: &PvName) -> Value {
    count(cx, name, |test, name, _| test.name(name))
}

fn count_values(cx: &mut Context, name: &PvName) -> Value {
    count(cx, name, |test, _, value| test.value(value))
}

fn count(cx: &mut Context, name: &PvName, passes: fn(&Test, &[u8], &Value) -> bool) -> Value {
    let Some((table, expression)) = item(cx, name) else {
        return Value::Null;
    };
    if expression.is_empty() {
        return Value::Int(0);
    }
    match Test::of_expression(&expression) {
        Ok(test) => {
            let now = now(&cx.core);
            Value::Int(table.count_where(now, |name, value| passes(&test, name, value)))
        }
        Err(error) => {
            cx.log_bytes(Level::Error, None, "htable", error.to_string().as_bytes());
            Value::Int(0)
        }
    }
}

fn iterator_key(cx: &mut Context, name: &PvName) -> Value {
    current(cx, name).map_or(Value::Null, |(key, _)| Value::Str(key))
}

fn iterator_value(cx: &mut Context, name: &PvName) -> Value {
    current(cx, name).map_or(Value::Null, |(_, value)| value)
}

fn current(cx: &mut Context, name: &PvName) -> Option<(Bytes, Value)> {
    let iterator = name.text(cx);
    let now = now(&cx.core);
    cx.extensions
        .get_mut::<Iterators>()?
        .current(&iterator, now)
}

fn read_record(cx: &mut Context, name: &PvName) -> Value {
    let Some(ended) = cx.extensions.get::<Ended>() else {
        return Value::Null;
    };
    if name.parsed.key == 0 {
        Value::Str(ended.name.clone())
    } else {
        ended.value.clone()
    }
}
