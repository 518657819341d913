//! A million users who were never there register, at a server whose memory is capped, while calls
//! are made: memory must keep to its cap, calls that were set up must end as they should, and new
//! ones may be refused with 503 and in no other way.

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::drive::{self, Arrival, Job, Outcome, PATIENCE};
use crate::ends::{Ends, Place};
use crate::options::Options;
use crate::port::Transport;
use crate::report;
use crate::script::{Scenario, Series};
use crate::subject::{Start, Subject};

/// Users that register.
const USERS: u64 = 1_000_000;
/// The cap, MiB: about half of what they would need.
const CAP: u64 = 256;
/// What may come in between two looks of the server at its memory, MiB.
const SLACK: u64 = 16;
/// Calls that begin each second.
const CALLS: f64 = 50.0;
/// How long each stands.
const HOLD: Duration = Duration::from_secs(10);
/// Before the flood begins.
const QUIET: Duration = Duration::from_secs(5);

/// Runs it, prints or writes the table; an error says what did not hold.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let host = |last| Ipv4Addr::new(127, 0, options.plan.network, last);
    let server = SocketAddr::new(IpAddr::V4(host(110)), 5060);
    let config = include_str!("../configs/soak.cfg").replacen(
        "debug=-1\n",
        &format!("debug=-1\nferrosip.max_memory = {CAP} desc \"the cap\"\n"),
        1,
    );
    let subject = Subject::server(&Start {
        binary: &options.plan.ferrosip,
        allocator: None,
        config: &config,
        listen: server,
        workers: options.workers,
        tcp: false,
    })?;
    let place = |callers, callees| Place {
        server,
        callers: host(callers),
        callees: host(callees),
        from: Transport::Udp,
        to: Transport::Udp,
        peers: 1,
    };
    let over = AtomicBool::new(false);
    let (flood, calls, memory) = std::thread::scope(|scope| {
        let calls = scope.spawn(|| call(&place(111, 112), &over));
        let memory = scope.spawn(|| highest(&subject, &over));
        std::thread::sleep(QUIET);
        let flood = register(&place(113, 114), options.plan.quick);
        over.store(true, Ordering::Relaxed);
        let ended = |_| io::Error::other("a thread ended");
        let calls = calls.join().map_err(ended)??;
        let memory = memory.join().map_err(ended)?;
        io::Result::Ok((flood?, calls, memory))
    })?;
    let text = table(&flood, &calls, memory);
    print!("{text}");
    if let Some(document) = &options.write {
        report::replace_part(document, "flood", &text)?;
    }
    verdict(&flood, &calls, memory)
}

fn register(place: &Place, quick: bool) -> io::Result<Outcome> {
    let series = Series {
        scenario: Scenario::Register,
        place: *place,
        id: 1,
        cseq: 1,
        users: u64::MAX,
    };
    let job = Job {
        count: if quick { USERS / 10 } else { USERS },
        ..Job::new(Arrival::Window(64))
    };
    drive::play(&series, &mut Ends::open(place)?, &job)
}

/// Makes calls, for a second each time, until the flood is over.
fn call(place: &Place, over: &AtomicBool) -> io::Result<Outcome> {
    let mut ends = Ends::open(place)?;
    let mut all = Outcome::default();
    let mut id = 0;
    while !over.load(Ordering::Relaxed) {
        id += 1;
        let series = Series {
            scenario: Scenario::Call,
            place: *place,
            id,
            cseq: 1,
            users: 1,
        };
        let job = Job {
            count: (CALLS * HOLD.as_secs_f64()) as u64,
            hold: HOLD,
            patience: PATIENCE + HOLD,
            ..Job::new(Arrival::Rate(CALLS))
        };
        let outcome = drive::play(&series, &mut ends, &job)?;
        all.done += outcome.done;
        all.failed += outcome.failed;
        all.refused += outcome.refused;
        all.retransmissions += outcome.retransmissions;
    }
    Ok(all)
}

/// The most memory that was in use, MiB.
fn highest(subject: &Subject, over: &AtomicBool) -> u64 {
    let mut most = 0;
    while !over.load(Ordering::Relaxed) {
        most = most.max(subject.memory() >> 20);
        std::thread::sleep(Duration::from_millis(200));
    }
    most
}

fn table(flood: &Outcome, calls: &Outcome, memory: u64) -> String {
    let mut out = String::from(
        "| | done | refused with 503 | otherwise failed | sent again |\n|---|---|---|---|---|\n",
    );
    for (name, outcome) in [
        ("REGISTER of a new user", flood),
        ("call that stands ten seconds", calls),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} |",
            outcome.done,
            outcome.refused,
            outcome.failed - outcome.refused,
            outcome.retransmissions
        );
    }
    let rate = (flood.done + flood.failed) as f64 / flood.elapsed.as_secs_f64();
    let _ = writeln!(
        out,
        "\n{rate:.0} REGISTERs a second; memory at most {memory} MiB, with `max_memory` at {CAP}."
    );
    out
}

fn verdict(flood: &Outcome, calls: &Outcome, memory: u64) -> io::Result<()> {
    let mut wrong = Vec::new();
    if flood.refused == 0 {
        wrong.push("the cap was not reached");
    }
    if memory > CAP + SLACK {
        wrong.push("memory went beyond its cap");
    }
    if calls.done == 0 || calls.failed > calls.refused {
        wrong.push("calls were lost");
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(wrong.join("; ")))
}
