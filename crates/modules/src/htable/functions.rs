//! Script functions.

use std::sync::Arc;

use bytes::Bytes;
use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Status, TRUE};
use script::value::Value;

use super::api::{Htable, now};
use super::iterator::{Iterators, Removed};
use super::locks;
use super::matching::Test;
use super::table::Table;

const TABLE_AND_TEST: &[Arg] = &[Arg::text("htable"), Arg::text("op"), Arg::text("val")];
const TABLE_AND_REGEX: &[Arg] = &[Arg::text("htable=>regexp")];
const TABLE_AND_KEY: &[Arg] = &[Arg::text("htable=>key")];
const ITERATOR: &[Arg] = &[Arg::text("iname")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::exact(
        "sht_has_name",
        TABLE_AND_TEST,
        match_name,
        "Whether a table has an item whose name passes a test: eq, ne, re or sw.",
    )
    .constant(),
    Function::exact(
        "sht_has_str_value",
        TABLE_AND_TEST,
        match_value,
        "Whether a table has an item whose text value passes a test: eq, ne, re or sw.",
    )
    .constant(),
    Function::exact(
        "sht_iterator_end",
        ITERATOR,
        iterator_end,
        "Ends an iterator.",
    ),
    Function::exact(
        "sht_iterator_next",
        ITERATOR,
        iterator_next,
        "Moves an iterator to the next item; false behind the last one.",
    ),
    Function::exact(
        "sht_iterator_rm",
        ITERATOR,
        iterator_rm,
        "Removes the current item and moves on; -2 when it was the last one.",
    ),
    Function::exact(
        "sht_iterator_setex",
        &[Arg::text("iname"), Arg::int("exval")],
        iterator_setex,
        "Lets the current item end after so many seconds.",
    ),
    Function::exact(
        "sht_iterator_seti",
        &[Arg::text("iname"), Arg::int("ival")],
        iterator_seti,
        "Sets the current item to an integer.",
    ),
    Function::exact(
        "sht_iterator_sets",
        &[Arg::text("iname"), Arg::text("sval")],
        iterator_sets,
        "Sets the current item to a text.",
    ),
    Function::exact(
        "sht_iterator_start",
        &[Arg::text("iname"), Arg::text("hname")],
        iterator_start,
        "Starts an iterator before the first item of a table. Iterators belong to the message; \
         items that go while it runs are skipped.",
    ),
    Function::exact(
        "sht_lock",
        TABLE_AND_KEY,
        sht_lock,
        "Locks an item for this message. Other messages that lock it wait, with their routes \
         parked; the end of the message releases it.",
    )
    .constant(),
    Function::exact(
        "sht_match_name",
        TABLE_AND_TEST,
        match_name,
        "Whether a table has an item whose name passes a test: eq, ne, re or sw.",
    )
    .constant(),
    Function::exact(
        "sht_match_str_value",
        TABLE_AND_TEST,
        match_value,
        "Whether a table has an item whose text value passes a test: eq, ne, re or sw.",
    )
    .constant(),
    Function::exact(
        "sht_print",
        &[],
        print,
        "Logs all items of all tables; slots without items are not shown.",
    )
    .with(Status::Partial),
    Function::exact(
        "sht_reset",
        &[Arg::text("htable")],
        reset,
        "Removes all items of a table.",
    ),
    Function::exact(
        "sht_rm",
        &[Arg::text("htname"), Arg::text("itname")],
        remove,
        "Removes an item.",
    ),
    Function::exact(
        "sht_rm_name",
        TABLE_AND_TEST,
        remove_by_name,
        "Removes the items whose name passes a test: re or sw.",
    )
    .constant(),
    Function::exact(
        "sht_rm_name_re",
        TABLE_AND_REGEX,
        remove_by_name_regex,
        "Removes the items whose name matches.",
    )
    .constant(),
    Function::exact(
        "sht_rm_value",
        TABLE_AND_TEST,
        remove_by_value,
        "Removes the items whose text value passes a test: re or sw.",
    )
    .constant(),
    Function::exact(
        "sht_rm_value_re",
        TABLE_AND_REGEX,
        remove_by_value_regex,
        "Removes the items whose text value matches.",
    )
    .constant(),
    Function::exact(
        "sht_setxi",
        &[
            Arg::text("htname"),
            Arg::text("itname"),
            Arg::int("itval"),
            Arg::int("exval"),
        ],
        set_integer,
        "Sets an item to an integer that ends after so many seconds. As in Kamailio 5.6 the \
         script ends with the call.",
    ),
    Function::exact(
        "sht_setxs",
        &[
            Arg::text("htname"),
            Arg::text("itname"),
            Arg::text("itval"),
            Arg::int("exval"),
        ],
        set_text,
        "Sets an item to a text that ends after so many seconds.",
    ),
    Function::exact(
        "sht_unlock",
        TABLE_AND_KEY,
        sht_unlock,
        "Releases an item that sht_lock locked.",
    )
    .constant(),
];

