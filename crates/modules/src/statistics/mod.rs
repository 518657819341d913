//! `statistics`: counters of the script in the server's statistics (Kamailio's statistics module).
//!
//! Difference: a name that no statistic has fails when the function runs, where Kamailio refuses
//! it at start if it is constant.

mod functions;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::Setup;
use engine::module::{DefaultValue, InitError, Module, Param, ParamText};

/// The group of the script's statistics.
const GROUP: &str = "script";

/// Its table.
pub static MODULE: Module = Module {
    name: "statistics",
    doc: "Counters of the script in the server's statistics.",
    functions: functions::TABLE,
    params: &[Param::new(
        "variable",
        DefaultValue::List,
        "Declares a statistic by name; name/no_reset for one that no reset touches.",
    )
    .at_once()],
    init: |setup| {
        declare(setup)?;
        Ok(Arc::new(()))
    },
    ..Module::EMPTY
};

fn declare(setup: &mut Setup<'_>) -> Result<(), InitError> {
    for value in setup.params.list("variable") {
        let ParamText::Text(text) = value else {
            continue;
        };
        let text = String::from_utf8_lossy(text);
        let mut words = text.split('/').map(str::trim);
        let name = words.next().unwrap_or_default();
        let wrong = |what: &str| InitError::of_param("variable", format!("`{text}` {what}"));
        if name.is_empty() {
            return Err(wrong("names no statistic"));
        }
        setup.statistics.counter(GROUP, name);
        for flag in words {
            match flag {
                "no_reset" => setup.statistics.keep(GROUP, name),
                _ => return Err(wrong("has a flag other than no_reset")),
            }
        }
    }
    Ok(())
}
