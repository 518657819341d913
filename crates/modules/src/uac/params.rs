//! Parameters of uac.

use std::sync::Arc;

use bytes::Bytes;
use engine::Setup;
use engine::module::{DefaultValue, InitError, Param, ParamText, State, Status};
use engine::variable::Readable;

use super::digest::{Identity, Secret};
use super::restore;
use crate::pv::api::is_avp;
use crate::rr::api::Rr;
use crate::tm::api::Tm;

const NO_REGISTRATIONS: &str = "There are no remote registrations: they need a database.";

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text(
        "restore_mode",
        Some("auto"),
        "auto: replaced URIs are restored in replies and later requests; manual: in replies; none.",
    ),
    Param::text(
        "rr_from_store_param",
        Some("vsf"),
        "The Record-Route parameter that keeps the URI of From.",
    ),
    Param::text(
        "rr_to_store_param",
        Some("vst"),
        "The Record-Route parameter that keeps the URI of To.",
    ),
    Param::text(
        "restore_passwd",
        Some(""),
        "Hides what these parameters keep.",
    ),
    Param::text(
        "restore_from_avp",
        None,
        "An AVP that gets the original From, for replies.",
    ),
    Param::text(
        "restore_to_avp",
        None,
        "An AVP that gets the original To, for replies.",
    ),
    Param::int(
        "restore_dlg",
        0,
        "Keeping URIs in dialogs is not done: only 0 is taken.",
    )
    .with(Status::Partial),
    Param::new(
        "credential",
        DefaultValue::List,
        "user:realm:password, for challenges; may be given many times.",
    )
    .at_once(),
    Param::text(
        "auth_username_avp",
        None,
        "The variable with the user for challenges.",
    ),
    Param::text(
        "auth_password_avp",
        None,
        "The variable with the password for challenges.",
    ),
    Param::text(
        "auth_realm_avp",
        None,
        "The variable with the realm for challenges; empty: any.",
    ),
    Param::text(
        "default_socket",
        None,
        "The socket that uac_req_send() sends from, unless $uac_req(sock) names one.",
    ),
    Param::text(
        "event_callback",
        None,
        "There are no embedded languages: event_route[uac:reply] runs.",
    )
    .with(Status::Noop),
    Param::text(
        "reg_db_url",
        None,
        "Remote registrations need a database, which is not supported: only an empty one is taken.",
    )
    .with(Status::Partial),
    Param::int("reg_active", 1, NO_REGISTRATIONS).with(Status::Noop),
    Param::text("reg_contact_addr", None, NO_REGISTRATIONS).with(Status::Noop),
    Param::text("reg_db_table", Some("uacreg"), NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_gc_interval", 150, NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_hash_size", 4, NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_keep_callid", 0, NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_random_delay", 0, NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_retry_interval", 0, NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_timer_interval", 90, NO_REGISTRATIONS).with(Status::Noop),
    Param::int("reg_use_domain", 0, NO_REGISTRATIONS).with(Status::Noop),
];

/// When replaced URIs are restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// Never.
    None,
    /// In replies; in later requests when the script asks.
    Manual,
    /// In replies and later requests.
    Auto,
}

/// A header that can be replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    From,
    To,
}

/// What belongs to a side.
pub(super) struct SideSettings {
    /// The Record-Route parameter.
    pub(super) param: Bytes,
    /// The AVP for the original.
    pub(super) avp: Option<Readable>,
}

/// Where the script keeps credentials.
pub(super) struct AuthVariables {
    pub(super) user: Readable,
    pub(super) password: Readable,
    pub(super) realm: Readable,
}

/// A `credential`.
pub(super) struct Account {
    pub(super) realm: Vec<u8>,
    pub(super) identity: Identity,
}

/// The module's state.
pub(super) struct Uac {
    pub(super) tm: Arc<Tm>,
    /// Not loaded: nothing is kept in Record-Route.
    pub(super) rr: Option<Arc<Rr>>,
    pub(super) mode: Mode,
    pub(super) from: SideSettings,
    pub(super) to: SideSettings,
    pub(super) password: Bytes,
    pub(super) accounts: Vec<Account>,
    pub(super) variables: Option<AuthVariables>,
    pub(super) socket: Option<Bytes>,
}

