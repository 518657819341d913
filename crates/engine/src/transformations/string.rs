//! `{s.…}`: pieces of strings.

use memchr::memmem;
use script::value::Value;

use super::{number, on_text};
use crate::context::Context;
use crate::log::Level;
use crate::transformation::{Transform, Transformation};

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new("s", "len", (0, 0), len, "Length."),
    Transformation::new(
        "s",
        "int",
        (0, 0),
        int,
        "The integer that the string holds; in a text it stands as it was written.",
    )
    .taking_number()
    .shown_as(|cx, value, how| match int(cx, value.clone(), how) {
        Value::Null => Value::Null,
        _ => value,
    }),
    Transformation::new(
        "s",
        "substr",
        (2, 2),
        substr,
        "A piece from an offset (negative: from the end) of a length (0: up to the end).",
    ),
    Transformation::new(
        "s",
        "select",
        (2, 2),
        select,
        "The piece of an index between separators.",
    ),
    Transformation::new("s", "strip", (1, 1), strip, "Without its first characters."),
    Transformation::new(
        "s",
        "striptail",
        (1, 1),
        striptail,
        "Without its last characters.",
    ),
    Transformation::new(
        "s",
        "stripto",
        (1, 1),
        stripto,
        "From the first occurrence of a character on.",
    ),
    Transformation::new(
        "s",
        "prefixes",
        (0, 1),
        prefixes,
        "All its prefixes with commas between.",
    ),
    Transformation::new(
        "s",
        "prefixes.quoted",
        (0, 1),
        prefixes_quoted,
        "All its prefixes in quotes with commas between.",
    ),
    Transformation::new(
        "s",
        "replace",
        (2, 2),
        replace,
        "With each occurrence of a text replaced.",
    ),
    Transformation::new(
        "s",
        "rm",
        (1, 1),
        remove,
        "Without the occurrences of a text.",
    ),
    Transformation::new(
        "s",
        "trim",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(t.trim_ascii().to_vec())),
        "Without white space at both ends.",
    ),
    Transformation::new(
        "s",
        "ltrim",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(t.trim_ascii_start().to_vec())),
        "Without white space at its start.",
    ),
    Transformation::new(
        "s",
        "rtrim",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(t.trim_ascii_end().to_vec())),
        "Without white space at its end.",
    ),
    Transformation::new("s", "rmws", (0, 0), rmws, "Without any white space."),
    Transformation::new(
        "s",
        "unquote",
        (0, 0),
        |_, v, _| unwrap_pair(v, &[(b'"', b'"'), (b'\'', b'\'')]),
        "Without the quotes around it.",
    ),
    Transformation::new(
        "s",
        "unbracket",
        (0, 0),
        |_, v, _| unwrap_pair(v, &[(b'<', b'>'), (b'(', b')'), (b'[', b']'), (b'{', b'}')]),
        "Without the brackets around it.",
    ),
    Transformation::new(
        "s",
        "tolower",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(t.to_ascii_lowercase())),
        "In lower case.",
    ),
    Transformation::new(
        "s",
        "toupper",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(t.to_ascii_uppercase())),
        "In upper case.",
    ),
    Transformation::new("s", "count", (1, 1), count, "How often a character occurs."),
    Transformation::new("s", "numeric", (0, 0), numeric, "Only its digits."),
    Transformation::new(
        "s",
        "before",
        (1, 1),
        |cx, v, t| around(cx, &v, t, false, true),
        "What stands before the first occurrence of a character.",
    ),
    Transformation::new(
        "s",
        "after",
        (1, 1),
        |cx, v, t| around(cx, &v, t, false, false),
        "What stands after the first occurrence of a character.",
    ),
    Transformation::new(
        "s",
        "rbefore",
        (1, 1),
        |cx, v, t| around(cx, &v, t, true, true),
        "What stands before the last occurrence of a character.",
    ),
    Transformation::new(
        "s",
        "rafter",
        (1, 1),
        |cx, v, t| around(cx, &v, t, true, false),
        "What stands after the last occurrence of a character.",
    ),
    Transformation::new(
        "s",
        "fmtlines",
        (2, 2),
        |cx, v, t| fmtlines(cx, &v, t, b' '),
        "Broken into lines of a length, the following ones indented with spaces.",
    ),
    Transformation::new(
        "s",
        "fmtlinet",
        (2, 2),
        |cx, v, t| fmtlines(cx, &v, t, b'\t'),
        "Broken into lines of a length, the following ones indented with tabs.",
    ),
    Transformation::new(
        "s",
        "ftime",
        (1, 1),
        ftime,
        "A Unix time formatted as strftime does.",
    ),
];

