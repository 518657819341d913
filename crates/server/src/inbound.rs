//! From sockets to the engine: received bytes become calls of [`engine::receive::receive`].

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use engine::Core;
use engine::cfg_vars::CfgInt;
use engine::lost::Lost;
use engine::services::Token;
use engine::socket::{ConnectionId, Received, SocketId};
use transport::tcp::{Frame, Framer};
use transport::{CloseReason, ConnInfo, Inbound, Undelivered};

use crate::allocator;
use crate::log::number_worker;
use crate::world::engine_proto;

/// The largest Content-Length that is waited for; the buffer ends most of them much earlier.
const MAX_ANNOUNCED: usize = i32::MAX as usize;

/// Hands everything received to the core.
pub struct Receiver(pub Arc<Core>);

impl Inbound for Receiver {
    fn datagram(
        &self,
        socket: transport::SocketId,
        peer: SocketAddr,
        local: Option<IpAddr>,
        buf: &[u8],
    ) {
        number_worker();
        let Some(listen) = u16::try_from(socket.0)
            .ok()
            .and_then(|id| self.0.sockets.by_id(SocketId(id)))
        else {
            return;
        };
        let mut destination = listen.address;
        if let Some(ip) = local {
            destination.set_ip(ip);
        }
        let received = Received {
            proto: listen.proto,
            source: peer,
            destination,
            socket: listen.id,
            connection: None,
        };
        // The one copy of a datagram: from the receive buffer into the message's own.
        engine::receive::receive(&self.0, Bytes::copy_from_slice(buf), received);
    }

    fn stream(&self, conn: &ConnInfo, message: Bytes) {
        number_worker();
        let proto = engine_proto(conn.proto);
        let socket = conn
            .socket
            .and_then(|s| u16::try_from(s.0).ok())
            .map(SocketId)
            .or_else(|| {
                self.0
                    .sockets
                    .first_for(proto, conn.local.ip())
                    .map(|s| s.id)
            });
        let Some(socket) = socket else { return };
        let received = Received {
            proto,
            source: conn.peer,
            destination: conn.local,
            socket,
            connection: Some(ConnectionId(conn.id.0)),
        };
        engine::receive::receive(&self.0, message, received);
    }

    fn between(&self, is_idle: bool) {
        allocator::give_back_in_turn(is_idle);
    }

    fn undelivered(&self, report: &Undelivered) {
        let lost = Lost {
            token: report.token.map(Token),
            proto: engine_proto(report.proto),
            peer: report.peer,
            reason: shown(report.reason),
        };
        engine::lost::report(&self.0, &lost);
    }
}

/// Why a connection ended, for the log.
fn shown(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::PeerClosed => "the peer closed the connection",
        CloseReason::Reset => "the connection broke",
        CloseReason::ConnectFailed(ErrorKind::ConnectionRefused) => "connection refused",
        CloseReason::ConnectFailed(_) => "cannot connect",
        CloseReason::ConnectTimeout => "connecting took too long",
        CloseReason::SendTimeout => "the peer does not read",
        CloseReason::Lifetime => "the connection was idle too long",
        CloseReason::Framing => "the peer's bytes are no messages",
        CloseReason::MessageTooBig => "the peer's message is too long",
        CloseReason::Local => "the connection was closed here",
        CloseReason::Shutdown => "the server stops",
    }
}

/// Cuts streams into messages as Kamailio does, by run-time values.
pub struct SipFramer {
    /// `tcp.accept_no_cl`.
    accept_no_content_length: CfgInt,
    /// `tcp.crlf_ping`.
    answers_pings: CfgInt,
}

impl SipFramer {
    /// By the values of a core.
    #[must_use]
    pub fn new(core: &Core) -> Self {
        // The core has declared them: this gives the values that exist.
        let value = |name| core.cfg.int("tcp", name, 0, None, "");
        Self {
            accept_no_content_length: value("accept_no_cl"),
            answers_pings: value("crlf_ping"),
        }
    }
}

impl Framer for SipFramer {
    fn frame(&self, _conn: &ConnInfo, buffer: &[u8], _seen: usize) -> Frame {
        let accept_no_content_length = self.accept_no_content_length.get() != 0;
        match sip::frame::frame(buffer, accept_no_content_length, MAX_ANNOUNCED) {
            sip::frame::Frame::NeedMore => Frame::NeedMore { at_least: 0 },
            sip::frame::Frame::Message(len) => Frame::Message(len),
            sip::frame::Frame::Skip { len, ping } if ping && self.answers_pings.get() != 0 => {
                Frame::Keepalive {
                    len,
                    reply: b"\r\n",
                }
            }
            sip::frame::Frame::Skip { len, .. } => Frame::Skip(len),
            sip::frame::Frame::Error(_) => Frame::Error,
        }
    }
}
