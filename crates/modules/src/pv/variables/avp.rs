//! `$avp(name)`.

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::{AvpKey, AvpName, Context};
use engine::format::Format;
use engine::module::{Inner, Variable};
use engine::variable::{IndexValue, ParsedName, PvName};
use script::value::Value;

use super::super::PvState;
use super::super::value::text;

pub(super) const ROWS: &[Variable] = &[Variable::new(
    "avp",
    read,
    "A list of values that travels with the message and its transaction; the newest first.",
)
.named(Inner::Parsed(parse))
.writable(write)];

/// The name of an AVP: constant, or computed at each use.
pub(crate) enum AvpRef {
    Fixed(AvpKey),
    Computed(Format),
}

impl AvpRef {
    /// The key for this message.
    pub(crate) fn key(&self, cx: &mut Context) -> AvpKey {
        match self {
            Self::Fixed(key) => key.clone(),
            Self::Computed(format) => AvpKey {
                list: 0,
                name: AvpName::Text(format.text(cx)),
            },
        }
    }
}

/// `name`, `s:name`, `i:7`, `fu.name`, `f.s:name`, or text with variables.
fn parse(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    parse_ref(scope, name).map(ParsedName::data)
}

pub(crate) fn parse_ref(scope: &mut NameScope<'_, '_>, name: &str) -> Result<AvpRef, String> {
    let name = name.trim();
    if let Some((list, rest)) = class(name) {
        return Ok(AvpRef::Fixed(AvpKey {
            list,
            name: plain(rest)?,
        }));
    }
    if name.contains('$') {
        return scope.format(name).map(AvpRef::Computed);
    }
    let alias = scope
        .state::<PvState>()
        .and_then(|pv| pv.aliases.iter().find(|(alias, _)| alias == name));
    let name = match alias {
        Some((_, name)) => name.clone(),
        None => plain(name)?,
    };
    Ok(AvpRef::Fixed(AvpKey { list: 0, name }))
}

/// `name`, `s:name`, `i:7`.
pub(crate) fn plain(name: &str) -> Result<AvpName, String> {
    if let Some(id) = name.strip_prefix("i:").or_else(|| name.strip_prefix("I:")) {
        return id
            .parse()
            .map(AvpName::Id)
            .map_err(|_| format!("`{id}` is no AVP number"));
    }
    let name = name
        .strip_prefix("s:")
        .or_else(|| name.strip_prefix("S:"))
        .unwrap_or(name);
    if name.is_empty() {
        return Err("the AVP has no name".to_owned());
    }
    Ok(AvpName::Text(Bytes::copy_from_slice(name.as_bytes())))
}

/// The track and class in front of a name: `f.`, `tu.`, `fd.`, … The track alone stands for the
/// class of the request, and no mark for that of the caller.
fn class(name: &str) -> Option<(u8, &str)> {
    let (mark, rest) = name.split_once('.')?;
    let list = match mark {
        "f" | "fr" => 0,
        "t" | "tr" => 1,
        "fd" => 2,
        "td" => 3,
        "fu" => 4,
        "tu" => 5,
        "g" => 6,
        _ => return None,
    };
    Some((list, rest))
}

fn read(cx: &mut Context, name: &PvName) -> Value {
    let Some(key) = name.data::<AvpRef>().map(|r| r.key(cx)) else {
        return Value::Null;
    };
    let index = name.index(cx);
    let Some(store) = cx.avps.read() else {
        return Value::Null;
    };
    match index {
        IndexValue::None => store.get(&key, 0).cloned().unwrap_or_default(),
        IndexValue::At(n) => usize::try_from(n)
            .ok()
            .and_then(|n| store.get(&key, n))
            .cloned()
            .unwrap_or_default(),
        IndexValue::All => {
            let all: Vec<Bytes> = store.all(&key).map(Value::to_bytes).collect();
            if all.is_empty() {
                Value::Null
            } else {
                text(all.join(&b", "[..]))
            }
        }
    }
}

/// An index other than `[*]` does not matter, as in Kamailio: values go on top, null takes the
/// newest away.
fn write(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let Some(key) = name.data::<AvpRef>().map(|r| r.key(cx)) else {
        return false;
    };
    let all = name.index(cx) == IndexValue::All;
    let mut store = cx.avps.write();
    if all {
        store.remove_all(&key);
    }
    match value {
        Value::Null => {
            if !all {
                store.remove(&key, 0);
            }
        }
        value => store.push(key, value),
    }
    true
}
