//! Messages through the whole engine, in a simulated world.

use bytes::Bytes;
use engine::socket::{Proto, Received, SocketId};
use testkit::{Agent, Server, Sim};

const ADDRESS: &str = "192.0.2.1:5060";

/// A server that messages are handed to.
pub struct Rig {
    sim: Sim,
    server: Server,
    received: Received,
}

impl Rig {
    /// A server that runs these blocks, with the modules that most configurations load.
    ///
    /// # Panics
    /// When the configuration has errors.
    #[must_use]
    pub fn new(blocks: &str) -> Self {
        let modules = [
            "sl",
            "tm",
            "rr",
            "pv",
            "textops",
            "siputils",
            "usrloc",
            "registrar",
        ];
        let load: String = modules
            .iter()
            .map(|m| format!("loadmodule \"{m}.so\"\n"))
            .collect();
        Self::configured(&format!("debug=-1\n{load}{blocks}\n"))
    }

    /// A server with this configuration.
    ///
    /// # Panics
    /// When it has errors.
    #[must_use]
    pub fn configured(config: &str) -> Self {
        let sim = Sim::new(3);
        let server = sim
            .server(ADDRESS, config, modules::LIBRARY)
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

    /// Who requests to `192.0.2.4` are forwarded to.
    #[must_use]
    pub fn callee(&self) -> Agent {
        self.agent("192.0.2.4:5060")
    }

    /// Handles an INVITE for the callee, who rings.
    ///
    /// # Panics
    /// When the INVITE is not forwarded.
    pub fn ring(&self, callee: &Agent, invite: &[u8]) {
        self.receive(invite);
        let forwarded = self.forwarded(callee);
        self.receive_back(&reply("180 Ringing", &forwarded));
        self.settle(2);
    }

    /// An endpoint of this world.
    pub(crate) fn agent(&self, address: &str) -> Agent {
        self.sim.agent(address)
    }

    /// Handles one message of the other side.
    fn receive_back(&self, message: &[u8]) {
        let text = Bytes::copy_from_slice(message);
        let received = Received {
            source: ([192, 0, 2, 4], 5060).into(),
            ..self.received
        };
        engine::receive::receive(&self.server.core, text, received);
    }

    /// What an agent got next.
    fn forwarded(&self, agent: &Agent) -> String {
        let known = agent.receive();
        known.unwrap_or_else(|| {
            self.settle(2);
            agent.receive().expect("the request was forwarded")
        })
    }

    /// Lets what was sent arrive, and time pass.
    pub fn settle(&self, millis: u64) {
        self.sim.run_for(millis);
    }
}

/// A request whose number is written in when it is sent, so that making it costs next to nothing.
pub(crate) struct Request {
    text: Vec<u8>,
    /// Where the digits of the number stand.
    places: Vec<usize>,
    /// Where the digits of the CSeq stand.
    cseq: usize,
}

impl Request {
    pub(crate) fn new(method: &str, more: &str) -> Self {
        Self::to(method, CALLEE, "", more)
    }

    /// In the dialog that the callee made of it.
    fn within(method: &str, more: &str) -> Self {
        Self::to(method, CALLEE, ";tag=callee", more)
    }

    pub(crate) fn to(method: &str, uri: &str, tag: &str, more: &str) -> Self {
        let text = format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK{MARK}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:user{MARK}@192.0.2.101>;tag=f{MARK}\r\n\
             To: <sip:user{MARK}@192.0.2.4>{tag}\r\n\
             Call-ID: {MARK}@192.0.2.101\r\n\
             CSeq: {FIRST_CSEQ} {method}\r\n{more}\
             Content-Length: 0\r\n\r\n"
        );
        let places = text.match_indices(MARK).map(|(at, _)| at).collect();
        let cseq = text.find(FIRST_CSEQ).unwrap_or_default();
        Self {
            text: text.into_bytes(),
            places,
            cseq,
        }
    }

    /// The CSeq of the messages from now on.
    pub(crate) fn set_cseq(&mut self, cseq: u32) {
        let digits = format!("{:010}", cseq.max(1));
        self.text[self.cseq..self.cseq + digits.len()].copy_from_slice(digits.as_bytes());
    }

