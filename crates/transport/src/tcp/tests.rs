//! Connections over loopback.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use proptest::prelude::*;
use socket2::{Domain, Socket, Type};

use crate::{
    CloseReason, ListenAddress, Proto, SendError, Sent, SocketId, Target,
    tcp::ConnState,
    testing::{Event, PATIENCE, Rig, read, read_to_end, write},
};

fn target(peer: SocketAddr) -> Target {
    Target::new(Proto::Tcp, peer)
}

fn id_of(sent: Sent) -> crate::ConnId {
    match sent {
        Sent::Written(id) | Sent::Queued(id) | Sent::Connecting(id) => id,
        Sent::Datagram(_) => panic!("a datagram"),
    }
}

#[test]
fn messages_come_whole_and_in_order() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    write(&mut client, b"ha");
    write(&mut client, b"lf\n  two\nthree\nfo");
    write(&mut client, b"ur\n");
    for expected in ["half\n", "two\n", "three\n", "four\n"] {
        assert_eq!(rig.message(), (id, expected.as_bytes().to_vec()));
    }
    drop(client);
    assert_eq!(rig.closed(id), CloseReason::PeerClosed);
    let counters = rig.transport.tcp_counters();
    assert_eq!((counters.passive_open, counters.closed), (1, 1));
    assert_eq!(counters.current, 0);
}

#[test]
fn a_message_of_known_length_is_waited_for() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.max_message = 16);
    let (mut client, id) = rig.dial();
    write(&mut client, b"#2345");
    write(&mut client, b"678\n");
    write(&mut client, b"abcdefgline\n");
    assert_eq!(rig.message(), (id, b"#2345678\nabcdefg".to_vec()));
    assert_eq!(rig.message(), (id, b"line\n".to_vec()));
}

#[test]
fn a_message_announced_too_long_is_not_waited_for() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.max_message = 15);
    let (mut client, id) = rig.dial();
    write(&mut client, b"#");
    assert_eq!(rig.closed(id), CloseReason::MessageTooBig);
}

#[test]
fn replies_go_back_on_the_connection() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    let reply = Target {
        conn: Some(id),
        connect: false,
        ..target(client.local_addr().unwrap())
    };
    assert_eq!(id_of(rig.transport.send(&reply, b"hello").unwrap()), id);
    assert_eq!(read(&mut client, 5), b"hello");
    // By address too: the peer's port leads to its connection.
    let by_address = Target {
        connect: false,
        ..target(client.local_addr().unwrap())
    };
    assert_eq!(
        id_of(rig.transport.send(&by_address, b"again").unwrap()),
        id
    );
    assert_eq!(read(&mut client, 5), b"again");
}

#[test]
fn close_after_sends_first() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    let last = Target {
        conn: Some(id),
        close_after: true,
        ..target(client.local_addr().unwrap())
    };
    rig.transport.send(&last, b"bye").unwrap();
    assert_eq!(read_to_end(&mut client), b"bye");
    assert_eq!(rig.closed(id), CloseReason::Local);
}

#[test]
fn connections_leave_from_the_address_that_is_set() {
    let there = Rig::tcp();
    let source: std::net::IpAddr = "127.0.22.77".parse().unwrap();
    let here = Rig::new(Proto::Tcp, |config| {
        config.tcp.source = [Some(source), None];
    });
    here.transport
        .send(&target(there.addr()), b"one\n")
        .unwrap();
    let (far, message) = there.message();
    assert_eq!(message, b"one\n");
    assert_eq!(there.transport.connection(far).unwrap().peer.ip(), source);
}

#[test]
fn connections_are_not_opened_if_they_must_not() {
    let there = Rig::tcp();
    let here = Rig::new(Proto::Tcp, |config| config.tcp.connects = false);
    let sent = here.transport.send(&target(there.addr()), b"one\n");
    assert!(matches!(sent, Err(crate::SendError::NotConnected(_))));
}

#[test]
fn a_connection_is_opened_once_and_used_again() {
    let (here, there) = (Rig::tcp(), Rig::tcp());
    let to = target(there.addr());
    let first = here.transport.send(&to, b"one\n").unwrap();
    assert!(matches!(first, Sent::Connecting(_)));
    let second = here.transport.send(&to, b"two\n").unwrap();
    assert_eq!(id_of(first), id_of(second));
    let info = here.transport.connection(id_of(first)).unwrap();
    assert_eq!(info.socket, Some(SocketId(0)));
    let (far, message) = there.message();
    assert_eq!(message, b"one\n");
    assert_eq!(there.message(), (far, b"two\n".to_vec()));
    // And back on the same connection.
    let back = there.transport.connection(far).unwrap();
    there
        .transport
        .send(&target(back.peer), b"three\n")
        .unwrap();
    assert_eq!(here.message(), (id_of(first), b"three\n".to_vec()));
    assert_eq!(here.transport.tcp_counters().connect_success, 1);
    assert_eq!(there.transport.tcp_counters().established, 1);
}

