//! Names that stand for text.

use ahash::AHashMap;
use bytes::Bytes;

/// A define and its value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Define {
    /// The name.
    pub name: String,
    /// The text that it stands for; may be empty.
    pub value: Bytes,
}

/// The defines that Kamailio 5.6.3 makes by itself.
pub const BUILTIN: [&str; 3] = ["KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3"];

#[derive(Default)]
pub(super) struct Defines {
    values: AHashMap<Vec<u8>, Bytes>,
    order: Vec<String>,
}

impl Defines {
    pub(super) fn with_builtins() -> Self {
        let mut defines = Self::default();
        for name in BUILTIN {
            defines.set(name, Bytes::new());
        }
        defines
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.values.contains_key(name.as_bytes())
    }

    /// The text that a name stands for. A define without a value leaves the name as it is.
    pub(super) fn value(&self, name: &[u8]) -> Option<&Bytes> {
        self.values.get(name).filter(|value| !value.is_empty())
    }

    pub(super) fn set(&mut self, name: &str, value: Bytes) {
        if self.values.insert(name.into(), value).is_none() {
            self.order.push(name.to_owned());
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Define> {
        let values = &mut self.values;
        self.order
            .into_iter()
            .map(|name| Define {
                value: values.remove(name.as_bytes()).unwrap_or_default(),
                name,
            })
            .collect()
    }
}
