//! At a limit new requests are answered 503 with Retry-After, while what is in work goes on.

use testkit::{Agent, Sim};

const CONFIG: &str = r#"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
ferrosip.max_transactions = 2 desc "for the test"
request_route {
    $du = "sip:10.0.0.3:5060";
    t_relay();
}
"#;

fn request(method: &str, call: u32, to_tag: &str) -> String {
    format!(
        "{method} sip:bob@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{call}\n\
         From: <sip:a@b>;tag=1\nTo: <sip:bob@10.0.0.1>{to_tag}\nCall-ID: {call}\nCSeq: 1 {method}\n\
         Max-Forwards: 70\nContent-Length: 0\n\n"
    )
}

/// Sends a request and gives the first lines of what comes back.
fn answers(sim: &Sim, client: &Agent, text: &str) -> Vec<String> {
    client.send("10.0.0.1:5060", text);
    sim.run_for(250);
    let first = |m: String| m.lines().next().unwrap_or_default().to_owned();
    client.receive_all().into_iter().map(first).collect()
}

#[test]
fn new_work_is_refused_at_the_limit_and_work_in_hand_goes_on() {
    let sim = Sim::new(1);
    let server = sim
        .server("10.0.0.1:5060", CONFIG, modules::LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("10.0.0.2:5060");
    let callee = sim.agent("10.0.0.3:5060");
    let trying = "SIP/2.0 100 trying -- your call is important to us";
    for call in [1, 2] {
        let got = answers(&sim, &client, &request("INVITE", call, ""));
        assert_eq!(got, [trying]);
    }
    client.send("10.0.0.1:5060", &request("INVITE", 3, ""));
    sim.run_for(10);
    let refused = client.receive_all().concat();
    assert!(
        refused.starts_with("SIP/2.0 503 Service Unavailable\r\n"),
        "{refused}"
    );
    assert!(refused.contains("\r\nRetry-After: 10\r\n"), "{refused}");
    assert!(server.core.overload.is_refusing());
    assert_eq!(
        server.core.statistics.value("core", "overload_refused"),
        Some(1)
    );

    // A retransmission, a request within a dialog, a CANCEL and an ACK are no new work.
    callee.receive_all();
    assert_eq!(answers(&sim, &client, &request("INVITE", 1, "")), [trying]);
    answers(&sim, &client, &request("BYE", 4, ";tag=x"));
    answers(&sim, &client, &request("ACK", 3, ";tag=y"));
    let cancelled = answers(&sim, &client, &request("CANCEL", 2, ""));
    assert!(
        cancelled.iter().any(|l| l.starts_with("SIP/2.0 200 ")),
        "{cancelled:?}"
    );
    let passed = callee.receive_all().concat();
    assert!(passed.contains("BYE sip:bob@10.0.0.1"), "{passed}");

    // When they have ended, new work is taken again.
    sim.run_for(200_000);
    client.receive_all();
    assert!(!server.core.overload.is_refusing());
    assert_eq!(answers(&sim, &client, &request("INVITE", 5, "")), [trying]);
    let log = server.log_lines().join("\n");
    assert!(
        log.contains("2 transactions reach the limit of 2 (ferrosip.max_transactions)"),
        "{log}"
    );
    assert!(log.contains("taking new requests again"), "{log}");
}
