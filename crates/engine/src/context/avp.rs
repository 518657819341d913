//! AVPs and XAVPs: values that travel with a message and its transaction.
//!
//! An AVP name holds a stack of values: writing adds on top, reading takes the top (RFC-less;
//! Kamailio's pseudo-variables cookbook, `$avp`). A transaction shares the store of the request
//! that made it, so that reply and failure routes see what the request route set.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use script::value::Value;

/// Whom an AVP belongs to: `$avp(name)` is the caller's user list unless told otherwise.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AvpKey {
    /// Track and class, Kamailio's `f.u`, `t.d` …: bit 0 to-track, bits 1-2 class.
    pub list: u8,
    /// Its name.
    pub name: AvpName,
}

/// `$avp(s:name)` or `$avp(i:7)`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum AvpName {
    /// A string name.
    Text(Bytes),
    /// An integer name.
    Id(i64),
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
    avps: Vec<(AvpKey, Value)>,
    /// `$xavp(…)`: newest first.
    pub xavps: Vec<Xavp>,
    /// `$xavu(…)`: one value a name.
    pub xavus: Vec<Xavp>,
    /// `$xavi(…)`: as XAVPs, names compared without case.
    pub xavis: Vec<Xavp>,
}

impl AvpStore {
    /// The value at a depth of a name's stack; 0 is the newest.
    #[must_use]
    pub fn get(&self, key: &AvpKey, depth: usize) -> Option<&Value> {
        self.avps
            .iter()
            .rev()
            .filter(|(k, _)| k == key)
            .nth(depth)
            .map(|(_, v)| v)
    }

    /// All values of a name, newest first.
    pub fn all<'a>(&'a self, key: &'a AvpKey) -> impl Iterator<Item = &'a Value> {
        self.avps
            .iter()
            .rev()
            .filter(move |(k, _)| k == key)
            .map(|(_, v)| v)
    }

    /// Adds a value on top of a name's stack.
    pub fn push(&mut self, key: AvpKey, value: Value) {
        self.avps.push((key, value));
    }

    /// Replaces the value at a depth; false when there is none.
    pub fn replace(&mut self, key: &AvpKey, depth: usize, value: Value) -> bool {
        match self
            .avps
            .iter_mut()
            .rev()
            .filter(|(k, _)| k == key)
            .nth(depth)
        {
            Some(slot) => {
                slot.1 = value;
                true
            }
            None => false,
        }
    }

    /// Removes the value at a depth; false when there is none.
    pub fn remove(&mut self, key: &AvpKey, depth: usize) -> bool {
        let found = self
            .avps
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, (k, _))| k == key)
            .nth(depth)
            .map(|(i, _)| i);
        if let Some(index) = found {
            self.avps.remove(index);
        }
        found.is_some()
    }

    /// Removes every value of a name; returns how many there were.
    pub fn remove_all(&mut self, key: &AvpKey) -> usize {
        let before = self.avps.len();
        self.avps.retain(|(k, _)| k != key);
        before - self.avps.len()
    }

    /// Removes every value that fits; returns how many there were.
    pub fn remove_where(&mut self, fits: impl Fn(&AvpKey, &Value) -> bool) -> usize {
        let before = self.avps.len();
        self.avps.retain(|(key, value)| !fits(key, value));
        before - self.avps.len()
    }

    /// Every AVP, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[(AvpKey, Value)] {
        &self.avps
    }
}

/// A message's handle on its AVPs; allocated on first write, shared by clones.
#[derive(Clone, Debug, Default)]
pub struct Avps(Option<Arc<Mutex<AvpStore>>>);

impl Avps {
    /// The store for reading; `None` while nothing was ever written.
    #[must_use]
    pub fn read(&self) -> Option<MutexGuard<'_, AvpStore>> {
        self.0.as_ref().map(|s| s.lock())
    }

    /// The store for writing.
    pub fn write(&mut self) -> MutexGuard<'_, AvpStore> {
        self.0.get_or_insert_default().lock()
    }

    /// A handle on the same store, which exists from now on: what a transaction keeps.
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
        let key = AvpKey {
            list: 0,
            name: AvpName::Text("x".into()),
        };
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
}
