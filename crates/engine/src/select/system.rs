//! The server itself: `@sys.pid`, `@sys.now.local`.

use script::value::Value;

use super::path::Step;
use crate::calendar::strftime;
use crate::context::Context;

/// Something of the server.
pub(super) enum SystemSelect {
    Pid,
    ServerId,
    /// A new id at each use.
    Unique,
    Now,
    /// The time as text, and whether it is local time.
    Time {
        format: String,
        is_local: bool,
    },
}

/// How a time is written when nothing else is asked for.
const FORMAT: &str = "%a %b %e %H:%M:%S %Y";

impl SystemSelect {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let names: Vec<&str> = steps.iter().map(Step::word).collect::<Option<_>>()?;
        let time = |format: &str, zone: &str| Self::Time {
            format: format.to_owned(),
            is_local: zone == "local",
        };
        Some(match names[..] {
            ["sys", "pid"] => Self::Pid,
            ["sys", "server_id"] => Self::ServerId,
            ["sys", "unique"] => Self::Unique,
            ["sys", "now"] => Self::Now,
            ["sys", "now", zone @ ("local" | "gmt" | "utc")] => time(FORMAT, zone),
            ["sys", "now", zone @ ("local" | "gmt" | "utc"), _] => {
                time(steps.last()?.text()?, zone)
            }
            _ => return None,
        })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        let unix = cx.core.services.clock.unix();
        let seconds = i64::try_from(unix.as_secs()).unwrap_or(i64::MAX);
        match self {
            Self::Pid => Value::Int(cx.core.services.process.id()),
            Self::ServerId => Value::Int(cx.core.settings.server_id),
            Self::Unique => {
                let id = cx.core.services.process.id();
                let random = cx.core.services.random.next();
                Value::Str(format!("{id:04x}-{seconds:08x}-{random:016x}").into())
            }
            Self::Now => Value::Int(seconds),
            Self::Time { format, is_local } => {
                let offset = match is_local {
                    true => cx.core.services.process.utc_offset(unix),
                    false => 0,
                };
                Value::Str(strftime(format.as_bytes(), seconds.saturating_add(offset)).into())
            }
        }
    }
}
