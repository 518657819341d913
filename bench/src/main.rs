//! `ferrosip-load`: load for a SIP server, and comparisons of CPU time against Kamailio.
//!
//! A server's *own cost* is its CPU time less that of a floor: a program that only receives and
//! sends the same datagrams under the same load. All subjects take turns in one run.

mod call;
mod check;
mod compare;
mod cpu;
mod floor;
mod register;
mod subject;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use check::CheckPlan;
use compare::Plan;

const HELP: &str = "\
usage: ferrosip-load compare [options]
       ferrosip-load check [options]

compare: Runs Kamailio (-x fm), ferrosip and the floor in turns under the same load and prints the
CPU time of each per REGISTER and per record-routed call. Loopback addresses 127.0.90.x are used.
check: Lets Kamailio and ferrosip check (-c) one large configuration in turns and prints the CPU
time of each.

  --ferrosip PATH   the server (default: target/release/ferrosip)
  --kamailio PATH   the other one (default: /usr/sbin/kamailio)
  --rounds N        turns of each subject (default: 5)
  --registers N     REGISTERs in a turn (default: 40000)
  --calls N         calls in a turn (default: 6000)
  --workers N       worker processes or threads of the servers (default: 1)
  --routes N        routes of twenty lines in the configuration to check (default: 5000)
  --keep PATH       where to leave that configuration
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ferrosip-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(role) = floor::role() {
        return floor::run(role).map_err(Into::into);
    }
    let mut parser = lexopt::Parser::from_env();
    let mut plan = Plan {
        ferrosip: PathBuf::from("target/release/ferrosip"),
        kamailio: PathBuf::from("/usr/sbin/kamailio"),
        rounds: 5,
        registers: 40_000,
        calls: 6_000,
        workers: 1,
    };
    let mut routes = 5000;
    let mut keep = None;
    let mut command = None;
    while let Some(arg) = parser.next()? {
        use lexopt::prelude::{Long, Short, Value, ValueExt};
        match arg {
            Long("ferrosip") => plan.ferrosip = parser.value()?.into(),
            Long("kamailio") => plan.kamailio = parser.value()?.into(),
            Long("rounds") => plan.rounds = parser.value()?.parse()?,
            Long("registers") => plan.registers = parser.value()?.parse()?,
            Long("calls") => plan.calls = parser.value()?.parse()?,
            Long("workers") => plan.workers = parser.value()?.parse()?,
            Long("routes") => routes = parser.value()?.parse()?,
            Long("keep") => keep = Some(parser.value()?.into()),
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(());
            }
            Value(word) if command.is_none() => command = Some(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    match command.as_deref() {
        Some("compare") => compare::run(&plan).map_err(Into::into),
        Some("check") => check::run(&CheckPlan {
            ferrosip: plan.ferrosip,
            kamailio: plan.kamailio,
            rounds: plan.rounds,
            routes,
            keep,
        })
        .map_err(Into::into),
        _ => {
            print!("{HELP}");
            Ok(())
        }
    }
}
