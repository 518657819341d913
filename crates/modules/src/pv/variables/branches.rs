//! `$branch(…)[i]`, `$sbranch(…)`, the destination set, sockets to send by.

use bytes::Bytes;
use engine::context::{Branch, Context};
use engine::log::Level;
use engine::module::{Inner, Variable};
use engine::socket::{ConnectionId, ListenSocket};
use engine::variable::{IndexValue, PvName};
use script::value::Value;

use super::super::static_branch::StaticBranch;
use super::super::value::{int, text};

pub(super) const ROWS: &[Variable] = &[
    Variable::new(
        "branch",
        branch,
        "An added branch by index: uri, dst_uri, path, q, send_socket, flags, count …",
    )
    .named(Inner::OneOf(FIELDS))
    .in_text(|cx, name| unsigned(branch(cx, name), name.parsed.key))
    .writable(set_branch),
    Variable::new(
        "sbranch",
        static_branch,
        "A branch being made up for sbranch_append(); fields as of $branch.",
    )
    .named(Inner::OneOf(FIELDS))
    .in_text(|cx, name| unsigned(static_branch(cx, name), name.parsed.key))
    .writable(set_static_branch),
    Variable::new(
        "br",
        |cx, _| {
            cx.branches
                .as_slice()
                .first()
                .and_then(|b| b.uri.clone())
                .map_or(Value::Null, Value::Str)
        },
        "URI of the first added branch; writing adds one.",
    )
    .writable(append),
    Variable::new("bR", all_branches, "URIs of all added branches."),
    Variable::new(
        "ds",
        destination_set,
        "The destination set as a Contact header.",
    ),
    Variable::new(
        "fs",
        |cx, _| forced(cx).map_or(Value::Null, |s| Value::Str(s.text.clone())),
        "Socket that the request is sent by.",
    )
    .writable(set_forced),
    Variable::new(
        "fsn",
        |cx, _| {
            forced(cx)
                .and_then(|s| s.name.clone())
                .map_or(Value::Null, Value::Str)
        },
        "Name of the socket that the request is sent by.",
    )
    .writable(set_forced_name),
    Variable::new(
        "fsp",
        |cx, _| forced(cx).map_or(int(0), |s| int(s.address.port())),
        "Port of the socket that the request is sent by, 0 if none is set.",
    ),
    Variable::new(
        "ruid",
        |cx, _| {
            cx.target
                .registration()
                .ruid
                .clone()
                .map_or(Value::Null, Value::Str)
        },
        "Record id of the location that lookup() took.",
    ),
    Variable::new(
        "location_ua",
        |cx, _| {
            cx.target
                .registration()
                .user_agent
                .clone()
                .map_or(Value::Null, Value::Str)
        },
        "User-Agent of the location that lookup() took.",
    ),
];

const FIELDS: &[&str] = &[
    "uri",
    "dst_uri",
    "path",
    "q",
    "send_socket",
    "count",
    "flags",
    "ruid",
    "location_ua",
    "otcpid",
    "instance",
];

fn field(key: u64) -> &'static str {
    usize::try_from(key)
        .ok()
        .and_then(|k| FIELDS.get(k).copied())
        .unwrap_or("")
}

fn maybe(text: Option<&Bytes>) -> Value {
    text.map_or(Value::Null, |t| Value::Str(t.clone()))
}

fn value_of(cx: &Context, branch: &Branch, key: u64) -> Value {
    match field(key) {
        "uri" => maybe(branch.uri.as_ref()),
        "dst_uri" => maybe(branch.dst_uri.as_ref()),
        "path" => maybe(branch.path.as_ref()),
        "q" => branch.q.map_or(Value::Null, int),
        "send_socket" => branch
            .socket
            .and_then(|id| cx.core.sockets.by_id(id))
            .map_or(Value::Null, |s| Value::Str(s.text.clone())),
        "flags" => Value::from(branch.flags as i32),
        "ruid" => maybe(branch.registration().ruid.as_ref()),
        "location_ua" => maybe(branch.registration().user_agent.as_ref()),
        "otcpid" => branch
            .connection
            .map_or(int(0), |c| Value::from(c.0 as i32)),
        "instance" => maybe(branch.registration().instance.as_ref()),
        _ => Value::Null,
    }
}

/// Flags and connections show without a sign.
fn unsigned(value: Value, key: u64) -> Value {
    match value {
        Value::Int(number) if matches!(field(key), "flags" | "otcpid") => {
            Value::Int(i64::from(script::value::wrap(number) as u32))
        }
        value => value,
    }
}

fn text_of(value: &Value) -> Option<Option<Bytes>> {
    match value {
        Value::Null => Some(None),
        Value::Str(text) => Some(Some(text.clone()).filter(|t| !t.is_empty())),
        Value::Int(_) => None,
    }
}

/// False: the value does not fit the field.
fn change(cx: &Context, branch: &mut Branch, key: u64, value: &Value) -> bool {
    let slot = match field(key) {
        "uri" => &mut branch.uri,
        "dst_uri" => &mut branch.dst_uri,
        "path" => &mut branch.path,
        // They are of the location; as in Kamailio, what is written to them is ignored.
        "ruid" | "location_ua" | "instance" => return true,
        other => return change_other(cx, branch, other, value),
    };
    match text_of(value) {
        Some(text) => {
            *slot = text;
            true
        }
        None => false,
    }
}

