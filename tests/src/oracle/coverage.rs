//! What `ferrosip --exports` names, and whether all of it is compared.

use std::collections::BTreeSet;
use std::process::Command;

use super::transformations;
use crate::subject::Program;

/// Names that ferrosip says it has.
#[derive(Debug, Default)]
pub struct Exports {
    /// Pseudo-variables: module and name.
    pub variables: BTreeSet<(String, String)>,
    /// Transformations, `class.name`.
    pub transformations: BTreeSet<String>,
    /// Selects: module and path, with `%s` and `%i` for what stands in brackets.
    pub selects: BTreeSet<(String, String)>,
}

impl Exports {
    /// Asks the program.
    pub fn of(program: &Program) -> std::io::Result<Self> {
        let output = Command::new(&program.path).arg("--exports").output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut exports = Self::default();
        for line in text.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let [kind, module, name, ..] = columns[..] else {
                continue;
            };
            let (module, name) = (module.to_owned(), name.to_owned());
            match kind {
                "pv" => _ = exports.variables.insert((module, name)),
                "transformation" => _ = exports.transformations.insert(name),
                "select" => _ = exports.selects.insert((module, name)),
                _ => {}
            }
        }
        Ok(exports)
    }

    /// What no table has. Variables and selects are taken from here: those are all covered.
    #[must_use]
    pub fn uncovered(&self) -> Vec<String> {
        let transformed = |name: &&String| !transformations::cases().any(|c| c.name == **name);
        let missing = self.transformations.iter().filter(transformed);
        missing
            .map(|name| format!("transformation {name}"))
            .collect()
    }
}
