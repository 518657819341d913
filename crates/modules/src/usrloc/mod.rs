//! Module usrloc: the location tables, where registered phones are found (Kamailio's README of
//! `usrloc`).
//!
//! Functions of scripts are in registrar; this module has the tables, their expiry, statistics and
//! RPC methods. Differences from Kamailio: contacts are kept in memory only (`db_mode` 0); expiry
//! looks only at what is due; a table appears when it is first used (`preload` makes it at once).

pub mod api;

mod contact;
mod domain;
mod events;
mod keepalive;
mod matching;
mod order;
mod params;
mod reach;
mod rpc;
mod shard;
pub(crate) mod socket_text;
mod spelling;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use engine::core::{Core, Setup};
use engine::module::{InitError, Module, State, Statistic};

use api::{EventKind, UniqueIds, Usrloc, has_lost_connection, unix_now};

/// Its table.
pub static MODULE: Module = Module {
    name: "usrloc",
    doc: "Location tables: which contacts an address of record has.",
    params: params::TABLE,
    rpcs: rpc::TABLE,
    statistics: STATISTICS,
    init,
    start: Some(start),
    ..Module::EMPTY
};

static STATISTICS: &[Statistic] = &[
    Statistic {
        group: "usrloc",
        name: "registered_users",
        doc: "Addresses of record in all tables.",
    },
    Statistic {
        group: "usrloc",
        name: "location_users",
        doc: "Addresses of record in a table.",
    },
    Statistic {
        group: "usrloc",
        name: "location_contacts",
        doc: "Contacts in a table.",
    },
    Statistic {
        group: "usrloc",
        name: "location_expires",
        doc: "Contacts of a table that have expired since the start.",
    },
];

fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let options = params::read(setup)?;
    let random = || setup.services.random.next();
    let seeds = [random(), random(), random(), random()];
    let start = setup.services.clock.unix().as_secs();
    // Kamailio has the process number here, whose purpose a random number serves as well.
    let ids = UniqueIds::new(start, (random() & 0xffff) as u32);
    let mut usrloc = Usrloc::new(options, seeds, ids);
    usrloc.keepalive = keepalive::init(setup)?;
    let usrloc = Arc::new(usrloc);
    let counted = Arc::clone(&usrloc);
    setup
        .statistics
        .function("usrloc", "registered_users", move || {
            counted.domains().iter().map(|d| d.users()).sum()
        });
    for table in setup.params.list("preload") {
        if let engine::module::ParamText::Text(name) = table {
            usrloc.domain(name, setup.statistics);
        }
    }
    Ok(usrloc)
}

fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    let Ok(usrloc) = Arc::clone(state).downcast::<Usrloc>() else {
        return Err(InitError::new("usrloc was started without its state"));
    };
    let every = u64::from(usrloc.options.timer_interval) * 1000;
    if usrloc.options.close_expired_tcp {
        close_expired(core, &usrloc);
    }
    // The core owns the timer: a strong reference would keep it alive for ever.
    let weak = Arc::downgrade(core);
    core.timers
        .every(core.services.clock.now(), every, move |_| {
            if let Some(core) = weak.upgrade() {
                let now = unix_now(&core);
                for domain in usrloc.domains().iter() {
                    domain.expire(now);
                    if usrloc.options.handle_lost_tcp {
                        domain.expire_where(|contact| has_lost_connection(&core, contact));
                    }
                }
                if let Some(keepalive) = &usrloc.keepalive {
                    keepalive.run(&core, &usrloc);
                }
            }
        });
    Ok(())
}

/// Closes the connections of contacts that expire.
fn close_expired(core: &Arc<Core>, usrloc: &Usrloc) {
    let weak = Arc::downgrade(core);
    usrloc.listeners.add(
        &[EventKind::Expire],
        Box::new(move |event| {
            if let (Some(core), Some(connection)) = (weak.upgrade(), event.contact.connection) {
                core.services.network.close(connection);
            }
        }),
    );
}
