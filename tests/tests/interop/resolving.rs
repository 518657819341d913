//! Questions of the script to a name server of our own, in a namespace whose resolver it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use acceptance::client::names::{NameServer, Record, Zone};
use acceptance::client::namespace::Namespace;
use acceptance::client::phone::Phone;
use acceptance::message::Message;
use acceptance::subject::Server;

use crate::subject::{RUN, Subject, ensure};
use crate::{Case, Need};

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "resolving::records",
        &[Need::Inside(Namespace::OwnResolver)],
        |s| inside(s, records),
    ),
    Case::new(
        "resolving::a_slow_answer_holds_nobody_up",
        &[Need::Ferrosip, Need::Inside(Namespace::OwnResolver)],
        |s| inside(s, slow),
    ),
];

const fn v4(d: u8) -> Record {
    Record::Address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, d)))
}

const V6: Record = Record::Address(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)));

const ZONE: Zone = &[
    ("two.test", v4(1)),
    ("two.test", V6),
    ("one.test", v4(9)),
    ("slow.test", v4(7)),
    ("_sip._udp.test", Record::Srv(20, 0, 5080, "c.test")),
    ("_sip._udp.test", Record::Srv(10, 5, 5070, "b.test")),
    ("_sip._udp.test", Record::Srv(10, 60, 5060, "a.test")),
    (
        "n.test",
        Record::Naptr(20, 5, "s", "SIP+D2U", "", "_sip._udp.n.test"),
    ),
    (
        "n.test",
        Record::Naptr(10, 2, "u", "E2U+sip", "!^.*$!sip:x@y!", ""),
    ),
];

/// Runs a test where the resolver is ours.
fn inside(
    subject: &Subject,
    test: fn(&Server, &NameServer) -> Result<(), String>,
) -> Result<(), String> {
    if let Some(outcome) = Namespace::OwnResolver.enter(subject.test, RUN * 2) {
        return outcome;
    }
    let names = NameServer::start(SocketAddr::from((Namespace::RESOLVER, 53)), ZONE)?;
    let server = subject.configured("resolving", &[])?;
    test(&server, &names)
}

fn question(phone: &Phone, about: &str, id: &str, headers: &str) -> Result<(), String> {
    phone.send(phone.request("MESSAGE", about, id, headers).as_bytes())
}

fn ask(phone: &Phone, about: &str, name: &str, more: &str) -> Result<Message, String> {
    let id = format!("{about}-{name}-{}", more.len());
    question(phone, about, &id, &format!("X-Name: {name}\r\n{more}"))?;
    phone.expect("200 MESSAGE")
}

/// Asks, and compares what the answer tells.
fn tells(
    phone: &Phone,
    (about, name): (&str, &str),
    more: &str,
    header: &str,
    expected: &[&str],
) -> Result<(), String> {
    let answer = ask(phone, about, name, more)?;
    let mut told = answer.all("X-Answer");
    let mut items = answer.all(header);
    // The order of families is the system's choice.
    if about == "addresses" {
        items.sort_unstable();
    }
    told.extend(items);
    ensure(told == expected, || {
        format!("{about} of {name}: {told:?} and not {expected:?}")
    })
}

fn records(server: &Server, _: &NameServer) -> Result<(), String> {
    let phone = Phone::new(server.addr)?;
    let addresses =
        |name, expected: &[&str]| tells(&phone, ("addresses", name), "", "X-Address", expected);
    addresses("two.test", &["1 2 1 1", "4 192.0.2.1", "6 2001:db8::1"])?;
    addresses("one.test", &["1 1 1 0", "4 192.0.2.9"])?;
    addresses("hosted.test", &["1 1 1 0", "4 192.0.2.77"])?;
    addresses("none.test", &["-4 <null> <null> <null>"])?;
    let matches = |name, ip, expected: &str| {
        let more = format!("X-Ip: {ip}\r\n");
        tells(&phone, ("matches", name), &more, "X-None", &[expected])
    };
    matches("one.test", "192.0.2.9", "1 1")?;
    matches("one.test", "192.0.2.10", "-1 -1")?;
    matches("two.test", "2001:db8::1", "1 -1")?;
    matches("none.test", "192.0.2.123", "-4 -4")?;
    let servers = [
        "1 3",
        "10 60 5060 a.test",
        "10 5 5070 b.test",
        "20 0 5080 c.test",
    ];
    tells(
        &phone,
        ("servers", "_sip._udp.test"),
        "",
        "X-Server",
        &servers,
    )?;
    tells(
        &phone,
        ("servers", "_sip._udp.none"),
        "",
        "X-Server",
        &["1 0"],
    )?;
    let services = [
        "1 2",
        "10 2 u E2U+sip [!^.*$!sip:x@y!] []",
        "20 5 s SIP+D2U [] [_sip._udp.n.test]",
    ];
    tells(&phone, ("services", "n.test"), "", "X-Service", &services)
}

/// The one worker answers others while a route waits for the name server.
fn slow(server: &Server, names: &NameServer) -> Result<(), String> {
    let (waits, other) = (Phone::new(server.addr)?, Phone::new(server.addr)?);
    question(&waits, "addresses", "slow", "X-Name: slow.test\r\n")?;
    other.ping("meanwhile")?;
    names.release();
    let answer = waits.expect("200 MESSAGE")?;
    ensure(answer.header("X-Address") == "4 192.0.2.7", || {
        answer.render()
    })
}
