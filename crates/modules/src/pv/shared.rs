//! `$shv(name)`: variables that all messages share.

use std::collections::BTreeMap;

use parking_lot::RwLock;
use script::value::Value;

/// All shared variables. A name that was never set reads as 0.
#[derive(Default)]
pub(crate) struct SharedVars {
    values: RwLock<BTreeMap<Vec<u8>, Value>>,
}

impl SharedVars {
    pub(crate) fn get(&self, name: &[u8]) -> Option<Value> {
        self.values.read().get(name).cloned()
    }

    pub(crate) fn set(&self, name: &[u8], value: Value) {
        self.values.write().insert(name.to_vec(), value);
    }

    /// Every variable, by name.
    pub(crate) fn all(&self) -> Vec<(Vec<u8>, Value)> {
        let values = self.values.read();
        values.iter().map(|(n, v)| (n.clone(), v.clone())).collect()
    }
}
