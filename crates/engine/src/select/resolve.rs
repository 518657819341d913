//! Finds the select that a configuration names: one of the core or of a loaded module.

use script::host::Problem;

use super::path::{self, Step};
use super::{Select, Unresolved, names, of_core};
use crate::catalog::{NameScope, Names};

/// Why a select behind `@` cannot be had.
pub(crate) enum SelectError {
    /// It is no path: Kamailio refuses it as well.
    Path(String),
    /// It names what is not there: Kamailio finds out when it starts.
    Missing(String),
}

impl SelectError {
    pub(crate) fn into_message(self) -> String {
        let (Self::Path(message) | Self::Missing(message)) = self;
        message
    }
}

impl Names<'_> {
    /// The select of a script, without its `@`. Kamailio accepts every path there, so that one
    /// which nobody knows is a warning; it reads as nothing, or as the text, address or URI in which
    /// something was asked for that there is not.
    pub(crate) fn script_select(&mut self, path: &str) -> Result<Select, SelectError> {
        let steps = path::of_script(path)
            .ok_or_else(|| SelectError::Path(format!("`@{path}` is no path of a select")))?;
        match self.resolve_select(&steps) {
            Ok(select) => Ok(select),
            Err(Unresolved::Wrong(message)) => Err(SelectError::Missing(message)),
            Err(Unresolved::Unknown) => {
                let known = self.known_part(&steps);
                let reads = match &known {
                    Some((_, known)) => format!("it reads as @{known}"),
                    None => "it reads as an empty text".to_owned(),
                };
                let problem = self.unknown_select(path, &steps, &reads);
                let problem = self.excuse(problem);
                self.warnings.push(problem);
                Ok(known.map_or_else(Select::nothing, |(select, _)| select))
            }
        }
    }

    /// The longest part of an unknown path that names a text to be looked into, and how it is
    /// written. A path that only lacks an end has none.
    fn known_part(&mut self, steps: &[Step]) -> Option<(Select, String)> {
        let mut open = |known: &[Step]| {
            let mut open = known.to_vec();
            open.push(Step::Beyond);
            self.resolve_select(&open).ok()
        };
        if open(steps).is_some() {
            return None;
        }
        (1..steps.len()).rev().find_map(|count| {
            let known = &steps[..count];
            Some((open(known)?, path::written(known)))
        })
    }

    /// The select of `$sel(…)`.
    pub(crate) fn text_select(&mut self, path: &str) -> Result<Select, String> {
        let steps =
            path::of_text(path).ok_or_else(|| format!("`{path}` is no path of a select"))?;
        let word = steps.first().and_then(Step::word).unwrap_or_default();
        if let Some(module) = self.module_with_select(word).filter(|_| self.reads_script) {
            return Err(format!(
                "$sel() knows the selects of module {module} within texts only: write @{path}"
            ));
        }
        self.resolve_select(&steps).map_err(|error| match error {
            Unresolved::Unknown => format!("unknown select @{path}"),
            Unresolved::Wrong(message) => message,
        })
    }

    fn module_with_select(&self, word: &str) -> Option<&'static str> {
        let has = |name: &&str| *name == word;
        let mut loaded = self.loaded.iter();
        loaded
            .find(|m| m.selects.iter().map(|row| &row.name).any(has))
            .map(|m| m.name)
    }

    fn resolve_select(&mut self, steps: &[Step]) -> Result<Select, Unresolved> {
        let Some((word, rest)) = path::split(steps) else {
            return Err(Unresolved::Unknown);
        };
        let found = self.loaded.iter().find_map(|module| {
            let row = module.selects.iter().find(|row| row.name == word)?;
            Some((row, self.states.by_name(module.name)?.clone()))
        });
        match found {
            Some((row, state)) => {
                let mut scope = NameScope {
                    names: self,
                    state: &state,
                    depth: 0,
                };
                (row.parse)(&mut scope, rest)
            }
            None => of_core(steps, self.cfg),
        }
    }

    fn unknown_select(&self, path: &str, steps: &[Step], reads: &str) -> Problem {
        let word = steps.first().and_then(Step::word).unwrap_or_default();
        let message = format!("unknown select @{path}: {reads}");
        let problem = Problem::warning("unknown-select", message);
        let is_of = |row: &&crate::module::Module| row.selects.iter().any(|s| s.name == word);
        if let Some(module) = self.all.iter().find(|m| is_of(m)) {
            let name = module.name;
            let is_loaded = self.loaded.iter().any(|m| m.name == name);
            return match is_loaded {
                true => problem,
                false => problem.with_help(format!(
                    "it may be a select of module {name}: add loadmodule \"{name}.so\""
                )),
            };
        }
        let known = names::core();
        let shape = format!("@{path}");
        match self.near(&shape, known.iter().map(String::as_str)) {
            Some(near) => problem.with_help(format!("did you mean `{near}`?")),
            None => problem,
        }
    }
}
