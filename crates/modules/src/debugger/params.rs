//! Parameters.

use engine::module::{DefaultValue, Param, Status};

const STOPS: &str = "There are no breakpoints: stopping would hold a thread that others need.";

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    Param::int(
        "cfgtrace",
        0,
        "Whether statements are traced at start; dbg.trace changes it.",
    ),
    Param::int(
        "cfgtrace_format",
        0,
        "1: lines are written without the file.",
    ),
    Param::int("log_level", -1, "The level of the lines."),
    Param::text("log_level_name", None, "A word in place of the level's."),
    Param::text(
        "log_facility",
        None,
        "The facility of the lines, such as LOG_LOCAL1.",
    ),
    Param::text(
        "log_prefix",
        Some("*** cfgtrace:"),
        "What the lines begin with.",
    ),
    Param::int(
        "reset_msgid",
        0,
        "Numbers of messages are never set back: what a message wrote stays attributable.",
    )
    .with(Status::Noop),
    Param::int(
        "mod_hash_size",
        0,
        "Needed above 0 to store levels and facilities of modules; its size does not matter.",
    ),
    Param::int(
        "mod_level_mode",
        0,
        "1: levels of modules count; the run-time value dbg.mod_level_mode.",
    ),
    Param::new(
        "mod_level",
        DefaultValue::List,
        "Log level of a module: `tm=3`; of the core: `core=3`.",
    )
    .at_once(),
    Param::int(
        "mod_facility_mode",
        0,
        "1: facilities of modules count; the run-time value dbg.mod_facility_mode.",
    ),
    Param::new(
        "mod_facility",
        DefaultValue::List,
        "Syslog facility of a module: `tm=LOG_LOCAL1`.",
    )
    .at_once(),
    Param::int("breakpoint", 0, STOPS).with(Status::Noop),
    Param::int("step_usleep", 100_000, STOPS).with(Status::Noop),
    Param::int("step_loops", 200, STOPS).with(Status::Noop),
    Param::int("log_assign", 0, "Values of assignments are not logged.").with(Status::Noop),
    Param::int("cfgpkgcheck", 0, "There is no memory pool to check.").with(Status::Noop),
    Param::int("cfgtest", 0, "Use -c, which reports every mistake.").with(Status::Noop),
];
