//! What goes wrong around a server: it is killed, its log cannot be written, descriptors run out,
//! an address goes away.

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use acceptance::address::{SERVER_PORT, allocate};
use acceptance::client::Transport::Udp;
use acceptance::client::namespace::Namespace;
use acceptance::client::phone::Phone;
use acceptance::client::{bound_to_us, run, wait_for};
use acceptance::scenario::Family;
use acceptance::subject::{Launch, Server};

use crate::process::{Site, answers};
use crate::subject::{RUN, Subject, ensure, place, plan};
use crate::{Case, Need};

const STOCK: &[Need] = &[Need::StockConfig];
const LIMIT: Duration = Duration::from_secs(10);

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "faults::killed_and_started_again",
        &[Need::Tool("sipp"), Need::Ferrosip],
        killed,
    ),
    Case::new("faults::log_cannot_be_written", STOCK, full_disk),
    Case::new("faults::no_descriptors_left", STOCK, descriptors),
    Case::new(
        "faults::system_log_goes_away",
        &[Need::StockConfig, Need::Inside(Namespace::OwnDevices)],
        system_log,
    ),
    Case::new(
        "faults::address_goes_and_comes_back",
        &[
            Need::StockConfig,
            Need::Tool("ip"),
            Need::Inside(Namespace::OwnNetwork),
        ],
        address,
    ),
];

/// Calls are set up at twenty a second, each lasts two; the server is killed while they do and
/// started again. Clients repeat what was not answered: no call is lost, neither those that stood
/// nor those that were being made.
fn killed(subject: &Subject) -> Result<(), String> {
    let (phone, addr) = (place(), allocate(Family::V4, SERVER_PORT));
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let config = folder.path().join("relay.cfg");
    std::fs::write(&config, relay(phone)).map_err(|e| e.to_string())?;
    let start = || {
        let launch = Launch {
            config: Some(&config),
            without_media: false,
            local: "",
            addr,
            to_syslog: false,
            arguments: Vec::new(),
        };
        Server::launch(&subject.program, &launch).map_err(|e| e.to_string())
    };
    let server = start()?;
    let mut callee = plan(&server, "callee", phone, Udp).with("ack_may_be_lost", "true");
    (callee.calls, callee.rate) = (60, 20);
    let callee = callee.start()?;
    let mut caller = plan(&server, "caller", place(), Udp)
        .with("ack_may_be_lost", "true")
        .with("talk", "2000");
    (caller.calls, caller.rate) = (60, 20);
    let caller = caller.start()?;
    std::thread::sleep(Duration::from_millis(1200));
    server.kill()?;
    let _second = start()?;
    let calling = caller.finish(RUN);
    callee.finish(RUN).and(calling)
}

/// A proxy in front of one phone.
fn relay(phone: SocketAddr) -> String {
    format!(
        "loadmodule \"sl.so\"\nloadmodule \"tm.so\"\nloadmodule \"rr.so\"\n\
         loadmodule \"pv.so\"\nloadmodule \"siputils.so\"\nloadmodule \"textops.so\"\n\
         request_route {{\n\
         \tif (is_method(\"OPTIONS\")) {{ sl_send_reply(\"200\", \"OK\"); exit; }}\n\
         \tif (has_totag()) {{ loose_route(); t_relay(); exit; }}\n\
         \trecord_route();\n\t$du = \"sip:{phone}\";\n\tt_relay();\n}}\n"
    )
}

/// Every write of the log fails: the server serves.
fn full_disk(subject: &Subject) -> Result<(), String> {
    let site = Site::new()?;
    let mut command = bound_to_us("sh");
    command.args(["-c", "exec \"$@\" 2>/dev/full >/dev/full", "sh"]);
    command.arg(&subject.program.path);
    let mut running = site.in_front_by(command, &["-DD", "-E", "-dddd"])?;
    let phone = Phone::new(site.addr)?;
    ensure(answers(&phone) && running.ended().is_none(), || {
        "silent with a full disk".to_owned()
    })
}

