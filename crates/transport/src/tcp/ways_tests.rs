//! Which connection leads where, by options that change, and how connections begin and end.

use std::{
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use socket2::{Domain, SockRef, Socket, Type};

use super::{Taken, TcpOptions};
use crate::{
    ConnId, ListenAddress, Proto, SendError, SocketId, SocketOptions, Target,
    listen::bind_tcp,
    sockopt::IntOption,
    testing::{Event, PATIENCE, Rig, read, read_to_end, write},
};

/// A stream from one address to another, either of which may have other streams too.
fn stream(from: SocketAddr, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.set_reuse_port(true).unwrap();
    socket.bind(&from.into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Our identity of the connection that opens next.
fn opened(rig: &Rig) -> ConnId {
    rig.wait(|event| match event {
        Event::Opened(id, _) => Some(id),
        _ => None,
    })
}

/// Sends to a peer without leave to connect.
fn sent_to(rig: &Rig, peer: SocketAddr, socket: Option<u32>) -> Option<ConnId> {
    let target = Target {
        socket: socket.map(SocketId),
        connect: false,
        ..Target::new(Proto::Tcp, peer)
    };
    rig.transport.find_connection(&target).map(|info| info.id)
}

fn change(rig: &Rig, change: impl FnOnce(&mut TcpOptions)) {
    let mut options = TcpOptions::default();
    change(&mut options);
    rig.transport.change_tcp(options);
}

#[test]
fn connections_are_opened_from_the_port_of_the_socket() {
    let there = Rig::tcp();
    let here = Rig::new(Proto::Tcp, |config| config.tcp.reuse_port = true);
    let to = Target {
        socket: Some(SocketId(0)),
        ..Target::new(Proto::Tcp, there.addr())
    };
    here.transport.send(&to, b"one\n").unwrap();
    let (far, _) = there.message();
    let seen = there.transport.connection(far).unwrap().peer;
    assert_eq!(seen, here.addr());
    // Another connection of the port to the same peer cannot be: then the system chooses one.
    let busy = Rig::new(Proto::Tcp, |config| {
        config.listen = vec![ListenAddress::new(Proto::Tcp, here.addr())];
        config.tcp.reuse_port = true;
    });
    busy.transport.send(&to, b"two\n").unwrap();
    let (far, message) = there.message();
    assert_eq!(message, b"two\n");
    let seen = there.transport.connection(far).unwrap().peer;
    assert_eq!(seen.ip(), here.addr().ip());
    assert_ne!(seen.port(), here.addr().port());
}

#[test]
fn the_newest_connection_counts_or_the_one_of_the_socket() {
    let rig = Rig::new(Proto::Tcp, |config| {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        config.listen = vec![ListenAddress::new(Proto::Tcp, any); 3];
        let other = "127.0.22.78:0".parse().unwrap();
        config.listen.push(ListenAddress::new(Proto::Tcp, other));
    });
    let ports: Vec<SocketAddr> = rig.transport.sockets().iter().map(|s| s.addr).collect();
    let first = stream("127.0.22.79:0".parse().unwrap(), ports[0]);
    let peer = first.local_addr().unwrap();
    let of_first = opened(&rig);
    let _second = stream(peer, ports[1]);
    let of_second = opened(&rig);
    for socket in [Some(0), Some(1), Some(2), None] {
        assert_eq!(sent_to(&rig, peer, socket), Some(of_second));
    }
    assert_eq!(sent_to(&rig, peer, Some(3)), None);
    change(&rig, |options| options.match_socket = true);
    assert_eq!(sent_to(&rig, peer, Some(0)), Some(of_first));
    assert_eq!(sent_to(&rig, peer, Some(1)), Some(of_second));
    assert_eq!(sent_to(&rig, peer, Some(2)), Some(of_second));
    assert_eq!(sent_to(&rig, peer, Some(3)), None);
}

#[test]
fn an_alias_that_is_taken_is_kept_shared_or_replaced() {
    let alias: SocketAddr = "127.0.0.1:5999".parse().unwrap();
    for (taken, then, after) in [
        (Taken::Kept, 0, Some(0)),
        (Taken::Shared, 1, Some(0)),
        (Taken::Replaced, 1, None),
    ] {
        let rig = Rig::new(Proto::Tcp, |config| config.tcp.alias_taken = taken);
        let ((_first, a), (second, b)) = (rig.dial(), rig.dial());
        assert!(rig.transport.add_alias(a, alias.port()));
        assert_eq!(
            rig.transport.add_alias(b, alias.port()),
            taken != Taken::Kept
        );
        assert_eq!(sent_to(&rig, alias, None), Some([a, b][then]), "{taken:?}");
        drop(second);
        rig.closed(b);
        assert_eq!(
            sent_to(&rig, alias, None),
            after.map(|_: usize| a),
            "{taken:?}"
        );
    }
}

#[test]
fn a_new_connection_is_found_by_its_port_unless_an_alias_is_kept() {
    for (taken, during, after) in [
        (Taken::Kept, 0, true),
        (Taken::Shared, 1, true),
        (Taken::Replaced, 1, false),
    ] {
        let rig = Rig::new(Proto::Tcp, |config| config.tcp.peer_taken = taken);
        let (_first, a) = rig.dial();
        let holder = stream("127.0.0.1:0".parse().unwrap(), rig.addr());
        let peer = holder.local_addr().unwrap();
        let held = opened(&rig);
        drop(holder);
        rig.closed(held);
        assert!(rig.transport.add_alias(a, peer.port()));
        let second = stream(peer, rig.addr());
        let b = opened(&rig);
        assert_eq!(sent_to(&rig, peer, None), Some([a, b][during]), "{taken:?}");
        drop(second);
        rig.closed(b);
        assert_eq!(sent_to(&rig, peer, None), after.then_some(a), "{taken:?}");
    }
}

#[test]
fn limits_change_while_running() {
    let there = Rig::tcp();
    let here = Rig::tcp();
    let to = Target::new(Proto::Tcp, there.addr());
    change(&here, |options| options.connects = false);
    let refused = here.transport.send(&to, b"no\n").unwrap_err();
    assert!(matches!(refused, SendError::NotConnected(_)));
    change(&here, |options| options.max_connections = 0);
    let refused = here.transport.send(&to, b"no\n").unwrap_err();
    assert!(matches!(refused, SendError::TooManyConnections));
    change(&here, |options| options.max_message = 4);
    let (mut client, id) = here.dial();
    write(&mut client, b"four and more\n");
    assert_eq!(here.closed(id), crate::CloseReason::MessageTooBig);
    change(&here, |options| {
        options.lifetime = Duration::from_millis(50)
    });
    let (_client, id) = here.dial();
    assert_eq!(here.closed(id), crate::CloseReason::Lifetime);
}

#[test]
fn a_balancer_says_who_the_peer_is() {
    let rig = Rig::new(Proto::Tcp, |config| config.tcp.proxy_protocol = true);
    let open = || {
        let stream = TcpStream::connect(rig.addr()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    };
    let mut balancer = open();
    write(&mut balancer, b"PROXY TCP4 192.0.2.7 ");
    write(&mut balancer, b"10.9.9.9 1111 2222\r\nhello\nhal");
    let (id, message) = rig.message();
    assert_eq!(message, b"hello\n");
    let info = rig.transport.connection(id).unwrap();
    assert_eq!(info.peer, "192.0.2.7:1111".parse().unwrap());
    assert_eq!(info.local, rig.addr());
    write(&mut balancer, b"f\n");
    assert_eq!(rig.message(), (id, b"half\n".to_vec()));
    rig.transport
        .send(&Target::new(Proto::Tcp, info.peer), b"back\n")
        .unwrap();
    assert_eq!(read(&mut balancer, 5), b"back\n");
    // Without a header the connection is its own.
    let mut plain = open();
    write(&mut plain, b"plain\n");
    let (id, _) = rig.message();
    let peer = rig.transport.connection(id).unwrap().peer;
    assert_eq!(peer, plain.local_addr().unwrap());
    let mut wrong = open();
    write(
        &mut wrong,
        b"PROXY TCP4 192.0.2.777 10.9.9.9 1111 2222\r\nhello\n",
    );
    assert_eq!(read_to_end(&mut wrong), b"");
    assert_eq!(rig.transport.tcp_counters().local_reject, 1);
}

#[test]
fn a_header_that_does_not_come_is_not_waited_for_long() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.tcp.proxy_protocol = true;
        config.tcp.wait_data = Duration::from_millis(50);
    });
    let mut silent = TcpStream::connect(rig.addr()).unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_to_end(&mut silent), b"");
    assert_eq!(rig.transport.tcp_counters().local_reject, 1);
}

