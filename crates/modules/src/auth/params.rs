//! Parameters of auth.

use std::sync::Arc;

use bytes::Bytes;
use engine::Setup;
use engine::context::AvpKey;
use engine::module::{InitError, Param, State, Status};

use super::nonce::{Bound, Nonces, Parts};
use super::uses::Uses;
use crate::digest::Hash;
use crate::sl::api::Sl;

/// The largest tables: 2^30 nonces.
const LARGEST: u32 = 30;

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::int(
        "auth_checks_register",
        0,
        "What a nonce for a REGISTER is bound to: 1 request URI, 2 Call-ID, 4 From tag, 8 source address.",
    ),
    Param::int(
        "auth_checks_no_dlg",
        0,
        "The same for other requests without a To tag.",
    ),
    Param::int(
        "auth_checks_in_dlg",
        0,
        "The same for requests within dialogs.",
    ),
    Param::text(
        "qop",
        Some("auth"),
        "auth, auth-int, or empty: then nonce_count has no effect. What a challenge offers is said by the flags of the functions.",
    ),
    Param::int(
        "nonce_count",
        0,
        "1: nc must rise with each use of a nonce, up to 255.",
    ),
    Param::int(
        "one_time_nonce",
        0,
        "1: a nonce can be used once (with nonce_count: without nc).",
    ),
    Param::int(
        "nid_pool_no",
        1,
        "The tables of used nonces need no partitions: they are changed without locks.",
    )
    .with(Status::Noop),
    Param::int(
        "nc_array_size",
        0,
        "Of how many nonces nonce_count keeps the count, rounded down to a power of two; 0: as nc_array_order says.",
    ),
    Param::int(
        "nc_array_order",
        20,
        "The same as a power of two, up to 30.",
    ),
    Param::int(
        "otn_in_flight_no",
        0,
        "Of how many nonces one_time_nonce knows whether they were used, rounded down to a power of two; 0: as otn_in_flight_order says.",
    ),
    Param::int(
        "otn_in_flight_order",
        20,
        "The same as a power of two, up to 30.",
    ),
    Param::text(
        "secret",
        None,
        "What nonces are made with; servers with the same one, Kamailio's too, take each other's. By default it is random.",
    ),
    Param::int("nonce_expire", 300, "Seconds that a nonce is good for."),
    Param::int(
        "nonce_auth_max_drift",
        3,
        "Seconds by which a nonce may come from the future.",
    ),
    Param::int(
        "force_stateless_reply",
        0,
        "1: challenges are sent without the transaction, even if there is one.",
    ),
    Param::text(
        "realm_prefix",
        Some(""),
        "What is cut off in front of realms.",
    ),
    Param::int(
        "use_domain",
        0,
        "1: pv_auth_check() compares the domains of From and To as well.",
    ),
    Param::text(
        "algorithm",
        Some(""),
        "MD5 or SHA-256; empty: MD5, which challenges then do not name.",
    ),
    Param::int(
        "add_authinfo_hdr",
        0,
        "1: replies to authenticated requests get Authentication-Info.",
    ),
    Param::text(
        "challenge_attr",
        Some("$digest_challenge"),
        "The AVP for the challenges that the authenticating functions make.",
    ),
    Param::text(
        "www_challenge_header",
        Some("WWW-Authenticate"),
        "The name of the header with the challenge of a server.",
    ),
    Param::text(
        "proxy_challenge_header",
        Some("Proxy-Authenticate"),
        "The name of the header with the challenge of a proxy.",
    ),
    Param::int("protect_contacts", 0, "Has no effect, as in Kamailio 5.6.").with(Status::Noop),
];

