//! One subject that does one work: started, given its traffic, and what it used for it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use crate::accounts::{Accounts, PASSWORD};
use crate::compare::{Plan, Who, median};
use crate::drive::{self, Arrival, Job, Outcome};
use crate::ends::{Ends, Place};
use crate::floor::Floor;
use crate::script::{Scenario, Series};
use crate::subject::{Start, Subject};
use crate::works::Work;

/// Exchanges in progress at a time: enough that no server waits, few enough that nothing is lost.
const WINDOW: usize = 32;
/// Turns' worth of relayed requests before the first turn.
const WARM_UP: u64 = 8;
/// The package's Kamailio needs ten times as long for some works; its turns are so much shorter.
const SLOW: u64 = 8;
/// A server that does not answer within this time is overloaded; retransmissions would not help.
const PATIENCE: Duration = Duration::from_secs(2);
/// Users that the registered calls go to.
const USERS: u64 = 100;

/// One subject that runs, with its ends.
pub(crate) struct Runner {
    who: Who,
    subject: Subject,
    place: Place,
    ends: Ends,
    accounts: Accounts,
    samples: Vec<(f64, f64)>,
    /// 50 % and 99 % of the exchanges of a turn at a fixed rate were faster, microseconds.
    latencies: Vec<(u64, u64)>,
    failed: u64,
    /// Series so far: none repeats the Call-IDs of another.
    series: u32,
    /// The first user that nobody has registered.
    next: u64,
}

impl Runner {
    /// Starts a subject on the addresses with its number.
    pub(crate) fn start(plan: &Plan, work: &Work, who: Who, number: u8) -> io::Result<Self> {
        let place = place(plan, work, number);
        if who == Who::Floor {
            let relays = work.scenario.is_relayed();
            let (callers, callees) = (place.callers.into(), place.callees.into());
            let subject = Subject::floor(&Floor {
                listen: place.server,
                workers: work.workers,
                shares: true,
                relays: relays.then_some((callers, callees, work.uses_tcp())),
            })?;
            return Self::with(who, subject, place);
        }
        let (binary, allocator) = match who {
            Who::Kamailio => (&plan.kamailio, Some("fm")),
            Who::Optimized => (plan.optimized.as_ref().unwrap_or(&plan.ferrosip), None),
            Who::Ferrosip => (&plan.ferrosip, None),
            Who::Packaged | Who::Floor => (&plan.kamailio, None),
        };
        let config = work.config.text()?;
        let mut start = server(binary, work, &config, &place);
        start.allocator = allocator;
        Self::with(who, Subject::server(&start)?, place)
    }

    /// Starts a ferrosip that writes what it ran to a file when it ends.
    pub(crate) fn profiled(plan: &Plan, work: &Work, profile: &Path) -> io::Result<Self> {
        let place = place(plan, work, 0);
        let config = work.config.text()?;
        let start = server(&plan.ferrosip, work, &config, &place);
        Self::with(Who::Ferrosip, Subject::profiled(&start, profile)?, place)
    }

    fn with(who: Who, subject: Subject, place: Place) -> io::Result<Self> {
        Ok(Self {
            who,
            subject,
            place,
            ends: Ends::open(&place)?,
            accounts: Accounts::new(PASSWORD, place.server),
            samples: Vec::new(),
            latencies: Vec::new(),
            failed: 0,
            series: 0,
            next: 0,
        })
    }

    /// Who it is.
    pub(crate) fn who(&self) -> Who {
        self.who
    }

    /// Exchanges that failed, but for those before the first turn.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    /// Microseconds of CPU for an exchange: median of the turns.
    pub(crate) fn cpu(&self) -> f64 {
        median(self.samples.iter().map(|s| s.0))
    }

    /// Lets it end as an operator would.
    pub(crate) fn end(self) -> io::Result<()> {
        self.subject.end()
    }

    /// Exchanges a second: median of the turns.
    pub(crate) fn rate(&self) -> f64 {
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
    pub(crate) fn warm_up(&mut self, work: &Work) -> io::Result<()> {
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

    /// One turn; what it used is kept.
    pub(crate) fn turn(&mut self, work: &Work) -> io::Result<()> {
        let before = self.subject.cpu();
        let outcome = self.play(work, Arrival::Window(WINDOW), self.units(work))?;
        let cpu = (self.subject.cpu() - before) as f64 / 1000.0;
        self.failed += outcome.failed;
        let done = outcome.done.max(1) as f64;
        self.samples
            .push((cpu / done, done / outcome.elapsed.as_secs_f64()));
        Ok(())
    }

    /// A turn of exchanges at a fixed rate, for some seconds.
    pub(crate) fn arrive(&mut self, work: &Work, rate: f64, seconds: f64) -> io::Result<()> {
        let units = (rate * seconds) as u64;
        self.enroll(work, units)?;
        let outcome = self.play(work, Arrival::Rate(rate), units)?;
        self.failed += outcome.failed;
        let of = |share| outcome.latencies.percentile(share);
        self.latencies.push((of(0.5), of(0.99)));
        Ok(())
    }

    /// 50 % and 99 % of the exchanges at a fixed rate were faster, microseconds: medians of the turns, if there were any.
    pub(crate) fn latency(&self) -> Option<(u64, u64)> {
        if self.latencies.is_empty() {
            return None;
        }
        // So many microseconds are exact as a float.
        let middle =
            |of: fn(&(u64, u64)) -> u64| median(self.latencies.iter().map(|turn| of(turn) as f64));
        Some((middle(|turn| turn.0) as u64, middle(|turn| turn.1) as u64))
    }
}

/// Where the subject with a number and its peers are.
fn place(plan: &Plan, work: &Work, number: u8) -> Place {
    let host = |last: u8| Ipv4Addr::new(127, 0, plan.network, last + number);
    Place {
        server: SocketAddr::new(IpAddr::V4(host(10)), 5060),
        callers: host(20),
        callees: host(30),
        from: work.from,
        to: work.to,
        peers: work.peers,
    }
}

/// How a server is started for a work.
fn server<'a>(binary: &'a Path, work: &Work, config: &'a str, place: &Place) -> Start<'a> {
    Start {
        binary,
        allocator: None,
        config,
        listen: place.server,
        workers: work.workers,
        tcp: work.uses_tcp(),
    }
}
