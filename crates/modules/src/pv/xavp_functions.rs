//! Functions on XAVPs, XAVUs and XAVIs.

use bytes::Bytes;
use engine::arguments::Args;
use engine::context::{Context, Xavp, XavpValue};
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use engine::variable::IndexValue;
use script::value::Value;

use super::variables::xavp::{Kind, push};

/// `xavp_rm(root)`, `xavp_rm_all(root)`.
pub(super) fn remove(cx: &mut Context, args: &Args<'_>, kind: Kind, all: bool) -> Outcome {
    let name = args.text(cx, 0);
    let mut store = cx.avps.write();
    let roots = kind.roots_mut(&mut store);
    let mut at = kind.positions(roots, &name);
    if !all {
        at.truncate(1);
    }
    for index in at.into_iter().rev() {
        roots.remove(index);
    }
    TRUE
}

/// Works on the list of the newest root of a name.
fn with_list<T>(
    cx: &mut Context,
    kind: Kind,
    root: &[u8],
    run: impl FnOnce(&mut Vec<Xavp>) -> T,
) -> Option<T> {
    let mut store = cx.avps.write();
    let roots = kind.roots_mut(&mut store);
    let at = kind.position(roots, root, IndexValue::None)?;
    match &mut roots.get_mut(at)?.value {
        XavpValue::List(list) => Some(run(list)),
        XavpValue::Plain(_) => None,
    }
}

/// `xavp_child_rm(root, name)`.
pub(super) fn child_remove(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let (root, name) = (args.text(cx, 0), args.text(cx, 1));
    with_list(cx, kind, &root, |list| {
        for index in kind.positions(list, &name).into_iter().rev() {
            list.remove(index);
        }
    });
    TRUE
}

fn set(cx: &mut Context, kind: Kind, root: Bytes, name: Bytes, value: Value) -> Outcome {
    let kept = value.clone();
    let done = with_list(cx, kind, &root, |list| {
        match kind.position(list, &name, IndexValue::None) {
            Some(at) => list[at].value = XavpValue::Plain(value),
            None => push(list, name.clone(), XavpValue::Plain(value)),
        }
    });
    if done.is_none() {
        let inner = Xavp {
            name,
            value: XavpValue::Plain(kept),
        };
        let mut store = cx.avps.write();
        push(
            kind.roots_mut(&mut store),
            root,
            XavpValue::List(vec![inner]),
        );
    }
    TRUE
}

/// `xavp_child_sets(root, name, text)`.
pub(super) fn child_set(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let (root, name, value) = (args.text(cx, 0), args.text(cx, 1), args.text(cx, 2));
    set(cx, kind, root, name, Value::Str(value))
}

/// `xavp_child_seti(root, name, number)`.
pub(super) fn child_set_int(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let (root, name) = (args.text(cx, 0), args.text(cx, 1));
    match args.int(cx, 2) {
        Some(value) => set(cx, kind, root, name, Value::Int(value)),
        None => FALSE,
    }
}

/// `name=value` pieces between semicolons; quotes around a value are not part of it.
fn params(text: &Bytes) -> Vec<Xavp> {
    let mut found = Vec::new();
    let (mut quoted, mut start) = (false, 0);
    for at in 0..=text.len() {
        match text.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b) if *b != b';' || quoted => {}
            _ => {
                found.extend(param(text, &text[start..at]));
                start = at + 1;
            }
        }
    }
    found
}

fn param(text: &Bytes, piece: &[u8]) -> Option<Xavp> {
    let piece = piece.trim_ascii();
    let (name, value) = match memchr::memchr(b'=', piece) {
        Some(at) => (piece[..at].trim_ascii(), piece[at + 1..].trim_ascii()),
        None => (piece, &piece[piece.len()..]),
    };
    if name.is_empty() {
        return None;
    }
    let value = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""))
        .unwrap_or(value);
    Some(Xavp {
        name: text.slice_ref(name),
        value: XavpValue::Plain(Value::Str(text.slice_ref(value))),
    })
}

/// `xavp_params_explode(params, root)`.
pub(super) fn explode(cx: &mut Context, args: &Args<'_>, kind: Kind) -> Outcome {
    let (text, root) = (args.text(cx, 0), args.text(cx, 1));
    let list = params(&text);
    if list.is_empty() {
        return FALSE;
    }
    let mut store = cx.avps.write();
    push(kind.roots_mut(&mut store), root, XavpValue::List(list));
    TRUE
}

/// `xavp_slist_explode(list, separator, mode, root)`: mode `t` trims the items.
pub(super) fn explode_list(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, separator) = (args.text(cx, 0), args.text(cx, 1));
    let (mode, root) = (args.text(cx, 2), args.text(cx, 3));
    let Some(separator) = separator.first().copied() else {
        return FALSE;
    };
    let trim = mode.contains(&b't') || mode.contains(&b'T');
    let list: Vec<Xavp> = text
        .split(|b| *b == separator)
        .map(|item| if trim { item.trim_ascii() } else { item })
        .filter(|item| !item.is_empty())
        .map(|item| Xavp {
            name: Bytes::from_static(b"v"),
            value: XavpValue::Plain(Value::Str(text.slice_ref(item))),
        })
        .collect();
    if list.is_empty() {
        return FALSE;
    }
    let mut store = cx.avps.write();
    push(
        Kind::List.roots_mut(&mut store),
        root,
        XavpValue::List(list),
    );
    TRUE
}

