//! What things cost as there are more of them: contacts, pending transactions, idle connections.

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::compare::median;
use crate::drive::{self, Arrival, Job, Outcome, PATIENCE};
use crate::ends::{Ends, Place};
use crate::options::Options;
use crate::port::Transport;
use crate::script::{Scenario, Series};
use crate::subject::{Start, Subject};
use crate::{report, svg};

/// How many contacts there are when the REGISTERs are timed.
const CONTACTS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 2_000_000];
/// Pending INVITE transactions.
const TRANSACTIONS: u64 = 200_000;
/// Idle connections.
const CONNECTIONS: usize = 50_000;
/// Connections from one address: it has no more ports.
const FROM_ONE: usize = 20_000;

/// Runs all three and prints, or writes, the tables.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let mut text = String::new();
    let points = contacts(options, &mut text)?;
    transactions(options, &mut text)?;
    connections(options, &mut text)?;
    print!("{text}");
    if let Some(document) = &options.write {
        report::replace_part(document, "scaling", &text)?;
        let plot = svg::line(
            "CPU µs of a REGISTER that refreshes, by stored contacts",
            "contacts",
            &points,
        );
        std::fs::write(document.with_file_name("performance-contacts.svg"), plot)?;
    }
    Ok(())
}

/// One server with the ends of its traffic.
struct Bench {
    subject: Subject,
    place: Place,
}

impl Bench {
    fn start(options: &Options, config: &str, tcp: bool) -> io::Result<Self> {
        let network = options.plan.network;
        let host = |last| Ipv4Addr::new(127, 0, network, last);
        let place = Place {
            server: SocketAddr::new(IpAddr::V4(host(50)), 5060),
            callers: host(51),
            callees: host(52),
            from: Transport::Udp,
            to: Transport::Udp,
            peers: 1,
        };
        let subject = Subject::server(&Start {
            binary: &options.plan.ferrosip,
            allocator: None,
            config,
            listen: place.server,
            workers: 1,
            tcp,
        })?;
        Ok(Self { subject, place })
    }

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
            arrival: Arrival::Window(32),
            first: from,
            count,
            patience: PATIENCE,
        };
        drive::play(&series, &mut ends, &job)
    }

    /// CPU microseconds for each of `count` exchanges: the median of five turns.
    fn cost(&self, mut turn: impl FnMut(u32) -> io::Result<Outcome>) -> io::Result<f64> {
        let mut turns = Vec::new();
        for number in 0..5 {
            let before = self.subject.cpu();
            let outcome = turn(number)?;
            let cpu = (self.subject.cpu() - before) as f64 / 1000.0;
            turns.push(cpu / outcome.done.max(1) as f64);
        }
        Ok(median(turns.into_iter()))
    }
}

fn contacts(options: &Options, text: &mut String) -> io::Result<Vec<(f64, f64)>> {
    let bench = Bench::start(options, include_str!("../configs/register.cfg"), false)?;
    let empty = bench.subject.memory();
    let mut points = Vec::new();
    let (mut stored, mut cseq) = (0, 1);
    text.push_str(
        "| contacts | REGISTER (refresh), CPU µs | memory of a contact, B |\n|---|---|---|\n",
    );
    for wanted in CONTACTS {
        eprintln!("{wanted} contacts");
        bench.play(Scenario::Register, 1, 1, stored, wanted - stored)?;
        stored = wanted;
        let bytes = bench.subject.memory().saturating_sub(empty) / stored;
        // Spread over all, so that no cache helps.
        let (count, stride) = (10_000.min(stored), stored / 5);
        let cost = bench.cost(|turn| {
            cseq += 1;
            let from = (u64::from(turn) * stride).min(stored - count);
            bench.play(Scenario::Register, 1, cseq, from, count)
        })?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {stored} | {cost:.1} | {bytes} |");
        points.push((stored as f64, cost));
    }
    Ok(points)
}

fn transactions(options: &Options, text: &mut String) -> io::Result<()> {
    let bench = Bench::start(options, include_str!("../configs/call.cfg"), false)?;
    text.push_str("\n| pending INVITE transactions | call, CPU µs | memory of a transaction, B |\n|---|---|---|\n");
    let call = |turn: u32| bench.play(Scenario::Call, 100 + turn, 1, 0, 500);
    bench.play(Scenario::Call, 99, 1, 0, 500)?;
    let cost = bench.cost(call)?;
    let _ = writeln!(text, "| 0 | {cost:.1} | |");
    eprintln!("{TRANSACTIONS} transactions");
    let before = bench.subject.memory();
    let outcome = bench.play(Scenario::Ringing, 1, 1, 0, TRANSACTIONS)?;
    let bytes = bench.subject.memory().saturating_sub(before) / outcome.done.max(1);
    let cost = bench.cost(|turn| call(turn + 10))?;
    let _ = writeln!(text, "| {} | {cost:.1} | {bytes} |", outcome.done);
    Ok(())
}

fn connections(options: &Options, text: &mut String) -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = CONNECTIONS as u64 + 1000;
    let limit = if setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted)).is_ok() {
        wanted
    } else {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        hard
    };
    let count = CONNECTIONS.min(usize::try_from(limit).unwrap_or(0).saturating_sub(1000));
    let config = include_str!("../configs/call.cfg").replacen(
        "debug=-1\n",
        "debug=-1\ntcp_max_connections=100000\ntcp_connection_lifetime=3600\n",
        1,
    );
    let bench = Bench::start(options, &config, true)?;
    eprintln!("{count} connections");
    let before = bench.subject.memory();
    let mut open = Vec::with_capacity(count);
    for number in 0..count {
        let host = 60 + u8::try_from(number / FROM_ONE).unwrap_or(0);
        let ours = SocketAddr::from(([127, 0, options.plan.network, host], 0));
        open.push(connect(ours, bench.place.server)?);
    }
    // The last ones are accepted once this is answered.
    bench.play(Scenario::Call, 1, 1, 0, 10)?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    let bytes = bench.subject.memory().saturating_sub(before) / count.max(1) as u64;
    let cpu = bench.subject.cpu();
    std::thread::sleep(std::time::Duration::from_secs(5));
    let idle = (bench.subject.cpu() - cpu) as f64 / 5e9 * 100.0;
    text.push_str(
        "\n| idle TCP connections | memory of a connection, B | CPU while idle |\n|---|---|---|\n",
    );
    let _ = writeln!(text, "| {} | {bytes} | {idle:.2} % |", open.len());
    Ok(())
}

/// Connects from an address with a port of the system's choice.
fn connect(ours: SocketAddr, server: SocketAddr) -> io::Result<TcpStream> {
    use nix::sys::socket::{
        AddressFamily, SockFlag, SockType, SockaddrStorage, bind, connect, socket,
    };
    use std::os::fd::AsRawFd;
    let fd = socket(
        AddressFamily::Inet,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    bind(fd.as_raw_fd(), &SockaddrStorage::from(ours))?;
    connect(fd.as_raw_fd(), &SockaddrStorage::from(server))?;
    Ok(fd.into())
}
