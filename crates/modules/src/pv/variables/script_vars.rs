//! `$var`, `$vz`, `$vn` of a message, `$shv` of the server, `$sel`, constants.

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::cfg_vars::{CfgValue, Place};
use engine::context::Context;
use engine::format::Format;
use engine::log::Level;
use engine::module::{Inner, Status, Variable};
use engine::select::Select;
use engine::variable::{ParsedName, PvName};
use script::value::Value;
use script::view::View;

use super::super::PvState;
use super::super::value::{int, word};

pub(super) const ROWS: &[Variable] = &[
    Variable::new("var", zero_var, "A variable of this message, 0 until set.")
        .named(Inner::Parsed(var_name))
        .shown(show_zero_var)
        .taken(take_zero_var)
        .writable(set_zero_var),
    Variable::new("vz", zero_var, "Same as $var.")
        .named(Inner::Parsed(var_name))
        .shown(show_zero_var)
        .taken(take_zero_var)
        .writable(set_zero_var),
    Variable::new(
        "vn",
        null_var,
        "A variable of this message, null until set.",
    )
    .named(Inner::Parsed(null_var_name))
    .shown(|cx, name| cx.vars.find(key(name)).map_or(View::Null, Value::view))
    .writable(set_null_var),
    Variable::new(
        "shv",
        shared,
        "A variable that all messages share, 0 until set.",
    )
    .named(Inner::Parsed(shared_name))
    .writable(set_shared),
    Variable::new(
        "sel",
        |cx, n| n.data::<Select>().map_or(Value::Null, |s| s.read(cx)),
        "A select, without or with its `@`.",
    )
    .named(Inner::Parsed(select)),
    Variable::new("stat", statistic, "Value of a statistic by its name.").named(Inner::Required),
    Variable::new(
        "_s",
        |cx, n| {
            n.data::<Format>()
                .map_or(Value::Null, |f| Value::Str(f.text(cx)))
        },
        "Text with variables in it.",
    )
    .named(Inner::Parsed(formatted)),
    Variable::new(
        "rsi",
        |cx, _| cx.msg.status().map_or(int(0), int),
        "Status code of a reply, 0 for a request.",
    ),
    Variable::new(
        "ccp",
        custom,
        "A custom global parameter, or any run-time value, by `group.name`; what is written shows from the next message on.",
    )
    .named(Inner::Parsed(custom_name))
    .writable(set_custom),
    Variable::new("err.class", nothing, ERRORS).status(Status::Noop),
    Variable::new("err.level", nothing, ERRORS).status(Status::Noop),
    Variable::new("err.info", nothing, ERRORS).status(Status::Noop),
    Variable::new("err.rcode", nothing, ERRORS).status(Status::Noop),
    Variable::new("err.rreason", nothing, ERRORS).status(Status::Noop),
    Variable::new("true", |_, _| int(1), "1."),
    Variable::new("pp", |_, _| int(std::process::id()), "Process id."),
    Variable::new(
        "ksr",
        version,
        "Version of Kamailio that this server follows: ver, verval.",
    )
    .named(Inner::OneOf(&["ver", "verval"])),
    Variable::new(
        "version",
        version_text,
        "Version of the server: num, full, hash.",
    )
    .named(Inner::OneOf(&["num", "full", "hash"])),
];

const ERRORS: &str = "Always null, as in Kamailio 5.6.3, where nothing sets it any more.";

fn nothing(_: &mut Context, _: &PvName) -> Value {
    Value::Null
}

/// The name of a value, and how it is read: looked up once, as what there is does not change after
/// the start. `None`: there is no such value.
struct Custom {
    group: String,
    name: String,
    select: Option<Select>,
}

fn custom_name(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    let Some((group, name)) = name.trim().split_once('.') else {
        return Err(format!("`{name}` is not group.name"));
    };
    if group.is_empty() || name.is_empty() {
        return Err(format!("`{group}.{name}` is not group.name"));
    }
    let found = scope.select(&format!("cfg_get.{group}.{name}")).ok();
    Ok(ParsedName::data(Custom {
        group: group.to_owned(),
        name: name.to_owned(),
        select: found,
    }))
}

fn custom(cx: &mut Context, name: &PvName) -> Value {
    match name.data::<Custom>().and_then(|own| own.select.as_ref()) {
        Some(select) => select.read_typed(cx),
        None => Value::Null,
    }
}

