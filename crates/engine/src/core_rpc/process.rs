//! Version, time, and what the process is.

use std::time::Duration;

use crate::core::Core;
use crate::module::Rpc;
use crate::rpc::RpcValue;

pub(super) const UPTIME: Rpc = Rpc {
    name: "core.uptime",
    doc: "Returns uptime of SIP server.",
    run: |call| {
        let now = call.core.services.clock.unix();
        Ok(vec![RpcValue::Struct(vec![
            ("now".into(), ctime(call.core, now).into()),
            (
                "up_since".into(),
                ctime(call.core, call.core.started).into(),
            ),
            ("uptime".into(), uptime(call.core).into()),
        ])])
    },
};

pub(super) const VERSION: Rpc = Rpc {
    name: "core.version",
    doc: "Returns the version string of the server.",
    run: |_| Ok(vec![version().into()]),
};

fn version() -> String {
    format!(
        "ferrosip {} ({}/{}) ",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

/// Seconds since the start.
fn uptime(core: &Core) -> i64 {
    let since = core.services.clock.unix().saturating_sub(core.started);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Local time as C's `ctime` writes it, without the line end.
fn ctime(core: &Core, at: Duration) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let seconds = i64::try_from(at.as_secs()).unwrap_or(0) + core.services.process.utc_offset(at);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{} {} {day:2} {:02}:{:02}:{:02} {year}",
        DAYS[days.rem_euclid(7) as usize],
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// Year, month (from 0) and day of a day number since 1970-01-01, by the Gregorian rule: years
/// are counted from March, so that the leap day ends them.
fn civil(days: i64) -> (i64, usize, i64) {
    const ERA: i64 = 146_097;
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let next = i64::from(month < 2);
    (era * 400 + year + next, month as usize, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(civil(0), (1970, 0, 1));
        assert_eq!(civil(20_780), (2026, 10, 23));
        assert_eq!(civil(11_016), (2000, 1, 29));
        assert_eq!(civil(11_017), (2000, 2, 1));
        assert_eq!(civil(-1), (1969, 11, 31));
    }
}
