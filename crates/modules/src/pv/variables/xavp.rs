//! `$xavp(root[i]=>key[j])`, `$xavu(…)`, `$xavi(…)`: named lists of named values; `$cnt(…)`.

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::{AvpStore, Context, Xavp, XavpValue};
use engine::module::{Inner, Variable};
use engine::variable::{IndexValue, ParsedName, PvName, Readable};
use script::value::Value;

use super::super::value::{int, text, word};
use super::avp::{AvpRef, parse_ref};

pub(super) const ROWS: &[Variable] = &[
    Variable::new(
        "xavp",
        |cx, n| read(cx, n, Kind::List),
        "A named list of named values, root[i]=>key[j]; the newest first.",
    )
    .named(Inner::Parsed(parse))
    .writable(|cx, n, v| write(cx, n, v, Kind::List)),
    Variable::new(
        "xavi",
        |cx, n| read(cx, n, Kind::AnyCase),
        "As $xavp, with names in any case.",
    )
    .named(Inner::Parsed(parse))
    .writable(|cx, n, v| write(cx, n, v, Kind::AnyCase)),
    Variable::new(
        "xavu",
        |cx, n| read(cx, n, Kind::Unique),
        "As $xavp, with one value for each name.",
    )
    .named(Inner::Parsed(parse))
    .writable(|cx, n, v| write(cx, n, v, Kind::Unique)),
    Variable::new("cnt", counted, "Number of values of an $avp or $xavp.")
        .named(Inner::Parsed(parse_counted)),
];

/// Which of the three stores.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `$xavp`
    List,
    /// `$xavi`
    AnyCase,
    /// `$xavu`
    Unique,
}

impl Kind {
    /// The roots of this kind in a message's store.
    pub(crate) fn roots(self, store: &AvpStore) -> &Vec<Xavp> {
        match self {
            Self::List => &store.xavps,
            Self::AnyCase => &store.xavis,
            Self::Unique => &store.xavus,
        }
    }

    /// The roots of this kind, to change.
    pub(crate) fn roots_mut(self, store: &mut AvpStore) -> &mut Vec<Xavp> {
        match self {
            Self::List => &mut store.xavps,
            Self::AnyCase => &mut store.xavis,
            Self::Unique => &mut store.xavus,
        }
    }

    fn same(self, left: &[u8], right: &[u8]) -> bool {
        match self {
            Self::AnyCase => left.eq_ignore_ascii_case(right),
            _ => left == right,
        }
    }

    /// Positions of the values of a name, the newest first.
    pub(crate) fn positions(self, list: &[Xavp], name: &[u8]) -> Vec<usize> {
        let found = list.iter().enumerate();
        found
            .filter(|(_, x)| self.same(&x.name, name))
            .map(|(at, _)| at)
            .collect()
    }

    /// The position of the value of a name at an index.
    pub(crate) fn position(self, list: &[Xavp], name: &[u8], index: IndexValue) -> Option<usize> {
        let all = self.positions(list, name);
        // `[*]` of a single value is the newest.
        let index = if index == IndexValue::All {
            IndexValue::None
        } else {
            index
        };
        all.get(index.position(all.len())?).copied()
    }
}

/// A name with its index.
struct Step {
    name: Bytes,
    index: StepIndex,
}

enum StepIndex {
    Fixed(IndexValue),
    Variable(Readable),
}

/// `root[i]=>key[j]`.
struct XavpRef {
    root: Step,
    key: Option<Step>,
}

impl Step {
    fn index(&self, cx: &mut Context) -> IndexValue {
        match &self.index {
            StepIndex::Fixed(index) => *index,
            StepIndex::Variable(v) => IndexValue::At(match v.read(cx) {
                Value::Int(n) => n,
                _ => 0,
            }),
        }
    }
}

/// Steps beyond the second do not matter, as in Kamailio.
fn parse(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    let mut steps = name.split("=>");
    let root = step(scope, steps.next().unwrap_or_default())?;
    let key = match steps.next() {
        Some(text) => Some(step(scope, text)?),
        None => None,
    };
    Ok(ParsedName::data(XavpRef { root, key }))
}

