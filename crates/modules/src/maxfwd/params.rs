//! Parameters of maxfwd.

use std::sync::Arc;

use engine::Setup;
use engine::cfg_vars::CfgInt;
use engine::module::{InitError, Param, State};

/// All parameters.
pub(super) static TABLE: &[Param] = &[Param::int(
    "max_limit",
    70,
    "No request leaves with a larger number.",
)];

/// The module's state.
pub(super) struct MaxFwd {
    pub(super) limit: CfgInt,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let limit = setup.params.int("max_limit");
    if !(0..=255).contains(&limit) {
        return Err(InitError::of_param(
            "max_limit",
            "max_limit must lie between 0 and 255",
        ));
    }
    let limit = setup.cfg.int(
        "maxfwd",
        "max_limit",
        limit,
        Some((0, 255)),
        "Max-Forwards of requests that leave",
    );
    Ok(Arc::new(MaxFwd { limit }))
}
