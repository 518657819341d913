//! AVPs and XAVPs: values that travel with a message and its transaction.
//!
//! An AVP name holds a stack of values: writing adds on top, reading takes the top (RFC-less;
//! Kamailio's pseudo-variables cookbook, `$avp`). A transaction shares the store of the request
//! that made it, so that reply and failure routes see what the request route set.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use script::value::Value;

/// An AVP as a script names it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AvpKey {
    /// Whose AVP it is.
    pub class: AvpClass,
    /// Its name.
    pub name: AvpName,
}

/// Whom an AVP belongs to: the caller's user unless the name says otherwise (`$avp(tu.name)`).
///
/// A mark without a class (`f.`, `t.`) writes to the user's AVPs and reads those of the URI when
/// the user has none of the name.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum AvpClass {
    /// `f.`, or no mark.
    #[default]
    From,
    /// `fr.`.
    FromUser,
    /// `fu.`.
    FromUri,
    /// `t.`.
    To,
    /// `tr.`.
    ToUser,
    /// `tu.`.
    ToUri,
    /// `fd.`, `td.`, `g.`: lists that nothing ever fills.
    Empty,
}

/// `$avp(s:name)` or `$avp(i:7)`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum AvpName {
    /// A string name.
    Text(Bytes),
    /// An integer name.
    Id(i64),
}

/// Why text names no AVP.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadAvpName {
    /// There is nothing.
    #[error("the AVP has no name")]
    Empty,
    /// `i:` without a number.
    #[error("`{0}` is no AVP number")]
    Number(String),
}

impl AvpKey {
    /// `name`, `s:name`, `i:7`, with a class in front (`fu.name`).
    ///
    /// # Errors
    /// There is no name.
    pub fn parse(text: &str) -> Result<Self, BadAvpName> {
        let (class, name) = AvpClass::split(text).unwrap_or((AvpClass::From, text));
        Ok(Self {
            class,
            name: AvpName::parse(name)?,
        })
    }
}

impl AvpClass {
    /// The class in front of a name, if one is there.
    #[must_use]
    pub fn split(text: &str) -> Option<(Self, &str)> {
        let (mark, rest) = text.split_once('.')?;
        let class = match mark {
            "f" => Self::From,
            "fr" => Self::FromUser,
            "fu" => Self::FromUri,
            "t" => Self::To,
            "tr" => Self::ToUser,
            "tu" => Self::ToUri,
            "fd" | "td" | "g" => Self::Empty,
            _ => return None,
        };
        Some((class, rest))
    }

    /// The class of values that are written.
    fn own(self) -> Self {
        match self {
            Self::From => Self::FromUser,
            Self::To => Self::ToUser,
            exact => exact,
        }
    }

    /// The class that is read when the first has no value.
    fn second(self) -> Option<Self> {
        match self {
            Self::From => Some(Self::FromUri),
            Self::To => Some(Self::ToUri),
            _ => None,
        }
    }
}

impl AvpName {
    /// `name`, `s:name`, `i:7`.
    ///
    /// # Errors
    /// There is no name.
    pub fn parse(text: &str) -> Result<Self, BadAvpName> {
        if let Some(id) = text.strip_prefix("i:").or_else(|| text.strip_prefix("I:")) {
            let id = id.parse();
            return id
                .map(Self::Id)
                .map_err(|_| BadAvpName::Number(text.to_owned()));
        }
        let name = text.strip_prefix("s:").or_else(|| text.strip_prefix("S:"));
        let name = name.unwrap_or(text);
        if name.is_empty() {
            return Err(BadAvpName::Empty);
        }
        Ok(Self::Text(Bytes::copy_from_slice(name.as_bytes())))
    }
}

/// A value under its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Avp {
    /// Its name, with the class that it belongs to.
    pub key: AvpKey,
    /// The value.
    pub value: Value,
    /// Flags of its own (`setavpflag`).
    flags: u32,
}

/// A value of an XAVP.
#[derive(Clone, Debug, PartialEq)]
pub enum XavpValue {
    /// A plain value.
    Plain(Value),
    /// A list of named values.
    List(Vec<Xavp>),
}

