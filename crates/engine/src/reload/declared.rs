//! What a configuration says besides its blocks, for comparing two of them.

use script::ast::{Config, CoreParam, Item, ParamValue};

use crate::cfg_vars::CfgValue;
use crate::core_params;
use crate::module::{Module, ParamValues};

/// Parameters and modules of a configuration.
#[derive(Default)]
pub struct Declared {
    /// Core parameters with their values, in order.
    core: Vec<(&'static str, Vec<String>)>,
    /// Custom parameters: group, instance, name, value.
    pub(super) custom: Vec<(String, Option<u32>, String, CfgValue)>,
    /// The loaded modules in order.
    pub(super) modules: Vec<(&'static Module, ParamValues)>,
}

impl Declared {
    pub(crate) fn new(config: &Config, modules: Vec<(&'static Module, ParamValues)>) -> Self {
        let mut declared = Self {
            modules,
            ..Self::default()
        };
        for item in &config.items {
            match item {
                Item::CoreParam(param) => declared.add(param),
                Item::CustomParam(param) if param.group.node != "kemi" => {
                    let value = match &param.value.node {
                        ParamValue::Int(number) => CfgValue::Int(*number),
                        ParamValue::Str(text) => CfgValue::Text(text.clone()),
                        ParamValue::Word(_) | ParamValue::Listen(_) => continue,
                    };
                    let instance = param.instance.and_then(|id| u32::try_from(id).ok());
                    let (group, name) = (param.group.node.clone(), param.name.node.clone());
                    declared.custom.push((group, instance, name, value));
                }
                _ => {}
            }
        }
        declared
    }

    /// What only the compiler reads is no setting of the server.
    fn add(&mut self, param: &CoreParam) {
        let Some(row) = core_params::find(&param.name.node) else {
            return;
        };
        let values = param.values.iter();
        let values = values.map(|value| format!("{:?}", value.node)).collect();
        self.core.push((row.name, values));
    }

    /// Core parameters whose values differ.
    pub(super) fn differing_core(&self, other: &Self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for (name, _) in self.core.iter().chain(&other.core) {
            let of = |declared: &Self| -> Vec<Vec<String>> {
                let own = declared.core.iter().filter(|(own, _)| own == name);
                own.map(|(_, values)| values.clone()).collect()
            };
            if !names.contains(name) && of(self) != of(other) {
                names.push(name);
            }
        }
        names
    }

    /// The value that a custom parameter has.
    pub(super) fn custom(
        &self,
        group: &str,
        instance: Option<u32>,
        name: &str,
    ) -> Option<&CfgValue> {
        let mut custom = self.custom.iter();
        custom
            .find(|(g, i, n, _)| g == group && *i == instance && n == name)
            .map(|(.., value)| value)
    }

    /// Modules that only one of the configurations loads, or both in another order.
    pub(super) fn differing_modules(&self, new: &Self) -> Vec<String> {
        let names = |declared: &Self| -> Vec<&'static str> {
            declared
                .modules
                .iter()
                .map(|(module, _)| module.name)
                .collect()
        };
        let (old, new) = (names(self), names(new));
        let gone = old.iter().filter(|name| !new.contains(name));
        let gone = gone.map(|name| format!("module {name} is no longer loaded"));
        let come = new.iter().filter(|name| !old.contains(name));
        let come = come.map(|name| format!("module {name} is loaded"));
        let mut found: Vec<String> = gone.chain(come).collect();
        if found.is_empty() && old != new {
            found.push("the modules are loaded in another order".to_owned());
        }
        found
    }
}
