//! Core parameters (`name = value`): one table, from which loading, the reference and `--exports`
//! work (Kamailio core cookbook 5.6, "Core parameters").

mod apply;
mod table;

use script::ast::{CoreParam as Given, ParamValue};

use crate::module::Status;
use crate::settings::Settings;

pub use table::TABLE;

/// A row of the table.
pub struct CoreParam {
    /// Its name.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What it does; for a no-op, why it has no effect.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
    /// Takes the value over.
    pub apply: fn(&mut Settings, &Given) -> Result<(), String>,
}

/// The row of a parameter.
#[must_use]
pub fn find(name: &str) -> Option<&'static CoreParam> {
    TABLE
        .iter()
        .find(|p| p.name == name || p.aliases.contains(&name))
}

/// Text of a value, for parameters that are only stored.
fn shown(value: &ParamValue) -> String {
    match value {
        ParamValue::Int(n) => n.to_string(),
        ParamValue::Str(t) => String::from_utf8_lossy(t).into_owned(),
        ParamValue::Word(w) => w.clone(),
        ParamValue::Listen(l) => l.host.clone(),
    }
}
