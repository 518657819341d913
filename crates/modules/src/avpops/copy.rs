//! `avp_copy`, `avp_delete`, `avp_subst` and `is_avp_set`: values moved, removed, changed, looked
//! for.

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::context::AvpName;
use engine::log::Level;
use engine::variable::{IndexValue, ParsedName, Readable};
use script::value::Value;

use super::names::{AvpVariable, flags, parts, values_of};
use crate::textops::api::Subst;

/// `$avp(new)/flags` of `avp_copy`.
pub(super) struct CopyTo {
    to: AvpVariable,
    all: bool,
    delete: bool,
    convert: Option<Kind>,
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
}

/// Why nothing was copied.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum CopyError {
    /// The AVP has no value.
    #[error("the AVP is not set")]
    NotSet,
    /// A string that should become a number is none.
    #[error("a string is no number")]
    NoNumber,
}

/// Which AVPs `avp_delete` removes.
pub(super) enum Which {
    /// The newest value of a name.
    Newest(AvpVariable),
    /// All values of a name.
    All(AvpVariable),
    /// Every AVP.
    Every,
    /// Those whose names are numbers.
    Numbered,
    /// Those whose names are strings.
    Named,
}

/// `$avp(name)/flag` of `is_avp_set`.
pub(super) struct IsSet {
    variable: AvpVariable,
    kind: Option<Wanted>,
}

#[derive(Clone, Copy)]
enum Wanted {
    Empty,
    Text,
    Number,
}

/// `$avp(source)/$avp(destination)/flags` of `avp_subst`.
pub(super) struct SubstPlaces {
    source: AvpVariable,
    destination: Option<AvpVariable>,
    delete: bool,
    all: bool,
}

pub(super) fn parse_avp(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    AvpVariable::parse(scope, &String::from_utf8_lossy(text)).map(ParsedName::data)
}

pub(super) fn parse_copy_to(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    let parts = parts(text)?;
    let (Some(name), true) = (parts.first(), parts.len() <= 2) else {
        return Err("$avp(name)/flags is needed".to_owned());
    };
    let flags = flags(parts.get(1), "gdns")?;
    let convert = match (flags.contains('n'), flags.contains('s')) {
        (true, _) => Some(Kind::Number),
        (false, true) => Some(Kind::Text),
        (false, false) => None,
    };
    Ok(ParsedName::data(CopyTo {
        to: AvpVariable::parse(scope, name)?,
        all: flags.contains('g'),
        delete: flags.contains('d'),
        convert,
    }))
}

pub(super) fn parse_which(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    let parts = parts(text)?;
    let (Some(name), true) = (parts.first(), parts.len() <= 2) else {
        return Err("$avp(name), a, i or s is needed".to_owned());
    };
    let all = flags(parts.get(1), "g")?.contains('g');
    if name.starts_with('$') {
        let variable = AvpVariable::parse(scope, name)?;
        return Ok(ParsedName::data(if all {
            Which::All(variable)
        } else {
            Which::Newest(variable)
        }));
    }
    let mut chars = name.chars();
    let which = match chars.next() {
        Some('a' | 'A') => Which::Every,
        Some('i' | 'I') => Which::Numbered,
        Some('s' | 'S') => Which::Named,
        _ => return Err(format!("`{name}` is neither $avp(name) nor a, i or s")),
    };
    // Script flags of names, which are not kept.
    if !chars.as_str().is_empty() && chars.as_str().parse::<u8>().is_err() {
        return Err(format!("`{name}` is neither $avp(name) nor a, i or s"));
    }
    Ok(ParsedName::data(which))
}

pub(super) fn parse_is_set(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    let parts = parts(text)?;
    let (Some(name), true) = (parts.first(), parts.len() <= 2) else {
        return Err("$avp(name)/flag is needed".to_owned());
    };
    let kind = match flags(parts.get(1), "esn")?.chars().last() {
        Some('e') => Some(Wanted::Empty),
        Some('s') => Some(Wanted::Text),
        Some(_) => Some(Wanted::Number),
        None => None,
    };
    Ok(ParsedName::data(IsSet {
        variable: AvpVariable::parse(scope, name)?,
        kind,
    }))
}

pub(super) fn parse_subst_places(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    let parts = parts(text)?;
    let (Some(source), true) = (parts.first(), parts.len() <= 3) else {
        return Err("$avp(source)/$avp(destination)/flags is needed".to_owned());
    };
    let flags = flags(parts.get(2), "gd")?;
    Ok(ParsedName::data(SubstPlaces {
        source: AvpVariable::parse(scope, source)?,
        destination: parts
            .get(1)
            .map(|text| AvpVariable::parse(scope, text))
            .transpose()?,
        delete: flags.contains('d'),
        all: flags.contains('g'),
    }))
}

