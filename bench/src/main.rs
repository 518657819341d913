//! `ferrosip-load`: load for a SIP server, and comparisons of CPU time against Kamailio.
//!
//! A server's *own cost* is its CPU time less that of a floor: a program that only receives and
//! sends the same messages under the same load. All subjects take turns in one run.

mod accounts;
mod check;
mod compare;
mod cores;
mod cpu;
mod drive;
mod ends;
mod flood;
mod floor;
mod histogram;
mod micro;
mod options;
mod port;
mod report;
mod runner;
mod scale;
mod script;
mod soak;
mod stress;
mod subject;
mod svg;
mod template;
mod text;
mod train;
mod works;

use std::process::ExitCode;

use options::{Command, Options};

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
        return floor::run(&role).map_err(Into::into);
    }
    let options = Options::read()?;
    match options.command {
        Command::Help => print!("{}", options::HELP),
        Command::Run => load(&options)?,
        Command::Compare => compare::all(&options)?,
        Command::Scale => scale::run(&options)?,
        Command::Micro => micro::run(&options)?,
        Command::Train => train::run(&options)?,
        Command::Soak => soak::run(&options)?,
        Command::Flood => flood::run(&options)?,
        Command::Stress => stress::run(&options)?,
        Command::Check => check::run(&options.plan)?,
    }
    Ok(())
}

/// Loads a server that runs already.
fn load(options: &Options) -> std::io::Result<()> {
    let mut ends = ends::Ends::open(&options.series.place)?;
    let job = drive::Job {
        count: options.count,
        spins: true,
        ..drive::Job::new(options.arrival)
    };
    let mut series = options.series;
    let mut accounts = accounts::Accounts::new(&options.password, series.place.server);
    if series.scenario == script::Scenario::Authenticated {
        accounts.enroll(&series, &mut ends, options.count)?;
        series.cseq += 1;
    }
    let outcome = drive::play_as(&series, &mut ends, &job, &mut accounts)?;
    let of = |share| outcome.latencies.percentile(share);
    println!("done             {}", outcome.done);
    println!("failed           {}", outcome.failed);
    if let Some(status) = outcome.bad_status {
        println!("last bad status  {status}");
    }
    println!("retransmissions  {}", outcome.retransmissions);
    println!(
        "rate             {:.0}/s",
        outcome.done as f64 / outcome.elapsed.as_secs_f64()
    );
    println!(
        "latency us       p50 {}  p90 {}  p99 {}  p99.9 {}  max {}",
        of(0.5),
        of(0.9),
        of(0.99),
        of(0.999),
        of(1.0)
    );
    Ok(())
}
