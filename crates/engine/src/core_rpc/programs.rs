//! The program that runs: what a reload puts in place.

use super::record;
use crate::module::Rpc;
use crate::reload::{self, ReloadError};
use crate::rpc::{RpcFault, RpcValue};

/// More mistakes than this help nobody in the one line of a fault.
const MAX_LINES: usize = 20;

pub(super) const RELOAD: Rpc = Rpc {
    name: "ferrosip.reload",
    doc: "Reads the configuration again and lets new messages run it. Mistakes, and changes that \
          need a restart, are faults; the old program goes on then.",
    run: |call| match reload::reload(call.core) {
        Ok(done) => Ok(vec![record(vec![
            ("program", count(done.program)),
            ("blocks", count(done.blocks)),
            ("changed", list(done.changed)),
            ("warnings", list(done.warnings)),
        ])]),
        Err(error) => Err(fault(error)),
    },
};

pub(super) const PROGRAMS: Rpc = Rpc {
    name: "ferrosip.programs",
    doc: "Lists the programs that are in use: the one that new messages run, and earlier ones that \
          messages and transactions go on with.",
    run: |call| {
        let rows = call.core.programs_in_use().into_iter().map(|program| {
            record(vec![
                ("program", count(program.number)),
                ("since", count(program.since.as_secs())),
                ("users", count(program.users)),
                ("current", i64::from(program.is_current).into()),
            ])
        });
        Ok(rows.collect())
    },
};

fn count<N: TryInto<i64>>(number: N) -> RpcValue {
    RpcValue::Int(number.try_into().unwrap_or(i64::MAX))
}

fn list(lines: Vec<String>) -> RpcValue {
    RpcValue::List(lines.into_iter().map(Into::into).collect())
}

fn fault(error: ReloadError) -> RpcFault {
    let short = |mut lines: Vec<String>| {
        lines.truncate(MAX_LINES);
        lines
    };
    match error {
        ReloadError::NoSource => RpcFault::new(500, error.to_string()),
        ReloadError::Mistakes(lines) => {
            RpcFault::new(400, ReloadError::Mistakes(short(lines)).to_string())
        }
        ReloadError::NeedsRestart(lines) => {
            RpcFault::new(409, ReloadError::NeedsRestart(short(lines)).to_string())
        }
    }
}
