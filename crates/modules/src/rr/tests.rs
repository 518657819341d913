//! Every expected value is what Kamailio 5.6.3 was seen to do, but where said.

use crate::testing::{REQUEST, check_cases, run_config};
use testkit::Sim;

#[test]
fn record_route() {
    check_cases("", REQUEST, include_str!("cases/record.txt"));
}

#[test]
fn record_route_with_other_parameters() {
    let params = r#"
modparam("rr", "append_fromtag", 0)
modparam("rr", "enable_full_lr", 1)
modparam("rr", "enable_double_rr", 0)
modparam("rr", "add_username", 1)
modparam("rr", "ignore_sips", 1)
"#;
    let cases = include_str!("cases/record_options.txt");
    check_cases(params, REQUEST, cases);
}

/// Kamailio leaves `;lr;ftag=aaa>` behind.
#[test]
fn removing_record_route_removes_all_of_it() {
    let blocks = "request_route { record_route(); remove_record_route(); t_relay(); }";
    let sent = run_config("", blocks, REQUEST).sent.unwrap();
    assert_eq!(sent, REQUEST.replace('\n', "\r\n"));
}

/// Runs each case: `> uri [initial]`, its further headers, what was forwarded of Route and
/// Record-Route (`+ `), what was logged (`= `).
#[test]
fn loose_routing() {
    let blocks = r#"request_route {
 if (src_ip==127.0.43.1) exit;
 loose_route();
 xlog("L_ERR","@@$rc $ru $du $rdir(name) $fti $tti\n");
 if (check_route_param("ftag=aaa")) { xlog("L_ERR","@@param\n"); }
 if (rr_next_hop_route()) { xlog("L_ERR","@@next\n"); }
 set_send_socket("udp:127.0.43.1:5060"); $du="sip:127.0.43.9:5060"; record_route(); t_relay(); exit;
}"#;
    let mut wrong = Vec::new();
    for case in include_str!("cases/loose.txt").split("\n> ") {
        let mut lines = case.trim_start_matches("> ").lines();
        let first = lines.next().unwrap_or_default();
        let (uri, tag) = match first.strip_suffix(" initial") {
            Some(uri) => (uri, ""),
            None => (first, ";tag=tt"),
        };
        let (headers, expected): (Vec<&str>, Vec<&str>) =
            lines.partition(|line| line.starts_with("  "));
        let headers: String = headers.iter().map(|h| format!("{}\n", &h[2..])).collect();
        let request = format!(
            "BYE {uri} SIP/2.0\nVia: SIP/2.0/UDP 127.0.43.8:5060;branch=z9hG4bKx\nFrom: <sip:alice@a.example>;tag=aaa\nTo: <sip:bob@b.example>{tag}\nCall-ID: c\nCSeq: 1 BYE\nMax-Forwards: 70\n{headers}Content-Length: 0\n\n"
        );
        let ran = run_config("", blocks, &request);
        let mut got: Vec<String> = match &ran.sent {
            Some(sent) => sent
                .split("\r\n")
                .filter(|l| l.starts_with("Route") || l.starts_with("Record-Route"))
                .map(|l| format!("+ {l}"))
                .collect(),
            None => vec!["nothing".to_owned()],
        };
        let said = ran.log.iter().filter_map(|l| l.split_once("@@"));
        got.extend(said.map(|(_, l)| format!("= {}", l.trim_end())));
        if got != expected {
            wrong.push(format!(
                "> {first}\n{headers}expected:\n  {}\ngot:\n  {}\nlog: {:?}",
                expected.join("\n  "),
                got.join("\n  "),
                ran.log
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A request that comes by TCP and leaves by UDP.
fn by_tcp(statements: &str) -> Vec<String> {
    let sim = Sim::new(5);
    let config = format!(
        "loadmodule \"tm.so\"\nloadmodule \"rr.so\"\nrequest_route {{ {statements} t_relay(); }}\n"
    );
    let _server = sim
        .server("127.0.43.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let alice = sim.agent_on("127.0.43.8:5060", engine::socket::Proto::Tcp);
    let bob = sim.agent("127.0.43.9:5060");
    alice.send("127.0.43.1:5060", &REQUEST.replace("/UDP", "/TCP"));
    sim.run_for(50);
    let sent = bob.receive().unwrap_or_default();
    sent.split("\r\n")
        .filter_map(|l| l.strip_prefix("Record-Route: "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn two_headers_when_the_transport_changes() {
    assert_eq!(
        by_tcp("record_route();"),
        [
            "<sip:127.0.43.1;r2=on;lr;ftag=aaa>",
            "<sip:127.0.43.1;transport=tcp;r2=on;lr;ftag=aaa>"
        ]
    );
    assert_eq!(
        by_tcp("record_route_advertised_address(\"1.2.3.4:5080\");"),
        [
            "<sip:1.2.3.4:5080;transport=udp;r2=on;ftag=aaa;lr>",
            "<sip:1.2.3.4:5080;transport=tcp;r2=on;ftag=aaa;lr>"
        ]
    );
    assert_eq!(
        by_tcp("record_route_preset(\"1.2.3.4:5080\");"),
        ["<sip:1.2.3.4:5080;ftag=aaa;lr>"]
    );
}

#[test]
fn branches_have_their_own_parameters() {
    let blocks = r#"
request_route { record_route(); t_on_branch("b"); t_relay(); }
branch_route[b] { record_route(); xlog("L_ERR","@@$rc\n"); add_rr_param(";br=1"); }
"#;
    let ran = run_config("", blocks, REQUEST);
    let sent = ran.sent.unwrap();
    assert!(sent.contains("Record-Route: <sip:127.0.43.1;lr;ftag=aaa;br=1>\r\n"));
    assert!(ran.log.iter().any(|l| l.contains("@@-1")));
}