/// A named XAVP value.
#[derive(Clone, Debug, PartialEq)]
pub struct Xavp {
    /// Name.
    pub name: Bytes,
    /// Value.
    pub value: XavpValue,
}

/// All AVPs of a message. Newest first where names repeat.
#[derive(Clone, Debug, Default)]
pub struct AvpStore {
    avps: Vec<Avp>,
    /// Some AVPs belong to other classes than the caller's user.
    has_classes: bool,
    /// `$xavp(…)`: newest first.
    pub xavps: Vec<Xavp>,
    /// `$xavu(…)`: one value a name.
    pub xavus: Vec<Xavp>,
    /// `$xavi(…)`: as XAVPs, names compared without case.
    pub xavis: Vec<Xavp>,
}

impl AvpStore {
    /// The class in which a name is looked up: the first that has a value of it.
    fn class_of(&self, key: &AvpKey) -> AvpClass {
        let own = key.class.own();
        let has = |class| {
            let mut avps = self.avps.iter();
            avps.any(|avp| avp.key.class == class && avp.key.name == key.name)
        };
        match key.class.second() {
            Some(second) if self.has_classes && !has(own) && has(second) => second,
            _ => own,
        }
    }

    /// The values of a name, newest first.
    fn of<'a>(&'a self, key: &AvpKey) -> impl Iterator<Item = (usize, &'a Avp)> {
        let class = self.class_of(key);
        let all = self.avps.iter().enumerate().rev();
        all.filter(move |(_, avp)| avp.key.class == class && avp.key.name == key.name)
    }

    fn position(&self, key: &AvpKey, depth: usize) -> Option<usize> {
        self.of(key).nth(depth).map(|(index, _)| index)
    }

    /// The value at a depth of a name's stack; 0 is the newest.
    #[must_use]
    pub fn get(&self, key: &AvpKey, depth: usize) -> Option<&Value> {
        self.of(key).nth(depth).map(|(_, avp)| &avp.value)
    }

    /// All values of a name, newest first.
    pub fn all<'a>(&'a self, key: &'a AvpKey) -> impl Iterator<Item = &'a Value> {
        self.of(key).map(|(_, avp)| &avp.value)
    }

    /// Adds a value on top of a name's stack; false when nothing is kept under such a name.
    pub fn push(&mut self, key: AvpKey, value: Value) -> bool {
        if key.class == AvpClass::Empty {
            return false;
        }
        let class = key.class.own();
        self.has_classes |= class != AvpClass::FromUser;
        self.avps.push(Avp {
            key: AvpKey { class, ..key },
            value,
            flags: 0,
        });
        true
    }

    /// Replaces the value at a depth; false when there is none.
    pub fn replace(&mut self, key: &AvpKey, depth: usize, value: Value) -> bool {
        let found = self.position(key, depth);
        if let Some(avp) = found.and_then(|index| self.avps.get_mut(index)) {
            avp.value = value;
            avp.flags = 0;
        }
        found.is_some()
    }

    /// Removes the value at a depth; false when there is none.
    pub fn remove(&mut self, key: &AvpKey, depth: usize) -> bool {
        let found = self.position(key, depth);
        if let Some(index) = found {
            self.avps.remove(index);
        }
        found.is_some()
    }

    /// Removes every value of a name; returns how many there were.
    pub fn remove_all(&mut self, key: &AvpKey) -> usize {
        self.remove_those(key, |_| true)
    }

    /// Removes the values of a name that fit; returns how many there were.
    pub fn remove_those(&mut self, key: &AvpKey, fits: impl Fn(&Value) -> bool) -> usize {
        let class = self.class_of(key);
        self.remove_where(|k, value| k.class == class && k.name == key.name && fits(value))
    }

    /// Removes every value that fits; returns how many there were.
    pub fn remove_where(&mut self, fits: impl Fn(&AvpKey, &Value) -> bool) -> usize {
        let before = self.avps.len();
        self.avps.retain(|avp| !fits(&avp.key, &avp.value));
        before - self.avps.len()
    }

    /// The flags of a name's newest value, to read and to change; `None` when there is no value.
    pub fn flags(&mut self, key: &AvpKey) -> Option<&mut u32> {
        let index = self.position(key, 0)?;
        self.avps.get_mut(index).map(|avp| &mut avp.flags)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.avps.is_empty()
            && self.xavps.is_empty()
            && self.xavus.is_empty()
            && self.xavis.is_empty()
    }

    /// Every AVP, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Avp] {
        &self.avps
    }
}

