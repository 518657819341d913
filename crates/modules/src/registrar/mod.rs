//! Module registrar: takes REGISTERs and looks up whom to call (Kamailio's README of
//! `registrar`).
//!
//! The tables are usrloc's. Differences from Kamailio: what `reg_fetch_contacts` fetched stays
//! with the message instead of the process; a registration that `save(…, "0x02")` did not answer
//! is answered by `reg_send_reply` for the same message only; a To URI that cannot be parsed and a bad
//! reg-id are answered 400 with their own reason, where Kamailio repeats the reason of the request
//! before.

mod aor;
mod error;
mod expiry;
mod functions;
mod lookup;
mod methods;
mod pack;
mod params;
mod registered;
mod reply;
mod request;
mod save;
mod settings;
#[cfg(test)]
mod tests;
mod variables;
mod xavp;

use std::sync::Arc;

use bytes::Bytes;
use engine::arguments::Fixed;
use engine::core::{Core, Setup};
use engine::module::{EventRoute, InitError, Module, State, Statistic};

use crate::usrloc::api::{Event, EventKind};
use settings::Registrar;
use variables::{Profile, Profiles};

/// Its table.
pub static MODULE: Module = Module {
    name: "registrar",
    doc: "Takes registrations and finds the contacts of users.",
    needs: &["usrloc", "sl"],
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    statistics: STATISTICS,
    event_routes: &[EventRoute {
        name: CONTACT_EXPIRED,
        doc: "A contact's time was over; $ulc(exp=>…) tells of it.",
    }],
    init: |setup: &mut Setup<'_>| Ok(Arc::new(Registrar::new(setup)?)),
    start: Some(start),
    programmed: Some(make_tables),
    reconfigure: |change| change.values_of("registrar"),
    ..Module::EMPTY
};

const CONTACT_EXPIRED: &str = "usrloc:contact-expired";

static STATISTICS: &[Statistic] = &[
    Statistic {
        group: "registrar",
        name: "accepted_regs",
        doc: "Registrations taken.",
    },
    Statistic {
        group: "registrar",
        name: "rejected_regs",
        doc: "Registrations refused.",
    },
    Statistic {
        group: "registrar",
        name: "max_expires",
        doc: "The parameter.",
    },
    Statistic {
        group: "registrar",
        name: "max_contacts",
        doc: "The parameter.",
    },
    Statistic {
        group: "registrar",
        name: "default_expire",
        doc: "The parameter default_expires.",
    },
    Statistic {
        group: "registrar",
        name: "default_expires_range",
        doc: "The parameter.",
    },
    Statistic {
        group: "registrar",
        name: "expires_range",
        doc: "The parameter.",
    },
];

fn own(state: &State) -> Result<&Registrar, InitError> {
    let registrar = state.downcast_ref::<Registrar>();
    registrar.ok_or_else(|| InitError::new("registrar was started without its state"))
}

/// Makes the tables that a script names.
fn make_tables(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    let registrar = own(state)?;
    let Some(program) = core.program() else {
        return Ok(());
    };
    for call in program.calls() {
        let is_ours = call.state.is::<Registrar>();
        let names_table = call
            .function
            .args
            .first()
            .is_some_and(|a| a.name == "table");
        if let (true, true, Some(Fixed::Text(name))) = (is_ours, names_table, call.args.first()) {
            registrar.usrloc.domain(name, &core.statistics);
        }
    }
    Ok(())
}

/// Has expired contacts told to the event route, if the program has it then.
fn start(core: &Arc<Core>, state: &State) -> Result<(), InitError> {
    let weak = Arc::downgrade(core);
    own(state)?.usrloc.listeners.add(
        &[EventKind::Expire],
        Box::new(move |event| {
            if let Some(core) = weak.upgrade() {
                tell_expired(&core, event);
            }
        }),
    );
    Ok(())
}

fn tell_expired(core: &Arc<Core>, event: &Event) {
    engine::event::run(core, CONTACT_EXPIRED, |cx| {
        let profiles = cx.extensions.get_or_default::<Profiles>();
        profiles.put(Profile {
            name: Bytes::from_static(b"exp"),
            domain: event.domain.clone(),
            aor: event.aor.clone(),
            contacts: vec![event.contact.clone()],
        });
    });
}