/// The code of `sht_lock` for a table that does not exist.
const NO_TABLE: Outcome = Outcome::Return(-11);
/// The code of `sht_iterator_rm` when the last item went.
const WAS_LAST: Outcome = Outcome::Return(-2);
/// What `sht_setxi` returns, which ends the script.
const END_OF_SCRIPT: Outcome = Outcome::Return(0);

fn complain(cx: &mut Context, level: Level, message: &str) {
    cx.log_bytes(level, None, "htable", message.as_bytes());
}

fn find(cx: &mut Context, state: &Htable, name: &[u8]) -> Option<Arc<Table>> {
    let table = state.table(name).cloned();
    if table.is_none() {
        let name = String::from_utf8_lossy(name);
        complain(cx, Level::Error, &format!("there is no hash table {name}"));
    }
    table
}

/// Splits `table=>rest`.
fn split(text: &Bytes) -> Option<(Bytes, Bytes)> {
    let arrow = memchr::memmem::find(text, b"=>")?;
    let table = sip::chars::trim(&text[..arrow]);
    Some((text.slice_ref(table), text.slice(arrow + 2..)))
}

fn tested(cx: &mut Context, args: &Args<'_>, looks_only: bool) -> Option<(Arc<Table>, Test)> {
    let name = args.text(cx, 0);
    let operator = args.text(cx, 1);
    let value = args.text(cx, 2);
    let table = find(cx, args.state(), &name)?;
    match Test::of_operator(&operator, value, looks_only) {
        Ok(test) => Some((table, test)),
        Err(error) => {
            complain(cx, Level::Warning, &error.to_string());
            None
        }
    }
}

fn match_name(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((table, test)) = tested(cx, args, true) else {
        return FALSE;
    };
    found(table.count_where(now(&cx.core), |name, _| test.name(name)))
}

fn match_value(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((table, test)) = tested(cx, args, true) else {
        return FALSE;
    };
    found(table.count_where(now(&cx.core), |_, value| test.value(value)))
}

fn found(count: i64) -> Outcome {
    if count > 0 { TRUE } else { FALSE }
}

fn remove_by_name(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((table, test)) = tested(cx, args, false) else {
        return FALSE;
    };
    table.remove_where(|name, _| test.name(name));
    TRUE
}

fn remove_by_value(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((table, test)) = tested(cx, args, false) else {
        return FALSE;
    };
    table.remove_where(|_, value| test.value(value));
    TRUE
}

fn table_and_regex(cx: &mut Context, args: &Args<'_>) -> Option<(Arc<Table>, Test)> {
    let text = args.text(cx, 0);
    let (name, regex) = split(&text)?;
    let table = find(cx, args.state(), &name)?;
    match Test::regex(&regex) {
        Ok(test) => Some((table, test)),
        Err(error) => {
            complain(cx, Level::Error, &error.to_string());
            None
        }
    }
}

fn remove_by_name_regex(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((table, test)) = table_and_regex(cx, args) else {
        return FALSE;
    };
    table.remove_where(|name, _| test.name(name));
    TRUE
}

fn remove_by_value_regex(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some((table, test)) = table_and_regex(cx, args) else {
        return FALSE;
    };
    table.remove_where(|_, value| test.value(value));
    TRUE
}

fn reset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let Some(table) = find(cx, args.state(), &name) else {
        return FALSE;
    };
    table.clear();
    TRUE
}

fn remove(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let item = args.text(cx, 1);
    let Some(table) = find(cx, args.state(), &name) else {
        return FALSE;
    };
    table.remove(&item);
    TRUE
}

fn set_text(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let value = Value::Str(args.text(cx, 2));
    if set(cx, args, &value) { TRUE } else { FALSE }
}

fn set_integer(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(value) = args.int(cx, 2) else {
        return FALSE;
    };
    if set(cx, args, &Value::Int(value)) {
        END_OF_SCRIPT
    } else {
        FALSE
    }
}

