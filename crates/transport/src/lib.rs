//! Bytes in, bytes out: sockets, connections and name resolution.
//!
//! The way through the crate:
//!
//! 1. [`listen`] turns what the operator wrote into addresses and binds them.
//! 2. [`Transport`] owns the bound sockets. [`Transport::bind`] needs no
//!    thread and no runtime, so that it can run before the process forks or
//!    gives up its privileges; [`Transport::start`] makes the threads.
//! 3. [`udp`] receives datagrams on plain blocking threads, [`tcp`] keeps
//!    connections on a tokio runtime. Both hand what they receive to the
//!    [`Inbound`] of the caller.
//! 4. [`resolve`] finds the addresses behind a name (RFC 3263).
//!
//! The crate knows no SIP: where a message ends in a stream is decided by the
//! caller's [`Framer`]. It is the only crate with sockets and the only one
//! with unsafe code, all of it in `udp/batch.rs`, `sockopt.rs` and `process.rs`.

mod error;
mod inbound;
pub mod listen;
mod live;
pub mod process;
mod proto;
pub mod resolve;
mod route;
mod sockopt;
pub mod tcp;
#[cfg(test)]
mod testing;
mod transport;
pub mod udp;

pub use error::{BindError, BindFault, SendError, StartError};
pub use inbound::{CloseReason, ConnId, ConnInfo, Direction, Inbound, SocketId, Undelivered};
pub use listen::{Advertise, ListenAddress, SocketOptions};
pub use proto::Proto;
pub use resolve::{Candidate, Resolver};
pub use route::source_towards;
pub use tcp::{Frame, Framer, TcpOptions};
pub use transport::{Config, Sent, SocketInfo, StopReport, Target, Transport};
pub use udp::{RawOptions, UdpOptions};