/// Longest text that a transformation makes of a shorter one.
const LONGEST: usize = 65_536;

fn len(_: &mut Context, value: Value, _: &Transform) -> Value {
    match value {
        Value::Null => Value::Null,
        value => number(value.to_bytes().len()),
    }
}

fn int(_: &mut Context, value: Value, _: &Transform) -> Value {
    let text = match value {
        Value::Null => return Value::Null,
        Value::Int(n) => return Value::Int(n),
        Value::Str(t) if t.is_empty() => return Value::Int(0),
        Value::Str(t) => t,
    };
    let is_decimal = text
        .iter()
        .enumerate()
        .all(|(at, b)| b.is_ascii_digit() || (at == 0 && matches!(b, b'-' | b'+')));
    match script::value::parse_int(&text) {
        Some(n) if is_decimal => Value::from(n),
        _ => Value::Null,
    }
}

fn substr(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let (Some(offset), Some(length)) = (how.int(cx, 0), how.int(cx, 1)) else {
        return Value::Null;
    };
    let length = length.max(0);
    on_text(&value, |text| {
        let start = if offset < 0 {
            text.len()
                .checked_sub(usize::try_from(offset.unsigned_abs()).ok()?)?
        } else {
            usize::try_from(offset).ok().filter(|o| *o < text.len())?
        };
        let rest = text.get(start..)?;
        let length = usize::try_from(length).ok()?;
        let length = if length == 0 { rest.len() } else { length };
        Some(rest.get(..length).unwrap_or(rest).to_vec())
    })
}

fn select(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let Some(index) = how.int(cx, 0) else {
        return Value::Null;
    };
    let separator = how.text(cx, 1).and_then(|t| separator(&t));
    on_text(&value, |text| {
        let separator = separator?;
        if text.is_empty() {
            return Some(Vec::new());
        }
        let mut pieces = text.split(|b| *b == separator);
        if index >= 0 {
            let piece = pieces.nth(usize::try_from(index).ok()?);
            return Some(piece.unwrap_or_default().to_vec());
        }
        let back = usize::try_from(index.unsigned_abs()).ok()? - 1;
        let mut backwards = text.rsplit(|b| *b == separator);
        Some(backwards.nth(back).unwrap_or_default().to_vec())
    })
}

/// The first character; white space may be written with a backslash.
fn separator(text: &[u8]) -> Option<u8> {
    match text {
        [b'\\', b'n', ..] => Some(b'\n'),
        [b'\\', b'r', ..] => Some(b'\r'),
        [b'\\', b't', ..] => Some(b'\t'),
        text => text.first().copied(),
    }
}

/// The character of an argument: `None` when the argument is null, `Some(None)` when it is empty.
fn mark(cx: &mut Context, how: &Transform) -> Option<Option<u8>> {
    how.argument(cx, 0).map(|t| t.first().copied())
}

fn amount(cx: &mut Context, how: &Transform) -> Option<usize> {
    let n = how.int(cx, 0)?.max(0);
    Some(usize::try_from(n).unwrap_or(usize::MAX))
}

fn strip(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let n = amount(cx, how);
    on_text(&value, |t| Some(t.get(n?..).unwrap_or_default().to_vec()))
}

fn striptail(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let n = amount(cx, how);
    on_text(&value, |t| Some(t[..t.len().saturating_sub(n?)].to_vec()))
}

fn stripto(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let mark = mark(cx, how);
    on_text(&value, |t| {
        let mark = mark?;
        let at = t.iter().position(|b| Some(*b) == mark).unwrap_or(t.len());
        Some(t[at..].to_vec())
    })
}

fn prefix_list(cx: &mut Context, value: &Value, how: &Transform, quote: &str) -> Value {
    let most = match how.args.is_empty() {
        true => Some(0),
        false => how.int(cx, 0),
    };
    on_text(value, |text| {
        let most = usize::try_from(most?).unwrap_or(0);
        let most = if most == 0 { usize::MAX } else { most };
        let mut out = Vec::new();
        for end in 1..=text.len().min(most) {
            if out.len() > LONGEST {
                return None;
            }
            if end > 1 {
                out.push(b',');
            }
            out.extend_from_slice(quote.as_bytes());
            out.extend_from_slice(&text[..end]);
            out.extend_from_slice(quote.as_bytes());
        }
        Some(out)
    })
}

fn prefixes(cx: &mut Context, value: Value, how: &Transform) -> Value {
    prefix_list(cx, &value, how, "")
}

fn prefixes_quoted(cx: &mut Context, value: Value, how: &Transform) -> Value {
    prefix_list(cx, &value, how, "'")
}

