//! `{param.…}`: lists of `name=value` with a separator, and their grammar.

use bytes::Bytes;
use script::value::Value;

use super::number;
use crate::context::Context;
use crate::transformation::{Transform, Transformation};

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "param",
        "value",
        (1, 2),
        value_of,
        "Value of a parameter; the last one of the name counts.",
    ),
    Transformation::new(
        "param",
        "valueat",
        (1, 2),
        value_at,
        "Value of the parameter of an index; negative counts from the end.",
    ),
    Transformation::new(
        "param",
        "name",
        (1, 2),
        name_at,
        "Name of the parameter of an index; negative counts from the end.",
    ),
    Transformation::new("param", "count", (0, 1), count, "Number of parameters."),
    Transformation::new(
        "param",
        "in",
        (1, 2),
        contains,
        "1 if a parameter is there, else 0.",
    ),
];

/// A list that does not follow the grammar: nothing of it is used.
pub(super) struct Broken;

/// The parameters of a list, in order.
///
/// A comma ends the list, and so do one separator at its very end and `>` behind a whole
/// parameter. White space may stand behind
/// a separator and around `=`; quotes hold anything, but only around a whole value.
pub(super) struct Params<'t> {
    rest: &'t [u8],
    separator: u8,
    more: bool,
}

impl<'t> Params<'t> {
    pub(super) fn new(text: &'t [u8], separator: u8) -> Self {
        let rest = text.strip_suffix(&[separator]).unwrap_or(text);
        Self {
            rest,
            separator,
            more: !rest.is_empty(),
        }
    }

    /// Takes what is in front of white space, a comma or a separator (or `=`, within a name).
    fn word(&mut self, in_name: bool) -> &'t [u8] {
        let ends = |b: &u8| {
            b.is_ascii_whitespace()
                || matches!(b, b',')
                || *b == self.separator
                || (in_name && *b == b'=')
        };
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn value(&mut self) -> Result<&'t [u8], Broken> {
        self.skip_space();
        match self.rest {
            [] => Ok(self.rest),
            [quote @ (b'"' | b'\''), inner @ ..] => {
                let end = memchr::memchr(*quote, inner).ok_or(Broken)?;
                self.rest = &inner[end + 1..];
                Ok(&inner[..end])
            }
            _ => match self.word(false) {
                [] => Err(Broken),
                word => Ok(word),
            },
        }
    }

    fn param(&mut self) -> Result<(&'t [u8], &'t [u8]), Broken> {
        let name = self.word(true);
        self.skip_space();
        let mut value = &[][..];
        if let [b'=', rest @ ..] = self.rest {
            self.rest = rest;
            value = self.value()?;
            self.skip_space();
        }
        match self.rest {
            [] | [b',' | b'>', ..] => self.more = false,
            [separator, rest @ ..] if *separator == self.separator => {
                self.rest = rest.trim_ascii_start();
                if self.rest.is_empty() {
                    return Err(Broken);
                }
            }
            _ => return Err(Broken),
        }
        Ok((name, value))
    }
}

impl<'t> Iterator for Params<'t> {
    type Item = Result<(&'t [u8], &'t [u8]), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.more {
            return None;
        }
        let param = self.param();
        self.more &= param.is_ok();
        Some(param)
    }
}

/// The value of the last parameter of a name; empty when there is none.
pub(super) fn value_in<'t>(
    text: &'t [u8],
    separator: u8,
    name: &[u8],
) -> Result<Option<&'t [u8]>, Broken> {
    let mut found = None;
    for param in Params::new(text, separator) {
        let (known, value) = param?;
        if known.eq_ignore_ascii_case(name) {
            found = Some(value);
        }
    }
    Ok(found)
}

/// A list and its separator; `None`: nothing to look at.
fn list(cx: &mut Context, value: &Value, how: &Transform, at: usize) -> Option<(Bytes, u8)> {
    let text = match value {
        Value::Null => return None,
        value => value.to_bytes(),
    };
    let separator = match how.args.len() > at {
        true => how.argument(cx, at)?.first().copied()?,
        false => b';',
    };
    let is_empty = text.is_empty() || text[..] == [separator];
    (!is_empty).then_some((text, separator))
}

