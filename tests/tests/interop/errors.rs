//! Broken input neither ends the server nor keeps it from serving others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use acceptance::client::Transport::{Tcp, Udp};
use acceptance::client::phone::Phone;
use acceptance::subject::Server;
use fastrand::Rng;

use crate::calls::one_call;
use crate::subject::{Subject, ensure};
use crate::{Case, Need};

const NEEDS: &[Need] = &[Need::StockConfig];

pub(crate) const CASES: &[Case] = &[
    Case::new("errors::random_bytes", NEEDS, random_bytes),
    Case::new("errors::truncated_messages", NEEDS, truncated),
    Case::new("errors::changed_bytes", NEEDS, changed_bytes),
    Case::new("errors::torture", NEEDS, torture),
    Case::new("errors::streams_of_trash", NEEDS, streams),
    Case::new("errors::idle_and_half_open_streams", NEEDS, idle_streams),
    Case::new(
        "errors::calls_go_on_beside_trash",
        &[Need::StockConfig, Need::Tool("sipp")],
        calls_beside_trash,
    ),
];

/// Random bytes, fewer than `most`.
fn trash(dice: &mut Rng, most: usize) -> Vec<u8> {
    let length = dice.usize(..most);
    (0..length).map(|_| dice.u8(..)).collect()
}

/// Sends everything, looking now and then whether a well-formed request is still answered.
fn flood(server: &Server, packets: impl Iterator<Item = Vec<u8>>) -> Result<(), String> {
    let (sender, other) = (Phone::new(server.addr)?, Phone::new(server.addr)?);
    for (n, packet) in packets.enumerate() {
        // Too long for a datagram is no fault of the server's.
        let _ = sender.send(&packet);
        if n % 50 == 49 {
            let shown = || String::from_utf8_lossy(&packet).into_owned();
            patient_ping(&other, n).map_err(|why| format!("after {}: {why}", shown()))?;
        }
    }
    patient_ping(&other, usize::MAX)?;
    let log = server.log();
    ensure(!log.contains("panicked"), || {
        let lines: Vec<&str> = log.lines().filter(|l| l.contains("panicked")).collect();
        lines.join("\n")
    })
}

