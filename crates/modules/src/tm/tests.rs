//! Whole servers in the simulated world: the expectations were measured on Kamailio 5.6.3.

use testkit::{Agent, Link, Server, Sim};

const SERVER: &str = "10.0.0.1:5060";

const HEAD: &str = r#"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "tmx.so"
loadmodule "corex.so"
loadmodule "xlog.so"
"#;

const RELAY: &str = r#"
request_route {
  if (method=="CANCEL") { if (t_check_trans()) { t_relay(); } exit; }
  t_check_trans();
  t_on_failure("F");
  if (uri =~ "fork@") { seturi("sip:a@10.0.0.3:5060"); append_branch("sip:b@10.0.0.4:5060"); }
  if (uri =~ "name@") { seturi("sip:a@callee.example:5060"); }
  if (uri =~ "code@") { seturi("sip:a@unknown.example:5060"); t_relay(); xlog("relayed: $rc\n"); exit; }
  if (uri =~ "nowhere@") { seturi("sip:a@unknown.example:5060"); }
  if (uri =~ "dead@") { seturi("sip:dead@10.0.0.9:5999;transport=tcp"); }
  if (uri =~ "rescue@") { seturi("sip:rescue@10.0.0.9:5999;transport=tcp"); }
  if (uri =~ "own@") { t_newtran(); t_reply("404", "Not Here"); exit; }
  if (!t_relay()) { sl_reply_error(); }
}
failure_route[F] {
  if (t_is_canceled()) exit;
  if (uri =~ "rescue@" && t_check_status("477")) { seturi("sip:b@10.0.0.4:5060"); t_relay(); exit; }
  if (uri =~ "serial@" && t_check_status("486")) { seturi("sip:b@10.0.0.4:5060"); t_relay(); exit; }
}
"#;

struct World {
    sim: Sim,
    server: Server,
    alice: Agent,
    bob: Agent,
    carol: Agent,
}

fn world(script: &str) -> World {
    world_of(script, crate::LIBRARY)
}

fn world_of(script: &str, library: engine::load::Library) -> World {
    let sim = Sim::new(1);
    let config = format!("{HEAD}{script}");
    let server = sim.server(SERVER, &config, library);
    let server = server.unwrap_or_else(|errors| panic!("{errors}"));
    let alice = sim.agent("10.0.0.2:5060");
    let bob = sim.agent("10.0.0.3:5060");
    let carol = sim.agent("10.0.0.4:5060");
    World {
        sim,
        server,
        alice,
        bob,
        carol,
    }
}

