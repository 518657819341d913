//! Kamailio's modules, one folder each under its own name, each with the same inner shape:
//! `mod.rs` (purpose and the `MODULE` table), `params.rs`, `functions.rs`, `variables.rs`,
//! `rpc.rs`, `api.rs` (what other modules may use), domain files, `tests.rs`.

pub mod acc;
pub mod r#async;
pub mod auth;
pub mod avpops;
pub mod cfg_rpc;
pub mod cfgutils;
pub mod corex;
pub mod counters;
pub mod ctl;
pub mod debugger;
pub mod diversion;
pub mod htable;
pub mod ipops;

pub mod jsonrpcs;
pub mod kex;
pub mod math;
pub mod maxfwd;
pub mod mqueue;
pub mod nathelper;
pub mod path;
pub mod pike;
pub mod pv;
pub mod registrar;
pub mod rr;
pub mod rtimer;
pub mod sanity;
pub mod sdpops;
pub mod siputils;
pub mod sl;
pub mod statistics;
pub mod textops;
pub mod textopsx;
pub mod timer;
pub mod tm;
pub mod tmx;
pub mod uac;
pub mod uac_redirect;
pub mod usrloc;
pub mod uuid;
pub mod xhttp;
pub mod xlog;

mod attributes;
mod digest;
mod missing;
#[cfg(test)]
mod testing;

use engine::load::Library;
use engine::module::Module;

/// Every module of this server, by name.
pub static ALL: &[&Module] = &[
    &acc::MODULE,
    &auth::MODULE,
    &r#async::MODULE,
    &avpops::MODULE,
    &cfg_rpc::MODULE,
    &cfgutils::MODULE,
    &corex::MODULE,
    &counters::MODULE,
    &ctl::MODULE,
    &debugger::MODULE,
    &diversion::MODULE,
    &htable::MODULE,
    &ipops::MODULE,
    &jsonrpcs::MODULE,
    &kex::MODULE,
    &math::MODULE,
    &maxfwd::MODULE,
    &mqueue::MODULE,
    &nathelper::MODULE,
    &path::MODULE,
    &pike::MODULE,
    &pv::MODULE,
    &registrar::MODULE,
    &rr::MODULE,
    &rtimer::MODULE,
    &sanity::MODULE,
    &sdpops::MODULE,
    &siputils::MODULE,
    &sl::MODULE,
    &statistics::MODULE,
    &textops::MODULE,
    &textopsx::MODULE,
    &timer::MODULE,
    &tm::MODULE,
    &tmx::MODULE,
    &uac::MODULE,
    &uac_redirect::MODULE,
    &usrloc::MODULE,
    &uuid::MODULE,
    &xhttp::MODULE,
    &xlog::MODULE,
];

/// What the loader may load.
pub static LIBRARY: Library = Library {
    modules: ALL,
    builtin: &[&engine::builtin::MODULE],
    transformations: &[
        engine::transformations::TABLE,
        corex::TRANSFORMATIONS,
        textops::TRANSFORMATIONS,
        xhttp::TRANSFORMATIONS,
    ],
    missing: missing::TABLE,
};