impl Uac {
    pub(super) fn side(&self, side: Side) -> &SideSettings {
        match side {
            Side::From => &self.from,
            Side::To => &self.to,
        }
    }
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let mode = match setup.params.text("restore_mode").as_deref() {
        Some(b"none") => Mode::None,
        Some(b"manual") => Mode::Manual,
        Some(b"auto") => Mode::Auto,
        _ => {
            return Err(InitError::of_param(
                "restore_mode",
                "the mode is none, manual or auto",
            ));
        }
    };
    refuse_missing(setup)?;
    let rr = match mode {
        Mode::Auto => Some(setup.require::<Rr>("rr")?),
        Mode::Manual | Mode::None => setup.modules.get::<Rr>(),
    };
    if mode == Mode::Auto && rr.as_ref().is_some_and(|rr| !rr.appends_fromtag()) {
        return Err(InitError::of_param(
            "restore_mode",
            "auto needs append_fromtag of module rr",
        ));
    }
    let uac = Arc::new(Uac {
        tm: setup.require("tm")?,
        rr,
        mode,
        from: side(setup, "rr_from_store_param", "restore_from_avp", mode)?,
        to: side(setup, "rr_to_store_param", "restore_to_avp", mode)?,
        password: setup.params.text("restore_passwd").unwrap_or_default(),
        accounts: accounts(setup)?,
        variables: variables(setup)?,
        socket: setup.params.text("default_socket"),
    });
    restore::register(&uac);
    Ok(uac)
}

/// What cannot be done must not be asked for.
fn refuse_missing(setup: &Setup<'_>) -> Result<(), InitError> {
    if setup
        .params
        .text("reg_db_url")
        .is_some_and(|url| !url.is_empty())
    {
        return Err(InitError::of_param(
            "reg_db_url",
            "remote registrations need a database, which is not supported yet",
        ));
    }
    if setup.params.int("restore_dlg") != 0 {
        return Err(InitError::of_param(
            "restore_dlg",
            "keeping URIs in dialogs is not supported yet",
        ));
    }
    Ok(())
}

fn side(
    setup: &mut Setup<'_>,
    param: &'static str,
    avp: &'static str,
    mode: Mode,
) -> Result<SideSettings, InitError> {
    let text = setup.params.text(param).unwrap_or_default();
    if text.is_empty() && mode != Mode::None {
        return Err(InitError::of_param(param, "the parameter needs a name"));
    }
    let variable = match setup.params.text(avp) {
        Some(text) if !text.is_empty() => setup.variable_param(avp)?,
        _ => None,
    };
    if variable.as_ref().is_some_and(|v| !is_avp(v)) {
        return Err(InitError::of_param(avp, "an AVP is needed"));
    }
    Ok(SideSettings {
        param: text,
        avp: variable,
    })
}

fn accounts(setup: &Setup<'_>) -> Result<Vec<Account>, InitError> {
    let wrong = || InitError::of_param("credential", "user:realm:password is needed");
    let mut accounts = Vec::new();
    for value in setup.params.list("credential") {
        let ParamText::Text(text) = value else {
            return Err(wrong());
        };
        let mut parts = text.splitn(3, |c| *c == b':');
        let (Some(user), Some(realm), Some(password)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        if user.is_empty() || realm.is_empty() {
            return Err(wrong());
        }
        accounts.push(Account {
            realm: realm.to_vec(),
            identity: Identity {
                user: user.to_vec(),
                password: Secret::Plain(password.to_vec()),
            },
        });
    }
    Ok(accounts)
}

fn variables(setup: &mut Setup<'_>) -> Result<Option<AuthVariables>, InitError> {
    let user = setup.variable_param("auth_username_avp")?;
    let password = setup.variable_param("auth_password_avp")?;
    let realm = setup.variable_param("auth_realm_avp")?;
    match (user, password, realm) {
        (Some(user), Some(password), Some(realm)) => Ok(Some(AuthVariables {
            user,
            password,
            realm,
        })),
        (None, None, None) => Ok(None),
        _ => Err(InitError::of_param(
            "auth_username_avp",
            "user, password and realm are set all three or not at all",
        )),
    }
}
