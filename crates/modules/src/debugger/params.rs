//! Parameters.

use engine::module::{DefaultValue, Param, Status};

const fn param(
    name: &'static str,
    default: DefaultValue,
    status: Status,
    doc: &'static str,
) -> Param {
    Param {
        name,
        default,
        doc,
        status,
    }
}

const STOPS: &str = "There are no breakpoints: stopping would hold a thread that others need.";

/// The module's parameters.
pub(super) static PARAMS: &[Param] = &[
    param(
        "cfgtrace",
        DefaultValue::Int(0),
        Status::Full,
        "Whether statements are traced at start; dbg.trace changes it.",
    ),
    param(
        "cfgtrace_format",
        DefaultValue::Int(0),
        Status::Full,
        "1: lines are written without the file.",
    ),
    param(
        "log_level",
        DefaultValue::Int(-1),
        Status::Full,
        "The level of the lines.",
    ),
    param(
        "log_level_name",
        DefaultValue::Text(None),
        Status::Full,
        "A word in place of the level's.",
    ),
    param(
        "log_facility",
        DefaultValue::Text(None),
        Status::Full,
        "The facility of the lines, such as LOG_LOCAL1.",
    ),
    param(
        "log_prefix",
        DefaultValue::Text(Some("*** cfgtrace:")),
        Status::Full,
        "What the lines begin with.",
    ),
    param(
        "reset_msgid",
        DefaultValue::Int(0),
        Status::Noop,
        "Numbers of messages are never set back: what a message wrote stays attributable.",
    ),
    param(
        "mod_hash_size",
        DefaultValue::Int(0),
        Status::Full,
        "Needed above 0 to store levels and facilities of modules; its size does not matter.",
    ),
    param(
        "mod_level_mode",
        DefaultValue::Int(0),
        Status::Full,
        "1: levels of modules count; the run-time value dbg.mod_level_mode.",
    ),
    param(
        "mod_level",
        DefaultValue::List,
        Status::Full,
        "Log level of a module: `tm=3`; of the core: `core=3`.",
    ),
    param(
        "mod_facility_mode",
        DefaultValue::Int(0),
        Status::Full,
        "1: facilities of modules count; the run-time value dbg.mod_facility_mode.",
    ),
    param(
        "mod_facility",
        DefaultValue::List,
        Status::Full,
        "Syslog facility of a module: `tm=LOG_LOCAL1`.",
    ),
    param("breakpoint", DefaultValue::Int(0), Status::Noop, STOPS),
    param(
        "step_usleep",
        DefaultValue::Int(100_000),
        Status::Noop,
        STOPS,
    ),
    param("step_loops", DefaultValue::Int(200), Status::Noop, STOPS),
    param(
        "log_assign",
        DefaultValue::Int(0),
        Status::Noop,
        "Values of assignments are not logged.",
    ),
    param(
        "cfgpkgcheck",
        DefaultValue::Int(0),
        Status::Noop,
        "There is no memory pool to check.",
    ),
    param(
        "cfgtest",
        DefaultValue::Int(0),
        Status::Noop,
        "Use -c, which reports every mistake.",
    ),
];