impl CopyTo {
    /// Copies the newest value, or all of them, each on top of the one before: the order of a
    /// list turns round.
    pub(super) fn run(&self, cx: &mut Context, from: &AvpVariable) -> Result<(), CopyError> {
        let from = from.key(cx).ok_or(CopyError::NotSet)?;
        let to = self.to.key(cx).ok_or(CopyError::NotSet)?;
        let mut values = values_of(cx, &from);
        if values.is_empty() {
            return Err(CopyError::NotSet);
        }
        if !self.all {
            values.truncate(1);
        }
        let mut store = cx.avps.write();
        // How many of the source's values lie above the one in work.
        let mut above = 0;
        for value in values {
            let copy = match (self.convert, value) {
                (Some(Kind::Number), Value::Str(text)) => {
                    Value::Int(number(&text).ok_or(CopyError::NoNumber)?)
                }
                (Some(Kind::Text), value @ Value::Int(_)) => Value::Str(value.to_bytes()),
                (_, value) => value,
            };
            store.push(to.clone(), copy);
            above += usize::from(to == from);
            if self.delete {
                store.remove(&from, above);
            } else {
                above += 1;
            }
        }
        Ok(())
    }
}

/// A number of at most 32 bits without a sign, as Kamailio reads one; nothing counts as 0.
fn number(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u32 = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(i64::from(number.cast_signed()))
}

impl Which {
    /// False: there was nothing to remove.
    pub(super) fn remove(&self, cx: &mut Context) -> bool {
        match self {
            Self::Newest(variable) => match variable.key(cx) {
                Some(key) => cx.avps.write().remove(&key, 0),
                None => false,
            },
            Self::All(variable) => match variable.key(cx) {
                Some(key) => cx.avps.write().remove_all(&key) > 0,
                None => false,
            },
            Self::Every => cx.avps.write().remove_where(|_, _| true) > 0,
            Self::Numbered => {
                cx.avps
                    .write()
                    .remove_where(|key, _| matches!(key.name, AvpName::Id(_)))
                    > 0
            }
            Self::Named => {
                cx.avps
                    .write()
                    .remove_where(|key, _| matches!(key.name, AvpName::Text(_)))
                    > 0
            }
        }
    }
}

impl IsSet {
    /// Here the index counts; without one, and for all, it is the newest value.
    pub(super) fn holds(&self, cx: &mut Context) -> bool {
        let Some(key) = self.variable.key(cx) else {
            return false;
        };
        let depth = match self.variable.variable() {
            Readable::Pseudo(pseudo) => match pseudo.name.index(cx) {
                IndexValue::At(n) => usize::try_from(n).unwrap_or(0),
                IndexValue::None | IndexValue::All => 0,
            },
            _ => 0,
        };
        let store = cx.avps.read();
        let Some(value) = store.as_ref().and_then(|s| s.get(&key, depth)) else {
            return false;
        };
        match (self.kind, value) {
            (None, _) => true,
            (Some(Wanted::Empty), Value::Int(n)) => *n == 0,
            (Some(Wanted::Empty), value) => value.is_empty(),
            (Some(Wanted::Text), value) => matches!(value, Value::Str(_)),
            (Some(Wanted::Number), value) => matches!(value, Value::Int(_)),
        }
    }
}

impl SubstPlaces {
    /// Changes the first string (with the flag `g`: every one) that matches; without a
    /// destination the change takes the place of the value. False: none matches.
    pub(super) fn run(&self, cx: &mut Context, subst: &Subst) -> bool {
        let Some(source) = self.source.key(cx) else {
            return false;
        };
        let destination = match &self.destination {
            Some(variable) => match variable.key(cx) {
                Some(key) => key,
                None => return false,
            },
            None => source.clone(),
        };
        let delete = self.delete || self.destination.is_none();
        let mut changed = false;
        // Where in the source's stack the value in work lies.
        let mut depth = 0;
        for value in values_of(cx, &source) {
            let result = match &value {
                Value::Str(text) => self.change(cx, subst, text),
                _ => None,
            };
            let Some(text) = result else {
                depth += 1;
                continue;
            };
            let mut store = cx.avps.write();
            store.push(destination.clone(), Value::Str(text));
            depth += usize::from(destination == source);
            if delete {
                store.remove(&source, depth);
            } else {
                depth += 1;
            }
            changed = true;
            if !self.all {
                break;
            }
        }
        changed
    }

    fn change(&self, cx: &mut Context, subst: &Subst, text: &Bytes) -> Option<Bytes> {
        match subst.apply(cx, text) {
            Ok(changed) => changed,
            Err(error) => {
                cx.log(Level::Error, &format!("avp_subst: {error}"));
                None
            }
        }
    }
}
