//! Changed parameters of a module, and what it can make of them while it runs.

use crate::cfg_vars::{CfgValue, CfgVars};
use crate::module::{Apply, DefaultValue, Param, ParamValues, State};

/// What a module's `reconfigure` looks at.
pub struct Change<'a> {
    /// The module's state.
    pub state: &'a State,
    /// All values as they shall be.
    pub params: &'a ParamValues,
    /// The parameters whose values have changed.
    pub changed: &'a [&'static str],
    pub(super) table: &'static [Param],
    pub(super) cfg: &'a CfgVars,
}

impl Change<'_> {
    /// For modules that read their parameters once.
    ///
    /// # Errors
    /// Every changed parameter.
    pub fn needs_restart(&self) -> Result<Apply, Vec<&'static str>> {
        Err(self.changed.to_vec())
    }

    /// For modules whose parameters are run-time values of a group, by the same names.
    ///
    /// # Errors
    /// Changed parameters that are no such values, or are fixed, or cannot have the new value.
    pub fn values_of(&self, group: &'static str) -> Result<Apply, Vec<&'static str>> {
        let mut values: Vec<(&'static str, CfgValue)> = Vec::new();
        let mut others = Vec::new();
        for name in self.changed {
            let value = self.value(name);
            let fits = self
                .cfg
                .find(group, name)
                .zip(value.as_ref())
                .is_some_and(|(var, value)| var.check(value).is_ok());
            match value {
                Some(value) if fits => values.push((name, value)),
                _ => others.push(*name),
            }
        }
        if !others.is_empty() {
            return Err(others);
        }
        Ok(Box::new(move |core| {
            for (name, value) in values {
                // Checked above; variables of modules never go.
                let _ = core.cfg.set(group, name, &value);
            }
        }))
    }

    fn value(&self, name: &str) -> Option<CfgValue> {
        let row = self.table.iter().find(|row| row.name == name)?;
        match row.default {
            DefaultValue::Int(_) => Some(CfgValue::Int(self.params.int(name))),
            DefaultValue::Text(_) => self.params.text(name).map(CfgValue::Text),
            DefaultValue::List | DefaultValue::Any => None,
        }
    }
}
