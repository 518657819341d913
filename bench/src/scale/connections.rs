//! Idle TCP connections: what one takes, and what a call costs beside them.

use std::fmt::Write;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, bind, connect, socket};

use super::Scale;
use crate::script::Scenario;
use crate::svg;

/// How many are idle when calls are timed.
const CONNECTIONS: [u64; 4] = [1_000, 10_000, 25_000, 50_000];
/// Connections from one address: it has no more ports.
const FROM_ONE: u64 = 20_000;
/// Descriptors that are needed for other things.
const OTHERS: u64 = 1000;
/// How long nothing is done, to see what that costs.
const IDLE: Duration = Duration::from_secs(3);
/// Calls of a turn.
const TURN: u64 = 1000;

pub(super) fn measure(scale: &Scale<'_>) -> io::Result<String> {
    let wanted = CONNECTIONS.map(|count| scale.count(count));
    let most = descriptors(wanted[3] + OTHERS)?.saturating_sub(OTHERS);
    let config = include_str!("../../configs/call.cfg").replacen(
        "debug=-1\n",
        "debug=-1\ntcp_max_connections=100000\ntcp_connection_lifetime=3600\n",
        1,
    );
    let bench = scale.start(&config, true)?;
    let mut series = 0;
    let mut call = |_| {
        series += 1;
        bench.play(Scenario::Call, series, 1, 0, scale.count(TURN))
    };
    let alone = bench.cost(&mut call)?;
    let mut rows = format!("| 0 | {alone:.1} | | |\n");
    let mut points = vec![(1.0, alone)];
    let empty = bench.subject.memory();
    let mut open = Vec::new();
    for count in wanted.map(|count| count.min(most)) {
        if open.len() as u64 == count {
            continue;
        }
        eprintln!("{count} connections");
        for number in open.len() as u64..count {
            let host = 60 + u8::try_from(number / FROM_ONE).unwrap_or(0);
            let ours = SocketAddr::from((scale.host(host), 0));
            open.push(connected(ours, bench.place.server)?);
        }
        // The last ones are accepted once this is answered.
        bench.play(Scenario::Call, 100_000 + count as u32, 1, 0, 10)?;
        std::thread::sleep(Duration::from_secs(1));
        let bytes = bench.subject.memory().saturating_sub(empty) / count;
        let before = bench.subject.cpu();
        std::thread::sleep(IDLE);
        let idle = (bench.subject.cpu() - before) as f64 / IDLE.as_nanos() as f64 * 100.0;
        let cost = bench.cost(&mut call)?;
        points.push((count as f64, cost));
        // Writing to a string cannot fail.
        let _ = writeln!(rows, "| {count} | {cost:.1} | {bytes} | {idle:.2} % |");
    }
    let title = "CPU µs of a call over UDP, by idle TCP connections";
    let plot = svg::line(title, "connections (the first point: none)", &points);
    let mut text = scale.plot("performance-connections.svg", title, &plot)?;
    text.push_str(
        "| idle TCP connections | call over UDP, CPU µs | memory of a connection, B | CPU while idle |\n\
         |---|---|---|---|\n",
    );
    text.push_str(&rows);
    if most < wanted[3] {
        let _ = writeln!(
            text,
            "\nMore than {most} connections were not possible where this ran: the limit of a \
             process's descriptors cannot be raised there."
        );
    }
    Ok(text)
}

/// Raises the limit of descriptors, of this process and of what it starts, as far as needed and
/// allowed; returns what it is then.
fn descriptors(wanted: u64) -> io::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= wanted {
        return Ok(soft);
    }
    if setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted)).is_ok() {
        return Ok(wanted);
    }
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}

/// Connects from an address with a port of the system's choice.
fn connected(ours: SocketAddr, server: SocketAddr) -> io::Result<TcpStream> {
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
