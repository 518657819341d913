//! Making a socket and binding it, with errors that name the address.

use std::{
    io,
    net::{IpAddr, TcpListener},
};

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, SockAddr, Socket, Type};

use crate::{
    BindError, BindFault,
    listen::{ListenAddress, SocketOptions},
    sockopt::IntOption,
    tcp::TcpOptions,
    udp::set_path_mtu_discovery,
};

/// Binds a datagram socket. There is neither SO_REUSEADDR nor SO_REUSEPORT:
/// with either, two servers could share a port and each lose half of its
/// datagrams without a word.
pub(crate) fn bind_udp(
    address: &ListenAddress,
    options: &SocketOptions,
) -> Result<Socket, BindError> {
    let bind = || {
        let socket = open(address, Type::DGRAM, Protocol::UDP, options)?;
        set_path_mtu_discovery(&socket, address.addr.is_ipv4(), options.path_mtu_discovery)
            .map_err(option("IP_MTU_DISCOVER"))?;
        send_to_groups(&socket, address.addr.is_ipv4(), options)?;
        if address.addr.ip().is_multicast() {
            // A group has any number of members on one machine.
            socket
                .set_reuse_address(true)
                .map_err(option("SO_REUSEADDR"))?;
        }
        if address.addr.ip().is_unspecified() {
            request_destination(&socket, address.addr.is_ipv4())?;
        }
        socket
            .bind(&SockAddr::from(address.addr))
            .map_err(BindFault::from_io)?;
        join(&socket, address)?;
        Ok(socket)
    };
    bind().map_err(|fault| name(address, fault))
}

/// Binds a stream socket and listens. SO_REUSEADDR lets a restarted server
/// have its port back while old connections linger in TIME_WAIT; on streams
/// it does not let two servers share a port.
pub(crate) fn bind_tcp(
    address: &ListenAddress,
    options: &SocketOptions,
    tcp: &TcpOptions,
) -> Result<TcpListener, BindError> {
    let bind = || {
        let socket = open(address, Type::STREAM, Protocol::TCP, options)?;
        socket
            .set_reuse_address(true)
            .map_err(option("SO_REUSEADDR"))?;
        if tcp.reuse_port {
            socket
                .set_reuse_port(true)
                .map_err(option("SO_REUSEPORT"))?;
        }
        crate::tcp::set_limits(&socket, tcp);
        if let Some(seconds) = tcp.defer_accept {
            IntOption::DEFER_ACCEPT
                .set(&socket, seconds)
                .map_err(option("TCP_DEFER_ACCEPT"))?;
        }
        socket.set_nonblocking(true).map_err(option("O_NONBLOCK"))?;
        socket
            .bind(&SockAddr::from(address.addr))
            .map_err(BindFault::from_io)?;
        socket
            .listen(i32::try_from(tcp.backlog).unwrap_or(i32::MAX))
            .map_err(BindFault::from_io)?;
        Ok(TcpListener::from(socket))
    };
    bind().map_err(|fault| name(address, fault))
}

fn open(
    address: &ListenAddress,
    kind: Type,
    protocol: Protocol,
    options: &SocketOptions,
) -> Result<Socket, BindFault> {
    let v6 = address.addr.is_ipv6();
    let socket = Socket::new(Domain::for_address(address.addr), kind, Some(protocol))
        .map_err(BindFault::from_io)?;
    if v6 {
        socket.set_only_v6(true).map_err(option("IPV6_V6ONLY"))?;
    }
    if let Some(tos) = options.tos {
        let set = if v6 {
            socket.set_tclass_v6(tos.into())
        } else {
            socket.set_tos_v4(tos.into())
        };
        set.map_err(option("IP_TOS"))?;
    }
    if options.free_bind {
        let set = if v6 {
            socket.set_freebind_v6(true)
        } else {
            socket.set_freebind_v4(true)
        };
        set.map_err(option("IP_FREEBIND"))?;
    }
    // The system sizes the buffers of connections by what each of them needs.
    if kind != Type::DGRAM {
        return Ok(socket);
    }
    if let Some(size) = options.receive_buffer
        && socket.recv_buffer_size().is_ok_and(|now| now < size)
    {
        socket
            .set_recv_buffer_size(size)
            .map_err(option("SO_RCVBUF"))?;
    }
    if let Some(size) = options.send_buffer
        && socket.send_buffer_size().is_ok_and(|now| now < size)
    {
        socket
            .set_send_buffer_size(size)
            .map_err(option("SO_SNDBUF"))?;
    }
    Ok(socket)
}

/// How far what is sent to groups goes.
fn send_to_groups(socket: &Socket, v4: bool, options: &SocketOptions) -> Result<(), BindFault> {
    let ttl = options.multicast_ttl.map(u32::from);
    let back = options.multicast_loopback;
    let set = if v4 {
        ttl.map_or(Ok(()), |ttl| socket.set_multicast_ttl_v4(ttl))
            .and_then(|()| socket.set_multicast_loop_v4(back))
    } else {
        ttl.map_or(Ok(()), |ttl| socket.set_multicast_hops_v6(ttl))
            .and_then(|()| socket.set_multicast_loop_v6(back))
    };
    set.map_err(option("IP_MULTICAST_TTL"))
}