    pub(crate) fn numbered(&mut self, number: u32) -> &[u8] {
        let digit = |place: usize| b"0123456789abcdef"[(number >> (4 * (7 - place)) & 15) as usize];
        let digits: [u8; 8] = std::array::from_fn(digit);
        for &at in &self.places {
            self.text[at..at + 8].copy_from_slice(&digits);
        }
        &self.text
    }
}

/// Where requests go.
const CALLEE: &str = "sip:bob@192.0.2.4";

/// Stands for the number.
const MARK: &str = "########";

/// The first CSeq, in as many digits as any.
const FIRST_CSEQ: &str = "0000000001";

/// One message whose script does something so many times; the rest costs the same.
fn once(blocks: &str) {
    let rig = Rig::new(&format!("max_while_loops=100000000\n{blocks}"));
    rig.receive(Request::new("OPTIONS", "").numbered(1));
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
        Request::new("OPTIONS", ""),
    );
}

/// The script of `bench/configs/script.cfg`.
pub(crate) fn statements(times: u32) {
    let config = include_str!("../../configs/script.cfg");
    let blocks = config.find("request_route").map(|at| &config[at..]);
    each(
        times,
        blocks.unwrap_or_default(),
        Request::new("OPTIONS", ""),
    );
}

/// A thousand users that come again and again.
pub(crate) fn refresh(times: u32) {
    let rig = Rig::new("request_route { save(\"location\"); }");
    let more = "Contact: <sip:alice@192.0.2.101:5060>;expires=3600\r\n";
    let mut request = Request::new("REGISTER", more);
    for number in 0..times {
        // A refresh has the Call-ID of the one before, and the next CSeq.
        request.set_cseq(1 + number / 1000);
        rig.receive(request.numbered(number % 1000));
    }
}

/// Record-routed calls: six messages in, seven out, and what the simulated callee does.
pub(crate) fn call(times: u32) {
    let rig = Rig::new(
        "request_route { if (has_totag()) { loose_route(); t_relay(); exit; } \
         if (is_method(\"INVITE\")) record_route(); t_relay(); }",
    );
    calls(&rig, CALLEE, times);
}

/// Calls to a URI that leads to the simulated callee.
pub(crate) fn calls(rig: &Rig, uri: &str, times: u32) {
    let callee = rig.callee();
    let contact = "Contact: <sip:user########@192.0.2.101:5060>\r\n";
    let route = "Route: <sip:192.0.2.1;lr>\r\n";
    let mut invite = Request::to("INVITE", uri, "", contact);
    let [mut ack, mut bye] = ["ACK", "BYE"].map(|method| Request::within(method, route));
    for number in 1..=times {
        rig.receive(invite.numbered(number));
        let invite = rig.forwarded(&callee);
        rig.receive_back(&reply("180 Ringing", &invite));
        rig.receive_back(&reply("200 OK", &invite));
        rig.receive(ack.numbered(number));
        rig.receive(bye.numbered(number));
        // The ACK comes first.
        rig.forwarded(&callee);
        rig.receive_back(&reply("200 OK", &rig.forwarded(&callee)));
        rig.settle(1);
    }
}

/// A reply to a request as it was forwarded.
fn reply(status: &str, request: &str) -> Vec<u8> {
    let mut text = format!("SIP/2.0 {status}\r\n");
    let copied = ["Via:", "Record-Route:", "From:", "To:", "Call-ID:", "CSeq:"];
    for line in request.lines() {
        if copied.iter().any(|name| line.starts_with(name)) {
            text.push_str(line);
            if line.starts_with("To:") && !line.contains("tag=") {
                text.push_str(";tag=callee");
            }
            text.push_str("\r\n");
        }
    }
    text.push_str("Contact: <sip:bob@192.0.2.4>\r\nContent-Length: 0\r\n\r\n");
    text.into_bytes()
}

pub(crate) fn relay(times: u32) {
    let request = Request::new("MESSAGE", "");
    each(times, "request_route { t_relay(); }", request);
}

fn each(times: u32, blocks: &str, mut request: Request) {
    let rig = Rig::new(blocks);
    for number in 0..times {
        rig.receive(request.numbered(number));
    }
}