#[test]
fn many_senders_share_one_connection() {
    let (here, there) = (Rig::tcp(), Rig::tcp());
    let to = target(there.addr());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    here.transport
                        .send(&to, b"a line of some length\n")
                        .unwrap();
                }
            });
        }
    });
    for _ in 0..200 {
        assert_eq!(there.message().1, b"a line of some length\n");
    }
    assert_eq!(there.transport.tcp_counters().passive_open, 1);
}

#[test]
fn without_leave_to_connect_nothing_is_opened() {
    let (here, there) = (Rig::tcp(), Rig::tcp());
    let to = Target {
        connect: false,
        ..target(there.addr())
    };
    let error = here.transport.send(&to, b"x\n").unwrap_err();
    assert!(matches!(error, SendError::NotConnected(peer) if peer == there.addr()));
    let gone = Target {
        conn: Some(crate::ConnId(9_999)),
        ..to
    };
    let error = here.transport.send(&gone, b"x\n").unwrap_err();
    assert!(matches!(error, SendError::NoSuchConnection(_)));
}

#[test]
fn a_connection_refused_at_once_is_the_senders_error() {
    let rig = Rig::tcp();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let error = rig.transport.send(&target(nobody), b"x\n").unwrap_err();
    let SendError::Io(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    let counters = rig.transport.tcp_counters();
    assert_eq!((counters.connect_failed, counters.queued), (1, 0));
    assert_eq!(counters.current, 0);
}

#[test]
fn a_connection_that_fails_later_is_reported() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.tcp.connect_timeout = Duration::from_millis(200);
    });
    // A listener whose queue is full leaves further peers without an answer.
    let busy = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    busy.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
        .unwrap();
    busy.listen(0).unwrap();
    let silent = busy.local_addr().unwrap().as_socket().unwrap();
    let _first = TcpStream::connect(silent).unwrap();
    let to = Target {
        token: Some(77),
        ..target(silent)
    };
    let id = id_of(rig.transport.send(&to, b"x\n").unwrap());
    let late = CloseReason::ConnectTimeout;
    assert_eq!(rig.next(), Event::Undelivered(Some(77), late));
    assert_eq!(rig.closed(id), late);
    let counters = rig.transport.tcp_counters();
    assert_eq!((counters.connect_failed, counters.queued), (1, 0));
}

#[test]
fn a_connection_is_bound_to_the_socket_asked_for() {
    let there = Rig::tcp();
    let here = Rig::new(Proto::Tcp, |config| {
        let second = ListenAddress::new(Proto::Tcp, "127.0.0.2:0".parse().unwrap());
        config.listen.push(second);
    });
    let to = Target {
        socket: Some(SocketId(1)),
        ..target(there.addr())
    };
    here.transport.send(&to, b"x\n").unwrap();
    let (far, _) = there.message();
    let peer = there.transport.connection(far).unwrap().peer;
    assert_eq!(peer.ip().to_string(), "127.0.0.2");
    // A connection of one socket is not used for another.
    let other = Target {
        socket: Some(SocketId(0)),
        connect: false,
        ..to
    };
    assert!(here.transport.send(&other, b"x\n").is_err());
}

#[test]
fn aliases_lead_to_the_connection_and_end_with_it() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.max_aliases = 3);
    let (mut client, id) = rig.dial();
    let (_other, other) = rig.dial();
    let alias = Target {
        connect: false,
        ..target("127.0.0.1:5999".parse().unwrap())
    };
    assert!(rig.transport.add_alias(id, 5999));
    assert!(rig.transport.add_alias(id, 5999));
    // The newest alias counts, but no alias takes over the port of a peer.
    assert!(rig.transport.add_alias(other, 5999));
    assert!(rig.transport.add_alias(id, 5999));
    let port = client.local_addr().unwrap().port();
    assert!(!rig.transport.add_alias(other, port));
    assert!(rig.transport.add_alias(id, port));
    assert!(rig.transport.add_alias(id, 5998));
    assert!(!rig.transport.add_alias(id, 5997));
    assert_eq!(id_of(rig.transport.send(&alias, b"hi").unwrap()), id);
    assert_eq!(read(&mut client, 2), b"hi");
    let listed = rig.transport.connections();
    assert_eq!(listed[0].info.id, id);
    assert_eq!(listed[0].aliases.len(), 2);
    assert_eq!(listed[0].state, ConnState::Established);
    drop(client);
    rig.closed(id);
    assert_eq!(id_of(rig.transport.send(&alias, b"hi").unwrap()), other);
}

