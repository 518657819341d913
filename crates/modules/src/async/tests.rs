//! Suspended requests in the simulated world.

use testkit::{Agent, Server, Sim};

use super::group_name;

const SERVER: &str = "10.0.0.1:5060";

const CONFIG: &str = r#"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "xlog.so"
loadmodule "async.so"
modparam("async", "ms_timer", 10)
request_route {
  if (method=="CANCEL") { if (t_check_trans()) { t_relay(); } exit; }
  t_check_trans();
  if (uri =~ "sleep@") { async_ms_sleep("500"); xlog("awake\n"); t_relay(); exit; }
  if (uri =~ "slept@") { if (async_ms_sleep("500")) { xlog("inside\n"); } t_relay(); exit; }
  async_ms_route("LATER", "500");
}
route[LATER] { xlog("old program\n"); t_relay(); }
branch_route[SLOW] { xlog("branch\n"); }
"#;

fn request(method: &str, user: &str) -> String {
    format!(
        "{method} sip:{user}@10.0.0.3:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-{user}\r\n\
         From: <sip:alice@10.0.0.1>;tag=ft\r\n\
         To: <sip:bob@10.0.0.1>\r\n\
         Call-ID: c-{user}\r\n\
         CSeq: 1 {method}\r\n\
         Max-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

struct World {
    sim: Sim,
    server: Server,
    alice: Agent,
    bob: Agent,
}

fn world() -> World {
    let sim = Sim::new(3);
    let server = sim.server(SERVER, CONFIG, crate::LIBRARY);
    let server = server.unwrap_or_else(|errors| panic!("{errors}"));
    let alice = sim.agent("10.0.0.2:5060");
    let bob = sim.agent("10.0.0.3:5060");
    World {
        sim,
        server,
        alice,
        bob,
    }
}

#[test]
fn a_route_goes_on_after_its_time() {
    let w = world();
    w.alice.send(SERVER, &request("INVITE", "bob"));
    w.sim.run_for(400);
    assert!(
        w.alice
            .receive()
            .is_some_and(|m| m.starts_with("SIP/2.0 100 "))
    );
    assert_eq!(w.bob.receive(), None);
    w.sim.run_for(200);
    assert!(w.bob.receive().is_some_and(|m| m.starts_with("INVITE ")));
}

#[test]
fn sleeping_works_in_a_condition_too() {
    let w = world();
    w.alice.send(SERVER, &request("INVITE", "slept"));
    w.sim.run_for(700);
    assert_eq!(w.server.log_lines(), ["inside"]);
    assert!(w.bob.receive().is_some());
}

#[test]
fn who_hangs_up_meanwhile_is_not_relayed() {
    for user in ["sleep", "bob"] {
        let w = world();
        w.alice.send(SERVER, &request("INVITE", user));
        w.sim.run_for(100);
        w.alice.send(SERVER, &request("CANCEL", user));
        w.sim.run_for(40_000);
        assert_eq!(w.bob.receive(), None);
        assert_eq!(w.server.log_lines(), [""; 0]);
        let inuse = w.server.core.statistics.value("tmx", "inuse_transactions");
        assert_eq!(inuse, Some(0));
    }
}

#[test]
fn groups_have_names() {
    assert_eq!(group_name("name=abc;workers=4").as_deref(), Some("abc"));
    assert_eq!(group_name("\"workers=4; name = x\"").as_deref(), Some("x"));
    assert_eq!(group_name("workers=4"), None);
}
