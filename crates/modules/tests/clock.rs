//! Somebody sets the system's clock while calls are in work.

use testkit::Sim;

const CONFIG: &str = r#"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
modparam("tm", "fr_timer", 5000)
request_route {
    $du = "sip:10.0.0.3:5060";
    t_relay();
}
"#;

/// A day forward, then two back: the transaction ends when its timer says, not sooner or later.
#[test]
fn transactions_do_not_look_at_the_wall_clock() {
    let sim = Sim::new(1);
    let _server = sim
        .server("10.0.0.1:5060", CONFIG, modules::LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("10.0.0.2:5060");
    let callee = sim.agent("10.0.0.3:5060");
    client.send(
        "10.0.0.1:5060",
        "INVITE sip:bob@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\n\
         From: <sip:a@b>;tag=1\nTo: <sip:bob@10.0.0.1>\nCall-ID: 1\nCSeq: 1 INVITE\n\
         Max-Forwards: 70\nContent-Length: 0\n\n",
    );
    sim.run_for(1_000);
    sim.set_clock(86_400);
    sim.run_for(2_000);
    sim.set_clock(-86_400);
    sim.run_for(1_900);
    let before = client.receive_all().concat();
    assert!(!before.contains("SIP/2.0 408"), "{before}");
    // At 0, 0.5, 1.5 and 3.5 seconds.
    assert_eq!(callee.receive_all().len(), 4);
    sim.run_for(400);
    let after = client.receive_all().concat();
    assert!(after.starts_with("SIP/2.0 408"), "{after}");
}
