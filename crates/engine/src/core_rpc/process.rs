//! Version, time, and what the process is.

use std::time::Duration;

use super::record;
use crate::core::Core;
use crate::module::Rpc;
use crate::process::Memory;
use crate::rpc::{RpcCall, RpcFault, RpcValue};

/// What this build can do, by Kamailio's names.
const FLAGS_TEXT: &str = "USE_TCP, DNS_IP_HACK, DISABLE_NAGLE, USE_MCAST";

pub(super) const UPTIME: Rpc = Rpc {
    name: "core.uptime",
    doc: "Returns uptime of SIP server.",
    run: |call| {
        Ok(vec![record(vec![
            ("now", now(call.core).into()),
            ("up_since", ctime(call.core, call.core.started).into()),
            ("uptime", uptime(call.core).into()),
        ])])
    },
};

pub(super) const VERSION: Rpc = Rpc {
    name: "core.version",
    doc: "Returns the version string of the server.",
    run: |_| {
        let platform = format!("({}/{})", std::env::consts::ARCH, std::env::consts::OS);
        Ok(vec![format!("ferrosip {VERSION_TEXT} {platform} ").into()])
    },
};

const VERSION_TEXT: &str = env!("CARGO_PKG_VERSION");
const COMPILER: &str = "rustc";

pub(super) const INFO: Rpc = Rpc {
    name: "core.info",
    doc: "Verbose info, including version number, compile flags, compiler, repository hash etc.",
    run: |_| {
        Ok(vec![record(vec![
            ("version", format!("ferrosip {VERSION_TEXT}").into()),
            ("id", "unknown ".into()),
            ("compiler", COMPILER.into()),
            ("compiled", "".into()),
            ("flags", FLAGS_TEXT.into()),
        ])])
    },
};

pub(super) const RUNINFO: Rpc = Rpc {
    name: "core.runinfo",
    doc: "Verbose info, including version, time and uptime.",
    run: |call| {
        let seconds = uptime(call.core);
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let days = format!(
            "{days}d {}h {}m {}s",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        );
        Ok(vec![record(vec![
            ("name", "ferrosip".into()),
            ("version", VERSION_TEXT.into()),
            ("sourceid", "unknown ".into()),
            ("compiler", COMPILER.into()),
            ("compiled", "".into()),
            ("time_now", now(call.core).into()),
            ("time_started", ctime(call.core, call.core.started).into()),
            ("uptime_secs", seconds.into()),
            ("utime_days", days.into()),
        ])])
    },
};

pub(super) const FLAGS: Rpc = Rpc {
    name: "core.flags",
    doc: "Returns the compile flags.",
    run: |_| Ok(vec![FLAGS_TEXT.into()]),
};

pub(super) const ARG: Rpc = Rpc {
    name: "core.arg",
    doc: "Returns the list of command line arguments used on server startup.",
    run: |call| {
        let arguments = call.core.services.process.arguments();
        Ok(arguments.into_iter().map(Into::into).collect())
    },
};

pub(super) const PWD: Rpc = Rpc {
    name: "core.pwd",
    doc: "Returns the working directory of the server.",
    run: |call| {
        let directory = call.core.services.process.directory();
        let directory = directory.ok_or_else(|| RpcFault::new(500, "Getwd Failed"))?;
        Ok(vec![directory.display().to_string().into()])
    },
};

pub(super) const KILL: Rpc = Rpc {
    name: "core.kill",
    doc: "Sends the given signal to the server.",
    run: |call| {
        let number = i32::try_from(call.want_int(0)?).unwrap_or(-1);
        match call.core.services.process.signal(number) {
            true => Ok(Vec::new()),
            false => Err(RpcFault::new(500, "the signal cannot be sent")),
        }
    },
};

pub(super) const MODULES: Rpc = Rpc {
    name: "core.modules",
    doc: "Returns the list of loaded modules, the last one loaded first.",
    run: |call| {
        let loaded = call.core.loaded_modules().iter().rev();
        let names = loaded.map(|m| m.name).filter(|n| *n != "core");
        Ok(names.map(Into::into).collect())
    },
};

pub(super) const PS: Rpc = Rpc {
    name: "core.ps",
    doc: "Returns the numbers and descriptions of the server's threads.",
    run: |call| {
        let workers = call.core.services.process.workers();
        let rows = workers
            .into_iter()
            .flat_map(|w| [w.id.into(), w.name.into()]);
        Ok(rows.collect())
    },
};

pub(super) const PSX: Rpc = Rpc {
    name: "core.psx",
    doc: "Returns the numbers and descriptions of the server's threads as structures.",
    run: |call| {
        Ok(numbered(call)
            .map(|(index, id, name)| record(vec![("IDX", index), ("PID", id), ("DSC", name)]))
            .collect())
    },
};

pub(super) const PSA: Rpc = Rpc {
    name: "core.psa",
    doc: "Returns all attributes of the server's threads; each one runs and has rank 0.",
    run: |call| {
        Ok(numbered(call)
            .map(|(index, id, name)| {
                record(vec![
                    ("index", index),
                    ("pid", id),
                    ("status", 1.into()),
                    ("rank", 0.into()),
                    ("description", name),
                ])
            })
            .collect())
    },
};

fn numbered(call: &RpcCall<'_>) -> impl Iterator<Item = (RpcValue, RpcValue, RpcValue)> {
    let workers = call.core.services.process.workers();
    (0..)
        .zip(workers)
        .map(|(index, w)| (RpcValue::Int(index), w.id.into(), w.name.into()))
}

pub(super) const SHMMEM: Rpc = Rpc {
    name: "core.shmmem",
    doc: "Returns memory in bytes (or b, k, m, g): what the machine has and has free, what the \
          process holds. There is no shared memory of a fixed size.",
    run: |call| {
        let unit = call.text(0).unwrap_or_default();
        let shift = match unit.first() {
            None | Some(b'b' | b'B') => 0,
            Some(b'k' | b'K') => 10,
            Some(b'm' | b'M') => 20,
            Some(b'g' | b'G') => 30,
            Some(_) => return Err(RpcFault::new(500, "bad param, (use b|k|m|g)")),
        };
        Ok(vec![memory(call.core.services.process.memory(), shift)])
    },
};

/// Memory under the names of Kamailio's shared memory, divided by a power of two.
fn memory(memory: Memory, shift: u32) -> RpcValue {
    let size = |bytes: u64| RpcValue::Int(i64::try_from(bytes >> shift).unwrap_or(i64::MAX));
    record(vec![
        ("total", size(memory.total)),
        ("free", size(memory.free)),
        ("used", size(memory.used)),
        ("real_used", size(memory.used)),
        ("max_used", size(memory.max_used)),
        ("fragments", 0.into()),
    ])
}

/// Seconds since the start.
fn uptime(core: &Core) -> i64 {
    let since = core.services.clock.unix().saturating_sub(core.started);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn now(core: &Core) -> String {
    ctime(core, core.services.clock.unix())
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
