//! Addresses to listen on: what the operator may write, what it expands to,
//! and binding it.

mod bind;
mod expand;
mod interfaces;

use std::net::SocketAddr;

use crate::Proto;

pub(crate) use bind::{bind_tcp, bind_udp};
pub use expand::{ExpandError, Ipv6, ListenHost, ListenSpec, expand, expand_default};
pub use interfaces::{Interface, interfaces, is_local};

/// The address put into Via and Record-Route in place of the real one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Advertise {
    /// The host, as text: a name or an address.
    pub host: String,
    /// The port; the real one when absent.
    pub port: Option<u16>,
}

/// One socket to open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListenAddress {
    /// The protocol.
    pub proto: Proto,
    /// The address; port 0 lets the system choose.
    pub addr: SocketAddr,
    /// What others are told instead.
    pub advertise: Option<Advertise>,
    /// The name by which scripts refer to the socket.
    pub name: Option<String>,
    /// The host that the line names, if it is neither an address nor an interface.
    pub host_name: Option<String>,
    /// The interface that joins the group, if the address is one of multicast (`mcast`); the
    /// system chooses when absent.
    pub multicast_interface: Option<String>,
    /// Receiving threads for this socket in place of the common number (UDP).
    pub workers: Option<usize>,
}

impl ListenAddress {
    /// A plain address without advertised address or name.
    pub fn new(proto: Proto, addr: SocketAddr) -> Self {
        Self {
            proto,
            addr,
            advertise: None,
            name: None,
            host_name: None,
            multicast_interface: None,
            workers: None,
        }
    }
}

/// Options set on sockets when they are made.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SocketOptions {
    /// Type of service / traffic class byte of what is sent (`tos`).
    pub tos: Option<u8>,
    /// Size to which the receive buffers of UDP sockets are raised (`maxbuffer`).
    pub receive_buffer: Option<usize>,
    /// Size to which the send buffers of UDP sockets are raised (`maxsndbuffer`).
    pub send_buffer: Option<usize>,
    /// Bind to addresses that no interface has yet (`ip_free_bind`).
    pub free_bind: bool,
    /// How many routers what is sent to groups may pass (`mcast_ttl`).
    pub multicast_ttl: Option<u8>,
    /// What is sent to groups comes to this machine, too (`mcast_loopback`).
    pub multicast_loopback: bool,
    /// Set "don't fragment" and discover the path MTU (`pmtu_discovery`, UDP).
    pub path_mtu_discovery: bool,
}
