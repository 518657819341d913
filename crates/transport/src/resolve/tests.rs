//! The resolver against a small name server on loopback.

use std::{
    collections::HashMap,
    io::Write,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hickory_resolver::{
    Name,
    proto::{
        op::{Message, MessageType, ResponseCode},
        rr::{
            RData, Record,
            rdata::{A, AAAA, CNAME, NAPTR, SOA, SRV},
        },
        serialize::binary::{BinDecodable, BinEncodable},
    },
};
use proptest::prelude::*;
use tokio::net::UdpSocket;

use super::*;
use crate::Proto;

/// The records of a zone, by name with final dot.
type Zone = HashMap<String, Vec<(u32, RData)>>;

/// A name server that answers from a zone and counts the questions.
struct NameServer {
    addr: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    async fn start(zone: Zone, delay: Duration) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            addr: socket.local_addr().unwrap(),
            asked: Arc::default(),
        };
        let asked = Arc::clone(&server.asked);
        tokio::spawn(async move {
            let mut buf = [0; 4096];
            loop {
                let (length, peer) = socket.recv_from(&mut buf).await.unwrap();
                asked.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(delay).await;
                let reply = answer(&zone, &Message::from_bytes(&buf[..length]).unwrap());
                let _ = socket.send_to(&reply.to_bytes().unwrap(), peer).await;
            }
        });
        server
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn resolver(&self, change: impl FnOnce(&mut ResolverConfig)) -> Resolver {
        let mut config = ResolverConfig {
            servers: vec![self.addr],
            hosts_file: None,
            use_search_list: false,
            ..ResolverConfig::default()
        };
        change(&mut config);
        Resolver::new(config).unwrap()
    }
}

fn answer(zone: &Zone, question: &Message) -> Message {
    let query = question.queries()[0].clone();
    let mut reply = Message::new();
    reply
        .set_id(question.id())
        .set_message_type(MessageType::Response)
        .set_recursion_desired(true)
        .set_recursion_available(true)
        .add_query(query.clone());
    let name = query.name().to_utf8().to_ascii_lowercase();
    let Some(known) = zone.get(&name) else {
        let root = Name::root();
        let soa = SOA::new(root.clone(), root.clone(), 1, 1, 1, 1, 30);
        reply.set_response_code(ResponseCode::NXDomain);
        reply.add_name_server(Record::from_rdata(root, 30, RData::SOA(soa)));
        return reply;
    };
    for (ttl, data) in known {
        if data.record_type() == query.query_type() || matches!(data, RData::CNAME(_)) {
            reply.add_answer(Record::from_rdata(query.name().clone(), *ttl, data.clone()));
        }
    }
    reply
}

fn name(text: &str) -> Name {
    Name::from_str(text).unwrap()
}

fn a(last: u8) -> RData {
    RData::A(A(Ipv4Addr::new(192, 0, 2, last)))
}

fn srv(priority: u16, weight: u16, target: &str) -> RData {
    RData::SRV(SRV::new(priority, weight, 5070, name(target)))
}

fn naptr(order: u16, service: &str, replacement: &str) -> RData {
    let bytes = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
    RData::NAPTR(NAPTR::new(
        order,
        1,
        bytes("s"),
        bytes(service),
        bytes(""),
        name(replacement),
    ))
}

fn zone(records: &[(&str, u32, RData)]) -> Zone {
    let mut zone = Zone::new();
    for (owner, ttl, data) in records {
        let known = zone.entry((*owner).to_owned()).or_default();
        known.push((*ttl, data.clone()));
    }
    zone
}

fn sip_zone() -> Zone {
    let six = RData::AAAA(AAAA(Ipv6Addr::LOCALHOST));
    zone(&[
        ("one.test.", 300, a(1)),
        ("one.test.", 300, six.clone()),
        ("six.test.", 300, six),
        ("two.test.", 300, a(2)),
        ("brief.test.", 0, a(3)),
        ("alias.test.", 300, RData::CNAME(CNAME(name("one.test.")))),
        (
            "sip.test.",
            300,
            naptr(10, "SIP+D2T", "_sip._tcp.sip.test."),
        ),
        (
            "sip.test.",
            300,
            naptr(20, "SIP+D2U", "_sip._udp.sip.test."),
        ),
        ("_sip._udp.sip.test.", 300, srv(20, 0, "one.test.")),
        ("_sip._udp.sip.test.", 300, srv(10, 0, "two.test.")),
        ("_sip._tcp.sip.test.", 300, srv(10, 0, "one.test.")),
        ("_sip._udp.none.test.", 300, srv(0, 0, ".")),
        ("none.test.", 300, a(9)),
    ])
}