fn set(cx: &mut Context, args: &Args<'_>, value: &Value) -> bool {
    let name = args.text(cx, 0);
    let item = args.text(cx, 1);
    let Some(seconds) = args.int(cx, 3) else {
        return false;
    };
    let Some(table) = find(cx, args.state(), &name) else {
        return false;
    };
    if item.is_empty() {
        complain(cx, Level::Error, "an item needs a name");
        return false;
    }
    table.set_for(&item, value, seconds, now(&cx.core));
    true
}

fn sht_lock(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let state: &Htable = args.state();
    let Some((name, item)) = split(&text).filter(|(name, _)| state.table(name).is_some()) else {
        complain(cx, Level::Error, "sht_lock: there is no such hash table");
        return NO_TABLE;
    };
    locks::lock(cx, &state.locks, name, &item)
}

fn sht_unlock(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let state: &Htable = args.state();
    let Some((name, item)) = split(&text).filter(|(name, _)| state.table(name).is_some()) else {
        complain(cx, Level::Error, "sht_unlock: there is no such hash table");
        return NO_TABLE;
    };
    locks::unlock(cx, &state.locks, name, &item);
    TRUE
}

fn iterators(cx: &mut Context) -> &mut Iterators {
    cx.extensions.get_or_default()
}

fn iterator_start(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let iterator = args.text(cx, 0);
    let name = args.text(cx, 1);
    let Some(table) = find(cx, args.state(), &name) else {
        return FALSE;
    };
    match iterators(cx).start(&iterator, table) {
        Ok(()) => TRUE,
        Err(error) => {
            complain(cx, Level::Error, &error.to_string());
            FALSE
        }
    }
}

fn iterator_end(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let iterator = args.text(cx, 0);
    if iterators(cx).end(&iterator) {
        return TRUE;
    }
    no_iterator(cx, &iterator)
}

fn iterator_next(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let iterator = args.text(cx, 0);
    let now = now(&cx.core);
    match iterators(cx).next(&iterator, now) {
        Some(true) => TRUE,
        Some(false) => FALSE,
        None => no_iterator(cx, &iterator),
    }
}

fn iterator_rm(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let iterator = args.text(cx, 0);
    let now = now(&cx.core);
    match iterators(cx).remove(&iterator, now) {
        Some(Removed::MovedOn) => TRUE,
        Some(Removed::WasLast) => WAS_LAST,
        Some(Removed::Nothing) => FALSE,
        None => no_iterator(cx, &iterator),
    }
}

fn iterator_sets(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let value = Value::Str(args.text(cx, 1));
    iterator_set(cx, args, &value)
}

fn iterator_seti(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(number) = args.int(cx, 1) else {
        return FALSE;
    };
    iterator_set(cx, args, &Value::Int(number))
}

fn iterator_set(cx: &mut Context, args: &Args<'_>, value: &Value) -> Outcome {
    let iterator = args.text(cx, 0);
    match iterators(cx).current_place(&iterator) {
        Some((table, item)) if table.replace(&item, value) => TRUE,
        _ => no_iterator(cx, &iterator),
    }
}

fn iterator_setex(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let iterator = args.text(cx, 0);
    let Some(seconds) = args.int(cx, 1) else {
        return FALSE;
    };
    let now = now(&cx.core);
    match iterators(cx).current_place(&iterator) {
        Some((table, item)) if table.set_life(&item, seconds, now) => TRUE,
        _ => no_iterator(cx, &iterator),
    }
}

fn no_iterator(cx: &mut Context, name: &[u8]) -> Outcome {
    let name = String::from_utf8_lossy(name);
    complain(
        cx,
        Level::Error,
        &format!("there is no iterator {name}, or it stands on no item"),
    );
    FALSE
}

fn print(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Htable = args.state();
    let now = now(&cx.core);
    for table in state.tables() {
        let definition = &table.definition;
        let name = String::from_utf8_lossy(&definition.name).into_owned();
        let (_, hash) = definition.place(&definition.name);
        let life = definition.autoexpire;
        complain(
            cx,
            Level::Error,
            &format!("htable[{name}] hid: {hash} exp: {life}>"),
        );
        for entry in table.entries(now) {
            let (kind, value) = match &entry.value {
                Value::Str(text) => ('s', String::from_utf8_lossy(text).into_owned()),
                other => ('i', String::from_utf8_lossy(&other.to_bytes()).into_owned()),
            };
            let item = String::from_utf8_lossy(&entry.name).into_owned();
            complain(
                cx,
                Level::Error,
                &format!(
                    "htable[{}] cell: {item} hid: {} expire: {} v-{kind}:{value}",
                    entry.slot, entry.hash, entry.expires
                ),
            );
        }
    }
    TRUE
}
