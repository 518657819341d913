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

const CONTACT: &str = "Contact: <sip:b@10.0.0.2>";

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
}

#[test]
fn mistakes_are_named() {
    let world = World::new("");
    world.register("c", 5, &format!("{CONTACT}\n"));
    let listed = format!("{CONTACT};expires=3600");
    for (call_id, cseq, lines, text, lists) in [
        (
            "c",
            4,
            "Contact: <sip:b@10.0.0.2>\n",
            "Invalid CSeq number",
            true,
        ),
        (
            "d",
            1,
            "Contact: *\n",
            "* used in contact and expires is not zero",
            false,
        ),
        (
            "d",
            1,
            "Contact: *\nContact: <sip:a@b>\nExpires: 0\n",
            "* used in contact and more than 1 contact",
            false,
        ),
        ("d", 1, "Contact: foo\n", "Contact parse error", false),
        ("d", 1, "Contact:\n", "Contact parse error", false),
        (
            "d",
            1,
            "Contact: <sip:a@b>;q=5\n",
            "Invalid q param in contact",
            true,
        ),
        (
            "d",
            1,
            "Contact: <sip:a@b>\nExpires:\n",
            "Expires parse error",
            false,
        ),
    ] {
        let list = if lists {
            format!("\n{listed}")
        } else {
            String::new()
        };
        let expected = format!("SIP/2.0 400 Bad Request{list}\nP-Registrar-Error: {text}");
        assert_eq!(world.register(call_id, cseq, lines), expected, "{lines}");
    }
    let long = format!("Contact: <sip:{}@b>\n", "x".repeat(600));
    assert!(
        world
            .register("d", 1, &long)
            .ends_with("Contact/received too long")
    );
    let reply = world.ask("REGISTER", "sip:x", "sip:%zz@x", "d", 2, "");
    assert!(reply.ends_with("Error while unescaping username"));
    assert_eq!(
        world
            .server
            .core
            .statistics
            .value("registrar", "rejected_regs"),
        Some(9)
    );
    assert_eq!(
        world
            .server
            .core
            .statistics
            .value("usrloc", "location_contacts"),
        Some(1)
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_header_stops_the_server(
        contact in "[ -~]{0,40}",
        params in "(;(q|expires|reg-id|methods|received|.sip.instance)=?[ -~]{0,6}){0,3}",
        expires in "[ -~]{0,6}",
        to in "[!-~]{0,20}",
    ) {
        let world = World::new("modparam(\"registrar\", \"use_path\", 1)\n");
        let lines = format!("Contact: <sip:a@b>{params}\nContact: {contact}\nExpires: {expires}\nPath: {contact}\nSupported: gruu, path\n");
        world.ask("REGISTER", "sip:test.org", &format!("sip:{to}@x"), "c", 1, &lines);
        world.ask("REGISTER", "sip:test.org", "sip:bob@test.org", "c", 2, &lines);
        world.message();
        let panics = world.server.core.statistics.value("core", "message_panics");
        proptest::prop_assert_eq!(panics, Some(0));
    }
}

#[test]
fn limits() {
    let world = World::new(
        "modparam(\"registrar\", \"max_contacts\", 2)\nmodparam(\"registrar\", \"retry_after\", 30)\nmodparam(\"registrar\", \"min_expires_mode\", 1)\nmodparam(\"registrar\", \"max_expires\", 1000)\n",
    );
    assert_eq!(
        world.register("a", 1, "Contact: <sip:a@b>;expires=5\n"),
        "SIP/2.0 423 Interval Too Brief\nMin-Expires: 60\nP-Registrar-Error: Interval too brief"
    );
    let first = world.register("a", 2, "Contact: <sip:a@b>,<sip:c@d>\nExpires: 5000\n");
    let listed = "Contact: <sip:c@d>;expires=1000, <sip:a@b>;expires=1000";
    assert_eq!(first, format!("SIP/2.0 200 OK\n{listed}"));
    assert_eq!(
        world.register("b", 1, "Contact: <sip:e@f>\n"),
        format!(
            "SIP/2.0 503 Service Unavailable\n{listed}\nP-Registrar-Error: Too many registered contacts\nRetry-After: 30"
        )
    );
    let swapped = world.register("b", 2, "Contact: <sip:e@f>,<sip:a@b>;expires=0\n");
    assert_eq!(
        swapped,
        "SIP/2.0 200 OK\nContact: <sip:c@d>;expires=1000, <sip:e@f>;expires=1000"
    );
}

#[test]
fn path_is_kept_and_followed() {
    let path = "Path: <sip:p1;lr;received=sip:9.9.9.9:99>\nPath: <sip:p2;lr>\n";
    let world = World::new(
        "modparam(\"registrar\", \"use_path\", 1)\nmodparam(\"registrar\", \"path_use_received\", 1)\n",
    );
    assert_eq!(
        world.register("c", 1, &format!("{CONTACT}\n{path}")),
        format!(
            "SIP/2.0 420 Bad Extension\n{CONTACT};expires=3600;received=\"sip:9.9.9.9:99\"\nUnsupported: path\nPath: <sip:p1;lr;received=sip:9.9.9.9:99>,<sip:p2;lr>\nP-Registrar-Error: No support for found Path indicated"
        )
    );
    assert_eq!(
        world.register("c", 2, &format!("{CONTACT}\n{path}Supported: path\n")),
        format!(
            "SIP/2.0 200 OK\n{CONTACT};expires=3600;received=\"sip:9.9.9.9:99\"\nPath: <sip:p1;lr;received=sip:9.9.9.9:99>,<sip:p2;lr>"
        )
    );
    assert_eq!(
        world.message(),
        "SIP/2.0 404 Not Found\nX-Lookup: 1 sip:b@10.0.0.2 sip:p1;lr;received=sip:9.9.9.9:99"
    );
}

#[test]
fn instances_have_gruus_and_replace_their_former_lives() {
    let world = World::new("");
    let reply = world.register(
        "c",
        1,
        "Contact: <sip:b@10.0.0.2>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\nSupported: gruu\n",
    );
    let temporary = reply
        .split("temp-gruu=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(temporary.ends_with("-3c33e6@test.org;gr"), "{temporary}");
    assert_eq!(
        reply,
        format!(
            "SIP/2.0 200 OK\n{CONTACT};expires=3600;pub-gruu=\"sip:bob@test.org;gr=urn:uuid:1\";temp-gruu=\"{temporary}\";+sip.instance=\"<urn:uuid:1>\";reg-id=1"
        )
    );
    for (uri, result) in [
        (temporary, "1 sip:b@10.0.0.2"),
        ("sip:bob@test.org;gr=urn:uuid:1", "1 sip:b@10.0.0.2"),
        (
            "sip:bob@test.org;gr=urn:uuid:2",
            "-1 sip:bob@test.org;gr=urn:uuid:2",
        ),
        ("sip:bob@test.org;gr", "-3 sip:bob@test.org;gr"),
    ] {
        let reply = world.ask("MESSAGE", uri, uri, "m", 2, "");
        assert_eq!(reply, format!("SIP/2.0 404 Not Found\nX-Lookup: {result} "));
    }
    let again = "Contact: <sip:c@10.0.0.2>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\n";
    let reply = world.register("other", 1, again);
    assert_eq!(
        reply,
        "SIP/2.0 200 OK\nContact: <sip:c@10.0.0.2>;expires=3600;+sip.instance=\"<urn:uuid:1>\";reg-id=1"
    );
}

#[test]
fn methods_filter_contacts() {
    let world = World::new("modparam(\"registrar\", \"method_filtering\", 1)\n");
    world.register("c", 1, &format!("{CONTACT}\nAllow: INVITE, BYE\n"));
    assert!(world.message().contains("X-Lookup: -2 "));
    world.register("c", 2, &format!("{CONTACT}\nAllow: INVITE, MESSAGE\n"));
    assert!(world.message().contains("X-Lookup: 1 "));
}

#[test]
fn contacts_expire() {
    let world = World::new(
        "modparam(\"registrar\", \"min_expires\", 1)\nmodparam(\"usrloc\", \"timer_interval\", 5)\n",
    );
    world.register("c", 1, "Contact: <sip:b@10.0.0.2>;expires=2\n");
    assert!(world.message().contains("X-Lookup: 1 "));
    world.sim.run_for(2500);
    // Not yet removed, but no longer used.
    assert!(world.message().contains("X-Lookup: -1 "));
    world.sim.run_for(5000);
    let count = |name| world.server.core.statistics.value("usrloc", name);
    assert_eq!(count("location_contacts"), Some(0));
    assert_eq!(count("location_expires"), Some(1));
}

#[test]
fn dumps_show_what_is_registered() {
    let world = World::new("");
    world.register(
        "c",
        7,
        "Contact: <sip:b@10.0.0.2>;q=0.75\nUser-Agent: ph/1\n",
    );
    let args = ["location".into(), "BOB@x".into()];
    let shown = format!("{:?}", world.server.rpc("ul.lookup", &args).unwrap());
    for part in [
        "\"Address\", Text(b\"sip:b@10.0.0.2\")",
        "\"Q\", Double(0.75)",
        "\"CSeq\", Int(7)",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let brief = world.server.rpc("ul.dump", &["brief".into()]).unwrap();
    assert!(format!("{brief:?}").contains("\"AoR\", Text(b\"bob\")"));
    assert!(world.server.rpc("ul.rm", &args).unwrap().is_empty());
    let fault = world.server.rpc("ul.lookup", &args).unwrap_err();
    assert_eq!(fault.reason, "AOR not found in location table");
}

/// A phone on a connection registers for so long.
fn register_by_stream(w: &World, expires: u32) -> Agent {
    let phone = w.sim.agent_on("10.0.0.7:40000", engine::socket::Proto::Tcp);
    phone.send(SERVER, &format!(
        "REGISTER sip:y SIP/2.0\nVia: SIP/2.0/TCP 10.0.0.7;branch=z9hG4bKs{expires}\nFrom: <sip:bob@y>;tag=1\nTo: <sip:bob@test.org>\nCall-ID: s{expires}\nCSeq: 1 REGISTER\nContact: <sip:bob@10.0.0.7;transport=tcp>;expires={expires}\nContent-Length: 0\n\n"
    ));
    w.sim.run_for(20);
    assert!(phone.receive().unwrap().starts_with("SIP/2.0 200 OK"));
    phone
}

#[test]
fn a_contact_ends_with_its_connection_if_wanted() {
    let params =
        "modparam(\"usrloc\", \"handle_lost_tcp\", 1)\nmodparam(\"usrloc\", \"timer_interval\", 3)";
    for (params, lost) in [(params, true), ("", false)] {
        let w = World::new(params);
        let phone = register_by_stream(&w, 600);
        assert!(w.message().contains("X-Lookup: 1 "));
        w.sim.hang_up(&phone);
        assert_eq!(w.message().contains("X-Lookup: 1 "), !lost);
        w.sim.run_for(3_100);
        let contacts = w
            .server
            .core
            .statistics
            .value("usrloc", "location_contacts");
        assert_eq!(contacts, Some(i64::from(!lost)));
    }
}

#[test]
fn a_connection_ends_with_its_contact_if_wanted() {
    let w = World::new(
        "modparam(\"usrloc\", \"close_expired_tcp\", 1)\nmodparam(\"usrloc\", \"timer_interval\", 3)\nmodparam(\"registrar\", \"min_expires\", 1)",
    );
    let phone = register_by_stream(&w, 2);
    w.sim.run_for(1_000);
    assert!(w.sim.is_connected(&phone));
    w.sim.run_for(5_000);
    assert!(!w.sim.is_connected(&phone));
}
