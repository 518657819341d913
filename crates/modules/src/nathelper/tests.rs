//! The module in a simulated server. Expectations are what Kamailio 5.6.3 did.

use testkit::{Agent, Server, Sim};

struct World {
    sim: Sim,
    server: Server,
    client: Agent,
    next: Agent,
}

fn world(script: &str) -> World {
    let sim = Sim::new(1);
    let config = format!(
        "loadmodule \"nathelper.so\"\nloadmodule \"pv.so\"\nloadmodule \"tm.so\"\n\
         request_route {{ {script} t_relay(\"10.0.0.8\", \"5060\"); }}"
    );
    let server = sim
        .server("10.0.0.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let client = sim.agent("10.9.0.9:5060");
    let next = sim.agent("10.0.0.8:5060");
    World {
        sim,
        server,
        client,
        next,
    }
}

fn request(contact: &str, body: &str) -> String {
    let kind = if body.is_empty() {
        ""
    } else {
        "Content-Type: application/sdp\n"
    };
    format!(
        "INVITE sip:bob@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.9.0.9:5060;branch=z9hG4bK1\n\
         From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: c\nCSeq: 1 INVITE\nMax-Forwards: 70\n\
         Contact: {contact}\n{kind}Content-Length: {}\n\n{body}",
        body.replace('\n', "\r\n").len()
    )
}

impl World {
    /// What is relayed of a request with this contact and body.
    fn relayed(&self, contact: &str, body: &str) -> String {
        self.client.send("10.0.0.1:5060", &request(contact, body));
        self.sim.run_for(10);
        self.next
            .receive()
            .unwrap_or_else(|| panic!("nothing relayed: {:?}", self.server.log_lines()))
    }

    fn contact(&self, contact: &str) -> String {
        let relayed = self.relayed(contact, "");
        let line = relayed.lines().find(|l| l.starts_with("Contact: "));
        line.unwrap_or_default()["Contact: ".len()..].to_owned()
    }
}

#[test]
fn contacts() {
    let cases = [
        (
            "fix_nated_contact();",
            "<sip:a@192.168.1.5:5062>",
            "<sip:a@10.9.0.9:5060>",
        ),
        (
            "fix_nated_contact();",
            "\"N\" <sip:a@192.168.1.5;transport=tcp;x=y>;q=0.5",
            "\"N\" <sip:a@10.9.0.9:5060;transport=tcp;x=y>;q=0.5",
        ),
        (
            "fix_nated_contact();",
            "<sip:a:pw@192.168.1.5:1;a=b?h=v>",
            "<sip:a:pw@10.9.0.9:5060;a=b?h=v>",
        ),
        (
            "fix_nated_contact();",
            "<sip:a@1.1.1.1>,<sip:b@2.2.2.2:7>",
            "<sip:a@1.1.1.1>,<sip:b@10.9.0.9:5060>",
        ),
        ("fix_nated_contact();", "*", "*"),
        (
            "set_contact_alias();",
            "\"N\" <sip:a@192.168.1.5;x=y>;q=0.5",
            "\"N\" <sip:a@192.168.1.5;x=y;alias=10.9.0.9~5060~1>;q=0.5",
        ),
        (
            "set_contact_alias();",
            "sip:a@192.168.1.5:99;tag=1",
            "<sip:a@192.168.1.5:99;alias=10.9.0.9~5060~1>;tag=1",
        ),
        (
            "set_contact_alias();",
            "<sip:a@1.2.3.4;alias=9.9.9.9~1~1>",
            "<sip:a@1.2.3.4;alias=9.9.9.9~1~1;alias=10.9.0.9~5060~1>",
        ),
        (
            "set_contact_alias(\"1\");",
            "<sip:a@1.2.3.4;alias=9.9.9.9~1~1>",
            "<sip:a@1.2.3.4;alias=10.9.0.9~5060~1>",
        ),
        (
            "add_contact_alias();",
            "<sip:a@192.168.1.5:1;a=b>",
            "<sip:a@192.168.1.5:1;alias=10.9.0.9~5060~1;a=b>",
        ),
        (
            "add_contact_alias(\"1.2.3.4\", \"55\", \"tcp\");",
            "sip:a@192.168.1.5",
            "<sip:a@192.168.1.5;alias=1.2.3.4~55~2>",
        ),
        (
            "add_rcv_param();",
            "<sip:a@1.1.1.1>,<sip:b@2.2.2.2:7>;q=1",
            "<sip:a@1.1.1.1>;received=\"sip:10.9.0.9:5060\",<sip:b@2.2.2.2:7>;q=1;received=\"sip:10.9.0.9:5060\"",
        ),
        (
            "add_rcv_param(\"1\");",
            "sip:a@192.168.1.5:99;tag=1",
            "sip:a@192.168.1.5:99;received=sip:10.9.0.9:5060;tag=1",
        ),
    ];
    for (script, given, expected) in cases {
        assert_eq!(world(script).contact(given), expected, "{script}");
    }
}

const SDP: &str = "v=0\no=- 1 1 IN IP4 10.1.1.1\ns=-\nc=IN IP4 10.1.1.1\nt=0 0\n\
                   m=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP4 10.1.1.1\na=sendrecv\n";

#[test]
fn descriptions() {
    let fixed = |call: &str| {
        let relayed = world(call).relayed("<sip:a@1.1.1.1>", SDP);
        let (head, body) = relayed.split_once("\r\n\r\n").unwrap();
        let length = format!("Content-Length: {}", body.len());
        assert!(head.lines().any(|l| l == length), "{head}");
        body.replace("\r\n", "|")
    };
    assert_eq!(
        fixed("fix_nated_sdp(\"15\");"),
        "v=0|o=- 1 1 IN IP4 10.9.0.9|s=-|c=IN IP4 10.9.0.9|t=0 0|m=audio 4000 RTP/AVP 0|\
         a=rtcp:4001 IN IP4 10.9.0.9|a=sendrecv|a=direction:active|a=nortpproxy:yes|\
         a=oldmediaip:10.1.1.1|a=oldmediaip:10.1.1.1|a=oldmediaip:10.1.1.1|"
    );
    assert_eq!(
        fixed("fix_nated_sdp(\"2\", \"5.6.7.8\");"),
        "v=0|o=- 1 1 IN IP4 10.1.1.1|s=-|c=IN IP4 5.6.7.8|t=0 0|m=audio 4000 RTP/AVP 0|\
         a=rtcp:4001 IN IP4 5.6.7.8|a=sendrecv|a=oldmediaip:10.1.1.1|a=oldmediaip:10.1.1.1|"
    );
    assert_eq!(fixed("fix_nated_sdp(\"0\");"), SDP.replace('\n', "|"));
}

#[test]
fn tests_for_nat() {
    let is_found = |bits: &str, contact: &str, body: &str| {
        let script = format!("if (nat_uac_test(\"{bits}\")) log(0, \"nat\");");
        let w = world(&script);
        w.relayed(contact, body);
        w.server.log_lines().contains(&"nat".to_owned())
    };
    let public = SDP.replace("10.1.1.1", "1.1.1.1");
    assert!(is_found("1", "<sip:a@192.168.1.5>", ""));
    assert!(is_found("1", "<sip:a@1.2.3.4>, <sip:b@10.0.0.1>", ""));
    assert!(!is_found("1", "<sip:a@1.2.3.4>", ""));
    assert!(!is_found("2", "<sip:a@1.2.3.4>", ""));
    assert!(is_found("4", "<sip:a@1.2.3.4>", ""));
    assert!(is_found("8", "<sip:a@1.2.3.4>", SDP));
    assert!(!is_found("8", "<sip:a@1.2.3.4>", &public));
    assert!(!is_found("16", "<sip:a@1.2.3.4>", ""));
    assert!(is_found("32", "<sip:a@1.2.3.4>", ""));
    assert!(is_found("128", "<sip:a@1.2.3.4:6000>", ""));
    assert!(is_found("256", "<sip:a@1.2.3.4>", &public));
    assert!(!is_found("0", "<sip:a@10.1.1.1>", SDP));
}

#[test]
fn aliases_in_request_uris() {
    let handled = |mode: &str, uri: &str| {
        let w = world(&format!(
            "$var(rc) = handle_ruri_alias({mode});
             if ($var(rc) == 2) {{ log(0, \"none\"); exit; }}
             if ($var(rc) == 1) {{ t_relay(); exit; }}
             log(0, \"broken\"); exit;"
        ));
        let text = request("<sip:a@b>", "").replace("sip:bob@10.0.0.1", uri);
        w.client.send("10.0.0.1:5060", &text);
        w.sim.run_for(10);
        match w.next.receive() {
            Some(relayed) => relayed.split(' ').nth(1).unwrap().to_owned(),
            None => w.server.log_lines().join("|"),
        }
    };
    let cases = [
        (
            "",
            "sip:h@1.2.3.4:5;alias=10.0.0.8~5060~1",
            "sip:h@1.2.3.4:5",
        ),
        (
            "",
            "sip:h@1.2.3.4;alias=10.0.0.8~5060~1;x=y",
            "sip:h@1.2.3.4;x=y",
        ),
        (
            "\"1\"",
            "sip:h@1.2.3.4;alias=9.8.7.6~1~2;alias=10.0.0.8~5060~1",
            "sip:h@1.2.3.4;alias=9.8.7.6~1~2",
        ),
        ("", "sip:h@1.2.3.4;alias=bad", "none"),
        ("", "sip:h@1.2.3.4;Alias=9.8.7.6~5070~1", "none"),
    ];
    for (mode, uri, expected) in cases {
        assert_eq!(handled(mode, uri), expected, "{uri}");
    }
    assert!(handled("", "sip:h@1.2.3.4;alias=9.8.7.6~5070~9").contains("broken"));
}

#[test]
fn keepalives() {
    let sim = Sim::new(1);
    let config = r#"
        loadmodule "pv.so"
        loadmodule "kex.so"
        loadmodule "sl.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "nathelper.so"
        modparam("usrloc", "nat_bflag", 6)
        modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
        modparam("nathelper", "natping_interval", 30)
        modparam("nathelper", "ping_nated_only", 1)
        modparam("nathelper", "sipping_bflag", 7)
        modparam("nathelper", "sipping_from", "sip:pinger@kamailio.org")
        request_route {
            if ($fU == "udp") setbflag(6);
            if ($fU == "sip") { setbflag(6); setbflag(7); }
            fix_nated_register();
            save("location");
        }
    "#;
    let server = sim
        .server("10.0.0.1:5060", config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let agents: Vec<Agent> = ["udp", "sip", "none"]
        .iter()
        .zip(2..)
        .map(|(user, n)| {
            let agent = sim.agent(&format!("10.0.0.{n}:5060"));
            agent.send(
                "10.0.0.1:5060",
                &format!(
                    "REGISTER sip:10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.{n};branch=z9hG4bK{n}\n\
                     From: <sip:{user}@b>;tag=1\nTo: <sip:{user}@b>\nCall-ID: c{n}\nCSeq: 1 REGISTER\n\
                     Contact: <sip:{user}@192.168.0.1>;expires=600\nContent-Length: 0\n\n"
                ),
            );
            agent
        })
        .collect();
    sim.run_for(1000);
    for agent in &agents {
        assert!(agent.receive().unwrap().starts_with("SIP/2.0 200"));
    }
    sim.run_for(30_000);
    assert_eq!(agents[0].receive_all(), ["\0\0\0\0"]);
    let options = agents[1].receive_all();
    assert!(options[0].starts_with(
        "OPTIONS sip:sip@192.168.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK"
    ));
    assert!(options[0].contains("\r\nFrom: sip:pinger@kamailio.org;tag=uloc-"));
    assert!(agents[2].receive_all().is_empty());
    server.rpc("nathelper.enable_ping", &[0.into()]).unwrap();
    sim.run_for(60_000);
    assert!(agents.iter().all(|a| a.receive_all().is_empty()));
    assert!(server.rpc("nathelper.enable_ping", &[]).is_err());
}

#[test]
fn contacts_that_do_not_answer_go() {
    let sim = Sim::new(1);
    let config = r#"
        loadmodule "pv.so"
        loadmodule "kex.so"
        loadmodule "sl.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "nathelper.so"
        modparam("usrloc", "nat_bflag", 6)
        modparam("nathelper", "natping_interval", 10)
        modparam("nathelper", "sipping_bflag", 7)
        modparam("nathelper", "sipping_from", "sip:pinger@kamailio.org")
        modparam("nathelper", "keepalive_timeout", 25)
        request_route {
            setbflag(7);
            save("location");
        }
    "#;
    let server = sim
        .server("10.0.0.1:5060", config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let [lively, silent] = [("lively", 2), ("silent", 3)].map(|(user, n)| {
        let agent = sim.agent(&format!("10.0.0.{n}:5060"));
        agent.send(
            "10.0.0.1:5060",
            &format!(
                "REGISTER sip:10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.{n};branch=z9hG4bK{n}\n\
                 From: <sip:{user}@b>;tag=1\nTo: <sip:{user}@b>\nCall-ID: c{n}\nCSeq: 1 REGISTER\n\
                 Contact: <sip:{user}@10.0.0.{n}>;expires=3600\nContent-Length: 0\n\n"
            ),
        );
        agent
    });
    let is_known = |user: &str| {
        server
            .rpc("ul.lookup", &["location".into(), user.into()])
            .is_ok()
    };
    for _ in 0..6 {
        sim.run_for(10_000);
        for request in lively.receive_all() {
            if !request.starts_with("OPTIONS") {
                continue;
            }
            let copied: Vec<&str> = request
                .split("\r\n")
                .filter(|line| {
                    ["Via", "From", "To", "Call-ID", "CSeq"]
                        .iter()
                        .any(|name| line.starts_with(name))
                })
                .collect();
            let reply = format!(
                "SIP/2.0 200 OK\n{}\nContent-Length: 0\n\n",
                copied.join("\n")
            );
            lively.send("10.0.0.1:5060", &reply);
        }
    }
    assert!(silent.receive_all().len() > 1);
    assert!(is_known("lively"));
    assert!(!is_known("silent"));
}
