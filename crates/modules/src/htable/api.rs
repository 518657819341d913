//! The tables, for this module's own parts and for others that keep something in them.

use std::sync::Arc;

use bytes::Bytes;
use engine::Core;
use engine::context::Context;

use super::locks::Locks;
use super::table::{Entry, Seconds, Table};

/// The module's state.
pub struct Htable {
    /// All tables; the last one defined comes first, as Kamailio lists them.
    tables: Vec<Arc<Table>>,
    /// Locks of `sht_lock`.
    pub(super) locks: Arc<Locks>,
    /// Milliseconds between two looks for items that have ended.
    pub(super) expiry_interval: u64,
}

impl Htable {
    pub(super) fn new(tables: Vec<Arc<Table>>, expiry_interval: u64) -> Self {
        Self {
            tables,
            locks: Arc::default(),
            expiry_interval,
        }
    }

    /// A table by name.
    #[must_use]
    pub fn table(&self, name: &[u8]) -> Option<&Arc<Table>> {
        self.tables.iter().find(|t| t.definition.name == name)
    }

    /// All tables in the order in which Kamailio lists them.
    #[must_use]
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }
}

/// The time that tables count in.
#[must_use]
pub fn now(core: &Core) -> Seconds {
    core.services.clock.unix().as_secs()
}

/// An item that ended, with the context of the route that is told of it.
pub(super) struct Ended {
    pub(super) name: Bytes,
    pub(super) value: script::value::Value,
}

/// Removes what has ended and runs the event routes of the tables that have one.
pub(super) fn expire(core: &Arc<Core>, state: &Htable) {
    let now = now(core);
    for table in &state.tables {
        let gone = table.take_expired(now);
        if gone.is_empty() {
            continue;
        }
        let event = format!(
            "htable:expired:{}",
            String::from_utf8_lossy(&table.definition.name)
        );
        for Entry { name, value, .. } in gone {
            let ended = Ended { name, value };
            let known =
                engine::event::run(core, &event, |cx: &mut Context| cx.extensions.insert(ended));
            if !known {
                break;
            }
        }
    }
}
