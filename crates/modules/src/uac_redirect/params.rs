//! Parameters of uac_redirect.

use std::sync::Arc;

use engine::Setup;
use engine::module::{InitError, Param, State, Status};
use script::regex::{Case, Pattern};

use super::contacts::Flags;
use super::filters::{Defaults, Rule};
use crate::tm::api::Tm;

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text("default_filter", None, "accept (as when it is not set) or deny: what becomes of contacts that no filter fits."),
    Param::text("accept_filter", None, "A regular expression: contacts to follow."),
    Param::text("deny_filter", None, "A regular expression: contacts not to follow, unless the accept filter fits."),
    Param::text("acc_function", Some("acc_log_request"), "How get_redirects(max, reason) accounts; empty: not at all. Records always go to the log, as no database can be configured.").with(Status::Partial),
    Param::text("acc_db_table", Some("acc"), "The table of the accounting functions that use a database, which none can.").with(Status::Noop),
    Param::int("bflags", 0, "The flags of new branches."),
    Param::int("flags_hdr_mode", 0, "1: a flags parameter of the contact takes the place of bflags; 2: it is added to them."),
    Param::int("q_value", 10, "The preference of contacts without one, in thousandths."),
];

/// The module's state.
pub(super) struct Settings {
    pub(super) tm: Arc<Tm>,
    pub(super) filters: Defaults,
    pub(super) accounts: bool,
    pub(super) flags: Flags,
    pub(super) q: u16,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let otherwise = match setup.params.text("default_filter").as_deref() {
        None => Rule::Accept,
        Some(word) if word.eq_ignore_ascii_case(b"accept") => Rule::Accept,
        Some(word) if word.eq_ignore_ascii_case(b"deny") => Rule::Deny,
        Some(_) => {
            return Err(InitError::of_param(
                "default_filter",
                "the default filter is accept or deny",
            ));
        }
    };
    let bflags = u32::try_from(setup.params.int("bflags")).unwrap_or(0);
    let flags = match setup.params.int("flags_hdr_mode") {
        0 => Flags::Fixed(bflags),
        1 => Flags::OfContact(bflags),
        2 => Flags::Joined(bflags),
        _ => {
            return Err(InitError::of_param(
                "flags_hdr_mode",
                "the mode is 0, 1 or 2",
            ));
        }
    };
    let filters = Defaults {
        accept: pattern(setup, "accept_filter")?,
        deny: pattern(setup, "deny_filter")?,
        otherwise,
    };
    Ok(Arc::new(Settings {
        tm: setup.require("tm")?,
        filters,
        accounts: setup
            .params
            .text("acc_function")
            .is_some_and(|name| !name.is_empty()),
        flags,
        q: setup.params.int("q_value").clamp(0, 1000) as u16,
    }))
}

fn pattern(setup: &Setup<'_>, name: &'static str) -> Result<Option<Pattern>, InitError> {
    let Some(text) = setup.params.text(name) else {
        return Ok(None);
    };
    Pattern::new(&text, Case::Insensitive)
        .map(Some)
        .map_err(|e| InitError::of_param(name, format!("bad regular expression: {e}")))
}
