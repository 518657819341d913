//! What things cost as there are more of them: contacts, pending transactions, idle connections,
//! receiving threads.

mod connections;
mod contacts;
mod sockets;
mod transactions;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::compare::{Plan, median};
use crate::cores::Cores;
use crate::drive::{self, Arrival, Job, Outcome};
use crate::ends::{Ends, Place};
use crate::options::Options;
use crate::port::Transport;
use crate::report;
use crate::script::{Scenario, Series};
use crate::subject::{Start, Subject};

/// Turns that a cost is the median of.
const TURNS: u32 = 7;

/// A part of the document: its name, and what measures it.
type Part = (&'static str, fn(&Scale<'_>) -> io::Result<String>);

const PARTS: [Part; 4] = [
    ("contacts", contacts::measure),
    ("transactions", transactions::measure),
    ("connections", connections::measure),
    ("sockets", sockets::measure),
];

/// What all parts need.
struct Scale<'a> {
    plan: &'a Plan,
    cores: Cores,
    /// Where tables and plots go.
    document: Option<&'a Path>,
}

/// Runs all parts and prints, or writes, the tables; one that fails does not keep the others from
/// being measured.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let scale = Scale {
        plan: &options.plan,
        cores: Cores::given()?,
        document: options.write.as_deref(),
    };
    let mut failures = Vec::new();
    for (name, measure) in PARTS {
        if !name.contains(&options.plan.only) {
            continue;
        }
        match measure(&scale) {
            Ok(text) => {
                print!("{text}");
                if let Some(document) = scale.document {
                    report::replace_part(document, name, &text)?;
                }
            }
            Err(error) => {
                eprintln!("  left out: {error}");
                failures.push(format!("{name}: {error}"));
            }
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(failures.join("; ")))
}

impl Scale<'_> {
    /// So many, or a tenth of it for a try.
    fn count(&self, count: u64) -> u64 {
        if self.plan.quick { count / 10 } else { count }
    }

    fn host(&self, last: u8) -> Ipv4Addr {
        Ipv4Addr::new(127, 0, self.plan.network, last)
    }

    /// Writes a plot beside the document and returns the line that shows it.
    fn plot(&self, file: &str, title: &str, plot: &str) -> io::Result<String> {
        if let Some(document) = self.document {
            std::fs::write(document.with_file_name(file), plot)?;
        }
        Ok(format!("![{title}]({file})\n\n"))
    }

    /// Our server with one worker.
    fn start(&self, config: &str, tcp: bool) -> io::Result<Bench> {
        let place = Place {
            server: SocketAddr::new(IpAddr::V4(self.host(50)), 5060),
            callers: self.host(51),
            callees: self.host(52),
            from: Transport::Udp,
            to: Transport::Udp,
            peers: 1,
        };
        let start = Start {
            binary: &self.plan.ferrosip,
            allocator: None,
            config,
            listen: place.server,
            workers: 1,
            tcp,
        };
        let subject = self.cores.start(1, || Subject::server(&start))?;
        Ok(Bench { subject, place })
    }
}

/// One server with the ends of its traffic.
struct Bench {
    subject: Subject,
    place: Place,
}

impl Bench {
    fn play(
        &self,
        scenario: Scenario,
        id: u32,
        cseq: u32,
        from: u64,
        count: u64,
    ) -> io::Result<Outcome> {
        let series = Series {
            scenario,
            place: self.place,
            id,
            cseq,
            users: u64::MAX,
        };
        let mut ends = Ends::open(&self.place)?;
        let job = Job {
            first: from,
            count,
            ..Job::new(Arrival::Window(32))
        };
        let outcome = drive::play(&series, &mut ends, &job)?;
        if outcome.failed > 0 {
            let failed = outcome.failed;
            return Err(io::Error::other(format!("{failed} exchanges failed")));
        }
        Ok(outcome)
    }

    /// CPU microseconds for each exchange: the median of some turns.
    fn cost(&self, mut turn: impl FnMut(u32) -> io::Result<Outcome>) -> io::Result<f64> {
        let mut turns = Vec::new();
        for number in 0..TURNS {
            let before = self.subject.cpu();
            let outcome = turn(number)?;
            let cpu = (self.subject.cpu() - before) as f64 / 1000.0;
            turns.push(cpu / outcome.done.max(1) as f64);
        }
        Ok(median(turns.into_iter()))
    }
}
