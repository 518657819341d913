//! The counters that the configuration declares.

use engine::Setup;
use engine::module::{InitError, ParamText};
use engine::statistics::Counter;

/// The module's state.
pub(super) struct CountersState {
    /// The group of names without one.
    pub(super) group: String,
    declared: Vec<Declared>,
}

struct Declared {
    group: String,
    name: String,
    description: String,
    counter: Counter,
}

impl CountersState {
    pub(super) fn new(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let text = setup.params.text("script_cnt_grp_name").unwrap_or_default();
        let default = String::from_utf8_lossy(&text).into_owned();
        let mut declared = Vec::new();
        for value in setup.params.list("script_counter") {
            let ParamText::Text(text) = value else {
                continue;
            };
            let text = String::from_utf8_lossy(text);
            let (full, description) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
            let (group, name) = split(full, &default);
            if name.is_empty() || group.is_empty() {
                let message = format!("`{text}` names no counter");
                return Err(InitError::of_param("script_counter", message));
            }
            declared.push(Declared {
                counter: setup.statistics.counter(group, name),
                group: group.to_owned(),
                name: name.to_owned(),
                description: description.trim().to_owned(),
            });
        }
        Ok(Self {
            group: default,
            declared,
        })
    }

    /// A declared counter by `[group.]name`.
    pub(super) fn counter(&self, full: &str) -> Option<&Counter> {
        let (group, name) = split(full, &self.group);
        self.find(group, name).map(|d| &d.counter)
    }

    /// What a counter of the script counts, as declared.
    pub(super) fn description(&self, group: &str, name: &str) -> Option<&str> {
        self.find(group, name).map(|d| d.description.as_str())
    }

    fn find(&self, group: &str, name: &str) -> Option<&Declared> {
        self.declared
            .iter()
            .find(|d| d.group == group && d.name == name)
    }
}

fn split<'a>(full: &'a str, default: &'a str) -> (&'a str, &'a str) {
    full.split_once(['.', ':']).unwrap_or((default, full))
}
