//! Mixed traffic for a long time at half of what the server can do, and what it holds meanwhile:
//! memory, descriptors, threads and transactions must not grow.

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::compare::median;
use crate::drive::{self, Arrival, Job};
use crate::ends::{Ends, Place};
use crate::options::Options;
use crate::port::Transport;
use crate::report;
use crate::script::{Scenario, Series};
use crate::subject::{Start, Subject};
use crate::works::Config;

/// Users that are registered and called.
const USERS: u64 = 1000;
/// How long the kinds of traffic run together as fast as they can, to learn how fast that is.
const TRIAL: Duration = Duration::from_secs(20);
/// The traffic runs for this share of the whole time before anything is compared, and so long at
/// least: caches fill, and the allocator learns how much there is at a time.
const WARM_UP_SHARE: f64 = 0.1;
const WARM_UP: Duration = Duration::from_secs(300);
/// Between two looks.
const LOOK: Duration = Duration::from_secs(30);
/// A piece of traffic between two looks at the time.
const PIECE: Duration = Duration::from_secs(5);
/// Transactions wait for five seconds after their end, for thirty-two at most.
const REST: Duration = Duration::from_secs(45);

/// One kind of traffic: its own thread, its own ends.
struct Kind {
    name: &'static str,
    scenario: Scenario,
    from: Transport,
    to: Transport,
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "OPTIONS",
        scenario: Scenario::Options,
        from: Transport::Udp,
        to: Transport::Udp,
    },
    Kind {
        name: "REGISTER",
        scenario: Scenario::Register,
        from: Transport::Udp,
        to: Transport::Udp,
    },
    Kind {
        name: "MESSAGE",
        scenario: Scenario::Message,
        from: Transport::Udp,
        to: Transport::Udp,
    },
    Kind {
        name: "call, UDP",
        scenario: Scenario::Call,
        from: Transport::Udp,
        to: Transport::Udp,
    },
    Kind {
        name: "call, TCP",
        scenario: Scenario::Call,
        from: Transport::Tcp,
        to: Transport::Tcp,
    },
];

/// What one kind has done.
#[derive(Default)]
struct Tally {
    done: AtomicU64,
    failed: AtomicU64,
    repeated: AtomicU64,
    /// The last status that ended an exchange badly; 0 is none.
    bad_status: AtomicU64,
}

/// What the server holds at one time.
struct Held {
    minutes: f64,
    memory: u64,
    descriptors: u64,
    threads: u64,
    done: u64,
    failed: u64,
    repeated: u64,
}

/// Runs it, prints or writes the table; an error if something grew or a call failed.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let network = options.plan.network;
    let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, network, 70)), 5060);
    let subject = Subject::server(&Start {
        binary: &options.plan.ferrosip,
        allocator: None,
        config: &Config::Soak.text()?,
        listen,
        workers: options.workers,
        tcp: true,
    })?;
    let kinds: Vec<Runner> = (0..)
        .zip(&KINDS)
        .map(|(index, kind)| Runner::new(kind, listen, network, index))
        .collect();
    let rates = match options.arrival {
        Arrival::Rate(rate) => vec![rate; kinds.len()],
        Arrival::Window(_) => kinds_together(&kinds, |runner| Ok(runner.trial()? / 2.0))?,
    };
    for (kind, rate) in KINDS.iter().zip(&rates) {
        eprintln!("{}: {rate:.0}/s", kind.name);
    }
    let minutes = options.minutes;
    let over = AtomicBool::new(false);
    let is_over = &over;
    let held = std::thread::scope(|scope| {
        let players: Vec<_> = kinds
            .iter()
            .zip(&rates)
            .map(|(runner, rate)| scope.spawn(move || runner.play(*rate, is_over)))
            .collect();
        let length = Duration::from_secs_f64(minutes * 60.0);
        std::thread::sleep(WARM_UP.max(length.mul_f64(WARM_UP_SHARE)));
        let held = watch(&subject, &kinds, length);
        is_over.store(true, Ordering::Relaxed);
        for player in players {
            player
                .join()
                .map_err(|_| io::Error::other("a player ended"))??;
        }
        io::Result::Ok(held)
    })?;
    std::thread::sleep(REST);
    let after = look(&subject, &kinds, minutes);
    let text = table(&kinds, &rates, &held, &after);
    print!("{text}");
    if let Some(document) = &options.write {
        report::replace_part(document, "soak", &text)?;
    }
    verdict(&held, &after)
}

