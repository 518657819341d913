//! What the module holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Setup;
use engine::log::{Facility, Level, ModuleLogs};
use engine::module::{InitError, ParamText};

/// The module's state.
pub(super) struct DebuggerState {
    traces: AtomicBool,
    pub(super) with_file: bool,
    pub(super) level: Level,
    pub(super) label: Option<String>,
    pub(super) facility: Option<Facility>,
    pub(super) prefix: String,
    /// Whether levels and facilities of modules may be stored.
    pub(super) stores: bool,
    pub(super) logs: Arc<ModuleLogs>,
}

impl DebuggerState {
    pub(super) fn new(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let text = |name| {
            let text = setup.params.text(name)?;
            Some(String::from_utf8_lossy(&text).into_owned())
        };
        let switch = |name| {
            let help = "levels and facilities of single modules count";
            let value = setup.params.int(name);
            setup.cfg.int("dbg", name, value, None, help)
        };
        let facility = |param, name: &str| {
            Facility::from_name(name)
                .ok_or_else(|| InitError::of_param(param, format!("no facility `{name}`")))
        };
        let (mut levels, mut facilities) = (Vec::new(), Vec::new());
        for (module, value) in pairs(setup, "mod_level")? {
            let level = value
                .parse()
                .map_err(|_| InitError::of_param("mod_level", format!("no level `{value}`")))?;
            levels.push((module, level));
        }
        for (module, value) in pairs(setup, "mod_facility")? {
            facilities.push((module, facility("mod_facility", &value)?));
        }
        let stores = setup.params.int("mod_hash_size") > 0;
        if !stores {
            levels.clear();
            facilities.clear();
        }
        Ok(Self {
            traces: AtomicBool::new(setup.params.int("cfgtrace") != 0),
            with_file: setup.params.int("cfgtrace_format") == 0,
            level: Level::from_number(setup.params.int("log_level")),
            label: text("log_level_name"),
            facility: text("log_facility")
                .map(|name| facility("log_facility", &name))
                .transpose()?,
            prefix: text("log_prefix").unwrap_or_default(),
            stores,
            logs: Arc::new(ModuleLogs::new(
                (switch("mod_level_mode"), levels),
                (switch("mod_facility_mode"), facilities),
            )),
        })
    }

    /// Whether statements are traced now.
    pub(super) fn traces(&self) -> bool {
        self.traces.load(Ordering::Relaxed)
    }

    /// Turns tracing on or off.
    pub(super) fn trace(&self, on: bool) {
        self.traces.store(on, Ordering::Relaxed);
    }
}

/// `module=value` of a parameter that may be given many times.
fn pairs(setup: &Setup<'_>, name: &'static str) -> Result<Vec<(String, String)>, InitError> {
    let pair = |value: &ParamText| {
        let ParamText::Text(text) = value else {
            return Err(InitError::of_param(name, "takes module=value"));
        };
        let text = String::from_utf8_lossy(text);
        let (module, value) = text
            .split_once('=')
            .ok_or_else(|| InitError::of_param(name, "takes module=value"))?;
        Ok((module.trim().to_owned(), value.trim().to_owned()))
    };
    setup.params.list(name).map(pair).collect()
}
