//! The command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::accounts::PASSWORD;
use crate::compare::Plan;
use crate::drive::Arrival;
use crate::ends::Place;
use crate::port::Transport;
use crate::script::{Scenario, Series};

pub(crate) const HELP: &str = "\
usage: ferrosip-load run SCENARIO --server ADDRESS:PORT [options]
       ferrosip-load compare [options]
       ferrosip-load scale [options]
       ferrosip-load micro [options]
       ferrosip-load train [options]
       ferrosip-load check [options]
       ferrosip-load soak [options]
       ferrosip-load flood [options]
       ferrosip-load stress [options]

run      loads a server that is there: options, register, register-digest, message, call,
         registered-call, ringing. register-digest lets each user (u00000000, u00000001, ...) be
         challenged first, and measures REGISTERs with its answer to that one challenge.
         Callers and callees are both played here, on ports from 20000 on.
  --server A:P      the server
  --callers A       address of the callers (default: 127.0.0.1)
  --callees A       address of the callees (default: 127.0.0.2)
  --from udp|tcp    how the callers reach the server (default: udp)
  --to udp|tcp      how the server reaches the callees (default: udp)
  --peers N         callers and callees, each with a port of its own (default: 1)
  --rate N          exchanges that begin each second, however the server does
  --window N        without --rate: exchanges in progress at a time (default: 32)
  --count N         exchanges in all (default: 10000)
  --users N         registered-call: how many users are called (default: 100)
  --series N        tells runs apart; register, register-digest: the higher, the higher the CSeq
                    of the requests (default: 1)
  --password TEXT   register-digest: that of all users (default: load)

compare  runs Kamailio, ferrosip and the floor in turns and prints the CPU time of each exchange.
micro    counts the instructions of single operations with callgrind.
check    lets both check (-c) a configuration of 5000 routes, 100000 lines, in turns.
scale    lets contacts, transactions and connections grow and prints what each costs ferrosip;
         and what threads that receive datagrams cost with one socket and with a socket each.
train    plays once what compare measures, and calls that are refused and cancelled, at a ferrosip
         that was built with -Cprofile-generate, and leaves the profiles that it writes;
         `cargo xtask optimized` makes a server of them.
soak     plays mixed traffic through one configuration at half of what ferrosip can do, and
         fails if memory, descriptors or threads grow or an exchange fails.
flood    registers a million users at a ferrosip whose memory is capped, while calls are made; fails
         if memory leaves its cap or a call is lost.
stress   races: forked calls that are answered, refused and cancelled at random moments, with
         repeated datagrams; fails if a request has no final reply or a transaction stays.
  --rate N          soak: exchanges of each kind that begin each second (default: half of what
                    can be done)
  --minutes N       soak: how long (default: 30); stress: (default: 10)
  --seed N          stress: the dice of an earlier run
  --workers N       soak, flood, stress: workers of each socket (default: 2)
  --ferrosip PATH   the server (default: target/release/ferrosip)
  --optimized PATH  compare: the server built with a profile, a subject of its own
  --profiles DIR    train: where the profiles go (default: target/optimized/profiles); those of an
                    earlier training are removed
  --kamailio PATH   the other one (default: /usr/sbin/kamailio)
  --micro PATH      the operations (default: target/release/micro)
  --rounds N        compare: turns of each subject, at most (default: 11)
  --seconds N       compare: the turns of one work end after so long (default: 20)
  --quick           compare, scale, micro: a try of everything with a tenth of the counts
  --only TEXT       only works whose name contains it
  --network N       addresses 127.0.N.x are used (default: 90)
  --write FILE      puts the tables into this document, and plots beside it
";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run,
    Compare,
    Scale,
    Micro,
    Train,
    Check,
    Soak,
    Flood,
    Stress,
}

/// All that the command line says.
pub(crate) struct Options {
    pub(crate) command: Command,
    pub(crate) series: Series,
    pub(crate) arrival: Arrival,
    pub(crate) count: u64,
    pub(crate) plan: Plan,
    /// The program of single operations.
    pub(crate) micro: PathBuf,
    /// Where `train` leaves the profiles.
    pub(crate) profiles: PathBuf,
    pub(crate) write: Option<PathBuf>,
    /// How long `soak` and `stress` take; 0: their default.
    pub(crate) minutes: f64,
    /// Of users that are challenged.
    pub(crate) password: String,
    /// Lets `stress` throw the same dice again.
    pub(crate) seed: Option<u64>,
    /// Workers of each socket in `soak` and `stress`.
    pub(crate) workers: usize,
}

