//! Parameters, and the state made from them.

use std::sync::Arc;

use bytes::Bytes;
use engine::cfg_vars::CfgInt;
use engine::core::Setup;
use engine::format::Format;
use engine::log::Facility;
use engine::module::{DefaultValue, InitError, Param, ParamText, State};

pub(super) static TABLE: &[Param] = &[
    Param::int("buf_size", 4096, "Longest line; what is longer is cut."),
    Param::text("prefix", Some("<script>: "), "Text in front of each line."),
    Param::int(
        "prefix_mode",
        0,
        "1: variables in the prefix are evaluated for each line.",
    ),
    Param::text(
        "log_facility",
        None,
        "Syslog facility of these lines, the core's by default.",
    ),
    Param::int(
        "methods_filter",
        -1,
        "Methods that xlogm passes over, as a mask.",
    ),
    Param::int(
        "long_format",
        0,
        "1: xlogl and xdbgl name the file before the line.",
    ),
    Param::int(
        "force_color",
        0,
        "$C(…) gives colours even if the log goes to syslog.",
    ),
    Param::new(
        "log_colors",
        DefaultValue::List,
        "Colours of levels on a terminal: `L_ERR=cr;L_WARN=px`.",
    )
    .at_once(),
];

/// What stands in front of a line.
pub(super) enum Prefix {
    /// A speaker, as log lines name it: `<script>`.
    Source(&'static str),
    /// Text of another shape.
    Text(Bytes),
    /// Text with variables, and as it is written.
    Format(Format, Bytes),
}

/// The module's state.
pub(super) struct Xlog {
    pub(super) prefix: Prefix,
    pub(super) facility: Option<Facility>,
    pub(super) longest: usize,
    pub(super) long_format: bool,
    /// `$C(…)` gives colours wherever the log goes.
    pub(super) force_color: bool,
    pub(super) methods_filter: CfgInt,
}

pub(super) fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let text = setup.params.text("prefix").unwrap_or_default();
    let prefix = if setup.params.int("prefix_mode") == 1 {
        match setup.format_param("prefix")? {
            Some(format) => Prefix::Format(format, text),
            None => Prefix::Text(text),
        }
    } else if text == "<script>: " {
        Prefix::Source(engine::log::SCRIPT)
    } else {
        Prefix::Text(text)
    };
    let facility = match setup.params.text("log_facility") {
        None => None,
        Some(name) => {
            let name = String::from_utf8_lossy(&name).into_owned();
            let known = Facility::from_name(&name).ok_or_else(|| {
                InitError::of_param("log_facility", format!("unknown syslog facility `{name}`"))
            })?;
            Some(known)
        }
    };
    for given in setup.params.list("log_colors") {
        let ParamText::Text(text) = given else {
            continue;
        };
        let colors = super::colors::levels(&String::from_utf8_lossy(text))
            .map_err(|e| InitError::of_param("log_colors", e))?;
        for (level, color) in colors {
            setup.services.log.set_color(level, &color);
        }
    }
    let methods_filter = setup.cfg.int(
        "xlog",
        "methods_filter",
        setup.params.int("methods_filter"),
        None,
        "Methods that xlogm passes over, as a mask",
    );
    Ok(Arc::new(Xlog {
        prefix,
        facility,
        longest: usize::try_from(setup.params.int("buf_size")).unwrap_or(4096),
        force_color: setup.params.int("force_color") != 0,
        long_format: setup.params.int("long_format") != 0,
        methods_filter,
    }))
}
