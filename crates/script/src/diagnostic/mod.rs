//! Mistakes in a configuration, as data; the renderers turn them into text.

mod nearest;
mod render;

pub use nearest::nearest;
pub use render::{render_concise, render_full, render_json};

use crate::source::Origin;

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The configuration can run.
    Warning,
    /// The configuration cannot run.
    Error,
}

/// A further place that explains the mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Label {
    /// The place.
    pub origin: Origin,
    /// What is there.
    pub message: String,
}

/// One mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A short name that never changes, for tools: `missing-semicolon`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub primary: Origin,
    /// What stands beside the primary place; may be empty.
    pub note: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Vec<String>,
    /// Kamailio's own check accepts this: it finds out when it starts, or never.
    pub is_beyond: bool,
}

impl Diagnostic {
    /// A mistake that keeps the configuration from running.
    pub fn error(code: &'static str, primary: Origin, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            primary,
            note: String::new(),
            labels: Vec::new(),
            help: Vec::new(),
            is_beyond: false,
        }
    }

    /// Something odd that the configuration can run with.
    pub fn warning(code: &'static str, primary: Origin, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, primary, message)
        }
    }

    /// Adds a text beside the primary place.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn with_label(mut self, origin: Origin, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            origin,
            message: message.into(),
        });
        self
    }

    /// Says that Kamailio's own check accepts this.
    #[must_use]
    pub fn beyond(mut self) -> Self {
        self.is_beyond = true;
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}
