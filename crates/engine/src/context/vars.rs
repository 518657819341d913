//! `$var(name)`.

use script::value::Value;

/// Script variables, `$var(name)`.
///
/// Kamailio keeps them per process, so that a value may leak from one message into another; ours
/// start at 0 for each message.
#[derive(Clone, Debug, Default)]
pub struct ScriptVars {
    /// By key: keys are numbers that names got in turn at load, so that few places stay empty.
    values: Vec<Option<Value>>,
}

impl ScriptVars {
    /// The value under a key (the index that the name got at load); 0 when never set.
    #[must_use]
    pub fn get(&self, key: u32) -> Value {
        self.find(key).cloned().unwrap_or(Value::Int(0))
    }

    /// The value under a key, if it was ever set.
    #[must_use]
    #[inline]
    pub fn find(&self, key: u32) -> Option<&Value> {
        self.values.get(key as usize)?.as_ref()
    }

    /// Takes the value under a key, as if it was never set.
    pub fn take(&mut self, key: u32) -> Option<Value> {
        self.values.get_mut(key as usize)?.take()
    }

    /// Every value that was set, with its key.
    pub fn all(&self) -> impl Iterator<Item = (u32, &Value)> {
        let keyed = (0..).zip(&self.values);
        keyed.filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }

    /// Sets a value. What comes under the key of no name is lost, as no name asks for it.
    #[inline]
    pub fn set(&mut self, key: u32, value: Value) {
        if key as usize >= self.values.len() {
            self.grow(key);
        }
        if let Some(slot) = self.values.get_mut(key as usize) {
            *slot = Some(value);
        }
    }

    #[cold]
    fn grow(&mut self, key: u32) {
        if key != u32::MAX {
            let places = (key as usize + 1).next_multiple_of(8);
            self.values.resize(places, None);
        }
    }
}