fn step(scope: &mut NameScope<'_, '_>, text: &str) -> Result<Step, String> {
    let text = text.trim();
    let (name, index) = match text.split_once('[') {
        None => (text, StepIndex::Fixed(IndexValue::None)),
        Some((name, rest)) => {
            let inner = rest
                .strip_suffix(']')
                .ok_or_else(|| format!("`{text}` has no closing bracket"))?
                .trim();
            let index = match inner {
                "*" => StepIndex::Fixed(IndexValue::All),
                _ if inner.starts_with('$') => StepIndex::Variable(scope.variable(inner)?),
                _ => StepIndex::Fixed(IndexValue::At(
                    inner
                        .parse()
                        .map_err(|_| format!("`{inner}` is no index"))?,
                )),
            };
            (name.trim(), index)
        }
    };
    if name.is_empty() {
        return Err("the XAVP has no name".to_owned());
    }
    Ok(Step {
        name: Bytes::copy_from_slice(name.as_bytes()),
        index,
    })
}

/// The value itself; a list has no text of its own.
fn plain(value: &XavpValue) -> Value {
    match value {
        XavpValue::Plain(value) => value.clone(),
        XavpValue::List(_) => word("<<xavp>>"),
    }
}

fn read(cx: &mut Context, name: &PvName, kind: Kind) -> Value {
    let Some(path) = name.data::<XavpRef>() else {
        return Value::Null;
    };
    let root_index = path.root.index(cx);
    let key_index = path.key.as_ref().map(|k| k.index(cx));
    let Some(store) = cx.avps.read() else {
        return Value::Null;
    };
    let roots = kind.roots(&store);
    if path.key.is_some() && root_index == IndexValue::All {
        return Value::Null;
    }
    let Some(at) = kind.position(roots, &path.root.name, root_index) else {
        return Value::Null;
    };
    let Some(key) = &path.key else {
        return plain(&roots[at].value);
    };
    let XavpValue::List(list) = &roots[at].value else {
        return Value::Null;
    };
    let key_index = key_index.unwrap_or(IndexValue::None);
    if key_index == IndexValue::All {
        let all = kind.positions(list, &key.name);
        let texts: Vec<Bytes> = all
            .iter()
            .map(|i| plain(&list[*i].value).to_bytes())
            .collect();
        return if texts.is_empty() {
            Value::Null
        } else {
            text(texts.join(&b", "[..]))
        };
    }
    kind.position(list, &key.name, key_index)
        .map_or(Value::Null, |i| plain(&list[i].value))
}

/// All values of `root=>key[*]` of `$xavp`, the newest first, and none of a root without a key;
/// `None` for any other name.
pub(crate) fn values(cx: &mut Context, name: &PvName) -> Option<Vec<Value>> {
    let path = name.data::<XavpRef>()?;
    let Some(key) = &path.key else {
        return Some(Vec::new());
    };
    if key.index(cx) != IndexValue::All {
        return None;
    }
    let root_index = match path.root.index(cx) {
        IndexValue::All => IndexValue::None,
        index => index,
    };
    let Some(store) = cx.avps.read() else {
        return Some(Vec::new());
    };
    let kind = Kind::List;
    let Some(at) = kind.position(&store.xavps, &path.root.name, root_index) else {
        return Some(Vec::new());
    };
    let XavpValue::List(list) = &store.xavps[at].value else {
        return Some(Vec::new());
    };
    let all = kind.positions(list, &key.name);
    Some(all.iter().map(|i| plain(&list[*i].value)).collect())
}

fn write(cx: &mut Context, name: &PvName, value: Value, kind: Kind) -> bool {
    let Some(path) = name.data::<XavpRef>() else {
        return false;
    };
    let root_index = path.root.index(cx);
    let key_index = path.key.as_ref().map(|k| k.index(cx));
    let mut store = cx.avps.write();
    let roots = kind.roots_mut(&mut store);
    match &path.key {
        None => write_root(roots, kind, &path.root.name, root_index, value),
        Some(key) => {
            let index = key_index.unwrap_or(IndexValue::None);
            write_key(roots, kind, path, root_index, key, index, value)
        }
    }
}

