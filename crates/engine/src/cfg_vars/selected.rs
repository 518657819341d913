//! Instances of groups that a script has chosen with `cfg_select`, for one message.

use super::{CfgValue, CfgVar, Place};
use crate::context::Context;

/// The chosen instances, kept with the message.
#[derive(Debug, Default)]
pub struct Selected(Vec<(String, u32)>);

impl Selected {
    /// Chooses an instance of a group.
    pub fn choose(&mut self, group: &str, id: u32) {
        self.forget(group);
        self.0.push((group.to_owned(), id));
    }

    /// Goes back to the group's own values.
    pub fn forget(&mut self, group: &str) {
        self.0.retain(|(g, _)| g != group);
    }

    /// The chosen instance of a group.
    #[must_use]
    pub fn of(&self, group: &str) -> Option<u32> {
        self.0.iter().find(|(g, _)| g == group).map(|(_, id)| *id)
    }
}

/// A variable's value for a message: of the instance that the script chose, else the group's own.
#[must_use]
pub fn value_for(cx: &Context, var: &CfgVar) -> CfgValue {
    let chosen = cx
        .extensions
        .get::<Selected>()
        .and_then(|s| s.of(&var.group));
    let place = Place {
        group: &var.group,
        instance: chosen,
    };
    // What the run has begun with, as long as it lasts.
    if let Some(before) = cx.core.cfg.value_before(cx.values, place, &var.name) {
        return before;
    }
    if chosen.is_none() {
        return var.value();
    }
    let found = cx.core.cfg.value_at(place, &var.name);
    found.unwrap_or_else(|_| var.value())
}