struct Runner {
    kind: &'static Kind,
    place: Place,
    tally: Tally,
    series: AtomicU64,
}

/// Runs something for every kind at once.
fn kinds_together<T: Send>(
    kinds: &[Runner],
    what: impl Fn(&Runner) -> io::Result<T> + Sync,
) -> io::Result<Vec<T>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = kinds
            .iter()
            .map(|kind| scope.spawn(|| what(kind)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .map_err(|_| io::Error::other("a player ended"))?
            })
            .collect()
    })
}

impl Runner {
    fn new(kind: &'static Kind, server: SocketAddr, network: u8, index: u8) -> Self {
        Self {
            kind,
            place: Place {
                server,
                callers: Ipv4Addr::new(127, 0, network, 80 + index),
                callees: Ipv4Addr::new(127, 0, network, 90 + index),
                from: kind.from,
                to: kind.to,
                peers: 1,
            },
            tally: Tally::default(),
            series: AtomicU64::new(0),
        }
    }

    fn piece(&self, ends: &mut Ends, arrival: Arrival, count: u64) -> io::Result<u64> {
        let number = self.series.fetch_add(1, Ordering::Relaxed) as u32 + 1;
        let is_register = self.kind.scenario == Scenario::Register;
        let series = Series {
            scenario: self.kind.scenario,
            place: self.place,
            id: if is_register { 1 } else { number },
            cseq: if is_register { number } else { 1 },
            users: USERS,
        };
        // Each user is refreshed with the Call-ID of its registration: one round of them a piece.
        let count = if is_register { count.min(USERS) } else { count };
        let job = Job {
            count,
            ..Job::new(arrival)
        };
        let outcome = drive::play(&series, ends, &job)?;
        self.tally.done.fetch_add(outcome.done, Ordering::Relaxed);
        self.tally
            .failed
            .fetch_add(outcome.failed, Ordering::Relaxed);
        let repeated = outcome.retransmissions;
        self.tally.repeated.fetch_add(repeated, Ordering::Relaxed);
        if let Some(status) = outcome.bad_status {
            let bad = &self.tally.bad_status;
            bad.store(u64::from(status), Ordering::Relaxed);
        }
        Ok(outcome.done)
    }

    /// How many exchanges a second there are when all kinds do what they can.
    fn trial(&self) -> io::Result<f64> {
        let mut ends = Ends::open(&self.place)?;
        let begun = Instant::now();
        let mut done = 0;
        while begun.elapsed() < TRIAL {
            done += self.piece(&mut ends, Arrival::Window(32), 500)?;
        }
        Ok(done as f64 / begun.elapsed().as_secs_f64())
    }

    fn play(&self, rate: f64, is_over: &AtomicBool) -> io::Result<()> {
        let mut ends = Ends::open(&self.place)?;
        let count = (rate * PIECE.as_secs_f64()).ceil() as u64;
        while !is_over.load(Ordering::Relaxed) {
            self.piece(&mut ends, Arrival::Rate(rate), count)?;
        }
        Ok(())
    }
}

/// Looks every half minute.
fn watch(subject: &Subject, kinds: &[Runner], length: Duration) -> Vec<Held> {
    let begun = Instant::now();
    let mut all = Vec::new();
    while begun.elapsed() < length {
        std::thread::sleep(LOOK.min(length));
        let held = look(subject, kinds, begun.elapsed().as_secs_f64() / 60.0);
        eprintln!(
            "{:5.1} min: {} KB, {} descriptors, {} done, {} failed, {} sent again",
            held.minutes,
            held.memory / 1024,
            held.descriptors,
            held.done,
            held.failed,
            held.repeated
        );
        for kind in kinds {
            let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
            if of(&kind.tally.failed) > 0 {
                eprintln!("  {}", tally(kind));
            }
        }
        all.push(held);
    }
    all
}

