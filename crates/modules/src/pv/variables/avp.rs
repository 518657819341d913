//! `$avp(name)`.

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::{AvpClass, AvpKey, AvpName, Context};
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
                class: AvpClass::From,
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
    if AvpClass::split(name).is_some() {
        return fixed(name);
    }
    if name.contains('$') {
        return scope.format(name).map(AvpRef::Computed);
    }
    let alias = scope
        .state::<PvState>()
        .and_then(|pv| pv.aliases.iter().find(|(alias, _)| alias == name));
    match alias {
        Some((_, name)) => Ok(AvpRef::Fixed(AvpKey {
            class: AvpClass::From,
            name: name.clone(),
        })),
        None => fixed(name),
    }
}

fn fixed(name: &str) -> Result<AvpRef, String> {
    let key = AvpKey::parse(name).map_err(|error| error.to_string())?;
    Ok(AvpRef::Fixed(key))
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
        IndexValue::At(n) => {
            let depth = usize::try_from(n).ok();
            // Only an index from the end needs the number of values.
            let depth = depth.or_else(|| index.position(store.all(&key).count()));
            let found = depth.and_then(|depth| store.get(&key, depth));
            found.cloned().unwrap_or_default()
        }
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
        value => return store.push(key, value),
    }
    true
}
