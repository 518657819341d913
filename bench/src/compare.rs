//! The comparison: all subjects in turns of one run, medians of their CPU time for each exchange.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::accounts::{Accounts, PASSWORD};
use crate::cores::Cores;
use crate::drive::{self, Arrival, Job, Outcome};
use crate::ends::{Ends, Place};
use crate::floor::Floor;
use crate::options::Options;
use crate::report;
use crate::script::{Scenario, Series};
use crate::subject::{Start, Subject};
use crate::works::{self, Work};

/// Exchanges in progress at a time: enough that no server waits, few enough that nothing is lost.
const WINDOW: usize = 32;
/// Turns' worth of relayed requests before the first turn.
const WARM_UP: u64 = 8;
/// The package's Kamailio needs ten times as long for some works; its turns are so much shorter.
const SLOW: u64 = 8;
/// Fewer turns than this say nothing.
const FEWEST: u32 = 3;
/// The share of Kamailio's saturation at which latencies are taken.
const LOAD: f64 = 0.7;
/// For how many seconds.
const LATENCY: f64 = 2.0;
/// A server that does not answer within this time is overloaded; retransmissions would not help.
const PATIENCE: Duration = Duration::from_secs(2);
/// Users that the registered calls go to.
const USERS: u64 = 100;

/// What to run.
pub(crate) struct Plan {
    /// Our server.
    pub(crate) ferrosip: PathBuf,
    /// The other one.
    pub(crate) kamailio: PathBuf,
    /// Turns of each subject, at most.
    pub(crate) rounds: u32,
    /// The turns of one work end after so many seconds.
    pub(crate) seconds: f64,
    /// A try: a tenth of everything.
    pub(crate) quick: bool,
    /// Only works whose name contains this.
    pub(crate) only: String,
    /// The second byte of the addresses used: 127.N.
    pub(crate) network: u8,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Floor,
    /// With its fastest allocator.
    Kamailio,
    /// As its package starts it.
    Packaged,
    Ferrosip,
}

impl Who {
    /// In the order of the turns.
    pub(crate) const ALL: [Self; 4] = [Self::Floor, Self::Kamailio, Self::Packaged, Self::Ferrosip];

    /// As the tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Kamailio => "Kamailio -x fm",
            Self::Packaged => "Kamailio as packaged",
            Self::Ferrosip => "ferrosip",
        }
    }
}

/// What one subject did for one work.
pub(crate) struct Figures {
    pub(crate) who: Who,
    /// Microseconds of CPU for an exchange: median of the turns.
    pub(crate) cpu: f64,
    /// Exchanges a second while the window was full: median of the turns.
    pub(crate) rate: f64,
    pub(crate) failed: u64,
    /// Under load at a fixed rate: 50 % and 99 % of the exchanges were faster, microseconds.
    pub(crate) latency: Option<(u64, u64)>,
}

/// One work's figures.
pub(crate) struct Row {
    pub(crate) work: Work,
    pub(crate) figures: Vec<Figures>,
}

impl Row {
    /// The figures of one subject.
    pub(crate) fn of(&self, who: Who) -> Option<&Figures> {
        self.figures.iter().find(|f| f.who == who)
    }

    /// CPU time beyond the floor's.
    pub(crate) fn own(&self, who: Who) -> f64 {
        let cpu = |who| self.of(who).map_or(0.0, |f| f.cpu);
        cpu(who) - cpu(Who::Floor)
    }

    /// Our own cost over Kamailio's.
    pub(crate) fn ratio(&self) -> f64 {
        self.own(Who::Ferrosip) / self.own(Who::Kamailio)
    }
}

