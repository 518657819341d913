//! auth: digest authentication (RFC 7616 as RFC 3261 section 22 uses it; RFC 8760).
//!
//! Mirrors Kamailio's auth module README. Nonces are Kamailio's, see `nonce.rs`. Differences:
//! `qop=auth-int` is checked, where Kamailio 5.6 refuses right answers; `$AU`, `$Au` and `is_user()`
//! know a user only when the password was right; Authentication-Info of credentials without `qop`
//! has no empty fields; a realm that would end its quotes is not put into a challenge.

pub mod api;
mod challenge;
mod credentials;
mod functions;
mod marks;
mod nonce;
mod params;
#[cfg(test)]
mod tests;
mod uses;

use engine::module::Module;

/// Its table.
pub static MODULE: Module = Module {
    name: "auth",
    doc: "Digest authentication.",
    needs: &["sl"],
    functions: functions::TABLE,
    params: params::TABLE,
    init: params::init,
    ..Module::EMPTY
};
