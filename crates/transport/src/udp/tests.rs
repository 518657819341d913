//! Datagrams over loopback.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    time::Duration,
};

use bytes::Bytes;

use crate::{
    BindFault, Config, ConnInfo, Inbound, ListenAddress, Proto, RawOptions, SendError, Sent,
    SocketId, StopReport, Target, Transport,
    testing::{Event, Lines, PATIENCE, Rig},
};

fn rig(threads: usize) -> Rig {
    Rig::new(Proto::Udp, |config| config.udp.threads = threads)
}

fn client(addr: &str) -> UdpSocket {
    let socket = UdpSocket::bind(addr).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

#[test]
fn datagrams_come_and_go() {
    let rig = rig(3);
    let client = client("127.0.0.1:0");
    let mut expected = HashSet::new();
    for index in 0..50 {
        let text = format!("message {index}").into_bytes();
        client.send_to(&text, rig.addr()).unwrap();
        expected.insert(text);
    }
    let peer = client.local_addr().unwrap();
    while !expected.is_empty() {
        let Event::Datagram(SocketId(0), from, None, bytes) = rig.next() else {
            panic!("no datagram");
        };
        assert_eq!(from, peer);
        assert!(expected.remove(&bytes));
    }
    let sent = rig.transport.send(&Target::new(Proto::Udp, peer), b"pong");
    assert_eq!(sent.unwrap(), Sent::Datagram(SocketId(0)));
    let mut buf = [0; 16];
    let (length, from) = client.recv_from(&mut buf).unwrap();
    assert_eq!((&buf[..length], from), (&b"pong"[..], rig.addr()));
    let counters = rig.transport.udp_counters(SocketId(0)).unwrap();
    assert_eq!((counters.received, counters.sent), (50, 1));
}

/// The system puts the pieces together again, if their sums are right. Without the privilege for raw
/// sockets all of them leave whole.
#[test]
fn pieces_arrive_as_one_datagram() {
    let rig = rig(1);
    let client = client("127.0.0.1:0");
    let peer = client.local_addr().unwrap();
    let mut message = vec![b'x'; 999];
    message[500] = 0;
    for (mtu, hops) in [(300, 5), (29, 64), (28, 64), (1500, 0), (65_535, 0)] {
        rig.transport.change_raw(Some(RawOptions { mtu, hops }));
        let sent = rig.transport.send_to(SocketId(0), peer, &message);
        sent.unwrap();
        let mut buf = [0; 2000];
        let (length, from) = client.recv_from(&mut buf).unwrap();
        assert_eq!((&buf[..length], from), (&message[..], rig.addr()));
    }
    rig.transport.change_raw(None);
    assert_eq!(rig.transport.udp_counters(SocketId(0)).unwrap().sent, 5);
    assert_eq!(rig.transport.hops(), Some(64));
}

#[test]
fn idle_threads_stop() {
    let rig = rig(4);
    assert_eq!(rig.transport.stop(PATIENCE), StopReport::default());
    // Replies of work that is still under way can leave.
    let peer = client("127.0.0.1:0");
    let to = peer.local_addr().unwrap();
    rig.transport.send_to(SocketId(0), to, b"late").unwrap();
    assert_eq!(peer.recv_from(&mut [0; 16]).unwrap().0, 4);
}

#[test]
fn busy_threads_stop() {
    let rig = rig(2);
    let client = client("127.0.0.1:0");
    for _ in 0..20 {
        client.send_to(b"x", rig.addr()).unwrap();
    }
    assert_eq!(rig.transport.stop(PATIENCE).threads_left, 0);
}

#[test]
fn dropping_the_transport_frees_its_port() {
    let rig = rig(2);
    let held = rig.addr();
    let again = || {
        let listen = vec![ListenAddress::new(Proto::Udp, held)];
        Transport::bind(Config {
            listen,
            ..Config::default()
        })
    };
    let error = again().unwrap_err();
    assert!(matches!(error.fault, BindFault::AddressInUse));
    rig.transport.stop(PATIENCE);
    drop(rig);
    again().unwrap();
}

#[test]
fn a_wildcard_socket_knows_the_destination() {
    let rig = Rig::new(Proto::Udp, |config| {
        config.listen[0].addr = "0.0.0.0:0".parse().unwrap();
    });
    let client = client("127.0.0.1:0");
    let to = (Ipv4Addr::new(127, 0, 0, 5), rig.addr().port());
    client.send_to(b"x", to).unwrap();
    let Event::Datagram(_, _, local, _) = rig.next() else {
        panic!("no datagram");
    };
    assert_eq!(local, Some(Ipv4Addr::new(127, 0, 0, 5).into()));
}

#[test]
fn ipv6_works_and_is_chosen_by_the_family_of_the_peer() {
    let rig = Rig::new(Proto::Udp, |config| {
        let v6 = ListenAddress::new(Proto::Udp, "[::]:0".parse().unwrap());
        config.listen.push(v6);
    });
    let client = client("[::1]:0");
    let port = rig.transport.sockets()[1].addr.port();
    client.send_to(b"six", ("::1", port)).unwrap();
    let Event::Datagram(socket, peer, local, bytes) = rig.next() else {
        panic!("no datagram");
    };
    assert_eq!((socket, bytes), (SocketId(1), b"six".to_vec()));
    assert_eq!(peer, client.local_addr().unwrap());
    assert_eq!(local, Some("::1".parse().unwrap()));
    let sent = rig.transport.send(&Target::new(Proto::Udp, peer), b"back");
    assert_eq!(sent.unwrap(), Sent::Datagram(SocketId(1)));
    assert_eq!(client.recv_from(&mut [0; 16]).unwrap().0, 4);
}

#[test]
fn without_a_socket_of_the_family_sending_fails() {
    let rig = rig(1);
    let to = Target::new(Proto::Udp, "[::1]:5060".parse().unwrap());
    let error = rig.transport.send(&to, b"x").unwrap_err();
    assert!(matches!(error, SendError::NoSocket { .. }));
}

#[test]
fn a_message_too_long_is_refused_and_counted() {
    let rig = rig(1);
    let to = Target::new(Proto::Udp, rig.addr());
    let error = rig.transport.send(&to, &[0; 70_000]).unwrap_err();
    assert!(matches!(error, SendError::Io(_)));
    let counters = rig.transport.udp_counters(SocketId(0)).unwrap();
    assert_eq!(counters.send_errors, 1);
}

#[test]
fn a_panic_costs_one_datagram() {
    let rig = rig(1);
    let client = client("127.0.0.1:0");
    client.send_to(b"panic", rig.addr()).unwrap();
    client.send_to(b"next", rig.addr()).unwrap();
    let Event::Datagram(_, _, _, bytes) = rig.next() else {
        panic!("no datagram");
    };
    assert_eq!(bytes, b"next");
    assert_eq!(rig.transport.udp_counters(SocketId(0)).unwrap().panics, 1);
}

/// Counts nothing but idleness, and datagrams.
struct Rests(Sender<&'static str>);

impl Inbound for Rests {
    fn datagram(&self, _: SocketId, _: SocketAddr, _: Option<IpAddr>, _: &[u8]) {
        // The test may have ended already.
        let _ = self.0.send("datagram");
    }

    fn stream(&self, _: &ConnInfo, _: Bytes) {}

    fn between(&self, _is_idle: bool) {
        let _ = self.0.send("between");
    }
}

#[test]
fn an_idle_thread_says_so_and_goes_on_receiving() {
    let mut config = Config {
        listen: vec![ListenAddress::new(
            Proto::Udp,
            "127.0.0.1:0".parse().unwrap(),
        )],
        ..Config::default()
    };
    (config.udp.threads, config.udp.idle) = (1, Duration::from_millis(20));
    let transport = Transport::bind(config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (sender, told) = channel();
    let handle = runtime.handle().clone();
    transport
        .start(handle, Arc::new(Rests(sender)), Arc::new(Lines))
        .unwrap();
    let next = || told.recv_timeout(PATIENCE).unwrap();
    assert_eq!([next(), next()], ["between", "between"]);
    let addr = transport.sockets()[0].addr;
    client("127.0.0.1:0").send_to(b"x", addr).unwrap();
    while next() != "datagram" {}
    assert_eq!(next(), "between");
    let counters = transport.udp_counters(SocketId(0)).unwrap();
    assert_eq!((counters.received, counters.receive_errors), (1, 0));
    assert_eq!(transport.stop(PATIENCE).threads_left, 0);
}
