//! Messages through the whole engine, in a simulated world.

use bytes::Bytes;
use engine::socket::{Proto, Received, SocketId};
use testkit::{Server, Sim};

const ADDRESS: &str = "192.0.2.1:5060";

/// A server that messages are handed to.
pub struct Rig {
    sim: Sim,
    server: Server,
    received: Received,
}

impl Rig {
    /// A server that runs these blocks.
    ///
    /// # Panics
    /// When the configuration has errors.
    #[must_use]
    pub fn new(blocks: &str) -> Self {
        let modules = ["sl", "tm", "rr", "pv", "textops", "siputils"];
        let load: String = modules
            .iter()
            .map(|m| format!("loadmodule \"{m}.so\"\n"))
            .collect();
        let sim = Sim::new(3);
        let config = format!("debug=-1\n{load}{blocks}\n");
        let server = sim
            .server(ADDRESS, &config, modules::LIBRARY)
            .unwrap_or_else(|e| panic!("{e}"));
        let received = Received {
            proto: Proto::Udp,
            source: ([192, 0, 2, 101], 5060).into(),
            destination: ([192, 0, 2, 1], 5060).into(),
            socket: SocketId(0),
            connection: None,
        };
        Self {
            sim,
            server,
            received,
        }
    }

    /// Handles one message.
    pub fn receive(&self, message: &[u8]) {
        let text = Bytes::copy_from_slice(message);
        engine::receive::receive(&self.server.core, text, self.received);
    }

    /// Lets what was sent arrive, and time pass.
    pub fn settle(&self, millis: u64) {
        self.sim.run_for(millis);
    }
}

/// A request of a number of its own.
fn request(method: &str, number: u32) -> Vec<u8> {
    format!(
        "{method} sip:bob@192.0.2.4 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK{number:08x}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:alice@192.0.2.101>;tag=f{number:08x}\r\n\
         To: <sip:bob@192.0.2.4>\r\n\
         Call-ID: {number:08x}@192.0.2.101\r\n\
         CSeq: 1 {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// One message whose script does something so many times; the rest costs the same.
fn once(blocks: &str) {
    Rig::new(&format!("max_while_loops=100000000\n{blocks}")).receive(&request("OPTIONS", 1));
}

pub(crate) fn turn(times: u32) {
    once(&format!(
        "request_route {{ $var(i) = 0; while ($var(i) < {times}) {{ $var(i) = $var(i) + 1; }} }}"
    ));
}

pub(crate) fn format(times: u32) {
    once(&format!(
        "request_route {{ $var(i) = {times}; while ($var(i) > 0) {{ $var(i) = $var(i) - 1; \
         $var(s) = \"<$rm> from $fU at $si, call $ci\"; }} }}"
    ));
}

pub(crate) fn options(times: u32) {
    each(
        times,
        "request_route { sl_send_reply(\"200\", \"OK\"); }",
        "OPTIONS",
    );
}

pub(crate) fn relay(times: u32) {
    each(times, "request_route { t_relay(); }", "MESSAGE");
}

fn each(times: u32, blocks: &str, method: &str) {
    let rig = Rig::new(blocks);
    for number in 0..times {
        rig.receive(&request(method, number));
    }
}
