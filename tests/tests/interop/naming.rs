//! Names of addresses, in a namespace whose resolver is the test: our own ones count as ours, and
//! those of a sender may stand in its Via. What is expected is what Kamailio does: the tests pass
//! with it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use acceptance::client::control::kamcmd;
use acceptance::client::names::{NameServer, Record, Zone};
use acceptance::client::namespace::Namespace;
use acceptance::client::phone::Phone;
use acceptance::subject::Server;

use crate::subject::{RUN, Subject, ensure};
use crate::{Case, Need};

const INSIDE: &[Need] = &[Need::Inside(Namespace::OwnResolver)];

pub(crate) const CASES: &[Case] = &[
    Case::new("naming::names_of_our_addresses_are_ours", INSIDE, |s| {
        inside(s, &[], own_names)
    }),
    Case::new("naming::auto_aliases_can_be_off", INSIDE, |s| {
        inside(s, &["WITHOUT_ALIASES"], no_names)
    }),
    Case::new("naming::a_name_of_the_sender_in_via", INSIDE, |s| {
        inside(s, &["WITH_REV_DNS"], sender_is_named)
    }),
    Case::new("naming::dns_alone_changes_no_via", INSIDE, |s| {
        inside(s, &["WITH_DNS"], sender_is_unknown)
    }),
    Case::new(
        "naming::a_slow_name_holds_nobody_up",
        &[Need::Ferrosip, Need::Inside(Namespace::OwnResolver)],
        |s| inside(s, &["WITH_REV_DNS"], slow),
    ),
];

const ZONE: Zone = &[
    ("10.2.0.192.in-addr.arpa", Record::Name("Ours.test")),
    ("10.2.0.192.in-addr.arpa", Record::Name("second.ours.test")),
    ("11.2.0.192.in-addr.arpa", Record::Name("Phone.test")),
    ("99.2.0.192.in-addr.arpa", Record::Name("late.test")),
    ("phone.test", Record::Address(IpAddr::V4(PHONE))),
];

const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(HOSTED), 5060);
const HOSTED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 77);
const PHONE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 11);
const LATE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
/// A name server's answer is there by then.
const PATIENCE: Duration = Duration::from_secs(10);

fn inside(
    subject: &Subject,
    defines: &[&str],
    test: fn(&Server, &NameServer) -> Result<(), String>,
) -> Result<(), String> {
    if let Some(outcome) = Namespace::OwnResolver.enter(subject.test, RUN * 2) {
        return outcome;
    }
    let names = NameServer::start(SocketAddr::from((Namespace::RESOLVER, 53)), ZONE)?;
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/naming.cfg");
    let arguments: Vec<&str> = defines.iter().flat_map(|name| ["-A", name]).collect();
    let server = subject.start(&subject.program, Some(&config), &arguments)?;
    test(&server, &names)
}

/// Whether the server takes a URI for one of its own.
fn is_ours(phone: &Phone, uri: &str) -> Result<bool, String> {
    let id = uri.replace([':', ';', '='], "-");
    let request = phone.request("OPTIONS", "", &id, "");
    let start = format!("OPTIONS sip:{uri} SIP/2.0");
    let rest = request.split_once("\r\n").map_or("", |(_, rest)| rest);
    phone.send(format!("{start}\r\n{rest}").as_bytes())?;
    let reply = phone.expect(&format!("~(?s)^SIP/2.0 .*Call-ID: {id}-"))?;
    Ok(reply.start.contains(" 200 "))
}

fn check(phone: &Phone, uris: &[&str], expected: bool) -> Result<(), String> {
    for uri in uris {
        let ours = is_ours(phone, uri)?;
        ensure(ours == expected, || format!("{uri}: ours is {ours}"))?;
    }
    Ok(())
}

const BY_ADDRESS: &[&str] = &["192.0.2.77", "192.0.2.10:5070", "localhost:5066"];
const BY_NAME: &[&str] = &[
    "hosted.test",
    "HOSTED.test:5060",
    "also.hosted.test",
    "ours.test:5070",
    "ours.test:5070;transport=udp",
    "ours.test:5080;transport=tcp",
    // The transport does not matter.
    "ours.test:5080;transport=udp",
    "hosted.test;transport=tcp",
];
/// Other ports, names that no address has, further names in DNS.
const OF_OTHERS: &[&str] = &[
    "hosted.test:5061",
    "hosted.test;transport=tls",
    "hosted",
    "ours.test",
    "second.ours.test:5070",
    "localhost",
    "phone.test",
];