fn request(method: &str, user: &str, to_tag: &str) -> String {
    format!(
        "{method} sip:{user}@10.0.0.3:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-{user}\r\n\
         From: <sip:alice@10.0.0.1>;tag=ft\r\n\
         To: <sip:bob@10.0.0.1>{to_tag}\r\n\
         Call-ID: c-{user}\r\n\
         CSeq: 1 {method}\r\n\
         Max-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// A reply to a request as it was received.
fn reply(request: &str, status: &str) -> String {
    let mut lines = vec![format!("SIP/2.0 {status}")];
    for line in request.split("\r\n").skip(1) {
        let copied = ["Via:", "From:", "Call-ID:", "CSeq:"];
        if copied.iter().any(|name| line.starts_with(name)) {
            lines.push(line.to_owned());
        } else if line.starts_with("To:") {
            let tag = if line.contains("tag=") { "" } else { ";tag=bt" };
            lines.push(format!("{line}{tag}"));
        }
    }
    lines.push("Content-Length: 0\r\n\r\n".into());
    lines.join("\r\n")
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default().trim_end()
}

fn lines(agent: &Agent) -> Vec<String> {
    agent
        .receive_all()
        .iter()
        .map(|m| first_line(m).to_owned())
        .collect()
}

impl World {
    fn invite(&self, user: &str) -> String {
        self.alice.send(SERVER, &request("INVITE", user, ""));
        self.sim.run_for(20);
        self.bob.receive().expect("the INVITE is relayed")
    }

    fn answer(&self, agent: &Agent, request: &str, status: &str) {
        agent.send(SERVER, &reply(request, status));
        self.sim.run_for(20);
    }
}

#[test]
fn a_call_is_relayed_and_its_ack_goes_through() {
    let w = world(RELAY);
    let invite = w.invite("bob");
    assert_eq!(
        lines(&w.alice),
        ["SIP/2.0 100 trying -- your call is important to us"]
    );
    w.answer(&w.bob, &invite, "180 Ringing");
    w.answer(&w.bob, &invite, "200 OK");
    let replies = w.alice.receive_all();
    assert_eq!(first_line(&replies[0]), "SIP/2.0 180 Ringing");
    assert_eq!(first_line(&replies[1]), "SIP/2.0 200 OK");
    assert_eq!(replies[1].matches("Via:").count(), 1);
    let ack = request("ACK", "bob", ";tag=bt").replace("-bob\r\nF", "-ack\r\nF");
    w.alice.send(SERVER, &ack);
    w.sim.run_for(20);
    assert_eq!(lines(&w.bob), ["ACK sip:bob@10.0.0.3:5060 SIP/2.0"]);
    w.sim.run_for(10_000);
    assert_eq!(w.bob.receive(), None);
    assert_eq!(
        w.server.core.statistics.value("tmx", "inuse_transactions"),
        Some(0)
    );
    assert_eq!(
        w.server.core.statistics.value("tmx", "2xx_transactions"),
        Some(1)
    );
}

#[test]
fn a_rejection_is_acknowledged_here_and_repeated_until_acknowledged() {
    let w = world(RELAY);
    let invite = w.invite("bob");
    let _ = w.alice.receive_all();
    w.answer(&w.bob, &invite, "486 Busy Here");
    let ack = w.bob.receive().expect("the ACK");
    assert!(
        ack.starts_with("ACK sip:bob@10.0.0.3:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=")
    );
    assert!(ack.contains("To: <sip:bob@10.0.0.1>;tag=bt\r\n"));
    assert_eq!(lines(&w.alice), ["SIP/2.0 486 Busy Here"]);
    w.sim.run_for(600);
    assert_eq!(lines(&w.alice), ["SIP/2.0 486 Busy Here"]);
    w.alice.send(SERVER, &request("ACK", "bob", ";tag=bt"));
    w.sim.run_for(3000);
    assert_eq!(w.alice.receive(), None);
    assert_eq!(w.bob.receive(), None);
}

#[test]
fn a_cancel_is_answered_and_passed_on() {
    let w = world(RELAY);
    let invite = w.invite("bob");
    w.alice.send(SERVER, &request("CANCEL", "bob", ""));
    w.sim.run_for(20);
    assert_eq!(w.bob.receive(), None, "no provisional reply yet");
    w.answer(&w.bob, &invite, "180 Ringing");
    let cancel = w.bob.receive().expect("the CANCEL");
    assert!(cancel.starts_with("CANCEL sip:bob@10.0.0.3:5060"));
    w.answer(&w.bob, &cancel, "200 OK");
    w.answer(&w.bob, &invite, "487 Request Terminated");
    assert_eq!(
        lines(&w.alice),
        [
            "SIP/2.0 100 trying -- your call is important to us",
            "SIP/2.0 200 canceling",
            "SIP/2.0 487 Request Terminated"
        ]
    );
}

#[test]
fn the_best_reply_of_a_fork_wins() {
    let w = world(RELAY);
    let a = w.invite("fork");
    let b = w.carol.receive().expect("the second branch");
    assert!(b.starts_with("INVITE sip:b@10.0.0.4:5060"));
    let _ = w.alice.receive_all();
    w.answer(&w.bob, &a, "486 Busy Here");
    assert_eq!(w.alice.receive(), None);
    w.answer(&w.carol, &b, "404 Not Found");
    assert_eq!(lines(&w.alice), ["SIP/2.0 404 Not Found"]);
}

#[test]
fn an_answer_cancels_the_other_branches() {
    let w = world(RELAY);
    let a = w.invite("fork");
    let b = w.carol.receive().expect("the second branch");
    w.answer(&w.carol, &b, "180 Ringing");
    w.answer(&w.bob, &a, "200 OK");
    let cancel = w.carol.receive().expect("the CANCEL");
    assert!(cancel.contains(
        "Content-Length: 0\r\nReason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n\r\n"
    ));
}

#[test]
fn a_failure_route_forks_again() {
    let w = world(RELAY);
    let a = w.invite("serial");
    let _ = w.alice.receive_all();
    w.answer(&w.bob, &a, "486 Busy Here");
    let b = w.carol.receive().expect("the next destination");
    assert!(b.contains(".1\r\n"), "its branch number is 1");
    assert_eq!(w.alice.receive(), None);
    w.answer(&w.carol, &b, "480 Away");
    assert_eq!(lines(&w.alice), ["SIP/2.0 480 Away"]);
}

#[test]
fn silence_is_answered_with_408() {
    let w = world(RELAY);
    w.invite("bob");
    let _ = w.alice.receive_all();
    w.sim.run_for(29_000);
    assert_eq!(w.bob.receive_all().len(), 9, "retransmissions");
    assert_eq!(w.alice.receive(), None);
    w.sim.run_for(1_200);
    assert_eq!(lines(&w.alice), ["SIP/2.0 408 Request Timeout"]);
    w.sim.run_for(40_000);
    assert_eq!(
        w.server.core.statistics.value("tmx", "inuse_transactions"),
        Some(0)
    );
}

#[test]
fn a_request_lost_by_its_stream_fails_at_once() {
    let w = world(RELAY);
    w.sim.refuse("10.0.0.9:5999");
    w.alice.send(SERVER, &request("INVITE", "dead", ""));
    w.sim.run_for(100);
    assert_eq!(
        lines(&w.alice)[..2],
        [
            "SIP/2.0 100 trying -- your call is important to us",
            "SIP/2.0 477 Unfortunately error on sending to next hop occurred (477/TM)",
        ]
    );
    assert_eq!(
        w.server.core.statistics.value("core", "lost_messages"),
        Some(1)
    );
}

#[test]
fn a_failure_route_sees_the_loss_as_477() {
    let w = world(RELAY);
    w.sim.refuse("10.0.0.9:5999");
    w.alice.send(SERVER, &request("INVITE", "rescue", ""));
    w.sim.run_for(100);
    let b = w.carol.receive().expect("the next destination");
    assert!(b.starts_with("INVITE sip:b@10.0.0.4:5060"));
    w.answer(&w.carol, &b, "486 Busy Here");
    assert_eq!(
        lines(&w.alice),
        [
            "SIP/2.0 100 trying -- your call is important to us",
            "SIP/2.0 486 Busy Here"
        ]
    );
}

#[test]
fn names_are_waited_for() {
    let w = world(RELAY);
    w.sim.name("callee.example", "10.0.0.3:5060");
    let invite = w.invite("name");
    assert!(invite.starts_with("INVITE sip:a@callee.example:5060"));
    let _ = w.alice.receive_all();
    w.alice.send(SERVER, &request("INVITE", "nowhere", ""));
    w.sim.run_for(100);
    assert_eq!(
        lines(&w.alice)[..3],
        [
            "SIP/2.0 100 trying -- your call is important to us",
            "SIP/2.0 478 Unresolvable destination (478/SL)",
            "SIP/2.0 478 Unresolvable destination (478/TM)",
        ]
    );
}

#[test]
fn the_code_of_a_call_that_waited_can_be_read() {
    let w = world(RELAY);
    w.alice.send(SERVER, &request("MESSAGE", "code", ""));
    w.sim.run_for(100);
    let seen = w.server.log_lines();
    assert!(seen.iter().any(|line| line == "relayed: -478"), "{seen:?}");
}

#[test]
fn retransmissions_are_absorbed() {
    let w = world(RELAY);
    let invite = w.invite("bob");
    w.alice.send(SERVER, &request("INVITE", "bob", ""));
    w.sim.run_for(20);
    assert_eq!(w.bob.receive(), None);
    assert_eq!(lines(&w.alice).len(), 2, "the 100 twice");
    w.answer(&w.bob, &invite, "180 Ringing");
    w.alice.send(SERVER, &request("INVITE", "bob", ""));
    w.sim.run_for(20);
    assert_eq!(lines(&w.alice), ["SIP/2.0 180 Ringing"; 2]);
}

#[test]
fn own_replies_have_one_tag_and_end_with_their_ack() {
    let w = world(RELAY);
    w.alice.send(SERVER, &request("INVITE", "own", ""));
    w.sim.run_for(20);
    let first = w.alice.receive().expect("the 404");
    assert!(first.starts_with("SIP/2.0 404 Not Here\r\n"));
    w.sim.run_for(600);
    assert_eq!(w.alice.receive().as_deref(), Some(&first[..]));
    let tag = first.split(";tag=").nth(2).unwrap();
    let tag = tag.split("\r\n").next().unwrap();
    w.alice
        .send(SERVER, &request("ACK", "own", &format!(";tag={tag}")));
    w.sim.run_for(4000);
    assert_eq!(w.alice.receive(), None);
}

/// A function that waits a moment, as a lookup in a database would.
static PAUSING: engine::module::Module = engine::module::Module {
    name: "pausing",
    doc: "Waits.",
    functions: &[engine::module::Function::anywhere(
        "pause",
        &[],
        0,
        |cx, _| {
            let sleep = cx
                .core
                .services
                .spawner
                .sleep(std::time::Duration::from_millis(100));
            engine::module::Outcome::Wait(Box::pin(async move {
                sleep.await;
                Box::new(|_: &mut engine::Context| engine::module::TRUE) as _
            }))
        },
        "Waits for 100 milliseconds.",
    )],
    ..engine::module::Module::EMPTY
};

/// A world whose scripts may call `pause`.
fn pausing_world(script: &str) -> World {
    let modules: Vec<_> = crate::ALL.iter().copied().chain([&PAUSING]).collect();
    let library = engine::load::Library {
        modules: Box::leak(modules.into_boxed_slice()),
        ..crate::LIBRARY
    };
    world_of(&format!("loadmodule \"pausing.so\"\n{script}"), library)
}

#[test]
fn every_route_may_wait() {
    let w = pausing_world(
        r#"
request_route { pause(); t_on_branch("B"); t_on_reply("R"); t_on_failure("F");
  t_on_branch_failure("G");
  append_branch("sip:b@10.0.0.4:5060"); t_relay(); }
branch_route[B] { pause(); xlog("branch $T_branch_idx\n"); }
onsend_route { pause(); xlog("onsend\n"); }
reply_route { pause(); xlog("reply $T_reply_code\n"); }
onreply_route[R] { pause(); xlog("onreply $T_reply_code\n"); }
event_route[tm:branch-failure:G] { pause(); xlog("branch-failure\n"); }
failure_route[F] { pause(); xlog("failure $T_reply_code\n"); t_reply("480", "Later"); }
"#,
    );
    w.alice.send(SERVER, &request("INVITE", "bob", ""));
    w.sim.run_for(390);
    assert_eq!(w.bob.receive(), None);
    w.sim.run_for(200);
    let (a, b) = (w.bob.receive().unwrap(), w.carol.receive().unwrap());
    w.answer(&w.bob, &a, "486 Busy Here");
    w.sim.run_for(1_000);
    w.answer(&w.carol, &b, "404 Not Found");
    w.sim.run_for(1_000);
    let expected = [
        "branch 0",
        "branch 1",
        "onsend",
        "onsend",
        "reply 486",
        "onreply 486",
        "branch-failure",
        "reply 404",
        "onreply 404",
        "branch-failure",
        "failure 404",
    ];
    let mut seen = w.server.log_lines();
    // ACKs pass onsend_route as well.
    seen.retain(|line| !line.starts_with("the script"));
    assert_eq!(seen, expected);
    assert_eq!(lines(&w.alice).last().unwrap(), "SIP/2.0 480 Later");
}

#[test]
fn a_call_survives_loss() {
    let w = world(RELAY);
    w.sim.set_link(Link {
        loss: 0.4,
        ..Link::default()
    });
    w.alice.send(SERVER, &request("MESSAGE", "bob", ""));
    let mut got = false;
    for _ in 0..60 {
        w.sim.run_for(500);
        if let Some(message) = w.bob.receive() {
            w.bob.send(SERVER, &reply(&message, "200 OK"));
        } else if !got {
            w.alice.send(SERVER, &request("MESSAGE", "bob", ""));
        }
        got |= lines(&w.alice).iter().any(|l| l == "SIP/2.0 200 OK");
    }
    assert!(got);
}

/// A pending INVITE may cost 4 KB plus its raw messages: the fixed part must leave room for texts.
#[test]
fn a_transaction_is_small() {
    use std::mem::size_of;
    let fixed = size_of::<super::state::Cell>()
        + size_of::<super::stored::StoredRequest>()
        + size_of::<super::stored::BranchData>();
    assert!(fixed <= 1600, "{fixed} bytes");
}
