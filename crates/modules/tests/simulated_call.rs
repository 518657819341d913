//! Whole calls on the simulated network and clock: the engine reaches the world only through its
//! services, so that a call with all its timers takes milliseconds.

use std::time::Instant;

use testkit::{Agent, Link, Server, Sim};

const PROXY: &str = "10.0.0.1:5060";
const CALLER: &str = "10.0.0.2:5060";
const CALLEE: &str = "10.0.0.3:5060";

const RELAY: &str = r#"
loadmodule "sl.so"
loadmodule "tm.so"
request_route {
    if (!t_relay()) {
        sl_reply_error();
    }
}
"#;

struct Call {
    sim: Sim,
    _proxy: Server,
    caller: Agent,
    callee: Agent,
}

impl Call {
    fn new(seed: u64, link: Link) -> Self {
        let sim = Sim::new(seed);
        let proxy = sim
            .server(PROXY, RELAY, modules::LIBRARY)
            .expect("the configuration is right");
        let (caller, callee) = (sim.agent(CALLER), sim.agent(CALLEE));
        sim.set_link(link);
        Self {
            sim,
            _proxy: proxy,
            caller,
            callee,
        }
    }

    fn request(&self, method: &str, cseq: u32, branch: &str, to_tag: &str) {
        self.caller.send(
            PROXY,
            &format!(
                "{method} sip:bob@10.0.0.3 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{branch}\n\
                 Max-Forwards: 70\nFrom: <sip:alice@10.0.0.2>;tag=a\nTo: <sip:bob@10.0.0.3>{to_tag}\n\
                 Call-ID: call@10.0.0.2\nCSeq: {cseq} {method}\nContact: <sip:alice@10.0.0.2>\n\
                 Content-Length: 0\n\n"
            ),
        );
    }

    fn reply(&self, request: &str, status: &str) {
        let mut text = format!("SIP/2.0 {status}\n");
        for line in request.lines().skip(1) {
            let name = line.split(':').next().unwrap_or_default();
            match name {
                "Via" | "From" | "Call-ID" | "CSeq" => text.push_str(&format!("{line}\n")),
                "To" if line.contains(";tag=") => text.push_str(&format!("{line}\n")),
                "To" => text.push_str(&format!("{line};tag=b\n")),
                _ => {}
            }
        }
        text.push_str("Contact: <sip:bob@10.0.0.3>\nContent-Length: 0\n\n");
        self.callee.send(PROXY, &text);
    }
}

fn first_lines(messages: &[String]) -> Vec<&str> {
    messages.iter().filter_map(|m| m.lines().next()).collect()
}

#[test]
fn a_call_is_set_up_and_hung_up() {
    let call = Call::new(1, Link::default());
    call.request("INVITE", 1, "i1", "");
    call.sim.run_for(10);
    let invite = call.callee.receive().expect("the INVITE is relayed");
    assert!(invite.starts_with(
        "INVITE sip:bob@10.0.0.3 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK"
    ));
    call.reply(&invite, "180 Ringing");
    call.reply(&invite, "200 OK");
    call.sim.run_for(10);
    let seen = call.caller.receive_all();
    assert_eq!(
        first_lines(&seen),
        [
            "SIP/2.0 100 trying -- your call is important to us",
            "SIP/2.0 180 Ringing",
            "SIP/2.0 200 OK"
        ]
    );
    // Our Via is gone from what the caller gets.
    assert_eq!(seen[2].matches("Via:").count(), 1);
    call.request("ACK", 1, "a1", ";tag=b");
    call.request("BYE", 2, "b1", ";tag=b");
    call.sim.run_for(10);
    let seen = call.callee.receive_all();
    assert_eq!(
        first_lines(&seen),
        [
            "ACK sip:bob@10.0.0.3 SIP/2.0",
            "BYE sip:bob@10.0.0.3 SIP/2.0"
        ]
    );
    call.reply(&seen[1], "200 OK");
    call.sim.run_for(10);
    assert_eq!(first_lines(&call.caller.receive_all()), ["SIP/2.0 200 OK"]);
    // Nothing is left to be repeated.
    call.sim.run_for(60_000);
    assert!(call.caller.receive_all().is_empty());
    assert!(call.callee.receive_all().is_empty());
}

