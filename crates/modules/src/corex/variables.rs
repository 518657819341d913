//! `$cfg(…)`, `$lsock(…)`, `$atkv(…)`.

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName};
use script::value::Value;

pub(super) static TABLE: &[Variable] = &[
    Variable::new(
        "cfg",
        place,
        "Where the script is: route, line, name, file. In the condition of `if`, `while` and `switch` the line is the one where the statement begins; Kamailio tells a line at its end.",
    )
    .named(Inner::OneOf(&["line", "name", "file", "route"])),
    Variable::new(
        "lsock",
        listening,
        "A listening socket by pattern: u/text/g …",
    )
    .named(Inner::Parsed(socket_pattern))
    .silent(),
];

/// `line` and `name` are those of the function that runs, else of the statement.
fn place(cx: &mut Context, name: &PvName) -> Value {
    let Some(block) = cx.block() else {
        return Value::Null;
    };
    if name.parsed.key == 3 {
        return Value::Str(Bytes::copy_from_slice(block.as_bytes()));
    }
    let (file, line) = cx.line_of(cx.calling.unwrap_or(cx.position));
    match name.parsed.key {
        0 => Value::Int(i64::try_from(line).unwrap_or(0)),
        _ => Value::Str(file.into()),
    }
}

/// `text` or `mode/text/what`: what is looked for (`u` the whole text, `n` the name) and what is
/// shown of the socket found.
fn socket_pattern(_: &mut NameScope<'_, '_>, text: &str) -> Result<ParsedName, String> {
    Ok(ParsedName::data(text.to_owned()))
}

fn listening(cx: &mut Context, name: &PvName) -> Value {
    let Some(text) = name.data::<String>() else {
        return Value::Null;
    };
    let mut parts = text.split('/');
    let (mode, wanted, shown) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or("u"),
    );
    let found = cx.core.sockets.all().iter().find(|s| match mode {
        "n" => s.name.as_deref() == Some(wanted.as_bytes()),
        "g" => s.text.starts_with(wanted.as_bytes()),
        _ => s.text == wanted.as_bytes(),
    });
    let Some(socket) = found else {
        return Value::Null;
    };
    match shown {
        "n" => socket.name.clone().map_or(Value::Null, Value::Str),
        _ => Value::Str(socket.text.clone()),
    }
}
