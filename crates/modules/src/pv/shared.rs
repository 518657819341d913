//! `$shv(name)`: variables that all messages share.

use std::collections::BTreeMap;

use parking_lot::RwLock;
use script::value::Value;

/// All shared variables. A name that was never set reads as 0.
#[derive(Default)]
pub(crate) struct SharedVars {
    /// Each with its place in the order in which they were made.
    values: RwLock<BTreeMap<Vec<u8>, (usize, Value)>>,
}

impl SharedVars {
    pub(crate) fn get(&self, name: &[u8]) -> Option<Value> {
        self.values.read().get(name).map(|(_, value)| value.clone())
    }

    pub(crate) fn set(&self, name: &[u8], value: Value) {
        let mut values = self.values.write();
        match values.get_mut(name) {
            Some((_, old)) => *old = value,
            None => {
                let place = values.len();
                values.insert(name.to_vec(), (place, value));
            }
        }
    }

    /// Makes a variable that a script names; it is 0 until set.
    pub(crate) fn declare(&self, name: &[u8]) {
        if self.get(name).is_none() {
            self.set(name, Value::Int(0));
        }
    }

    /// Every variable, the newest first.
    pub(crate) fn all(&self) -> Vec<(Vec<u8>, Value)> {
        let values = self.values.read();
        let mut all: Vec<_> = values.iter().collect();
        all.sort_by_key(|(_, (place, _))| std::cmp::Reverse(*place));
        let shown = all.into_iter().map(|(n, (_, v))| (n.clone(), v.clone()));
        shown.collect()
    }
}
