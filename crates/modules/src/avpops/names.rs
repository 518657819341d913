//! The parameters of avpops: variables, flags behind slashes, operators with their values.

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::context::AvpKey;
use engine::variable::Readable;
use script::value::Value;

use crate::pv::api;

/// A variable that must be an AVP.
pub(super) struct AvpVariable(Readable);

impl AvpVariable {
    pub(super) fn parse(scope: &mut NameScope<'_, '_>, text: &str) -> Result<Self, String> {
        let variable = scope.variable(text)?;
        if api::is_avp(&variable) {
            Ok(Self(variable))
        } else {
            Err(format!("`{text}` is no $avp(name)"))
        }
    }

    /// The name for this message; index and transformations do not count.
    pub(super) fn key(&self, cx: &mut Context) -> Option<AvpKey> {
        api::avp_key(cx, &self.0)
    }

    /// The variable as it was written, with its index.
    pub(super) fn variable(&self) -> &Readable {
        &self.0
    }
}

/// What a function works on: an AVP with all its values, or one value.
pub(super) struct Operand(Readable);

impl Operand {
    pub(super) fn parse(scope: &mut NameScope<'_, '_>, text: &str) -> Result<Self, String> {
        scope.variable(text).map(Self)
    }

    /// The values, the newest first, and whether they were asked for one and all (`[*]` of an
    /// XAVP).
    pub(super) fn values(&self, cx: &mut Context) -> (Vec<Value>, bool) {
        if let Some(key) = api::avp_key(cx, &self.0) {
            return (values_of(cx, &key), false);
        }
        if let Some(all) = api::xavp_values(cx, &self.0) {
            return (all, true);
        }
        let value = self.0.read(cx);
        (
            (value != Value::Null)
                .then_some(value)
                .into_iter()
                .collect(),
            false,
        )
    }

    pub(super) fn variable(&self) -> &Readable {
        &self.0
    }
}

/// All values of an AVP, the newest first.
pub(super) fn values_of(cx: &Context, key: &AvpKey) -> Vec<Value> {
    match cx.avps.read() {
        Some(store) => store.all(key).cloned().collect(),
        None => Vec::new(),
    }
}

/// `name/second/third` cut at slashes outside of parentheses.
pub(super) fn parts(text: &[u8]) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "the parameter is no text".to_owned())?;
    let mut depth = 0_i32;
    let mut parts = vec![String::new()];
    for c in text.trim().chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '/' if depth <= 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    Ok(parts)
}

/// Flags behind a slash, each one of `known`, in either case.
pub(super) fn flags(text: Option<&String>, known: &str) -> Result<String, String> {
    let Some(text) = text else {
        return Ok(String::new());
    };
    if text.is_empty() {
        return Err("there are no flags behind the slash".to_owned());
    }
    let lower = text.to_ascii_lowercase();
    match lower.chars().find(|c| !known.contains(*c)) {
        Some(c) => Err(format!("unknown flag `{c}`")),
        None => Ok(lower),
    }
}

/// A constant: `i:7`, `i:0xff`, `s:text` or plain text.
pub(super) fn constant(text: &str) -> Result<Value, String> {
    let string = |t: &str| {
        if t.is_empty() {
            return Err("the value is empty".to_owned());
        }
        Ok(Value::Str(Bytes::copy_from_slice(t.as_bytes())))
    };
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.get(1)) {
        (Some(b'i' | b'I'), Some(b':')) => {
            let digits = &text[2..];
            integer(digits)
                .map(Value::Int)
                .ok_or_else(|| format!("`{digits}` is no integer"))
        }
        (Some(b's' | b'S'), Some(b':')) => string(&text[2..]),
        _ => string(text),
    }
}

fn integer(text: &str) -> Option<i64> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16)
            .ok()
            .map(|n| i64::from(n.cast_signed()));
    }
    text.parse::<i32>().ok().map(i64::from)
}

/// `operator/value[/flags]` cut in three. The value may hold slashes when no flags follow it.
pub(super) fn operation(text: &[u8]) -> Result<(String, String, Option<String>), String> {
    let parts = parts(text)?;
    match parts.as_slice() {
        [operator, value] if !value.is_empty() => {
            Ok((operator.to_ascii_lowercase(), value.clone(), None))
        }
        [operator, value, flags] if !value.is_empty() => Ok((
            operator.to_ascii_lowercase(),
            value.clone(),
            Some(flags.clone()),
        )),
        _ => Err("operator/value or operator/value/flags is needed".to_owned()),
    }
}