/// More connections than descriptors: datagrams are served all the while, and connections again
/// when others have closed.
fn descriptors(subject: &Subject) -> Result<(), String> {
    let site = Site::new()?;
    let mut command = bound_to_us("sh");
    command.args(["-c", "ulimit -Hn 100; ulimit -Sn 100; exec \"$@\"", "sh"]);
    command.arg(&subject.program.path);
    let mut running = site.in_front_by(command, &["-DD", "-E", "-m", "64"])?;
    let phone = Phone::new(site.addr)?;
    let connect = || TcpStream::connect_timeout(&site.addr, Duration::from_secs(2));
    let open: Vec<TcpStream> = (0..150).filter_map(|_| connect().ok()).collect();
    ensure(answers(&phone), || "no datagram is answered".to_owned())?;
    drop(open);
    let over_tcp = || connect().is_ok_and(|stream| ask(stream, site.addr));
    wait_for("an answer over TCP", LIMIT, over_tcp)?;
    ensure(running.ended().is_none(), || "it has ended".to_owned())
}

/// Whether OPTIONS over a connection is answered.
fn ask(mut stream: TcpStream, server: SocketAddr) -> bool {
    use std::io::{Read, Write};
    let text = format!(
        "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/TCP {server};branch=z9hG4bKt\r\n\
         From: <sip:a@{server}>;tag=1\r\nTo: <sip:{server}>\r\nCall-ID: t\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n"
    );
    let limit = Some(Duration::from_millis(500));
    let mut buffer = [0; 512];
    stream.set_read_timeout(limit).is_ok()
        && stream.write_all(text.as_bytes()).is_ok()
        && stream
            .read(&mut buffer)
            .is_ok_and(|n| buffer[..n].starts_with(b"SIP/2.0 200"))
}

/// The system log is there at the start and gone later.
fn system_log(subject: &Subject) -> Result<(), String> {
    if let Some(outcome) = Namespace::OwnDevices.enter(subject.test, LIMIT * 3) {
        return outcome;
    }
    let log = UnixDatagram::bind("/dev/log").map_err(|e| format!("/dev/log: {e}"))?;
    let site = Site::new()?;
    let mut running = site.in_front_by(bound_to_us(&subject.program.path), &["-DD", "-dddd"])?;
    let phone = Phone::new(site.addr)?;
    drop(log);
    ensure(answers(&phone), || "silent when nobody reads".to_owned())?;
    std::fs::remove_file("/dev/log").map_err(|e| e.to_string())?;
    for _ in 0..20 {
        ensure(answers(&phone), || "silent without a system log".to_owned())?;
    }
    ensure(running.ended().is_none(), || "it has ended".to_owned())
}

/// The address that the server is bound to leaves the interface and returns.
fn address(subject: &Subject) -> Result<(), String> {
    if let Some(outcome) = Namespace::OwnNetwork.enter(subject.test, LIMIT * 3) {
        return outcome;
    }
    let mut site = Site::new()?;
    site.addr = SocketAddr::from(([192, 0, 2, 1], SERVER_PORT));
    // The probe of the start comes from 127.0.0.0/8, which reaches every address here.
    let mut running = site.in_front_by(bound_to_us(&subject.program.path), &["-DD", "-E"])?;
    let phone = Phone::at(SocketAddr::from(([192, 0, 2, 2], 5070)), site.addr)?;
    ensure(answers(&phone), || "silent at the start".to_owned())?;
    let ip = |change: &str| {
        let mut command = Command::new("ip");
        command.args(["addr", change, "192.0.2.1/32", "dev", "lo"]);
        run(&mut command, LIMIT).and_then(acceptance::client::Finished::success)
    };
    ip("del")?;
    let gone = UdpSocket::bind(site.addr).is_err();
    ensure(gone && !answers(&phone), || {
        "the address is still there".to_owned()
    })?;
    ip("add")?;
    ensure(running.ended().is_none(), || "it has ended".to_owned())?;
    wait_for("an answer", LIMIT, || answers(&phone))
}
