//! `acc`: accounts transactions to the log (Kamailio's ACC module).
//!
//! The script marks requests with flags; what tm then tells of their transactions becomes records,
//! one line each. Not there yet: databases and call records, which are refused at load.

pub mod api;
mod functions;
mod observe;
mod params;
mod reason;
mod record;
mod settings;
#[cfg(test)]
mod tests;
mod time;

use std::sync::Arc;

use engine::Setup;
use engine::module::{InitError, Module};

use crate::tm::api::Tm;
use settings::Settings;

/// Its table.
pub static MODULE: Module = Module {
    name: "acc",
    doc: "Accounts transactions to the log.",
    needs: &["tm"],
    functions: functions::TABLE,
    params: params::TABLE,
    init: |setup| Ok(init(setup)?),
    ..Module::EMPTY
};

/// The module's state.
pub struct Acc {
    settings: Settings,
}

fn init(setup: &mut Setup<'_>) -> Result<Arc<Acc>, InitError> {
    let tm = setup.require::<Tm>("tm")?;
    let acc = Arc::new(Acc {
        settings: Settings::read(setup)?,
    });
    let observed = Arc::clone(&acc);
    tm.observe(Arc::new(move |note| {
        observe::observe(&observed.settings, note);
    }));
    Ok(acc)
}
