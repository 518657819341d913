//! Selects, `@path.of.names` and `$sel(path)`.

use script::value::Value;

use crate::cfg_vars::{CfgValue, CfgVar};
use crate::context::Context;

/// A resolved select.
pub enum Select {
    /// `cfg_get.group.name`.
    Cfg(CfgVar),
}

impl Select {
    /// Its value for a message.
    pub fn read(&self, _cx: &mut Context) -> Value {
        match self {
            Self::Cfg(var) => match var.value() {
                CfgValue::Int(n) => Value::Int(n),
                CfgValue::Text(t) => Value::Str(t),
            },
        }
    }
}