/// A message's handle on its AVPs; allocated on first write, shared by clones. A transaction shares
/// one whether or not there are any: what is shared is a place for a store.
#[derive(Clone, Debug, Default)]
pub struct Avps(Option<Arc<Mutex<Option<Box<AvpStore>>>>>);

impl Avps {
    /// The store for reading; `None` while nothing was ever written.
    #[must_use]
    pub fn read(&self) -> Option<MappedMutexGuard<'_, AvpStore>> {
        let place = self.0.as_ref()?.lock();
        MutexGuard::try_map(place, Option::as_deref_mut).ok()
    }

    /// The store for writing.
    pub fn write(&mut self) -> MappedMutexGuard<'_, AvpStore> {
        let place = self.0.get_or_insert_default().lock();
        MutexGuard::map(place, |store| &mut **store.get_or_insert_default())
    }

    /// Gives back a store that holds nothing and that no other handle shares.
    pub fn forget_if_empty(&mut self) {
        let is_empty = |place: &mut Mutex<Option<Box<AvpStore>>>| {
            place
                .get_mut()
                .as_ref()
                .is_none_or(|store| store.is_empty())
        };
        if let Some(place) = &mut self.0
            && Arc::get_mut(place).is_some_and(is_empty)
        {
            self.0 = None;
        }
    }

    /// A handle on the same store, whichever of the two begins it: what a transaction keeps.
    #[must_use]
    pub fn share(&mut self) -> Self {
        self.0.get_or_insert_default();
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_stack() {
        let key = AvpKey::parse("x").unwrap();
        let mut avps = Avps::default();
        assert!(avps.read().is_none());
        avps.write().push(key.clone(), Value::Int(1));
        avps.write().push(key.clone(), Value::Int(2));
        let shared = avps.share();
        assert_eq!(shared.read().unwrap().get(&key, 0), Some(&Value::Int(2)));
        assert!(avps.write().replace(&key, 1, Value::Int(7)));
        assert!(avps.write().remove(&key, 0));
        assert_eq!(shared.read().unwrap().get(&key, 0), Some(&Value::Int(7)));
        assert_eq!(avps.write().remove_all(&key), 1);
    }

    #[test]
    fn a_name_is_looked_up_in_the_classes_of_its_mark() {
        let key = |text: &str| AvpKey::parse(text).unwrap();
        let mut store = AvpStore::default();
        store.push(key("fu.x"), Value::Int(1));
        assert_eq!(store.get(&key("x"), 0), Some(&Value::Int(1)));
        assert_eq!(store.get(&key("fr.x"), 0), None);
        store.push(key("x"), Value::Int(2));
        assert_eq!(store.all(&key("f.x")).count(), 1);
        assert_eq!(store.get(&key("fr.x"), 0), Some(&Value::Int(2)));
        assert_eq!(store.get(&key("t.x"), 0), None);
        assert!(!store.push(key("g.x"), Value::Int(3)));
    }

    #[test]
    fn flags_belong_to_a_value() {
        let key = AvpKey::parse("x").unwrap();
        let mut store = AvpStore::default();
        assert_eq!(store.flags(&key), None);
        store.push(key.clone(), Value::Int(1));
        *store.flags(&key).unwrap() |= 4;
        store.push(key.clone(), Value::Int(2));
        assert_eq!(store.flags(&key), Some(&mut 0));
        store.remove(&key, 0);
        assert_eq!(store.flags(&key), Some(&mut 4));
        store.replace(&key, 0, Value::Int(3));
        assert_eq!(store.flags(&key), Some(&mut 0));
    }
}