fn replace(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let (find, with) = (how.argument(cx, 0), how.argument(cx, 1));
    on_text(&value, |text| {
        let (find, with) = (find?, with?);
        match find.is_empty() {
            // Nothing to look for.
            true => Some(text.to_vec()),
            false => replaced(&text, &find, &with),
        }
    })
}

fn remove(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let find = how.argument(cx, 0);
    on_text(&value, |text| match unescaped(&find?) {
        nothing if nothing.is_empty() => Some(text.to_vec()),
        find => replaced(&text, &find, b""),
    })
}

/// White space and backslashes as they can be written in `{s.rm,…}`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = match (first, behind.first()) {
            (b'\\', Some(b'n')) => Some(b'\n'),
            (b'\\', Some(b'r')) => Some(b'\r'),
            (b'\\', Some(b't')) => Some(b'\t'),
            (b'\\', Some(b'\\')) => Some(b'\\'),
            _ => None,
        };
        out.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() {
            &behind[1..]
        } else {
            behind
        };
    }
    out
}

fn replaced(text: &[u8], find: &[u8], with: &[u8]) -> Option<Vec<u8>> {
    if find.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for at in memmem::find_iter(text, find) {
        out.extend_from_slice(&text[done..at]);
        out.extend_from_slice(with);
        done = at + find.len();
        if out.len() > LONGEST {
            return None;
        }
    }
    out.extend_from_slice(&text[done..]);
    Some(out)
}

fn rmws(_: &mut Context, value: Value, _: &Transform) -> Value {
    on_text(&value, |t| {
        let kept = t.iter().filter(|b| !b.is_ascii_whitespace());
        Some(kept.copied().collect())
    })
}

/// What is too short to have two ends stays what it is, a number as well.
fn unwrap_pair(value: Value, pairs: &[(u8, u8)]) -> Value {
    if value.with_bytes(<[u8]>::len) < 2 {
        return value;
    }
    let text = value.to_bytes();
    match &text[..] {
        [open, .., close] if pairs.contains(&(*open, *close)) => {
            Value::Str(text.slice(1..text.len() - 1))
        }
        _ => Value::Str(text),
    }
}

fn count(cx: &mut Context, value: Value, how: &Transform) -> Value {
    match (value, mark(cx, how)) {
        (Value::Null, _) | (_, None) => Value::Null,
        (_, Some(None)) => number(0),
        (value, Some(Some(mark))) => {
            number(value.with_bytes(|text| memchr::memchr_iter(mark, text).count()))
        }
    }
}

fn numeric(cx: &mut Context, value: Value, _: &Transform) -> Value {
    let digits = on_text(&value, |t| {
        Some(t.iter().filter(|b| b.is_ascii_digit()).copied().collect())
    });
    if matches!(&digits, Value::Str(t) if t.is_empty()) {
        cx.log(Level::Error, "a value without digits is not numeric");
    }
    digits
}

/// Without the mark the whole text stands before it, and nothing behind it.
fn around(cx: &mut Context, value: &Value, how: &Transform, last: bool, before: bool) -> Value {
    let mark = mark(cx, how);
    on_text(value, |t| {
        let found = mark?.and_then(|mark| match last {
            true => memchr::memrchr(mark, &t),
            false => memchr::memchr(mark, &t),
        });
        Some(match (found, before) {
            (Some(at), true) => t[..at].to_vec(),
            (Some(at), false) => t[at + 1..].to_vec(),
            (None, true) => t.to_vec(),
            (None, false) => Vec::new(),
        })
    })
}

/// `{s.fmtlines,n,m}`: lines of `n` characters; all but the first indented by `m`.
fn fmtlines(cx: &mut Context, value: &Value, how: &Transform, pad: u8) -> Value {
    let width = how.int(cx, 0).and_then(|n| usize::try_from(n).ok());
    let indent = how
        .int(cx, 1)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0);
    on_text(value, |text| {
        let width = width.filter(|w| *w > 0)?;
        if text.len().saturating_mul(indent + 3) > LONGEST * 4 {
            return None;
        }
        let mut out = Vec::new();
        for (index, piece) in text.chunks(width).enumerate() {
            if index > 0 {
                out.extend_from_slice(b"\r\n");
                out.extend(std::iter::repeat_n(pad, indent));
            }
            out.extend_from_slice(piece);
        }
        Some(out)
    })
}

fn ftime(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let format = how.text(cx, 0);
    // An empty text is the beginning of time.
    let value = if value == Value::Str(bytes::Bytes::new()) {
        Value::Int(0)
    } else {
        value
    };
    match (int(cx, value, how), format) {
        (Value::Int(seconds), Some(format)) => {
            Value::Str(crate::calendar::strftime(&format, seconds).into())
        }
        _ => Value::Null,
    }
}