fn value_of(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let Some(name) = how.argument(cx, 0) else {
        return Value::Null;
    };
    let Some((text, separator)) = list(cx, &value, how, 1) else {
        return Value::Null;
    };
    // A parameter that is not there has an empty value, not none.
    match value_in(&text, separator, name.trim_ascii()) {
        Ok(found) => Value::Str(found.map_or_else(Bytes::new, |value| text.slice_ref(value))),
        Err(Broken) => Value::Null,
    }
}

/// The parameter of an index: `None` when the list is broken, two empty texts beyond its end.
fn at(cx: &mut Context, value: &Value, how: &Transform) -> Option<(Bytes, Bytes)> {
    let index = how.int(cx, 0)?;
    let (text, separator) = list(cx, value, how, 1)?;
    let all: Result<Vec<_>, Broken> = Params::new(&text, separator).collect();
    let all = all.ok()?;
    let index = match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => usize::try_from(index.unsigned_abs())
            .ok()
            .and_then(|back| all.len().checked_sub(back)),
    };
    let found = index.and_then(|index| all.get(index).copied());
    let (name, value) = found.unwrap_or_default();
    Some((text.slice_ref(name), text.slice_ref(value)))
}

fn value_at(cx: &mut Context, value: Value, how: &Transform) -> Value {
    at(cx, &value, how).map_or(Value::Null, |(_, v)| Value::Str(v))
}

fn name_at(cx: &mut Context, value: Value, how: &Transform) -> Value {
    at(cx, &value, how).map_or(Value::Null, |(n, _)| Value::Str(n))
}

fn count(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let Some((text, separator)) = list(cx, &value, how, 0) else {
        return Value::Null;
    };
    let all: Result<Vec<_>, Broken> = Params::new(&text, separator).collect();
    all.map_or(Value::Null, |all| number(all.len()))
}

fn contains(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let Some(name) = how.argument(cx, 0) else {
        return Value::Null;
    };
    let Some((text, separator)) = list(cx, &value, how, 1) else {
        return Value::Null;
    };
    match value_in(&text, separator, name.trim_ascii()) {
        Ok(found) => Value::from(found.is_some()),
        Err(Broken) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, separator: u8) -> String {
        let all: Result<Vec<_>, Broken> = Params::new(text.as_bytes(), separator).collect();
        let Ok(all) = all else {
            return "broken".to_owned();
        };
        let show = |(name, value): &(&[u8], &[u8])| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            format!("{}={}", text(name), text(value))
        };
        all.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_are_read_as_kamailio_reads_them() {
        for (text, expected) in [
            ("a=1;b;c=\"x;y\"", "a=1 b= c=x;y"),
            ("a='x;y';b", "a=x;y b="),
            ("a= 1 ; b = 2 ", "a=1 b=2"),
            ("a;", "a="),
            (";;a==b; =c;", "= = a==b =c"),
            ("a=1,b=2", "a=1"),
            ("a=\"x\">;b", "a=x"),
            ("a;\r\n b", "a= b="),
            (" ", "="),
            ("a=", "a="),
            ("a=;b", "broken"),
            ("a b", "broken"),
            ("a;; ", "broken"),
            ("a=\"x\"y", "broken"),
            ("a=\"x", "broken"),
            (" a", "broken"),
        ] {
            assert_eq!(shown(text, b';'), expected, "{text:?}");
        }
        assert_eq!(shown("a=1&b=2;c&d", b'&'), "a=1 b=2;c d=");
        assert_eq!(shown("a=1=b", b'='), "a=1 b=");
    }

    #[test]
    fn the_last_parameter_of_a_name_counts() {
        let value = value_in(b"a=1;A=2;b", b';', b"a");
        assert_eq!(value.ok().flatten(), Some(&b"2"[..]));
    }
}
