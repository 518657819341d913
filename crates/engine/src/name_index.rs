//! Rows of the loaded modules by name: a script names the same few again and again.

use std::sync::Arc;

use ahash::AHashMap;

use crate::core_functions;
use crate::module::{Function, Module, ModuleStates, State, Variable};

/// A function that a script may call.
pub(crate) struct FunctionRow {
    pub(crate) function: &'static Function,
    /// The state of its module.
    pub(crate) state: State,
    /// Who speaks in log lines while it runs.
    pub(crate) module: &'static str,
    /// It belongs to the core.
    pub(crate) is_core: bool,
}

/// Functions and variables by name.
pub(crate) struct NameIndex {
    functions: AHashMap<&'static str, Vec<FunctionRow>>,
    variables: AHashMap<&'static str, (&'static Variable, State)>,
}

impl NameIndex {
    /// The names of the core and of these modules. Of functions the core's come first, then the
    /// last loaded module's, as Kamailio finds them; of variables the last loaded module's counts.
    pub(crate) fn new(loaded: &[&'static Module], states: &ModuleStates) -> Self {
        let mut index = Self {
            functions: AHashMap::new(),
            variables: AHashMap::new(),
        };
        for function in core_functions::TABLE {
            index.add_function(function, crate::log::CORE, &(Arc::new(()) as State));
        }
        for module in loaded.iter().rev() {
            let state = states.by_name(module.name).cloned();
            let state = state.unwrap_or_else(|| Arc::new(()));
            for function in module.functions {
                index.add_function(function, module.name, &state);
            }
            for variable in module.variables {
                let row = || (variable, state.clone());
                index.variables.entry(variable.name).or_insert_with(row);
            }
        }
        index
    }

    fn add_function(&mut self, function: &'static Function, module: &'static str, state: &State) {
        let rows = self.functions.entry(function.name).or_default();
        rows.push(FunctionRow {
            function,
            state: state.clone(),
            module,
            is_core: module == crate::log::CORE,
        });
    }

    /// The functions of this name.
    pub(crate) fn functions(&self, name: &str) -> &[FunctionRow] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// The row of a variable class and the state of its module.
    pub(crate) fn variable(&self, class: &str) -> Option<&(&'static Variable, State)> {
        self.variables.get(class)
    }
}
