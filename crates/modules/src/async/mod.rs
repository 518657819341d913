//! Module async: the script goes on later, or somewhere else.
//!
//! Mirrors Kamailio's async README. A request is suspended in its transaction (module tm) and goes on
//! in a route; no thread waits. Differences: the worker groups of the core only give names to check,
//! because one runtime serves everything; and the functions that sleep also work inside a condition.

mod functions;
mod params;
mod variables;

use std::sync::Arc;

use engine::core::Setup;
use engine::module::{InitError, Module, State};

use crate::tm::api::Tm;

/// The group that `async_workers` makes.
const DEFAULT_GROUP: &str = "default";

/// The state of module async.
pub(crate) struct Async {
    tm: Arc<Tm>,
    /// What the functions return that have suspended the request (`return`).
    code: i64,
    /// Whether times in milliseconds are served (`ms_timer`).
    has_milliseconds: bool,
    /// Names of the core's groups of workers.
    groups: Vec<String>,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "async",
    doc: "Goes on with a request later, or elsewhere.",
    needs: &["tm", "tmx"],
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    init,
    ..Module::EMPTY
};

fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let stored = setup.settings.stored.iter();
    let groups = stored.filter(|(name, _)| *name == "async_workers_group");
    Ok(Arc::new(Async {
        tm: setup.require::<Tm>("tm")?,
        code: setup.params.int("return"),
        has_milliseconds: setup.params.int("ms_timer") > 0,
        groups: std::iter::once(DEFAULT_GROUP.to_owned())
            .chain(groups.filter_map(|(_, text)| group_name(text)))
            .collect(),
    }))
}

/// The name in `name=abc;workers=4`.
fn group_name(text: &str) -> Option<String> {
    let attributes = text.trim_matches('"').split(';');
    let mut pairs = attributes.filter_map(|attribute| attribute.split_once('='));
    let (_, name) = pairs.find(|(key, _)| key.trim() == "name")?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests;