fn own_names(server: &Server, _: &NameServer) -> Result<(), String> {
    let phone = Phone::at(SocketAddr::from((PHONE, 5060)), SERVER)?;
    let deadline = Instant::now() + PATIENCE;
    // The server does not wait for the answer before it serves.
    while !is_ours(&phone, "ours.test:5070")? || !is_ours(&phone, "ours.test:5080")? {
        ensure(Instant::now() < deadline, || {
            "DNS is not asked for names of ours".to_owned()
        })?;
        std::thread::sleep(Duration::from_millis(20));
    }
    check(&phone, BY_ADDRESS, true)?;
    check(&phone, BY_NAME, true)?;
    check(&phone, OF_OTHERS, false)?;
    let listed = aliases(server)?;
    let expected = [
        "tcp Ours.test 5080",
        "udp Ours.test 5070",
        "udp Also.hosted.test 5060",
        "udp hosted.test 5060",
    ];
    ensure(listed == expected, || format!("{listed:?}"))
}

fn no_names(server: &Server, _: &NameServer) -> Result<(), String> {
    let phone = Phone::at(SocketAddr::from((PHONE, 5060)), SERVER)?;
    check(&phone, BY_ADDRESS, true)?;
    check(&phone, BY_NAME, false)?;
    check(&phone, OF_OTHERS, false)?;
    let listed = aliases(server)?;
    ensure(listed.is_empty(), || format!("{listed:?}"))
}

/// Transport, host and port of each alias.
fn aliases(server: &Server) -> Result<Vec<String>, String> {
    let answer = kamcmd(server.folder(), &["corex.list_aliases"])?;
    let values: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(_, value)| value)
        .collect();
    Ok(values.chunks(3).map(|alias| alias.join(" ")).collect())
}

/// Sends what is answered or forwarded, with a host in its Via, and looks for `received`.
fn is_noted(phone: &Phone, method: &str, user: &str, host: &str) -> Result<bool, String> {
    let id = format!("{method}-{user}-{host}");
    let own = phone.addr;
    let more = match method {
        "OPTIONS" => format!("X-Forward: {own}\r\n"),
        _ => String::new(),
    };
    let request = phone.request(method, user, &id, &more);
    let via = |host: &str| format!("Via: SIP/2.0/UDP {host};");
    let request = request.replacen(&via(&own.to_string()), &via(host), 1);
    phone.send(request.as_bytes())?;
    let came = match method {
        "OPTIONS" => phone.expect("OPTIONS")?,
        _ => phone.expect(&format!("200 {method}"))?,
    };
    let line = came.all("Via").pop().unwrap_or_default().to_owned();
    if method == "OPTIONS" && user == "stateful" {
        phone.reply(&came, 200)?;
        phone.expect("200 OPTIONS")?;
    }
    ensure(line.contains(host), || came.render())?;
    Ok(line.contains(&format!(";received={}", own.ip())))
}

/// Whether `received` is added for a host, in replies and requests, with and without transaction.
fn noted(phone: &Phone, host: &str) -> Result<bool, String> {
    let mut seen = Vec::new();
    for method in ["MESSAGE", "OPTIONS"] {
        for user in ["stateless", "stateful"] {
            seen.push(is_noted(phone, method, user, host)?);
        }
    }
    seen.dedup();
    ensure(seen.len() == 1, || format!("{host}: {seen:?}"))?;
    Ok(seen[0])
}

fn sender_is_named(_: &Server, _: &NameServer) -> Result<(), String> {
    let phone = Phone::at(SocketAddr::from((PHONE, 5060)), SERVER)?;
    for (host, expected) in [
        ("Phone.test", false),
        ("Phone.test:5060", false),
        ("192.0.2.11", false),
        // The case matters, and a part is enough.
        ("phone.test", true),
        ("Phone", false),
        ("other.test", true),
        ("192.0.2.12", true),
    ] {
        let noted = noted(&phone, host)?;
        ensure(noted == expected, || format!("{host}: {noted}"))?;
    }
    Ok(())
}

fn sender_is_unknown(_: &Server, _: &NameServer) -> Result<(), String> {
    let phone = Phone::at(SocketAddr::from((PHONE, 5060)), SERVER)?;
    for (host, expected) in [
        ("192.0.2.11", false),
        ("phone.test", true),
        ("Phone.test", true),
        ("other.test", true),
    ] {
        let noted = noted(&phone, host)?;
        ensure(noted == expected, || format!("{host}: {noted}"))?;
    }
    Ok(())
}

/// The one worker answers others while a request waits for the name of its sender.
fn slow(_: &Server, names: &NameServer) -> Result<(), String> {
    let waits = Phone::at(SocketAddr::from((LATE, 5060)), SERVER)?;
    let other = Phone::at(SocketAddr::from((PHONE, 5060)), SERVER)?;
    let request = waits.request("MESSAGE", "stateless", "late", "");
    let request = request.replacen("UDP 192.0.2.99:5060;", "UDP late.test;", 1);
    waits.send(request.as_bytes())?;
    ensure(noted(&other, "other.test")?, || {
        "no received for another".to_owned()
    })?;
    names.release();
    let answer = waits.expect("200 MESSAGE")?;
    ensure(!answer.header("Via").contains("received"), || {
        answer.render()
    })
}