fn to(host: &str) -> Destination<'_> {
    Destination {
        host,
        port: None,
        proto: None,
        secure: false,
    }
}

fn v4_only() -> LocateOptions {
    LocateOptions {
        ipv6: false,
        ..LocateOptions::default()
    }
}

fn show(candidates: &[Candidate]) -> Vec<String> {
    candidates
        .iter()
        .map(|c| format!("{} {}", c.proto, c.addr))
        .collect()
}

#[tokio::test]
async fn answers_are_kept() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    for spelling in ["one.test", "ONE.test.", "one.test"] {
        let found = resolver.lookup_a(spelling).await.unwrap();
        assert_eq!(*found, [Ipv4Addr::new(192, 0, 2, 1)]);
    }
    assert_eq!(server.asked(), 1);
    assert_eq!(resolver.lookup_aaaa("one.test").await.unwrap().len(), 1);
    assert_eq!(server.asked(), 2);
    let entries = resolver.cache_entries();
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|e| e.positive && &*e.name == "one.test"));
    resolver.clear_cache();
    resolver.lookup_a("one.test").await.unwrap();
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn bad_answers_are_kept_too() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    for _ in 0..3 {
        let answer = resolver.lookup_a("missing.test").await;
        assert_eq!(answer.unwrap_err(), LookupError::NotFound);
    }
    let asked = server.asked();
    resolver.lookup_a("missing.test").await.unwrap_err();
    assert_eq!(server.asked(), asked);
    let ttl = resolver.cache_entries()[0].ttl;
    assert!(ttl <= Duration::from_secs(30));
}

#[tokio::test]
async fn times_to_live_are_honoured() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    resolver.lookup_a("brief.test").await.unwrap();
    resolver.lookup_a("brief.test").await.unwrap();
    assert_eq!(server.asked(), 2);
    let resolver = server.resolver(|config| config.min_ttl = Duration::from_secs(60));
    resolver.lookup_a("brief.test").await.unwrap();
    resolver.lookup_a("brief.test").await.unwrap();
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn one_question_serves_all_who_ask() {
    let server = NameServer::start(sip_zone(), Duration::from_millis(200)).await;
    let resolver = Arc::new(server.resolver(|_| {}));
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let resolver = Arc::clone(&resolver);
        tasks.push(tokio::spawn(async move {
            resolver.lookup_a("one.test").await.unwrap().len()
        }));
    }
    // One who gives up does not spoil it for the others.
    tasks[0].abort();
    for task in tasks.into_iter().skip(1) {
        assert_eq!(task.await.unwrap(), 1);
    }
    assert!(server.asked() <= 2);
}

#[tokio::test]
async fn too_many_questions_are_refused() {
    let server = NameServer::start(sip_zone(), Duration::from_millis(200)).await;
    let resolver = Arc::new(server.resolver(|config| config.max_in_flight = 1));
    let first = {
        let resolver = Arc::clone(&resolver);
        tokio::spawn(async move { resolver.lookup_a("one.test").await.is_ok() })
    };
    while server.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let second = resolver.lookup_a("two.test").await;
    assert_eq!(second.unwrap_err(), LookupError::Busy);
    assert!(first.await.unwrap());
    resolver.lookup_a("two.test").await.unwrap();
}

#[tokio::test]
async fn a_silent_server_is_a_timeout() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let resolver = Resolver::new(ResolverConfig {
        servers: vec![silent.local_addr().unwrap()],
        timeout: Duration::from_millis(100),
        retries: 0,
        failure_ttl: Duration::from_secs(60),
        ..ResolverConfig::default()
    })
    .unwrap();
    let error = resolver.lookup_a("one.test").await.unwrap_err();
    assert!(matches!(
        error,
        LookupError::Timeout | LookupError::ServerFailure
    ));
    // A failure is kept as well, or every message would wait anew.
    assert_eq!(resolver.lookup_a("one.test").await.unwrap_err(), error);
    assert_eq!(resolver.cache_stats().hits, 1);
}

#[tokio::test]
async fn aliases_are_followed() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    let found = resolver.lookup_a("alias.test").await.unwrap();
    assert_eq!(*found, [Ipv4Addr::new(192, 0, 2, 1)]);
}