/// Measures every work, prints the table and the plots or writes them. What was measured is
/// written after each work, and one that fails does not keep the others from being measured.
pub(crate) fn all(options: &Options) -> io::Result<()> {
    let plan = &options.plan;
    let cores = Cores::given()?;
    let works: Vec<&Work> = works::ALL
        .iter()
        .filter(|work| work.name.contains(&plan.only))
        .collect();
    let begun = Instant::now();
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for (number, work) in (1..).zip(&works) {
        eprintln!(
            "[{:4.0} s] {number} of {}: {}",
            begun.elapsed().as_secs_f64(),
            works.len(),
            work.name
        );
        match run(plan, work, &cores) {
            Ok(row) => {
                eprint!("{}", report::table(std::slice::from_ref(&row)));
                rows.push(row);
            }
            Err(error) => {
                eprintln!("  left out: {error}");
                left_out.push(format!("{}: {error}", work.name));
            }
        }
        if let Some(document) = &options.write {
            report::write_comparison(document, &rows, &left_out)?;
        }
    }
    print!("{}", report::table(&rows));
    if left_out.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(left_out.join("; ")))
}

/// One subject that runs, with its ends.
struct Runner {
    who: Who,
    subject: Subject,
    place: Place,
    ends: Ends,
    accounts: Accounts,
    samples: Vec<(f64, f64)>,
    failed: u64,
    /// Series so far: none repeats the Call-IDs of another.
    series: u32,
    /// The first user that nobody has registered.
    next: u64,
}

/// Measures one work.
fn run(plan: &Plan, work: &Work, cores: &Cores) -> io::Result<Row> {
    let work = &Work {
        units: if plan.quick {
            work.units / 10
        } else {
            work.units
        },
        ..*work
    };
    let mut runners = Vec::new();
    for (index, who) in (0..).zip(Who::ALL) {
        let start = || Runner::start(plan, work, who, index);
        runners.push(cores.start(work.workers, start)?);
    }
    for runner in &mut runners {
        runner.warm_up(work)?;
    }
    let begun = Instant::now();
    for turn in 0..plan.rounds {
        if turn >= FEWEST && begun.elapsed().as_secs_f64() > plan.seconds {
            break;
        }
        for runner in &mut runners {
            runner.turn(work)?;
        }
    }
    // Every subject at the same rate: so much of what Kamailio can do.
    let kamailio = runners.iter().find(|r| r.who == Who::Kamailio);
    let rate = LOAD * kamailio.map_or(0.0, Runner::rate);
    let mut figures = Vec::new();
    for runner in &mut runners {
        // Who cannot keep up has no latency but how long the load lasts.
        let keeps_up = runner.rate() > rate;
        let latency = if keeps_up {
            Some(runner.latency(work, rate, plan.quick)?)
        } else {
            None
        };
        figures.push(Figures {
            who: runner.who,
            cpu: median(runner.samples.iter().map(|s| s.0)),
            rate: runner.rate(),
            failed: runner.failed,
            latency,
        });
    }
    Ok(Row {
        work: *work,
        figures,
    })
}

impl Runner {
    fn start(plan: &Plan, work: &Work, who: Who, index: u8) -> io::Result<Self> {
        let host = |last: u8| Ipv4Addr::new(127, 0, plan.network, last + index);
        let place = Place {
            server: SocketAddr::new(IpAddr::V4(host(10)), 5060),
            callers: host(20),
            callees: host(30),
            from: work.from,
            to: work.to,
            peers: work.peers,
        };
        let config = work.config.text()?;
        let mut start = Start {
            binary: &plan.kamailio,
            allocator: None,
            config: &config,
            listen: place.server,
            workers: work.workers,
            tcp: work.uses_tcp(),
        };
        let subject = match who {
            Who::Floor => {
                let relays = work.scenario.is_relayed();
                let (callers, callees) = (place.callers.into(), place.callees.into());
                Subject::floor(&Floor {
                    listen: place.server,
                    workers: work.workers,
                    shares: true,
                    relays: relays.then_some((callers, callees, work.uses_tcp())),
                })?
            }
            Who::Kamailio => {
                start.allocator = Some("fm");
                Subject::server(&start)?
            }
            Who::Packaged => Subject::server(&start)?,
            Who::Ferrosip => {
                start.binary = &plan.ferrosip;
                Subject::server(&start)?
            }
        };
        Ok(Self {
            who,
            subject,
            place,
            ends: Ends::open(&place)?,
            accounts: Accounts::new(PASSWORD, place.server),
            samples: Vec::new(),
            failed: 0,
            series: 0,
            next: 0,
        })
    }

