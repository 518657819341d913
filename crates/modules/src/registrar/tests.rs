//! Whole registrations and lookups on a simulated server. What is expected was seen at Kamailio
//! 5.6.3.

use testkit::{Agent, Server, Sim};

const SERVER: &str = "10.0.0.1:5060";
const PHONE: &str = "10.0.0.2:5060";

const ROUTE: &str = r#"
request_route {
    if ($rm == "REGISTER") {
        $var(rc) = save("location");
        exit;
    }
    $var(rc) = lookup("location");
    $var(line) = "X-Lookup: " + $var(rc) + " " + $ru + " " + $du + "\r\n";
    append_to_reply("$var(line)");
    sl_send_reply("404", "Not Found");
}
"#;

struct World {
    sim: Sim,
    server: Server,
    phone: Agent,
}

impl World {
    fn new(params: &str) -> Self {
        let sim = Sim::new(1);
        let config = format!(
            "loadmodule \"sl\"\nloadmodule \"pv\"\nloadmodule \"textops\"\nloadmodule \"usrloc\"\nloadmodule \"registrar\"\n{params}\n{ROUTE}"
        );
        let server = sim.server(SERVER, &config, crate::LIBRARY).unwrap();
        let phone = sim.agent(PHONE);
        Self { sim, server, phone }
    }

    /// Sends a request and shows the reply's status line and what is not copied from the request.
    fn ask(
        &self,
        method: &str,
        uri: &str,
        to: &str,
        call_id: &str,
        cseq: u32,
        lines: &str,
    ) -> String {
        self.phone.send(SERVER, &format!(
            "{method} {uri} SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{call_id}{cseq}\nFrom: <sip:x@y>;tag=1\nTo: <{to}>\nCall-ID: {call_id}\nCSeq: {cseq} {method}\n{lines}Content-Length: 0\n\n"
        ));
        self.sim.run_for(20);
        let reply = self.phone.receive().unwrap_or_default();
        let copied = [
            "Via",
            "From",
            "To",
            "Call-ID",
            "CSeq",
            "Content-Length",
            "Server",
        ];
        let shown = reply
            .lines()
            .filter(|l| !l.is_empty() && !copied.iter().any(|c| l.starts_with(&format!("{c}:"))));
        shown.collect::<Vec<_>>().join("\n")
    }

    fn register(&self, call_id: &str, cseq: u32, lines: &str) -> String {
        self.ask(
            "REGISTER",
            "sip:test.org",
            "sip:bob@test.org",
            call_id,
            cseq,
            lines,
        )
    }

    fn message(&self) -> String {
        self.ask(
            "MESSAGE",
            "sip:bob@test.org",
            "sip:bob@test.org",
            "m",
            1,
            "",
        )
    }
}

#[test]
fn a_phone_registers_and_is_found() {
    let world = World::new("");
    let reply = world.register("c", 1, "Contact: <sip:b@10.0.0.2>;q=0.5\n");
    assert_eq!(
        reply,
        "SIP/2.0 200 OK\nContact: <sip:b@10.0.0.2>;q=0.5;expires=3600"
    );
    assert_eq!(
        world.message(),
        "SIP/2.0 404 Not Found\nX-Lookup: 1 sip:b@10.0.0.2 "
    );
    assert_eq!(
        world.register("c", 2, "Contact: *\nExpires: 0\n"),
        "SIP/2.0 200 OK"
    );
    assert_eq!(
        world.message(),
        "SIP/2.0 404 Not Found\nX-Lookup: -1 sip:bob@test.org "
    );
    let _ = &world.server;
}
