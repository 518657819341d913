//! The comparison: all subjects in turns, medians of their CPU time per unit of work.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::call::{self, Ends};
use crate::cpu::{Cpu, tick_micros};
use crate::register;
use crate::subject::Subject;

const REGISTER: &str = include_str!("../configs/register.cfg");
const CALL: &str = include_str!("../configs/call.cfg");

/// What to run.
pub(crate) struct Plan {
    /// Our server.
    pub(crate) ferrosip: PathBuf,
    /// The other one.
    pub(crate) kamailio: PathBuf,
    /// Turns of each subject.
    pub(crate) rounds: usize,
    /// REGISTERs in a turn.
    pub(crate) registers: usize,
    /// Calls in a turn.
    pub(crate) calls: usize,
    /// Workers of the servers.
    pub(crate) workers: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    Floor,
    Kamailio,
    Ferrosip,
}

impl Who {
    const ALL: [Self; 3] = [Self::Floor, Self::Kamailio, Self::Ferrosip];

    fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Kamailio => "Kamailio -x fm",
            Self::Ferrosip => "ferrosip",
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Work {
    NewRegister,
    Refresh,
    Call,
}

impl Work {
    const ALL: [Self; 3] = [Self::NewRegister, Self::Refresh, Self::Call];

    fn name(self) -> &'static str {
        match self {
            Self::NewRegister => "REGISTER, new",
            Self::Refresh => "REGISTER, refresh",
            Self::Call => "record-routed call",
        }
    }
}

struct Sample {
    who: Who,
    work: Work,
    user: f64,
    system: f64,
}

/// Runs the plan and prints the table.
pub(crate) fn run(plan: &Plan) -> io::Result<()> {
    let mut samples = Vec::new();
    let mut contact_bytes: Vec<(Who, f64)> = Vec::new();
    for round in 0..plan.rounds {
        for who in Who::ALL {
            eprintln!("round {} of {}: {}", round + 1, plan.rounds, who.name());
            register_turn(plan, who, &mut samples, &mut contact_bytes)?;
            call_turn(plan, who, &mut samples)?;
        }
    }
    print_table(&samples);
    for who in [Who::Kamailio, Who::Ferrosip] {
        let mut bytes: Vec<f64> = contact_bytes
            .iter()
            .filter(|(w, _)| *w == who)
            .map(|(_, b)| *b)
            .collect();
        println!(
            "memory per contact, {}: {:.0} B",
            who.name(),
            median(&mut bytes)
        );
    }
    Ok(())
}

fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 90, host], port))
}

fn start(
    plan: &Plan,
    who: Who,
    config: &str,
    listen: SocketAddr,
    peers: Option<(SocketAddr, SocketAddr)>,
) -> io::Result<Subject> {
    match who {
        Who::Floor => Subject::floor(listen, peers),
        Who::Kamailio => Subject::server(&plan.kamailio, true, config, listen, plan.workers),
        Who::Ferrosip => Subject::server(&plan.ferrosip, false, config, listen, plan.workers),
    }
}

fn register_turn(
    plan: &Plan,
    who: Who,
    samples: &mut Vec<Sample>,
    contacts: &mut Vec<(Who, f64)>,
) -> io::Result<()> {
    let (server, client) = (address(1, 5060), address(2, 5070));
    let subject = start(plan, who, REGISTER, server, None)?;
    // Warms code and allocator with other users than those measured.
    register::run(server, client, 500, 90)?;
    let memory = subject.memory();
    for (round, work) in [Work::NewRegister, Work::Refresh].into_iter().enumerate() {
        let before = subject.cpu();
        let done = register::run(server, client, plan.registers, round + 100)?;
        take(samples, who, work, subject.cpu().since(before), done);
        if work == Work::NewRegister {
            let grown = subject.memory().saturating_sub(memory) as f64;
            contacts.push((who, grown / plan.registers as f64));
        }
    }
    Ok(())
}

fn call_turn(plan: &Plan, who: Who, samples: &mut Vec<Sample>) -> io::Result<()> {
    let ends = Ends {
        server: address(3, 5060),
        caller: address(4, 5070),
        callee: address(5, 5080),
    };
    let subject = start(
        plan,
        who,
        CALL,
        ends.server,
        Some((ends.caller, ends.callee)),
    )?;
    call::run(&ends, 200, 90)?;
    let before = subject.cpu();
    let done = call::run(&ends, plan.calls, 100)?;
    if done < plan.calls {
        eprintln!("  {} of {} calls failed", plan.calls - done, plan.calls);
    }
    take(samples, who, Work::Call, subject.cpu().since(before), done);
    Ok(())
}

fn take(samples: &mut Vec<Sample>, who: Who, work: Work, cpu: Cpu, done: usize) {
    let per = tick_micros() / done.max(1) as f64;
    samples.push(Sample {
        who,
        work,
        user: cpu.user as f64 * per,
        system: cpu.system as f64 * per,
    });
}

fn print_table(samples: &[Sample]) {
    println!("| work | subject | user µs | system µs | total µs | own µs | own / Kamailio's |");
    println!("|---|---|---|---|---|---|---|");
    for work in Work::ALL {
        let total = |who: Who| {
            let of = |f: fn(&Sample) -> f64| {
                let mut values: Vec<f64> = samples
                    .iter()
                    .filter(|s| s.who == who && s.work == work)
                    .map(f)
                    .collect();
                median(&mut values)
            };
            (of(|s| s.user), of(|s| s.system), of(|s| s.user + s.system))
        };
        let floor = total(Who::Floor).2;
        let kamailio = total(Who::Kamailio).2 - floor;
        for who in Who::ALL {
            let (user, system, all) = total(who);
            let own = all - floor;
            println!(
                "| {} | {} | {user:.1} | {system:.1} | {all:.1} | {own:.1} | {:.2} |",
                work.name(),
                who.name(),
                own / kamailio
            );
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