fn change_other(cx: &Context, branch: &mut Branch, field: &str, value: &Value) -> bool {
    match (field, value) {
        ("flags", Value::Int(n)) => branch.flags = *n as u32,
        ("flags", Value::Null) => branch.flags = 0,
        // Kamailio's number of none.
        ("q", Value::Null | Value::Int(-1)) => branch.q = None,
        ("q", Value::Int(n)) => branch.q = u16::try_from((*n).clamp(0, 1000)).ok(),
        ("otcpid", Value::Null) => branch.connection = None,
        ("otcpid", Value::Int(n)) => {
            let id = script::value::wrap(*n) as u32;
            branch.connection = (id != 0).then_some(ConnectionId(id.into()));
        }
        ("send_socket", Value::Null) => branch.socket = None,
        // What is none of ours takes the present one away.
        ("send_socket", Value::Str(text)) => {
            branch.socket = engine::core_functions::send::socket_named(cx, text);
        }
        _ => return false,
    }
    true
}

/// Which of the added branches is meant; `[*]` is the first.
fn place(cx: &mut Context, name: &PvName) -> Option<usize> {
    let index = match name.index(cx) {
        IndexValue::All => IndexValue::None,
        index => index,
    };
    index.position(cx.branches.len())
}

fn branch(cx: &mut Context, name: &PvName) -> Value {
    let count = cx.branches.len();
    if field(name.parsed.key) == "count" {
        return if count == 0 { Value::Null } else { int(count) };
    }
    place(cx, name)
        .and_then(|at| cx.branches.as_slice().get(at))
        .map_or(Value::Null, |b| value_of(cx, b, name.parsed.key))
}

/// Null or nothing as the URI removes the branch.
fn set_branch(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let Some(at) = place(cx, name) else {
        return false;
    };
    if value.is_empty() && field(name.parsed.key) == "uri" {
        return cx.branches.remove(at).is_some();
    }
    let Some(mut changed) = cx.branches.as_slice().get(at).cloned() else {
        return false;
    };
    let done = change(cx, &mut changed, name.parsed.key, &value);
    if let Some(slot) = cx.branches.as_mut_slice().get_mut(at) {
        *slot = changed;
    }
    done
}

fn static_branch(cx: &mut Context, name: &PvName) -> Value {
    if field(name.parsed.key) == "count" {
        return int(cx.branches.len());
    }
    match cx.extensions.get::<StaticBranch>() {
        Some(held) if held.0.uri.is_some() => {
            let held = held.0.clone();
            value_of(cx, &held, name.parsed.key)
        }
        _ => Value::Null,
    }
}

fn set_static_branch(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let mut held = cx.extensions.get_or_default::<StaticBranch>().0.clone();
    let done = change(cx, &mut held, name.parsed.key, &value);
    cx.extensions.insert(StaticBranch(held));
    done
}

fn append(cx: &mut Context, _: &PvName, value: Value) -> bool {
    match value {
        Value::Str(uri) if !uri.is_empty() => cx.branches.push(Branch {
            uri: Some(uri),
            ..Branch::default()
        }),
        _ => false,
    }
}

/// `0.5`, from thousandths.
fn preference(q: u16) -> String {
    match q {
        1000.. => "1".to_owned(),
        0 => "0".to_owned(),
        q => format!("0.{q:03}").trim_end_matches('0').to_owned(),
    }
}

fn all_branches(cx: &mut Context, _: &PvName) -> Value {
    let shown: Vec<Vec<u8>> = cx
        .branches
        .as_slice()
        .iter()
        .map(|b| {
            let uri = b.uri.as_deref().unwrap_or_default();
            match b.q {
                None => uri.to_vec(),
                Some(q) => [b"<", uri, b">;q=", preference(q).as_bytes()].concat(),
            }
        })
        .collect();
    if shown.is_empty() {
        return Value::Null;
    }
    text(shown.join(&b", "[..]))
}

/// The request URI belongs to it once the script has set it.
fn destination_set(cx: &mut Context, _: &PvName) -> Value {
    let target = cx.target.uri.is_some().then_some(&cx.target);
    let shown: Vec<Vec<u8>> = target
        .into_iter()
        .chain(cx.branches.as_slice())
        .map(|b| {
            let uri = b.uri.as_deref().unwrap_or_default();
            let q =
                b.q.map_or(String::new(), |q| format!(";q={}", preference(q)));
            [b"<", uri, b">", q.as_bytes()].concat()
        })
        .collect();
    if shown.is_empty() {
        cx.log(
            Level::Error,
            "there is neither a new request URI nor a branch",
        );
        return Value::Null;
    }
    text([b"Contact: ", &shown.join(&b", "[..])[..]].concat())
}

fn forced(cx: &Context) -> Option<&ListenSocket> {
    cx.core.sockets.by_id(cx.target.socket?)
}

/// A socket that is not ours takes the present one away, as in Kamailio.
fn set_forced(cx: &mut Context, _: &PvName, value: Value) -> bool {
    cx.target.socket = match &value {
        Value::Str(text) if !text.is_empty() => {
            let found = engine::core_functions::send::socket_named(cx, text);
            if found.is_none() {
                let shown = String::from_utf8_lossy(text).into_owned();
                cx.log(Level::Warning, &format!("no socket of ours is `{shown}`"));
            }
            found
        }
        Value::Int(_) => return false,
        _ => None,
    };
    true
}

fn set_forced_name(cx: &mut Context, _: &PvName, value: Value) -> bool {
    cx.target.socket = match &value {
        Value::Str(name) if !name.is_empty() => {
            let mut sockets = cx.core.sockets.all().iter();
            sockets
                .find(|s| s.name.as_ref() == Some(name))
                .map(|s| s.id)
        }
        Value::Int(_) => return false,
        _ => None,
    };
    true
}