/// Joins the group that a socket is bound to, if it is bound to one.
fn join(socket: &Socket, address: &ListenAddress) -> Result<(), BindFault> {
    if !address.addr.ip().is_multicast() {
        return Ok(());
    }
    let failed = option("IP_ADD_MEMBERSHIP");
    let index = match &address.multicast_interface {
        Some(name) => {
            nix::net::if_::if_nametoindex(name.as_str()).map_err(|errno| failed(errno.into()))?
        }
        None => 0,
    };
    let joined = match address.addr.ip() {
        IpAddr::V4(group) => {
            socket.join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(index))
        }
        IpAddr::V6(group) => socket.join_multicast_v6(&group, index),
    };
    joined.map_err(failed)
}

/// Asks the kernel to tell the destination address of each datagram, which a
/// socket on the wildcard address does not know otherwise.
fn request_destination(socket: &Socket, v4: bool) -> Result<(), BindFault> {
    use nix::sys::socket::{setsockopt, sockopt};
    let set = if v4 {
        setsockopt(socket, sockopt::Ipv4PacketInfo, &true)
    } else {
        setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)
    };
    set.map_err(|errno| option("IP_PKTINFO")(errno.into()))
}

fn option(option: &'static str) -> impl Fn(io::Error) -> BindFault {
    move |source| BindFault::Option { option, source }
}

fn name(address: &ListenAddress, fault: BindFault) -> BindError {
    BindError {
        proto: address.proto,
        addr: address.addr,
        fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Proto;

    fn again(proto: Proto, held: std::net::SocketAddr) -> ListenAddress {
        ListenAddress::new(proto, held)
    }

    #[test]
    fn a_held_udp_port_is_refused_by_name() {
        let any = again(Proto::Udp, "127.0.0.1:0".parse().unwrap());
        let first = bind_udp(&any, &SocketOptions::default()).unwrap();
        let held = first.local_addr().unwrap().as_socket().unwrap();
        let error = bind_udp(&again(Proto::Udp, held), &SocketOptions::default()).unwrap_err();
        assert!(matches!(error.fault, BindFault::AddressInUse));
        assert!(error.to_string().contains(&format!("udp:{held}")));
    }

    #[test]
    fn a_held_tcp_port_is_refused_by_name() {
        let any = again(Proto::Tcp, "127.0.0.1:0".parse().unwrap());
        let (options, tcp) = (SocketOptions::default(), TcpOptions::default());
        let first = bind_tcp(&any, &options, &tcp).unwrap();
        let held = first.local_addr().unwrap();
        let error = bind_tcp(&again(Proto::Tcp, held), &options, &tcp).unwrap_err();
        assert!(matches!(error.fault, BindFault::AddressInUse));
        assert!(error.to_string().contains(&format!("tcp:{held}")));
    }

    #[test]
    fn an_address_of_nobody_is_refused() {
        let nobody = again(Proto::Udp, "203.0.113.77:0".parse().unwrap());
        let error = bind_udp(&nobody, &SocketOptions::default()).unwrap_err();
        assert!(matches!(error.fault, BindFault::AddressNotAvailable));
        let options = SocketOptions {
            free_bind: true,
            ..SocketOptions::default()
        };
        assert!(bind_udp(&nobody, &options).is_ok());
    }

    #[test]
    fn a_group_is_joined_on_the_interface_named() {
        let mut group = again(Proto::Udp, "239.255.44.1:0".parse().unwrap());
        group.multicast_interface = Some("lo".to_owned());
        let options = SocketOptions {
            multicast_ttl: Some(5),
            multicast_loopback: true,
            ..SocketOptions::default()
        };
        let member = bind_udp(&group, &options).unwrap();
        assert_eq!(member.multicast_ttl_v4().unwrap(), 5);
        assert!(member.multicast_loop_v4().unwrap());
        let held = member.local_addr().unwrap().as_socket().unwrap();
        let mut second = again(Proto::Udp, held);
        second.multicast_interface = Some("lo".to_owned());
        let other = bind_udp(&second, &SocketOptions::default()).unwrap();
        assert!(!other.multicast_loop_v4().unwrap());
        let sender = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
        sender
            .set_multicast_if_v4(&std::net::Ipv4Addr::LOCALHOST)
            .unwrap();
        sender.send_to(b"all", &held.into()).unwrap();
        for member in [member, other] {
            let member = std::net::UdpSocket::from(member);
            member
                .set_read_timeout(Some(crate::testing::PATIENCE))
                .unwrap();
            let mut buffer = [0; 8];
            let (length, _) = member.recv_from(&mut buffer).unwrap();
            assert_eq!(&buffer[..length], b"all");
        }
        second.multicast_interface = Some("no-such-one".to_owned());
        let error = bind_udp(&second, &SocketOptions::default()).unwrap_err();
        assert!(matches!(error.fault, BindFault::Option { .. }));
    }

    #[test]
    fn options_are_applied() {
        let options = SocketOptions {
            tos: Some(0x10),
            receive_buffer: Some(100_000),
            path_mtu_discovery: true,
            ..SocketOptions::default()
        };
        let any = again(Proto::Udp, "127.0.0.1:0".parse().unwrap());
        let socket = bind_udp(&any, &options).unwrap();
        assert_eq!(socket.tos_v4().unwrap(), 0x10);
        assert!(socket.recv_buffer_size().unwrap() >= 100_000);
    }

    #[test]
    fn buffers_of_connections_are_left_to_the_system() {
        let any = again(Proto::Tcp, "127.0.0.1:0".parse().unwrap());
        let buffer = |size| {
            let options = SocketOptions {
                receive_buffer: size,
                ..SocketOptions::default()
            };
            let listener = bind_tcp(&any, &options, &TcpOptions::default()).unwrap();
            Socket::from(listener).recv_buffer_size().unwrap()
        };
        let usual = buffer(None);
        assert_eq!(buffer(Some(usual + 1)), usual);
    }
}