/// The kernel may drop a datagram of a flood: the third unanswered one counts.
fn patient_ping(phone: &Phone, n: usize) -> Result<(), String> {
    let mut outcome = Ok(());
    for attempt in 0..3 {
        outcome = phone.ping(&format!("p{n}-{attempt}"));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Requests and replies that are right but for what a test does to them.
fn samples(server: &Server) -> Result<Vec<Vec<u8>>, String> {
    let phone = Phone::new(server.addr)?;
    let body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n";
    let mut all = Vec::new();
    for method in [
        "INVITE",
        "REGISTER",
        "OPTIONS",
        "ACK",
        "CANCEL",
        "BYE",
        "SUBSCRIBE",
    ] {
        let more = format!(
            "Route: <sip:{};lr>\r\nExpires: 30\r\nRecord-Route: <sip:127.0.0.1;lr=on>, \
             \"a\" <sip:b@127.0.0.2:5070;x=\"y\">\r\nSupported: path, gruu\r\n\
             Path: <sip:127.0.0.3;lr>\r\nTimestamp: 1.5 0.2\r\n",
            server.addr
        );
        let text = phone.request(method, "nobody", &method.to_lowercase(), &more);
        let length = format!("Content-Length: {}", body.len());
        all.push(text.replace("Content-Length: 0", &length) + body);
    }
    let (own, server) = (phone.addr, server.addr);
    all.push(format!(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {server};branch=z9hG4bKcydzigwkX.1\r\n\
         Via: SIP/2.0/UDP {own};branch=z9hG4bKinner;rport=5070;received=127.0.0.1\r\n\
         From: <sip:a@{server}>;tag=1\r\nTo: <sip:b@{server}>;tag=2\r\nCall-ID: reply\r\n\
         CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    ));
    Ok(all.into_iter().map(String::into_bytes).collect())
}

fn random_bytes(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let mut dice = Rng::with_seed(0x9e37_79b9_7f4a_7c15);
    flood(&server, (0..3_000).map(|_| trash(&mut dice, 1_400)))
}

fn truncated(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let samples = samples(&server)?;
    let cut = samples
        .iter()
        .flat_map(|sample| (0..sample.len()).map(|length| sample[..length].to_vec()));
    flood(&server, cut)
}

fn changed_bytes(subject: &Subject) -> Result<(), String> {
    const TELLING: &[u8] = b"\0\t\n\r \"%&'(),:;<=>@[]\\{}\x7f\x80\xff0-9";
    let server = subject.stock()?;
    let samples = samples(&server)?;
    let mut dice = Rng::with_seed(0x2545_f491_4f6c_dd1d);
    let changed = (0..6_000).map(|n| {
        let mut packet = samples[n % samples.len()].clone();
        for _ in 0..=dice.usize(..4) {
            let at = dice.usize(..packet.len().max(1));
            match dice.usize(..4) {
                0 => packet[at] = dice.u8(..),
                1 => packet[at] = TELLING[dice.usize(..TELLING.len())],
                2 => drop(packet.remove(at)),
                _ => packet.insert(at, TELLING[dice.usize(..TELLING.len())]),
            }
        }
        packet
    });
    flood(&server, changed)
}

/// Messages that are legal but odd, or wrong in a place that parsers trip over.
fn torture(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    let long = "x".repeat(9_000);
    let folded = "a,\r\n ".repeat(800);
    let vias = format!("Via: SIP/2.0/UDP {};branch=z9hG4bKv\r\n", phone.addr).repeat(300);
    let routes = format!("Route: <sip:{};lr>\r\n", server.addr).repeat(300);
    let quotes = "\"\\\"".repeat(1_000);
    let brackets = "<".repeat(3_000);
    let parameters = ";a=b".repeat(2_000);
    let escapes = "%00%0d%0a%".repeat(300);
    let changes: Vec<(&str, String)> = vec![
        ("Max-Forwards: 70", format!("Max-Forwards: {long}")),
        (
            "Max-Forwards: 70",
            "Max-Forwards: 99999999999999999999".to_owned(),
        ),
        ("Max-Forwards: 70", "Max-Forwards: -1".to_owned()),
        ("Max-Forwards: 70\r\n", vias),
        ("Max-Forwards: 70\r\n", routes),
        ("Max-Forwards: 70", format!("Supported: {folded}")),
        ("Max-Forwards: 70", format!("{long}: y")),
        ("sip:nobody@", format!("sip:{long}@")),
        ("sip:nobody@", format!("sip:{escapes}@")),
        ("sip:nobody@", "sip:@".to_owned()),
        ("sip:nobody@", "sip:a:b:c@@".to_owned()),
        ("sip:nobody@", "sip:nobody@[::".to_owned()),
        ("sip:nobody@", "sips:nobody@".to_owned()),
        ("From: <", format!("From: {quotes}<")),
        ("From: <", format!("From: {brackets}")),
        ("From: <", "From: \"unended <".to_owned()),
        (";tag=", parameters.clone() + ";tag="),
        (";branch=", parameters + ";branch="),
        (";branch=z9hG4bK", ";branch=".to_owned()),
        (
            ";branch=z9hG4bK",
            ";rport=99999;maddr=[;ttl=300;branch=".to_owned(),
        ),
        ("SIP/2.0/UDP", "SIP / 2.0 / UDP".to_owned()),
        ("SIP/2.0/UDP", "SIP/2.0/UNKNOWN".to_owned()),
        ("CSeq: 1 ", "CSeq: 4294967296 ".to_owned()),
        ("CSeq: 1 ", "CSeq: ".to_owned()),
        ("Contact: <", "Contact: *, <".to_owned()),
        ("Contact: <", "Contact: ,,,<".to_owned()),
        (
            "Contact: <",
            "Contact: <tel:+1>;q=5;expires=-1, <".to_owned(),
        ),
        ("Content-Length: 0", "Content-Length: 4294967295".to_owned()),
        ("Content-Length: 0", "Content-Length: -5".to_owned()),
        ("Content-Length: 0", "l: 0\r\nContent-Length: 7".to_owned()),
        ("\r\n\r\n", "\r\n".to_owned()),
        ("\r\n", "\n".to_owned()),
        ("\r\n", "\r".to_owned()),
        (" SIP/2.0\r\nVia", "\r\nVia".to_owned()),
        (" SIP/2.0\r\nVia", " SIP/9.9\r\nVia".to_owned()),
        ("Call-ID: ", "Call-ID: \r\n i: ".to_owned()),
        ("To: <", "To: <sip:a@b>;tag=\r\nTo: <".to_owned()),
    ];
    let methods = [
        "INVITE",
        "REGISTER",
        "OPTIONS",
        "CANCEL",
        "ACK",
        "BYE",
        "SUBSCRIBE",
        "x-y~z",
    ];
    let packets = methods.iter().flat_map(|method| {
        let phone = &phone;
        changes.iter().enumerate().map(move |(n, (from, to))| {
            let id = format!("{method}{n}");
            let text = phone.request(method, "nobody", &id, "");
            text.replace(from, to).into_bytes()
        })
    });
    flood(&server, packets)
}

fn connect(server: &Server) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(server.addr).map_err(|e| e.to_string())?;
    let limit = Some(Duration::from_secs(5));
    stream.set_read_timeout(limit).map_err(|e| e.to_string())?;
    stream.set_write_timeout(limit).map_err(|e| e.to_string())?;
    Ok(stream)
}

/// OPTIONS over a stream of its own.
fn stream_ping(server: &Server) -> Result<(), String> {
    let mut stream = connect(server)?;
    let phone = Phone::new(server.addr)?;
    let text = phone
        .request("OPTIONS", "", "stream", "")
        .replace("/UDP", "/TCP");
    stream
        .write_all(text.as_bytes())
        .map_err(|e| e.to_string())?;
    let mut buffer = [0; 2048];
    let length = stream
        .read(&mut buffer)
        .map_err(|e| format!("no answer: {e}"))?;
    ensure(buffer[..length].starts_with(b"SIP/2.0 200 "), || {
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    })
}

fn streams(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let samples = samples(&server)?;
    let mut dice = Rng::with_seed(0x1234_5678_9abc_def1);
    for n in 0..150 {
        let mut stream = connect(&server)?;
        let packet = match n % 3 {
            0 => trash(&mut dice, 4_000),
            1 => {
                let sample = &samples[dice.usize(..samples.len())];
                sample[..dice.usize(..sample.len().max(1))].to_vec()
            }
            _ => {
                let mut sample = samples[dice.usize(..samples.len())].clone();
                let at = dice.usize(..sample.len().max(1));
                sample[at] = dice.u8(..);
                sample.repeat(3)
            }
        };
        // The server may close at once.
        let _ = stream.write_all(&packet);
        if n % 25 == 24 {
            stream_ping(&server)?;
        }
    }
    Phone::new(server.addr)?.ping("after-streams")?;
    ensure(!server.log().contains("panicked"), || {
        "it panicked".to_owned()
    })
}

fn idle_streams(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let mut open = Vec::new();
    for n in 0..200 {
        let mut stream = connect(&server)?;
        if n % 2 == 0 {
            let half = b"INVITE sip:x@y SIP/2.0\r\nVia: ";
            stream.write_all(half).map_err(|e| e.to_string())?;
        }
        open.push(stream);
    }
    for _ in 0..5 {
        stream_ping(&server)?;
    }
    Phone::new(server.addr)?.ping("beside-idle")
}

fn calls_beside_trash(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let stop = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        let trash = scope.spawn(|| {
            let phone = Phone::new(server.addr)?;
            let mut dice = Rng::with_seed(0x0dd0_5eed_0dd0_5eed);
            while !stop.load(order) {
                let _ = phone.send(&trash(&mut dice, 600));
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok::<(), String>(())
        });
        let calls = one_call(&server, "ann", ("caller", Udp), ("callee", Tcp))
            .and_then(|()| one_call(&server, "ben", ("caller", Tcp), ("callee", Udp)));
        stop.store(true, order);
        calls.and(
            trash
                .join()
                .unwrap_or_else(|_| Err("the sender panicked".to_owned())),
        )
    })
}
