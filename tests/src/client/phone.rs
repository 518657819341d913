//! A phone of our own over UDP, for what no tool does: wrong bytes, silence, patience.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::address::{AGENT_PORT, allocate};
use crate::message::{Message, text};
use crate::scenario::Family;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A UDP socket that speaks SIP.
pub struct Phone {
    /// Where it is.
    pub addr: SocketAddr,
    server: SocketAddr,
    socket: UdpSocket,
}

impl Phone {
    /// A phone on an address of its own.
    pub fn new(server: SocketAddr) -> Result<Self, String> {
        Self::at(allocate(Family::V4, AGENT_PORT), server)
    }

    /// A phone on a given address.
    pub fn at(addr: SocketAddr, server: SocketAddr) -> Result<Self, String> {
        let socket = UdpSocket::bind(addr).map_err(|e| format!("{addr}: {e}"))?;
        Ok(Self::on(socket, addr, server))
    }

    /// A phone on a socket that is bound to an address.
    pub fn on(socket: UdpSocket, addr: SocketAddr, server: SocketAddr) -> Self {
        Self {
            addr,
            server,
            socket,
        }
    }

    /// Sends bytes as they are.
    pub fn send(&self, bytes: &[u8]) -> Result<(), String> {
        let sent = self.socket.send_to(bytes, self.server);
        sent.map(|_| ()).map_err(|e| e.to_string())
    }

    /// The next message, if one comes in time.
    pub fn receive(&self, limit: Duration) -> Option<Message> {
        let limit = limit.max(Duration::from_millis(1));
        self.socket.set_read_timeout(Some(limit)).ok()?;
        let mut buffer = vec![0; 65_536];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(Message::parse(&text(&buffer[..length])))
    }

    /// The next message that looks so (as in scenarios: `INVITE`, `200 BYE`).
    pub fn expect(&self, pattern: &str) -> Result<Message, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut others = Vec::new();
        while let Some(message) = self.receive(deadline.saturating_duration_since(Instant::now())) {
            if message.matches(pattern) {
                return Ok(message);
            }
            others.push(message.start);
        }
        Err(format!("no {pattern} came, only {others:?}"))
    }

    /// A request to a user at the server.
    pub fn request(&self, method: &str, user: &str, id: &str, more: &str) -> String {
        let (own, server) = (self.addr, self.server);
        let at = if user.is_empty() { "" } else { "@" };
        format!(
            "{method} sip:{user}{at}{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\n\
             From: <sip:phone@{server}>;tag=f{id}\r\nTo: <sip:{user}{at}{server}>\r\n\
             Call-ID: {id}-{own}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:phone@{own}>\r\n{more}Content-Length: 0\r\n\r\n"
        )
    }

    /// Sends OPTIONS to the server itself and waits for 200.
    pub fn ping(&self, id: &str) -> Result<(), String> {
        self.send(self.request("OPTIONS", "", id, "").as_bytes())?;
        self.expect(&format!("~(?s)^SIP/2.0 200 .*Call-ID: {id}-"))
            .map(|_| ())
    }

    /// Registers this phone as a user.
    pub fn register(&self, user: &str) -> Result<(), String> {
        let id = format!("reg-{user}");
        let text = self.request("REGISTER", user, &id, "Expires: 60\r\n");
        // The request goes to the domain, not to the user.
        let text = text.replacen(&format!("{user}@"), "", 1);
        self.send(text.as_bytes())?;
        self.expect("200 REGISTER").map(|_| ())
    }

    /// A reply to a request that was received.
    pub fn reply(&self, request: &Message, code: u16) -> Result<(), String> {
        let mut out = format!("SIP/2.0 {code} Reply\r\n");
        for name in ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"] {
            for value in request.all(name) {
                let tag = if name == "To" && !value.contains("tag=") {
                    ";tag=phone"
                } else {
                    ""
                };
                out.push_str(&format!("{name}: {value}{tag}\r\n"));
            }
        }
        let own = self.addr;
        out.push_str(&format!(
            "Contact: <sip:phone@{own}>\r\nContent-Length: 0\r\n\r\n"
        ));
        self.send(&crate::message::bytes(&out))
    }
}
