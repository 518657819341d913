//! The time.

use std::time::Duration;

use engine::calendar::{DateTime, strftime};
use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

use super::super::value::{int, text};

pub(super) const ROWS: &[Variable] = &[
    Variable::new(
        "TS",
        |cx, _| int(now(cx).as_secs()),
        "Seconds since 1970, now.",
    ),
    Variable::new(
        "Ts",
        |cx, _| int(cx.moment().as_secs()),
        "Seconds since 1970, the same all through a message.",
    ),
    Variable::new("TF", |cx, _| line(now(cx)), "Date and time, now."),
    Variable::new(
        "Tf",
        |cx, _| line(cx.moment()),
        "Date and time, the same all through a message.",
    ),
    Variable::new(
        "Tb",
        started,
        "Seconds since 1970 at the start of the server.",
    ),
    Variable::new("TV", fine, "Time with microseconds: s, u, sn, un, Sn, Fn.")
        .named(Inner::OneOf(FINE)),
    Variable::new(
        "time",
        part,
        "A part of date and time, the same all through a message: sec, min, hour, mday, mon, year, wday, yday, isdst.",
    )
    .named(Inner::OneOf(PARTS)),
    Variable::new("utime", part, "As $time, in UTC.").named(Inner::OneOf(PARTS)),
    Variable::new("timef", format, "Date and time, the same all through a message, formatted as strftime does.")
        .named(Inner::Required),
    Variable::new("utimef", format, "As $timef, in UTC.").named(Inner::Required),
];

const FINE: &[&str] = &["s", "u", "sn", "un", "Sn", "Fn"];
const PARTS: &[&str] = &[
    "sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst",
];

/// The moment of the last `$TV(sn)`.
#[derive(Default)]
struct Last(Duration);

fn now(cx: &Context) -> Duration {
    cx.core.services.clock.unix()
}

fn signed(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

fn line(time: Duration) -> Value {
    text(strftime(b"%a %b %d %H:%M:%S %Y", signed(time)))
}

fn started(cx: &mut Context, _: &PvName) -> Value {
    let since = Duration::from_millis(cx.core.services.clock.now().0);
    int(now(cx).saturating_sub(since).as_secs())
}

/// `un` is the fraction of the second that the last `sn` gave.
fn fine(cx: &mut Context, name: &PvName) -> Value {
    let now = now(cx);
    match name.parsed.key {
        0 => int(cx.moment().as_secs()),
        1 => int(cx.moment().subsec_micros()),
        2 => {
            cx.extensions.get_or_default::<Last>().0 = now;
            int(now.as_secs())
        }
        3 => int(cx.extensions.get_or_default::<Last>().0.subsec_micros()),
        4 => text(format!("{}.{:06}", now.as_secs(), now.subsec_micros())),
        _ => {
            let date = strftime(b"%Y-%m-%d %H:%M:%S", signed(now));
            let fraction = format!(".{:06}", now.subsec_micros());
            text([&date[..], fraction.as_bytes()].concat())
        }
    }
}

/// Months, days of the week (Sunday) and of the year count from 1.
fn part(cx: &mut Context, name: &PvName) -> Value {
    let at = DateTime::of_unix(signed(cx.moment()));
    match name.parsed.key {
        0 => int(at.second),
        1 => int(at.minute),
        2 => int(at.hour),
        3 => int(at.day),
        4 => int(at.month),
        5 => int(at.year),
        6 => int(at.weekday + 1),
        7 => int(at.yearday + 1),
        _ => int(0),
    }
}

fn format(cx: &mut Context, name: &PvName) -> Value {
    let how = name.text(cx);
    text(strftime(&how, signed(cx.moment())))
}