/// Null changes nothing.
fn set_custom(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let Some(own) = name.data::<Custom>() else {
        return false;
    };
    let value = match value {
        Value::Null => {
            cx.log(Level::Warning, "$ccp(…) = $null changes nothing");
            return true;
        }
        Value::Int(number) => CfgValue::Int(number),
        Value::Str(text) => CfgValue::Text(text),
    };
    let place = Place {
        group: &own.group,
        instance: None,
    };
    match cx.core.cfg.set_at(place, &own.name, value) {
        Ok(()) => true,
        Err(error) => {
            let Custom { group, name, .. } = own;
            cx.log(Level::Error, &format!("$ccp({group}.{name}): {error}"));
            false
        }
    }
}

fn var_name(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    Ok(ParsedName::key(scope.intern(name)))
}

/// `$vn(x)` and `$var(x)` are different variables.
fn null_var_name(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    Ok(ParsedName::key(scope.intern(&format!("vn:{name}"))))
}

fn select(scope: &mut NameScope<'_, '_>, path: &str) -> Result<ParsedName, String> {
    scope.select(path).map(ParsedName::data)
}

/// Keys are counted from 0 at load: they fit.
fn key(name: &PvName) -> u32 {
    u32::try_from(name.parsed.key).unwrap_or(u32::MAX)
}

fn zero_var(cx: &mut Context, name: &PvName) -> Value {
    cx.vars.get(key(name))
}

fn show_zero_var<'a>(cx: &'a mut Context, name: &'a PvName) -> View<'a> {
    cx.vars.find(key(name)).map_or(View::Int(0), Value::view)
}

fn take_zero_var(cx: &mut Context, name: &PvName) -> Value {
    cx.vars.take(key(name)).unwrap_or(int(0))
}

/// Null makes it 0 again.
fn set_zero_var(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let value = match value {
        Value::Null => int(0),
        other => other,
    };
    cx.vars.set(key(name), value);
    true
}

fn null_var(cx: &mut Context, name: &PvName) -> Value {
    cx.vars.find(key(name)).cloned().unwrap_or_default()
}

fn set_null_var(cx: &mut Context, name: &PvName, value: Value) -> bool {
    cx.vars.set(key(name), value);
    true
}

/// A variable that the script names is there from the start. The name may hold variables.
fn shared_name(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    if let Some(state) = scope.state::<PvState>().filter(|_| !name.contains('$')) {
        state.shared.declare(name.as_bytes());
    }
    scope.format(name).map(ParsedName::data)
}

fn shared_text(cx: &mut Context, name: &PvName) -> Bytes {
    let format = name.data::<Format>();
    format.map(|f| f.text(cx)).unwrap_or_default()
}

fn shared(cx: &mut Context, name: &PvName) -> Value {
    let text = shared_text(cx, name);
    name.state::<PvState>()
        .and_then(|s| s.shared.get(&text))
        .unwrap_or(Value::Int(0))
}

fn set_shared(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let text = shared_text(cx, name);
    // Null leaves an empty text, not the 0 of the beginning.
    let value = match value {
        Value::Null => Value::Str(bytes::Bytes::new()),
        other => other,
    };
    match name.state::<PvState>() {
        Some(state) => {
            state.shared.set(&text, value);
            true
        }
        None => false,
    }
}

fn version(_: &mut Context, name: &PvName) -> Value {
    match name.parsed.key {
        0 => word("5.6.3"),
        _ => int(5_006_003),
    }
}

fn version_text(_: &mut Context, name: &PvName) -> Value {
    match name.parsed.key {
        0 => word("5.6.3"),
        1 => word(concat!(
            "ferrosip ",
            env!("CARGO_PKG_VERSION"),
            " (follows kamailio 5.6.3)"
        )),
        _ => word("unknown"),
    }
}

fn formatted(scope: &mut NameScope<'_, '_>, text: &str) -> Result<ParsedName, String> {
    scope.format(text).map(ParsedName::data)
}

/// Names are unique over all groups, as far as scripts use them.
fn statistic(cx: &mut Context, name: &PvName) -> Value {
    let wanted = name.text(cx);
    let wanted = String::from_utf8_lossy(&wanted).into_owned();
    let all = cx.core.statistics.all();
    match all.iter().find(|(_, name, _)| *name == wanted) {
        Some((_, _, value)) => int(*value),
        None => {
            cx.log(Level::Error, &format!("there is no statistic `{wanted}`"));
            Value::Null
        }
    }
}