#[tokio::test]
async fn literals_and_fixed_names_ask_nobody() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"192.0.2.7 fixed.test\n").unwrap();
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let path = file.path().to_owned();
    let resolver = server.resolver(|config| config.hosts_file = Some(path));
    let mut random = |_| 0;
    let options = LocateOptions::default();
    let mut locate = |destination: &Destination<'_>| {
        let located = resolver.try_immediate(destination, &options, &mut random);
        show(&located.unwrap().unwrap())
    };
    assert_eq!(locate(&to("192.0.2.1")), ["udp 192.0.2.1:5060"]);
    assert_eq!(locate(&to("[2001:db8::1]")), ["udp [2001:db8::1]:5060"]);
    let secure = Destination {
        secure: true,
        ..to("192.0.2.1")
    };
    assert_eq!(locate(&secure), ["tls 192.0.2.1:5061"]);
    assert_eq!(locate(&to("Fixed.test")), ["udp 192.0.2.7:5060"]);
    assert_eq!(server.asked(), 0);
    for bad in ["", "x..y", &"a".repeat(300), "a.".repeat(200).as_str()] {
        assert!(resolver.lookup_a(bad).await.is_err());
    }
}

#[tokio::test]
async fn services_are_located() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    let options = v4_only();
    let destination = to("sip.test");
    assert!(
        resolver
            .try_immediate(&destination, &options, &mut |_| 0)
            .is_none()
    );
    let found = resolver
        .locate(&destination, &options, &mut |_| 0)
        .await
        .unwrap();
    let expected = ["udp 192.0.2.2:5070", "udp 192.0.2.1:5070"];
    assert_eq!(show(&found), expected);
    let asked = server.asked();
    let kept = resolver.try_immediate(&destination, &options, &mut |_| 0);
    assert_eq!(show(&kept.unwrap().unwrap()), expected);
    assert_eq!(server.asked(), asked);
}

#[tokio::test]
async fn the_domain_may_choose_the_protocol() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    let options = LocateOptions {
        naptr: true,
        ignore_naptr_order: false,
        ..v4_only()
    };
    let found = resolver
        .locate(&to("sip.test"), &options, &mut |_| 0)
        .await
        .unwrap();
    assert_eq!(
        show(&found),
        [
            "tcp 192.0.2.1:5070",
            "udp 192.0.2.2:5070",
            "udp 192.0.2.1:5070"
        ]
    );
}

#[tokio::test]
async fn without_failover_the_first_address_is_enough() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    let options = LocateOptions {
        max_candidates: 1,
        ..v4_only()
    };
    let found = resolver
        .locate(&to("sip.test"), &options, &mut |_| 0)
        .await
        .unwrap();
    assert_eq!(show(&found), ["udp 192.0.2.2:5070"]);
    // The SRV set and one host of two.
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_port_or_a_missing_service_means_the_host() {
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    let with_port = Destination {
        port: Some(5099),
        proto: Some(Proto::Tcp),
        ..to("one.test")
    };
    let options = LocateOptions::default();
    let found = resolver
        .locate(&with_port, &options, &mut |_| 0)
        .await
        .unwrap();
    assert_eq!(show(&found), ["tcp 192.0.2.1:5099"]);
    let found = resolver
        .locate(&to("two.test"), &v4_only(), &mut |_| 0)
        .await
        .unwrap();
    assert_eq!(show(&found), ["udp 192.0.2.2:5060"]);
    let missing = resolver
        .locate(&to("missing.test"), &options, &mut |_| 0)
        .await;
    assert_eq!(missing, Err(LookupError::NotFound));
    let none = resolver
        .locate(&to("none.test"), &options, &mut |_| 0)
        .await;
    assert_eq!(show(&none.unwrap()), ["udp 192.0.2.9:5060"]);
    let found = resolver
        .locate(&to("six.test"), &options, &mut |_| 0)
        .await
        .unwrap();
    assert_eq!(show(&found), ["udp [::1]:5060"]);
}

#[tokio::test]
async fn locating_can_move_between_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let server = NameServer::start(sip_zone(), Duration::ZERO).await;
    let resolver = server.resolver(|_| {});
    let options = v4_only();
    let destination = to("two.test");
    let mut random = |_| 0;
    let locate = is_send(resolver.locate(&destination, &options, &mut random));
    assert_eq!(locate.await.unwrap().len(), 1);
}

/// Whatever a message names as its host, looking it up ends in an answer.
#[test]
fn no_host_can_upset_the_resolver() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(NameServer::start(sip_zone(), Duration::ZERO));
    let resolver = server.resolver(|config| config.failure_ttl = Duration::ZERO);
    let mut config = ProptestConfig::with_cases(200);
    config.failure_persistence = None;
    proptest!(config, |(host in "\\PC{0,80}|[a-z.\\\\_@%:\\[\\]-]{0,300}")| {
        let destination = to(&host);
        let options = LocateOptions { naptr: true, ..LocateOptions::default() };
        let located = runtime.block_on(async {
            resolver.locate(&destination, &options, &mut |n| n).await
        });
        prop_assert!(located.is_err() || !located.unwrap().is_empty());
    });
}