    /// Exchanges a second: median of the turns.
    fn rate(&self) -> f64 {
        median(self.samples.iter().map(|s| s.1))
    }

    /// How many exchanges make a turn.
    fn units(&self, work: &Work) -> u64 {
        match self.who {
            Who::Packaged => (work.units / SLOW).max(1),
            _ => work.units,
        }
    }

    /// The next series.
    fn series(&mut self, work: &Work) -> Series {
        self.series += 1;
        let registers = work.scenario.registers();
        Series {
            scenario: work.scenario,
            place: self.place,
            // Refreshes go on with the Call-IDs of their registrations.
            id: if registers { 1 } else { self.series },
            cseq: if registers { self.series } else { 1 },
            users: if work.scenario == Scenario::RegisteredCall {
                USERS
            } else {
                u64::MAX
            },
        }
    }

    fn play(&mut self, work: &Work, arrival: Arrival, units: u64) -> io::Result<Outcome> {
        let series = self.series(work);
        let registers = work.scenario.registers();
        let first = match (registers, work.refreshes) {
            (true, false) => self.next,
            _ => 0,
        };
        let job = Job {
            first,
            count: units,
            patience: PATIENCE,
            // With a core of its own.
            spins: work.workers == 1,
            ..Job::new(arrival)
        };
        self.next += units;
        drive::play_as(&series, &mut self.ends, &job, &mut self.accounts)
    }

    /// Lets so many users be challenged who will register with their answers.
    fn enroll(&mut self, work: &Work, users: u64) -> io::Result<()> {
        match (work.scenario, self.who) {
            (Scenario::Authenticated, Who::Floor) => self.accounts.make_up(users),
            (Scenario::Authenticated, _) => {
                let series = self.series(work);
                self.accounts.enroll(&series, &mut self.ends, users)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Registers who is called, and warms code and allocator.
    fn warm_up(&mut self, work: &Work) -> io::Result<()> {
        if work.scenario == Scenario::RegisteredCall && self.who != Who::Floor {
            let users = Work {
                scenario: Scenario::Register,
                refreshes: true,
                ..*work
            };
            let outcome = self.play(&users, Arrival::Window(1), USERS)?;
            self.check(&outcome)?;
        }
        // Transactions stay for some seconds: so many that no turn needs more memory than there is.
        let units = if work.scenario.is_relayed() {
            self.units(work) * WARM_UP
        } else {
            self.units(work)
        };
        self.enroll(work, units)?;
        let outcome = self.play(work, Arrival::Window(WINDOW), units)?;
        self.check(&outcome)
    }

    /// A subject that does not do the work cannot be compared.
    fn check(&self, outcome: &Outcome) -> io::Result<()> {
        match outcome.bad_status {
            Some(status) if outcome.done == 0 => Err(io::Error::other(format!(
                "{} answers {status}",
                self.who.name()
            ))),
            _ if outcome.done == 0 => Err(io::Error::other(format!(
                "{} answers nothing",
                self.who.name()
            ))),
            _ => Ok(()),
        }
    }

    fn turn(&mut self, work: &Work) -> io::Result<()> {
        let before = self.subject.cpu();
        let outcome = self.play(work, Arrival::Window(WINDOW), self.units(work))?;
        let cpu = (self.subject.cpu() - before) as f64 / 1000.0;
        self.failed += outcome.failed;
        let done = outcome.done.max(1) as f64;
        self.samples
            .push((cpu / done, done / outcome.elapsed.as_secs_f64()));
        Ok(())
    }

    fn latency(&mut self, work: &Work, rate: f64, quick: bool) -> io::Result<(u64, u64)> {
        let seconds = if quick { LATENCY / 10.0 } else { LATENCY };
        let units = (rate * seconds) as u64;
        self.enroll(work, units)?;
        let outcome = self.play(work, Arrival::Rate(rate), units)?;
        self.failed += outcome.failed;
        let of = |share| outcome.latencies.percentile(share);
        Ok((of(0.5), of(0.99)))
    }
}

/// The middle of some figures; of an even number, the upper middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
