//! What threads cost that all receive from one socket, against threads with a socket each
//! (`SO_REUSEPORT`, by the kernel's own choice: a hash of the addresses). Measured with the floor,
//! where nothing else costs anything.

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::{Bench, Scale};
use crate::drive::{self, Arrival, Job};
use crate::ends::{Ends, Place};
use crate::floor::Floor;
use crate::port::Transport;
use crate::script::{Scenario, Series};
use crate::subject::Subject;

/// Exchanges of a turn.
const TURN: u64 = 20_000;

pub(super) fn measure(scale: &Scale<'_>) -> io::Result<String> {
    let mut text =
        String::from("| floor, OPTIONS | peers | CPU µs | exchanges/s |\n|---|---|---|---|\n");
    let kinds = [
        ("1 thread", 1, true),
        ("2 threads, one socket", 2, true),
        ("2 threads, a socket each", 2, false),
    ];
    for peers in [1, 1000] {
        for (name, workers, shares) in kinds {
            eprintln!("{name}, {peers} peers");
            let place = Place {
                server: SocketAddr::new(IpAddr::V4(scale.host(50)), 5060),
                callers: scale.host(51),
                callees: scale.host(52),
                from: Transport::Udp,
                to: Transport::Udp,
                peers,
            };
            let floor = Floor {
                listen: place.server,
                workers,
                shares,
                relays: None,
            };
            let subject = scale.cores.start(workers, || Subject::floor(&floor))?;
            let (cpu, rate) = cost(&Bench { subject, place }, scale.count(TURN))?;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| {name} | {peers} | {cpu:.1} | {rate:.0} |");
        }
    }
    Ok(text)
}

fn cost(bench: &Bench, count: u64) -> io::Result<(f64, f64)> {
    let mut ends = Ends::open(&bench.place)?;
    let mut rates = Vec::new();
    let cpu = bench.cost(|turn| {
        let series = Series {
            scenario: Scenario::Options,
            place: bench.place,
            id: turn,
            cseq: 1,
            users: u64::MAX,
        };
        let job = Job {
            count,
            ..Job::new(Arrival::Window(32))
        };
        let outcome = drive::play(&series, &mut ends, &job)?;
        rates.push(outcome.done as f64 / outcome.elapsed.as_secs_f64());
        Ok(outcome)
    })?;
    Ok((cpu, crate::compare::median(rates.into_iter())))
}