/// The module's state.
pub struct Auth {
    pub(super) nonces: Nonces,
    pub(super) hash: Hash,
    /// `algorithm` of challenges, if they have one.
    pub(super) algorithm_field: &'static str,
    pub(super) realm_prefix: Bytes,
    pub(super) compares_domains: bool,
    pub(super) replies_stateless: bool,
    /// Replies get Authentication-Info.
    pub(super) proves_itself: bool,
    /// Names of the server's header and the proxy's.
    pub(super) challenge_headers: [Bytes; 2],
    pub(super) challenge_avp: AvpKey,
    pub(super) sl: Arc<Sl>,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let (hash, algorithm_field) = match setup.params.text("algorithm").unwrap_or_default().as_ref()
    {
        b"" => (Hash::Md5, ""),
        b"MD5" => (Hash::Md5, ", algorithm=MD5"),
        b"SHA-256" => (Hash::Sha256, ", algorithm=SHA-256"),
        _ => {
            return Err(InitError::of_param(
                "algorithm",
                "the algorithm is MD5 or SHA-256",
            ));
        }
    };
    Ok(Arc::new(Auth {
        nonces: nonces(setup)?,
        hash,
        algorithm_field,
        realm_prefix: setup.params.text("realm_prefix").unwrap_or_default(),
        compares_domains: setup.params.int("use_domain") != 0,
        replies_stateless: setup.params.int("force_stateless_reply") != 0,
        proves_itself: setup.params.int("add_authinfo_hdr") != 0,
        challenge_headers: [
            header_name(setup, "www_challenge_header")?,
            header_name(setup, "proxy_challenge_header")?,
        ],
        challenge_avp: challenge_avp(setup)?,
        sl: setup.require("sl")?,
    }))
}

fn nonces(setup: &Setup<'_>) -> Result<Nonces, InitError> {
    let seconds = |name: &str| u32::try_from(setup.params.int(name)).unwrap_or(0);
    let parts = |name: &str| Parts(setup.params.int(name));
    let bound = Bound {
        register: parts("auth_checks_register"),
        no_dialog: parts("auth_checks_no_dlg"),
        in_dialog: parts("auth_checks_in_dlg"),
    };
    let random = &setup.services.random;
    let secret = match setup.params.text("secret") {
        Some(secret) if !secret.is_empty() => secret,
        // So long that nobody guesses it, and a nonce with it fits one block of MD5.
        _ => (0..4)
            .flat_map(|_| random.next().to_ne_bytes())
            .collect::<Vec<u8>>()
            .into(),
    };
    let counts = has_quality(setup)? && setup.params.int("nonce_count") != 0;
    let counts = counts
        .then(|| order(setup, "nc_array_size", "nc_array_order"))
        .transpose()?;
    let once = (setup.params.int("one_time_nonce") != 0)
        .then(|| order(setup, "otn_in_flight_no", "otn_in_flight_order"))
        .transpose()?;
    let first = random.next() as u32;
    Ok(Nonces::new(
        secret,
        seconds("nonce_expire"),
        seconds("nonce_auth_max_drift"),
        bound,
        Uses::new(counts, once, first),
    ))
}

/// Whether `qop` is set: without it there is nothing to count.
fn has_quality(setup: &Setup<'_>) -> Result<bool, InitError> {
    match setup.params.text("qop").unwrap_or_default().as_ref() {
        b"auth" | b"auth-int" => Ok(true),
        b"" => Ok(false),
        _ => Err(InitError::of_param("qop", "qop is auth, auth-int or empty")),
    }
}

/// The size of a table, as a power of two.
fn order(setup: &Setup<'_>, size: &'static str, order: &'static str) -> Result<u32, InitError> {
    let (param, order) = match u64::try_from(setup.params.int(size)).unwrap_or(0) {
        0 => (order, u32::try_from(setup.params.int(order)).ok()),
        size_given => (size, Some(size_given.ilog2())),
    };
    order
        .filter(|order| *order <= LARGEST)
        .ok_or_else(|| InitError::of_param(param, "at most 2^30 nonces can be kept"))
}

fn header_name(setup: &Setup<'_>, param: &'static str) -> Result<Bytes, InitError> {
    let name = setup.params.text(param).unwrap_or_default();
    if name.is_empty() || !name.iter().all(|c| sip::chars::is_token(*c)) {
        return Err(InitError::of_param(param, "the name of a header is needed"));
    }
    Ok(name)
}

fn challenge_avp(setup: &Setup<'_>) -> Result<AvpKey, InitError> {
    let wrong = || InitError::of_param("challenge_attr", "an AVP is needed: $name");
    let text = setup.params.text("challenge_attr").unwrap_or_default();
    let text = std::str::from_utf8(&text).map_err(|_| wrong())?;
    let name = text.strip_prefix('$').ok_or_else(wrong)?;
    let name = name
        .strip_prefix("avp(")
        .and_then(|name| name.strip_suffix(')'))
        .unwrap_or(name);
    AvpKey::parse(name).map_err(|_| wrong())
}
