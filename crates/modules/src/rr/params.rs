//! Parameters of rr.

use std::sync::Arc;

use engine::Setup;
use engine::module::{InitError, Param, State, Status};
use engine::variable::Readable;

use super::api::Rr;

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::int(
        "enable_full_lr",
        0,
        "Write lr=on instead of lr, for clients that lose valueless parameters.",
    ),
    Param::int("append_fromtag", 1, "Put the From tag into Record-Route."),
    Param::int(
        "enable_double_rr",
        1,
        "Two Record-Route headers when a request changes the socket; 2: always two.",
    ),
    Param::int(
        "add_username",
        0,
        "Put the request URI's user into Record-Route.",
    ),
    Param::int(
        "enable_socket_mismatch_warning",
        1,
        "Warnings about preset addresses that are not ours are not written.",
    )
    .with(Status::Noop),
    Param::text(
        "custom_user_avp",
        None,
        "The variable that holds the user for add_username.",
    ),
    Param::int(
        "force_send_socket",
        0,
        "A single own Route also decides the sending socket.",
    ),
    Param::int(
        "ignore_sips",
        0,
        "Write sip: into Record-Route even for a sips: request URI.",
    ),
    Param::int(
        "sockname_mode",
        0,
        "Name the socket in Record-Route and find it by that name in Route.",
    ),
];

/// When a second Record-Route header is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Double {
    /// Never.
    Never,
    /// When a request leaves by another socket than it came in by.
    OnChange,
    /// Always.
    Always,
}

/// The parameters as values.
pub(super) struct Settings {
    pub(super) full_lr: bool,
    pub(super) append_fromtag: bool,
    pub(super) double: Double,
    pub(super) add_username: bool,
    pub(super) custom_user: Option<Readable>,
    pub(super) force_send_socket: bool,
    pub(super) ignore_sips: bool,
    pub(super) sockname: bool,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let custom_user = setup.variable_param("custom_user_avp")?;
    let on = |name| setup.params.int(name) != 0;
    let settings = Settings {
        full_lr: on("enable_full_lr"),
        append_fromtag: on("append_fromtag"),
        double: match setup.params.int("enable_double_rr") {
            0 => Double::Never,
            2 => Double::Always,
            _ => Double::OnChange,
        },
        add_username: on("add_username"),
        custom_user,
        force_send_socket: on("force_send_socket"),
        ignore_sips: on("ignore_sips"),
        sockname: on("sockname_mode"),
    };
    Ok(Arc::new(Rr::new(settings)))
}
