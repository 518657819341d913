//! The functions.

use engine::arguments::{Args, Fixed};
use engine::context::Context;
use engine::log::{Facility, Level, SCRIPT};
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};
use script::value::Value;

use super::params::{Prefix, Xlog};

const FACILITY: Arg = Arg::literal("facility");
const LEVEL: Arg = Arg::text("level");
const FORMAT: Arg = Arg::text("format");

pub(super) static TABLE: &[Function] = &[
    Function::exact(
        "xlog",
        &[FORMAT],
        |cx, a| xlog(cx, a, false),
        "Logs a line at level L_ERR.",
    )
    .constant(),
    Function::exact(
        "xlog",
        &[LEVEL, FORMAT],
        |cx, a| xlog(cx, a, false),
        "Logs a line at a level.",
    )
    .constant(),
    Function::exact(
        "xlog",
        &[FACILITY, LEVEL, FORMAT],
        |cx, a| xlog(cx, a, false),
        "Logs a line at a level to a facility.",
    )
    .constant(),
    Function::exact(
        "xlogl",
        &[FORMAT],
        |cx, a| xlog(cx, a, true),
        "As xlog, with the line of the configuration.",
    )
    .constant(),
    Function::exact(
        "xlogl",
        &[LEVEL, FORMAT],
        |cx, a| xlog(cx, a, true),
        "As xlog, with the line of the configuration.",
    )
    .constant(),
    Function::exact(
        "xlogl",
        &[FACILITY, LEVEL, FORMAT],
        |cx, a| xlog(cx, a, true),
        "As xlog, with the line of the configuration.",
    )
    .constant(),
    Function::exact(
        "xlogm",
        &[LEVEL, FORMAT],
        xlogm,
        "Logs each line of a text by itself, unless methods_filter has the method.",
    )
    .constant(),
    Function::exact(
        "xdbg",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Debug, false),
        "Logs a line at level L_DBG.",
    )
    .constant(),
    Function::exact(
        "xdbgl",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Debug, true),
        "As xdbg, with the line of the configuration.",
    )
    .constant(),
    Function::exact(
        "xinfo",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Info, false),
        "Logs a line at level L_INFO.",
    )
    .constant(),
    Function::exact(
        "xnotice",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Notice, false),
        "Logs a line at level L_NOTICE.",
    )
    .constant(),
    Function::exact(
        "xwarn",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Warning, false),
        "Logs a line at level L_WARN.",
    )
    .constant(),
    Function::exact(
        "xerr",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Error, false),
        "Logs a line at level L_ERR.",
    )
    .constant(),
    Function::exact(
        "xcrit",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Critical, false),
        "Logs a line at level L_CRIT.",
    )
    .constant(),
    Function::exact(
        "xbug",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Bug, false),
        "Logs a line at level L_BUG.",
    )
    .constant(),
    Function::exact(
        "xalert",
        &[FORMAT],
        |cx, a| fixed(cx, a, Level::Alert, false),
        "Logs a line at level L_ALERT.",
    )
    .constant(),
];

/// The level of an argument: a word, or a variable that holds a number.
fn level_of(cx: &mut Context, args: &Args<'_>, index: usize) -> Option<Level> {
    let number = |value| match value {
        Value::Int(number) => Some(Level::from_number(number)),
        Value::Str(_) | Value::Null => None,
    };
    let level = match args.fixed(index) {
        Some(Fixed::Text(word)) => level_of_word(word),
        Some(Fixed::Format(format)) => format.as_variable().and_then(|v| number(v.read(cx))),
        _ => number(args.value(cx, index)),
    };
    if level.is_none() {
        cx.log(Level::Error, "the level is neither a word nor a number");
    }
    level
}

/// `L_ERR` and its kin: the third letter decides, as in Kamailio.
fn level_of_word(word: &[u8]) -> Option<Level> {
    Some(match word.get(2)? {
        b'A' => Level::Alert,
        b'B' => Level::Bug,
        b'C' => Level::Critical,
        b'E' => Level::Error,
        b'W' => Level::Warning,
        b'N' => Level::Notice,
        b'I' => Level::Info,
        b'D' => Level::Debug,
        _ => return None,
    })
}

/// `xlog([[facility,] level,] format)`.
fn xlog(cx: &mut Context, args: &Args<'_>, with_line: bool) -> Outcome {
    let last = args.len().saturating_sub(1);
    let level = match last {
        0 => Some(Level::Error),
        _ => level_of(cx, args, last - 1),
    };
    let Some(level) = level else {
        return FALSE;
    };
    let facility = if last == 2 {
        let name = args.text(cx, 0);
        Facility::from_name(&String::from_utf8_lossy(&name))
    } else {
        None
    };
    write(cx, args, last, level, facility, with_line)
}

fn fixed(cx: &mut Context, args: &Args<'_>, level: Level, with_line: bool) -> Outcome {
    write(cx, args, 0, level, None, with_line)
}

/// The line is not even made when nobody would see it.
fn write(
    cx: &mut Context,
    args: &Args<'_>,
    index: usize,
    level: Level,
    facility: Option<Facility>,
    with_line: bool,
) -> Outcome {
    if !cx.core.log_threshold.allows_from(level, SCRIPT) {
        return TRUE;
    }
    let mut line = Vec::new();
    if with_line {
        let (file, number) = cx.line_of(args.span());
        let place = if args.state::<Xlog>().long_format {
            format!("{file}:{number}:")
        } else {
            format!("{number}:")
        };
        line.extend_from_slice(place.as_bytes());
    }
    line.extend_from_slice(&args.text(cx, index));
    emit(cx, args.state(), level, facility, &line, !with_line);
    TRUE
}

/// Puts the prefix in front and hands the line over. With the line's number in it, the prefix is
/// taken as it is written, as in Kamailio.
fn emit(
    cx: &mut Context,
    xlog: &Xlog,
    level: Level,
    facility: Option<Facility>,
    line: &[u8],
    evaluates: bool,
) {
    let line = line.get(..xlog.longest).unwrap_or(line);
    let facility = facility.or(xlog.facility);
    let prefix = match &xlog.prefix {
        Prefix::Source(source) => {
            cx.log_bytes(level, facility, source, line);
            return;
        }
        Prefix::Text(text) => text.clone(),
        Prefix::Format(format, _) if evaluates => format.text(cx),
        Prefix::Format(_, text) => text.clone(),
    };
    let whole = [&prefix[..], line].concat();
    cx.log_bytes(level, facility, "", &whole);
}

/// `xlogm(level, format)`: a line unless the message's method is filtered.
fn xlogm(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(level) = level_of(cx, args, 0) else {
        return FALSE;
    };
    let state = args.state::<Xlog>();
    let method = crate::pv::api::method_id(cx.msg.method());
    if state.methods_filter.get() & method != 0 || !cx.core.log_threshold.allows_from(level, SCRIPT)
    {
        return TRUE;
    }
    let text = args.text(cx, 1);
    emit(cx, state, level, None, &text, true);
    TRUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_letter_is_the_level() {
        for (text, level) in [
            ("L_ERR", Some(Level::Error)),
            ("L_CRIT2", Some(Level::Critical)),
            ("LXE", Some(Level::Error)),
            ("L_", None),
            ("", None),
            ("-1", None),
        ] {
            assert_eq!(level_of_word(text.as_bytes()), level, "{text}");
        }
    }
}