fn write_root(
    roots: &mut Vec<Xavp>,
    kind: Kind,
    name: &Bytes,
    index: IndexValue,
    value: Value,
) -> bool {
    if value == Value::Null {
        if index == IndexValue::All {
            roots.retain(|x| !kind.same(&x.name, name));
        } else if let Some(at) = kind.position(roots, name, index) {
            roots.remove(at);
        }
        return true;
    }
    let value = XavpValue::Plain(value);
    if index == IndexValue::None && kind != Kind::Unique {
        push(roots, name.clone(), value);
        return true;
    }
    match kind.position(roots, name, index) {
        Some(at) => roots[at].value = value,
        None if kind == Kind::Unique => push(roots, name.clone(), value),
        None => return false,
    }
    true
}

fn write_key(
    roots: &mut Vec<Xavp>,
    kind: Kind,
    path: &XavpRef,
    root_index: IndexValue,
    key: &Step,
    index: IndexValue,
    value: Value,
) -> bool {
    let is_new = value != Value::Null
        && root_index == IndexValue::None
        && (kind != Kind::Unique
            || kind
                .position(roots, &path.root.name, IndexValue::None)
                .is_none());
    if is_new {
        let inner = Xavp {
            name: key.name.clone(),
            value: XavpValue::Plain(value),
        };
        push(roots, path.root.name.clone(), XavpValue::List(vec![inner]));
        return true;
    }
    let Some(at) = kind.position(roots, &path.root.name, root_index) else {
        return value == Value::Null;
    };
    let XavpValue::List(list) = &mut roots[at].value else {
        return false;
    };
    let found = kind.position(list, &key.name, index);
    match (value, found) {
        // Kamailio leaves them alone.
        (_, _) if index == IndexValue::All => {}
        (Value::Null, Some(i)) => {
            list.remove(i);
        }
        (Value::Null, None) => {}
        (value, Some(i)) if index != IndexValue::None || kind == Kind::Unique => {
            list[i].value = XavpValue::Plain(value);
        }
        (value, _) => push(list, key.name.clone(), XavpValue::Plain(value)),
    }
    true
}

/// Puts a value in front of the others.
pub(crate) fn push(list: &mut Vec<Xavp>, name: Bytes, value: XavpValue) {
    list.insert(0, Xavp { name, value });
}

/// What `$cnt` counts.
enum Counted {
    Avp(AvpRef),
    Xavp(Box<Readable>, Kind),
}

fn parse_counted(scope: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    let name = name.trim();
    let inner = |prefix: &str| {
        let rest = name.strip_prefix(prefix)?;
        rest.strip_suffix(')').map(str::to_owned)
    };
    if let Some(avp) = inner("$avp(") {
        return Ok(ParsedName::data(Counted::Avp(parse_ref(scope, &avp)?)));
    }
    let kinds = [
        ("$xavp(", Kind::List),
        ("$xavi(", Kind::AnyCase),
        ("$xavu(", Kind::Unique),
    ];
    for (prefix, kind) in kinds {
        if inner(prefix).is_some() {
            let variable = scope.variable(name)?;
            return Ok(ParsedName::data(Counted::Xavp(Box::new(variable), kind)));
        }
    }
    Err(format!("$cnt counts an $avp or $xavp, not `{name}`"))
}

fn counted(cx: &mut Context, name: &PvName) -> Value {
    match name.data::<Counted>() {
        Some(Counted::Avp(avp)) => {
            let key = avp.key(cx);
            int(cx.avps.read().map_or(0, |s| s.all(&key).count()))
        }
        Some(Counted::Xavp(variable, kind)) => count_xavp(cx, variable, *kind),
        None => Value::Null,
    }
}

fn count_xavp(cx: &mut Context, variable: &Readable, kind: Kind) -> Value {
    let Readable::Pseudo(pseudo) = variable else {
        return int(0);
    };
    let Some(path) = pseudo.name.data::<XavpRef>() else {
        return int(0);
    };
    let root_index = path.root.index(cx);
    let Some(store) = cx.avps.read() else {
        return int(0);
    };
    let roots = kind.roots(&store);
    let Some(key) = &path.key else {
        return int(kind.positions(roots, &path.root.name).len());
    };
    let list = kind
        .position(roots, &path.root.name, root_index)
        .map(|at| &roots[at].value);
    match list {
        Some(XavpValue::List(list)) => int(kind.positions(list, &key.name).len()),
        _ => int(0),
    }
}
