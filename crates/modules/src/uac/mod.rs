//! uac: requests made here, answers to challenges, replaced From and To headers.
//!
//! Mirrors Kamailio's uac module README. Differences: there are no remote registrations, which need
//! a database; values are not kept in dialogs (`restore_dlg`); challenges are also answered with
//! SHA-256 and SHA-512/256 (RFC 8760), `-sess` and a true `auth-int`, and of several challenges the
//! first that can be; an algorithm that does not exist is not taken for MD5; cnonces are random;
//! `$uac_req` starts empty with each message, where Kamailio leaves what a process set last; an ACK
//! of `uac_req_send()` is sent once, where Kamailio sends it again from memory that it gave back;
//! replies are restored even if `msg_apply_changes()` came between without `restore_from_avp`;
//! `uac_restore_from()` after an automatic restoration does nothing, where Kamailio writes the URI
//! twice.

pub mod api;
mod auth;
mod cookie;
mod digest;
mod functions;
mod params;
mod registrations;
mod replace;
mod request;
mod restore;
#[cfg(test)]
mod tests;
mod variables;

use engine::module::{EventRoute, Module};

/// Its table.
pub static MODULE: Module = Module {
    name: "uac",
    doc: "Requests made here, answers to challenges, replaced From and To.",
    needs: &["tm"],
    functions: functions::TABLE,
    params: params::TABLE,
    variables: variables::TABLE,
    event_routes: &[EventRoute {
        name: "uac:reply",
        doc: "A request of uac_req_send() has its final answer; $uac_req(evcode) is the status.",
    }],
    init: params::init,
    ..Module::EMPTY
};