#[test]
fn an_idle_connection_ends_with_its_lifetime() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.tcp.lifetime = Duration::from_millis(100);
    });
    let (mut client, id) = rig.dial();
    assert_eq!(rig.closed(id), CloseReason::Lifetime);
    assert_eq!(read_to_end(&mut client), b"");
    assert_eq!(rig.transport.tcp_counters().con_timeout, 1);
}

#[test]
fn a_lifetime_can_be_changed() {
    let rig = Rig::tcp();
    let (_client, id) = rig.dial();
    assert!(rig.transport.connections()[0].timeout > Duration::from_secs(60));
    assert!(rig.transport.set_lifetime(id, Duration::from_millis(50)));
    assert_eq!(rig.closed(id), CloseReason::Lifetime);
    assert!(!rig.transport.set_lifetime(id, PATIENCE));
}

#[test]
fn connections_beyond_the_limit_are_turned_away() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.max_connections = 1);
    let (client, id) = rig.dial();
    let mut refused = TcpStream::connect(rig.addr()).unwrap();
    refused.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_to_end(&mut refused), b"");
    let error = rig
        .transport
        .send(&target(refused.local_addr().unwrap()), b"x");
    assert!(matches!(error, Err(SendError::TooManyConnections)));
    assert_eq!(rig.transport.tcp_counters().local_reject, 2);
    drop(client);
    rig.closed(id);
    rig.dial();
}

#[test]
fn one_address_gets_no_more_than_its_share() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.max_per_ip = 2);
    let _two = (rig.dial(), rig.dial());
    let mut third = TcpStream::connect(rig.addr()).unwrap();
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_to_end(&mut third), b"");
}

#[test]
fn the_queue_of_a_slow_reader_is_bounded_and_given_up() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.sockets.send_buffer = Some(4096);
        config.tcp.queue_per_connection = 50_000;
        config.tcp.send_timeout = Duration::from_millis(300);
    });
    let (client, id) = rig.dial();
    let to = Target {
        conn: Some(id),
        token: Some(5),
        connect: false,
        ..target(client.local_addr().unwrap())
    };
    let message = [b'x'; 10_000];
    let error = loop {
        if let Err(error) = rig.transport.send(&to, &message) {
            break error;
        }
        assert!(rig.transport.tcp_counters().queued <= 50_000);
    };
    assert!(matches!(error, SendError::QueueFull(full) if full == id));
    assert!(rig.transport.tcp_counters().sendq_full >= 1);
    let lost = rig.wait(|event| match event {
        Event::Undelivered(token, reason) => Some((token, reason)),
        _ => None,
    });
    assert_eq!(lost, (Some(5), CloseReason::SendTimeout));
    assert_eq!(rig.closed(id), CloseReason::SendTimeout);
    assert_eq!(rig.transport.tcp_counters().queued, 0);
}

#[test]
fn a_queue_drains_when_the_peer_reads_again() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.tcp.queue_per_connection = 8 << 20;
    });
    let (mut client, id) = rig.dial();
    let to = Target {
        conn: Some(id),
        ..target(client.local_addr().unwrap())
    };
    let mut expected = Vec::new();
    for round in 0..200_u8 {
        let message = vec![round; 20_000];
        rig.transport.send(&to, &message).unwrap();
        expected.extend(message);
    }
    assert!(rig.transport.close(id));
    assert_eq!(read_to_end(&mut client), expected);
    assert_eq!(rig.closed(id), CloseReason::Local);
}

#[test]
fn what_is_no_message_ends_the_connection() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.max_message = 1000);
    let (mut client, id) = rig.dial();
    write(&mut client, b"fine\n\0");
    assert_eq!(rig.message().1, b"fine\n");
    assert_eq!(rig.closed(id), CloseReason::Framing);
    let (mut client, id) = rig.dial();
    write(&mut client, &[b'x'; 1000]);
    assert_eq!(rig.closed(id), CloseReason::MessageTooBig);
    let (mut client, id) = rig.dial();
    let mut long = [b'x'; 1001];
    long[1000] = b'\n';
    write(&mut client, &long);
    assert_eq!(rig.closed(id), CloseReason::MessageTooBig);
    assert_eq!(rig.transport.tcp_counters().bad_stream, 3);
}

#[test]
fn keepalives_are_answered() {
    let rig = Rig::tcp();
    let (mut client, _) = rig.dial();
    write(&mut client, b"\r\nx\n");
    assert_eq!(read(&mut client, 5), b"pong\n");
    assert_eq!(rig.message().1, b"x\n");
}

