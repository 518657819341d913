//! A new program in the place of the one that runs, without a restart.
//!
//! The configuration is read anew, checked as at the start, and compared with the running one. A
//! mistake, or a change that needs a restart, leaves everything as it is. Otherwise the program is
//! swapped at once: what begins from then on runs the new one; a message, a suspended route and a
//! transaction with its branch, reply and failure routes go on with the one that they began with,
//! which goes when the last of them does.

mod append;
mod change;
mod declared;
mod generation;
mod replace;

use script::source::Loader;

use crate::load::Plan;

pub use append::append;
pub use change::Change;
pub use declared::Declared;
pub use generation::{Generation, InUse};

/// Where the running configuration came from.
pub trait ConfigSource: Send + Sync {
    /// Reads it again, with what the command line adds; `None`: it is in no place to read from.
    fn read(&self) -> Option<Plan>;

    /// Files for blocks that are appended.
    fn loader(&self) -> &dyn Loader;

    /// Runs work that may take long, where it holds up nobody else.
    fn aside(&self, work: &mut dyn FnMut()) {
        work();
    }
}

/// Words that a configuration gives a meaning while it is compiled.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// `flags` declarations: name and bit.
    pub flags: Vec<(String, u32)>,
    /// `avpflags` declarations, in the order of their bits.
    pub avp_flags: Vec<String>,
    /// The defines of the preprocessor, each with its text.
    pub defines: Vec<(String, bytes::Bytes)>,
}

/// What a reload has done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reloaded {
    /// The number of the new program; the first one is 1.
    pub program: u64,
    /// How many blocks it has.
    pub blocks: usize,
    /// Settings that have changed.
    pub changed: Vec<String>,
    /// Warnings about the configuration, `file:line:column` first.
    pub warnings: Vec<String>,
}

/// Why everything stays as it is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReloadError {
    /// There is nothing to read it from.
    #[error("the configuration cannot be read again")]
    NoSource,
    /// Mistakes, `file:line:column` first.
    #[error("the configuration has errors: {}", .0.join("; "))]
    Mistakes(Vec<String>),
    /// Changes that the running server cannot take.
    #[error("needs a restart: {}", .0.join("; "))]
    NeedsRestart(Vec<String>),
}

/// Reads the configuration again and lets new messages run it.
///
/// # Errors
/// The old program stays: there are mistakes, or changes that need a restart.
pub fn reload(core: &std::sync::Arc<crate::Core>) -> Result<Reloaded, ReloadError> {
    let source = &core.services.source;
    let mut done = Err(ReloadError::NoSource);
    source.aside(&mut || {
        if let Some(plan) = source.read() {
            done = replace::replace(core, plan);
        }
    });
    done
}
