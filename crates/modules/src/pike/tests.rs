//! The module in a simulated server, with the stock configuration's limits.

use engine::log::Level;
use testkit::{Agent, Server, Sim};

const CONFIG: &str = r#"
loadmodule "pike.so"
modparam("pike", "sampling_time_unit", 2)
modparam("pike", "reqs_density_per_unit", 16)
modparam("pike", "remove_latency", 4)
request_route {
    if (!pike_check_req()) { log(0, "blocked"); exit; }
    log(0, "passed");
}
"#;

fn flood(agent: &Agent, count: usize) {
    for _ in 0..count {
        agent.send(
            "10.0.0.1:5060",
            "OPTIONS sip:bob@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\n\
             From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n",
        );
    }
}

fn counts(server: &Server) -> (usize, usize) {
    let lines = server.log();
    let count = |text: &str| lines.iter().filter(|(_, l)| l == text).count();
    (count("passed"), count("blocked"))
}

#[test]
fn a_flood_is_blocked_and_released() {
    let sim = Sim::new(1);
    let server = sim.server("10.0.0.1:5060", CONFIG, crate::LIBRARY).unwrap();
    let agent = sim.agent("10.0.0.2:5060");
    flood(&agent, 40);
    sim.run_for(500);
    let blocked = server.core.statistics.value("pike", "blocked_ips");
    assert_eq!(blocked, Some(1));
    let lines = server.log();
    let passed = lines.iter().filter(|(_, l)| l == "passed").count();
    assert_eq!((passed, lines.len()), (21, 41));
    assert!(lines.iter().any(|(level, line)| *level == Level::Warning
        && line.starts_with("PIKE - BLOCKing ip 10.0.0.2, node=")));
    // The unit after the flood still counts as hot.
    sim.run_for(2000);
    flood(&agent, 1);
    sim.run_for(100);
    assert_eq!(counts(&server), (0, 1));
    sim.run_for(2000);
    flood(&agent, 1);
    sim.run_for(100);
    assert_eq!(counts(&server), (1, 0));
    let blocked = server.core.statistics.value("pike", "blocked_ips");
    assert_eq!(blocked, Some(0));
}

#[test]
fn top() {
    let sim = Sim::new(1);
    let server = sim.server("10.0.0.1:5060", CONFIG, crate::LIBRARY).unwrap();
    let agent = sim.agent("10.0.0.2:5060");
    flood(&agent, 10);
    sim.run_for(100);
    let hot = format!("{:?}", server.rpc("pike.top", &[]));
    assert!(hot.contains(r#"("number_of_rows", Int(0))"#), "{hot}");
    let all = format!("{:?}", server.rpc("pike.list", &["all".into()]));
    assert!(all.contains(r#"("leaf_hits_curr", Int(4))"#), "{all}");
    assert!(server.rpc("pike.top", &["x".into()]).is_err());
}