/// `xavp_params_implode(root, variable)`.
pub(super) fn implode(cx: &mut Context, args: &Args<'_>, kind: Kind, quoted: bool) -> Outcome {
    let root = args.text(cx, 0);
    let quote: &[u8] = if quoted { b"\"" } else { b"" };
    let text = with_list(cx, kind, &root, |list| {
        let mut out = Vec::new();
        for item in list.iter() {
            let XavpValue::Plain(value) = &item.value else {
                continue;
            };
            out.extend_from_slice(&item.name);
            let value = value.to_bytes();
            if !value.is_empty() {
                out.extend_from_slice(&[b"=", quote, &value, quote].concat());
            }
            out.push(b';');
        }
        out
    });
    match (args.variable(1), text) {
        (Some(variable), Some(text)) => {
            let done = variable.write(cx, Value::Str(text.into()));
            if done { TRUE } else { FALSE }
        }
        _ => FALSE,
    }
}

/// `xavp_copy(source, index, target[, target_index])`.
pub(super) fn copy(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (source, target) = (args.text(cx, 0), args.text(cx, 2));
    let index = IndexValue::At(args.int(cx, 1).unwrap_or(0));
    let replaced = (args.len() > 3).then(|| IndexValue::At(args.int(cx, 3).unwrap_or(0)));
    let mut store = cx.avps.write();
    let roots = Kind::List.roots_mut(&mut store);
    let Some(at) = Kind::List.position(roots, &source, index) else {
        return FALSE;
    };
    let value = roots[at].value.clone();
    match replaced.and_then(|i| Kind::List.position(roots, &target, i)) {
        Some(at) => roots[at].value = value,
        None => push(roots, target, value),
    }
    TRUE
}

/// `pv_var_to_xavp(variable, root)`: the XAVP begins anew.
pub(super) fn from_vars(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (wanted, root) = (args.text(cx, 0), args.text(cx, 1));
    let core = std::sync::Arc::clone(&cx.core);
    let list: Vec<Xavp> = core.with_names(|names| {
        let of = |name: &str, key: u64| {
            let value = cx.vars.find(u32::try_from(key).ok()?)?.clone();
            Some(Xavp {
                name: Bytes::copy_from_slice(name.as_bytes()),
                value: XavpValue::Plain(value),
            })
        };
        if wanted == "*" {
            // `$vn(…)` has a mark in front of its names.
            let all = names.all().filter(|(name, _)| !name.contains(':'));
            return all.filter_map(|(name, key)| of(name, key)).collect();
        }
        let name = String::from_utf8_lossy(&wanted);
        let key = names.find(&name);
        key.and_then(|key| of(&name, key)).into_iter().collect()
    });
    if list.is_empty() {
        return FALSE;
    }
    let mut store = cx.avps.write();
    let roots = Kind::List.roots_mut(&mut store);
    for at in Kind::List.positions(roots, &root).into_iter().rev() {
        roots.remove(at);
    }
    push(roots, root, XavpValue::List(list));
    TRUE
}

/// `pv_xavp_to_var(root)`. A variable that the script never names need not be set.
pub(super) fn to_vars(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let root = args.text(cx, 0);
    let Some(list) = with_list(cx, Kind::List, &root, |list| list.clone()) else {
        return FALSE;
    };
    let core = std::sync::Arc::clone(&cx.core);
    for item in list {
        let name = String::from_utf8_lossy(&item.name);
        let key = core.with_names(|names| names.find(&name));
        if let (Some(key), XavpValue::Plain(value)) =
            (key.and_then(|k| u32::try_from(k).ok()), item.value)
        {
            cx.vars.set(key, value);
        }
    }
    TRUE
}

/// `pv_xavp_print()`: one line for each value.
pub(super) fn print(cx: &mut Context, kind: Kind) -> Outcome {
    let lines: Vec<String> = cx.avps.read().map_or(Vec::new(), |store| {
        kind.roots(&store).iter().flat_map(shown).collect()
    });
    for line in lines {
        cx.log(Level::Notice, &line);
    }
    TRUE
}

fn shown(root: &Xavp) -> Vec<String> {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    match &root.value {
        XavpValue::Plain(value) => {
            vec![format!(
                "{} = {}",
                text(&root.name),
                text(&value.to_bytes())
            )]
        }
        XavpValue::List(list) => list
            .iter()
            .flat_map(shown)
            .map(|line| format!("{}=>{line}", text(&root.name)))
            .collect(),
    }
}
