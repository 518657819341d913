//! `xhttp`: HTTP requests on SIP's stream sockets.
//!
//! Mirrors Kamailio's module `xhttp`. A request is shown to `event_route[xhttp:request]` as a SIP
//! message of the same method, headers and body, with a Via that says where it came from.
//! Requests without headers, which Kamailio cannot parse, are answered like others.

pub(crate) mod api;
mod functions;
mod params;
mod reply;
mod request;
mod transformations;
mod variables;

pub use transformations::TABLE as TRANSFORMATIONS;

use std::sync::Arc;

use engine::Setup;
use engine::hooks::Verdict;
use engine::module::{EventRoute, InitError, Module};
use script::regex::{Case, Pattern};

/// The module's table.
pub static MODULE: Module = Module {
    name: "xhttp",
    doc: "HTTP server on the SIP ports.",
    functions: functions::FUNCTIONS,
    params: params::PARAMS,
    variables: variables::VARIABLES,
    event_routes: &[EventRoute {
        name: request::EVENT,
        doc: "An HTTP request came in; answer it with xhttp_reply.",
    }],
    init: |setup| {
        let state = Arc::new(XhttpState::new(setup)?);
        let filter = Arc::clone(&state);
        setup.hooks.raw.push(Box::new(move |core, bytes, received| {
            match request::take(core, &filter, bytes, *received) {
                true => Verdict::Consumed,
                false => Verdict::Continue,
            }
        }));
        Ok(state)
    },
    ..Module::EMPTY
};

/// The module's state.
pub(crate) struct XhttpState {
    /// Only requests whose URL matches are taken.
    wanted: Option<Pattern>,
    /// Requests whose URL matches are left alone.
    skipped: Option<Pattern>,
}

impl XhttpState {
    fn new(setup: &Setup<'_>) -> Result<Self, InitError> {
        let pattern = |name: &'static str| {
            let text = setup.params.text(name).filter(|t| !t.is_empty());
            text.map(|t| Pattern::new(&t, Case::Sensitive))
                .transpose()
                .map_err(|e| InitError::of_param(name, e.to_string()))
        };
        Ok(Self {
            wanted: pattern("url_match")?,
            skipped: pattern("url_skip")?,
        })
    }

    fn takes(&self, url: &[u8]) -> bool {
        self.wanted.as_ref().is_none_or(|p| p.is_match(url))
            && !self.skipped.as_ref().is_some_and(|p| p.is_match(url))
    }
}

#[cfg(test)]
mod tests;