#[test]
fn a_panic_costs_one_message() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    write(&mut client, b"panic\nnext\n");
    assert_eq!(rig.message(), (id, b"next\n".to_vec()));
    assert_eq!(rig.transport.tcp_counters().panics, 1);
}

#[test]
fn abort_ends_at_once() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    assert!(rig.transport.abort(id));
    assert_eq!(rig.closed(id), CloseReason::Local);
    assert_eq!(read_to_end(&mut client), b"");
    assert!(!rig.transport.abort(id));
}

#[test]
fn stopping_ends_everything() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    let report = rig.transport.stop(PATIENCE);
    assert_eq!(report, crate::StopReport::default());
    assert_eq!(rig.closed(id), CloseReason::Shutdown);
    assert_eq!(read_to_end(&mut client), b"");
    let error = rig
        .transport
        .send(&target(client.local_addr().unwrap()), b"x");
    assert!(matches!(
        error,
        Err(SendError::TooManyConnections | SendError::NotRunning)
    ));
}

#[test]
fn a_peer_that_does_not_read_cannot_hold_up_the_stop() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.tcp.queue_per_connection = 8 << 20;
    });
    let (client, id) = rig.dial();
    let to = Target {
        conn: Some(id),
        token: Some(3),
        ..target(client.local_addr().unwrap())
    };
    while !matches!(
        rig.transport.send(&to, &[b'x'; 50_000]),
        Ok(Sent::Queued(_))
    ) {}
    rig.transport.send(&to, b"last").unwrap();
    let report = rig.transport.stop(Duration::from_millis(100));
    assert_eq!(report.connections_cut, 1);
    assert_eq!(
        rig.next(),
        Event::Undelivered(Some(3), CloseReason::Shutdown)
    );
    assert_eq!(rig.transport.tcp_counters().queued, 0);
}

#[test]
fn protocols_that_are_not_built_say_so() {
    let rig = Rig::tcp();
    let to = Target::new(Proto::Tls, rig.addr());
    let error = rig.transport.send(&to, b"x").unwrap_err();
    assert!(matches!(error, SendError::NotBuilt(Proto::Tls)));
    let config = crate::Config {
        listen: vec![ListenAddress::new(
            Proto::Wss,
            "127.0.0.1:0".parse().unwrap(),
        )],
        ..crate::Config::default()
    };
    let error = crate::Transport::bind(config).unwrap_err();
    assert!(error.to_string().contains("wss is not built yet"));
}

/// However a stream is cut into writes, the messages are the same.
#[test]
fn framing_does_not_depend_on_the_cuts() {
    let rig = Rig::tcp();
    let lines = proptest::collection::vec("[a-z]{1,40}", 1..20);
    let cuts = proptest::collection::vec(1..30_usize, 1..40);
    let mut config = ProptestConfig::with_cases(24);
    config.failure_persistence = None;
    proptest!(config, |(lines in lines, cuts in cuts)| {
        let (mut client, _) = rig.dial();
        let mut stream: Vec<u8> = Vec::new();
        for line in &lines {
            stream.extend(line.as_bytes());
            stream.push(b'\n');
        }
        let mut rest = &stream[..];
        for cut in cuts {
            let (part, after) = rest.split_at(cut.min(rest.len()));
            write(&mut client, part);
            rest = after;
        }
        write(&mut client, rest);
        for line in lines {
            prop_assert_eq!(rig.message().1, format!("{line}\n").into_bytes());
        }
    });
}

#[test]
fn what_a_batch_sends_comes_in_order_and_together() {
    let rig = Rig::tcp();
    let (mut client, id) = rig.dial();
    let reply = Target {
        conn: Some(id),
        connect: false,
        ..target(client.local_addr().unwrap())
    };
    let mut expected = Vec::new();
    crate::tcp::cork::during(|| {
        // More than waits, so that some leave early, and more than one call takes.
        for number in 0..400 {
            let text = format!("message number {number:05}{}\n", "x".repeat(80));
            rig.transport.send(&reply, text.as_bytes()).unwrap();
            expected.extend_from_slice(text.as_bytes());
        }
        assert_eq!(
            rig.transport.send(&reply, b"last\n").unwrap(),
            Sent::Queued(id)
        );
        expected.extend_from_slice(b"last\n");
    });
    assert_eq!(rig.transport.tcp_counters().queued, 0, "all is written");
    assert_eq!(read(&mut client, expected.len()), expected);
    let sent = rig.transport.send(&reply, b"at once\n").unwrap();
    assert_eq!(sent, Sent::Written(id));
}