fn look(subject: &Subject, kinds: &[Runner], minutes: f64) -> Held {
    let sum = |of: fn(&Tally) -> &AtomicU64| {
        kinds
            .iter()
            .map(|kind| of(&kind.tally).load(Ordering::Relaxed))
            .sum()
    };
    Held {
        minutes,
        memory: subject.memory(),
        descriptors: subject.descriptors(),
        threads: subject.threads(),
        done: sum(|tally| &tally.done),
        failed: sum(|tally| &tally.failed),
        repeated: sum(|tally| &tally.repeated),
    }
}

/// How far memory strayed from its middle, as a share of it.
fn spread(held: &[Held]) -> f64 {
    let memory = || held.iter().map(|h| h.memory as f64);
    let middle = median(memory());
    memory().map(|m| (m - middle).abs()).fold(0.0, f64::max) / middle.max(1.0)
}

/// A row of the table, behind the rates.
fn tally(runner: &Runner) -> String {
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let tally = &runner.tally;
    let status = match of(&tally.bad_status) {
        0 => String::new(),
        status => status.to_string(),
    };
    format!(
        "{} | {} | {} | {status}",
        of(&tally.done),
        of(&tally.failed),
        of(&tally.repeated)
    )
}

fn table(kinds: &[Runner], rates: &[f64], held: &[Held], after: &Held) -> String {
    let mut out = String::from(
        "| traffic | exchanges/s | done | failed | sent again | last bad status |\n\
         |---|---|---|---|---|---|\n",
    );
    // Writing to a string cannot fail.
    for (kind, rate) in kinds.iter().zip(rates) {
        let (name, tally) = (kind.kind.name, tally(kind));
        let _ = writeln!(out, "| {name} | {rate:.0} | {tally} |");
    }
    out.push_str("\n| minute | memory, KB | descriptors | threads | exchanges | failed |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    let step = held.len().div_ceil(12).max(1);
    let rows = held.iter().step_by(step).chain([after]);
    for row in rows {
        let _ = writeln!(
            out,
            "| {:.1} | {} | {} | {} | {} | {} |",
            row.minutes,
            row.memory / 1024,
            row.descriptors,
            row.threads,
            row.done,
            row.failed
        );
    }
    let _ = writeln!(
        out,
        "\nThe last row is {} s after the end. Memory strayed from its middle by {:.1} % at most; {} requests and answers were sent again.",
        REST.as_secs(),
        spread(held) * 100.0,
        after.repeated
    );
    out
}

fn verdict(held: &[Held], after: &Held) -> io::Result<()> {
    let Some(first) = held.first() else {
        return Ok(());
    };
    let mut grown = Vec::new();
    if spread(held) > 0.02 {
        grown.push("memory is not flat (2 %)");
    }
    if after.descriptors > first.descriptors {
        grown.push("descriptors are left");
    }
    if after.threads > first.threads {
        grown.push("threads are left");
    }
    if after.failed > 0 {
        grown.push("exchanges failed");
    }
    if grown.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(grown.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(memory: u64) -> Held {
        Held {
            minutes: 0.0,
            memory,
            descriptors: 9,
            threads: 3,
            done: 1,
            failed: 0,
            repeated: 0,
        }
    }

    #[test]
    fn growth_is_seen() {
        let flat: Vec<Held> = [90, 1000, 1010, 990, 1000].map(held).into_iter().collect();
        assert!(verdict(&flat, &held(1000)).is_err());
        assert!(verdict(&flat[1..], &held(1000)).is_ok());
        let mut leaking = held(1000);
        leaking.descriptors += 1;
        assert!(verdict(&flat[1..], &leaking).is_err());
    }
}