#[test]
fn silence_is_answered_408_after_the_timer() {
    let started = Instant::now();
    let call = Call::new(2, Link::default());
    call.request("INVITE", 1, "i1", "");
    call.sim.run_for(29_000);
    assert_eq!(
        first_lines(&call.caller.receive_all()),
        ["SIP/2.0 100 trying -- your call is important to us"]
    );
    call.sim.run_for(2_000);
    let seen = call.caller.receive_all();
    assert_eq!(
        first_lines(&seen).first(),
        Some(&"SIP/2.0 408 Request Timeout")
    );
    // Sent at 0, 0.5, 1.5, 3.5 s and then every 4 s.
    assert_eq!(call.callee.receive_all().len(), 10);
    // Half a minute of the protocol's time; generous, because machines differ.
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn a_busy_callee_is_acknowledged_by_the_proxy() {
    let call = Call::new(3, Link::default());
    call.request("INVITE", 1, "i1", "");
    call.sim.run_for(10);
    let invite = call.callee.receive().expect("the INVITE is relayed");
    call.reply(&invite, "486 Busy Here");
    call.sim.run_for(10);
    assert_eq!(
        first_lines(&call.callee.receive_all()),
        ["ACK sip:bob@10.0.0.3 SIP/2.0"]
    );
    assert_eq!(
        first_lines(&call.caller.receive_all()).last(),
        Some(&"SIP/2.0 486 Busy Here")
    );
    call.request("ACK", 1, "i1", ";tag=b");
    call.sim.run_for(60_000);
    assert!(
        call.caller.receive_all().is_empty(),
        "the 486 is not repeated after the ACK"
    );
}

#[test]
fn a_cancelled_call_ends_with_487() {
    let call = Call::new(4, Link::default());
    call.request("INVITE", 1, "i1", "");
    call.sim.run_for(10);
    let invite = call.callee.receive().expect("the INVITE is relayed");
    call.reply(&invite, "180 Ringing");
    call.sim.run_for(10);
    call.request("CANCEL", 1, "i1", "");
    call.sim.run_for(10);
    let cancel = call.callee.receive().expect("the CANCEL is relayed");
    assert!(cancel.starts_with("CANCEL sip:bob@10.0.0.3 SIP/2.0\r\n"));
    call.reply(&cancel, "200 OK");
    call.reply(&invite, "487 Request Terminated");
    call.sim.run_for(10);
    let seen = call.caller.receive_all();
    let lines = first_lines(&seen);
    assert!(lines.contains(&"SIP/2.0 200 canceling"), "{lines:?}");
    assert_eq!(lines.last(), Some(&"SIP/2.0 487 Request Terminated"));
}

/// Loss, duplication and reordering: for many courses of the network the call is answered, because
/// both ends and the proxy repeat what is not acknowledged.
#[test]
fn calls_survive_a_bad_network() {
    for seed in 0..40 {
        let call = Call::new(
            seed,
            Link {
                delay: 5,
                jitter: 30,
                loss: 0.2,
                duplicate: 0.1,
            },
        );
        let mut answered = false;
        for attempt in 0..8 {
            // The caller repeats its INVITE as RFC 3261 section 17.1.1.2 has it.
            call.request("INVITE", 1, "i1", "");
            call.sim.run_for(500 << attempt.min(3));
            for request in call.callee.receive_all() {
                if request.starts_with("INVITE") {
                    call.reply(&request, "200 OK");
                }
            }
            call.sim.run_for(500);
            answered |= call
                .caller
                .receive_all()
                .iter()
                .any(|m| m.starts_with("SIP/2.0 200"));
            if answered {
                break;
            }
        }
        assert!(answered, "seed {seed}");
    }
}