#[test]
fn a_connection_that_waits_for_its_header_counts() {
    let rig = Rig::new(Proto::Tcp, |config| {
        config.tcp.proxy_protocol = true;
        config.tcp.max_connections = 1;
    });
    let mut slow = TcpStream::connect(rig.addr()).unwrap();
    let mut other = TcpStream::connect(rig.addr()).unwrap();
    other.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_to_end(&mut other), b"");
    write(&mut slow, b"PROXY UNKNOWN\r\nhello\n");
    assert_eq!(rig.message().1, b"hello\n");
}

#[test]
fn options_of_listeners_are_set() {
    let tcp = TcpOptions {
        defer_accept: Some(7),
        linger2: Some(8),
        syn_count: Some(3),
        reuse_port: true,
        ..TcpOptions::default()
    };
    let any = ListenAddress::new(Proto::Tcp, "127.0.0.1:0".parse().unwrap());
    let listener = bind_tcp(&any, &SocketOptions::default(), &tcp).unwrap();
    assert_eq!(IntOption::LINGER2.get(&listener).unwrap(), 8);
    assert_eq!(IntOption::SYN_COUNT.get(&listener).unwrap(), 3);
    assert!(IntOption::DEFER_ACCEPT.get(&listener).unwrap() >= 7);
    assert!(SockRef::from(&listener).reuse_port().unwrap());
}