impl Options {
    /// Reads the command line of this process.
    pub(crate) fn read() -> Result<Self, lexopt::Error> {
        use lexopt::prelude::{Long, Short, Value, ValueExt};
        let mut options = defaults();
        let mut words = Vec::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            let (series, plan) = (&mut options.series, &mut options.plan);
            let place = &mut series.place;
            match arg {
                Long("server") => place.server = parser.value()?.parse()?,
                Long("callers") => place.callers = parser.value()?.parse()?,
                Long("callees") => place.callees = parser.value()?.parse()?,
                Long("from") => place.from = parser.value()?.parse_with(transport)?,
                Long("to") => place.to = parser.value()?.parse_with(transport)?,
                Long("peers") => place.peers = parser.value()?.parse()?,
                Long("rate") => options.arrival = Arrival::Rate(parser.value()?.parse()?),
                Long("window") => options.arrival = Arrival::Window(parser.value()?.parse()?),
                Long("count") => options.count = parser.value()?.parse()?,
                Long("users") => series.users = parser.value()?.parse()?,
                Long("series") => series.id = parser.value()?.parse()?,
                Long("password") => options.password = parser.value()?.string()?,
                Long("ferrosip") => plan.ferrosip = parser.value()?.into(),
                Long("optimized") => plan.optimized = Some(parser.value()?.into()),
                Long("profiles") => options.profiles = parser.value()?.into(),
                Long("kamailio") => plan.kamailio = parser.value()?.into(),
                Long("micro") => options.micro = parser.value()?.into(),
                Long("rounds") => plan.rounds = parser.value()?.parse()?,
                Long("seconds") => plan.seconds = parser.value()?.parse()?,
                Long("quick") => (plan.quick, plan.rounds) = (true, 3),
                Long("only") => plan.only = parser.value()?.string()?,
                Long("network") => plan.network = parser.value()?.parse()?,
                Long("minutes") => options.minutes = parser.value()?.parse()?,
                Long("seed") => options.seed = Some(parser.value()?.parse()?),
                Long("workers") => options.workers = parser.value()?.parse()?,
                Long("write") => options.write = Some(parser.value()?.into()),
                Long("help") | Short('h') => return Ok(options),
                Value(word) => words.push(word.string()?),
                other => return Err(other.unexpected()),
            }
        }
        options.finish(&words)
    }

    fn finish(mut self, words: &[String]) -> Result<Self, lexopt::Error> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let series = &mut self.series;
        if self.minutes <= 0.0 {
            self.minutes = if words == ["soak"] { 30.0 } else { 10.0 };
        }
        self.command = match words[..] {
            [] => Command::Help,
            ["run", scenario] => {
                series.scenario =
                    Scenario::named(scenario).ok_or(format!("no scenario '{scenario}'"))?;
                Command::Run
            }
            ["compare"] => Command::Compare,
            ["scale"] => Command::Scale,
            ["micro"] => Command::Micro,
            ["train"] => Command::Train,
            ["check"] => Command::Check,
            ["soak"] => Command::Soak,
            ["flood"] => Command::Flood,
            ["stress"] => Command::Stress,
            _ => return Err("see --help".into()),
        };
        if series.scenario.registers() {
            // A refresh keeps its Call-ID.
            (series.cseq, series.id) = (series.id, 1);
            series.users = u64::MAX;
        }
        let place = &mut series.place;
        if place.peers == 0 || place.to == Transport::Tcp || place.from == Transport::Tcp {
            place.peers = 1;
        }
        Ok(self)
    }
}

fn transport(name: &str) -> Result<Transport, String> {
    match name {
        "udp" => Ok(Transport::Udp),
        "tcp" => Ok(Transport::Tcp),
        _ => Err(format!("no transport '{name}'")),
    }
}

/// What is run when nothing else is asked for.
pub(crate) fn plan() -> Plan {
    Plan {
        ferrosip: PathBuf::from("target/release/ferrosip"),
        optimized: None,
        kamailio: PathBuf::from("/usr/sbin/kamailio"),
        rounds: 11,
        seconds: 20.0,
        quick: false,
        only: String::new(),
        network: 90,
    }
}

fn defaults() -> Options {
    Options {
        command: Command::Help,
        series: Series {
            scenario: Scenario::Options,
            place: Place {
                server: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5060),
                callers: Ipv4Addr::LOCALHOST,
                callees: Ipv4Addr::new(127, 0, 0, 2),
                from: Transport::Udp,
                to: Transport::Udp,
                peers: 1,
            },
            id: 1,
            cseq: 1,
            users: 100,
        },
        arrival: Arrival::Window(32),
        count: 10_000,
        plan: plan(),
        micro: PathBuf::from("target/release/micro"),
        profiles: PathBuf::from("target/optimized/profiles"),
        write: None,
        minutes: 0.0,
        password: PASSWORD.to_owned(),
        seed: None,
        workers: 2,
    }
}
