//! Whatever a transaction held is there when it is unpacked.

use std::sync::Mutex;

use engine::context::Avps;
use testkit::Sim;

use super::*;
use crate::tm::Tm;
use crate::tm::observers::Event;

const CONFIG: &str = r#"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "tmx.so"
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
  if (has_totag()) { t_relay(); exit; }
  if (method == "INVITE") { append_hf("X-Edit: 1\r\n"); }
  if ($rU == "odd") {
    setflag(3); setxflag(40); setbflag(2); $avp(a) = "kept";
    t_on_reply("R"); t_on_failure("F"); t_on_branch("B"); t_on_branch_failure("f");
    t_set_fr(7000, 9000); append_to_reply("X-Ours: 1\r\n");
    $du = "sip:10.0.0.3:5060";
  }
  t_relay();
}
onreply_route[R] { setflag(4); }
failure_route[F] { exit; }
branch_route[B] { setbflag(5); }
event_route[tm:branch-failure:f] { exit; }
"#;

fn avps(avps: &Avps) -> String {
    avps.read().map_or_else(String::new, |store| {
        format!("{:?}{:?}", store.entries(), store.xavps)
    })
}

/// Everything that a transaction holds, but what is given back with the branch's request.
fn described(t: &Cell) -> String {
    let data = &t.data;
    let request = &data.request;
    let branch = &t.branches()[0].data;
    let machine = (t.kind(), t.last_status(), *t.timing(), *t.rules());
    let kept = (
        request.msg().raw().clone(),
        request.received,
        request.arrived,
        request.target().into_owned(),
        request.options,
        avps(&request.avps),
        request.reply_headers().to_vec(),
        request.reply_to,
    );
    let of_transaction = (
        data.flags,
        data.xflags,
        data.settings,
        data.forked_by,
        data.first_of_leg,
        data.failed_leg,
        data.last_replied,
        data.failed_once,
        data.reply.clone(),
    );
    let of_branch = (
        &branch.target,
        branch.to,
        branch.replies,
        branch.on_reply,
        branch.on_failure,
        branch.on_branch_failure,
    );
    format!("{machine:?}\n{kept:?}\n{of_transaction:?}\n{of_branch:?}")
}

/// What a transaction was when its last reply had left, and what it is when it was packed.
fn before_and_after(method: &str, user: &str) -> (String, String) {
    let sim = Sim::new(1);
    let server = sim
        .server("10.0.0.1:5060", CONFIG, crate::LIBRARY)
        .unwrap_or_else(|errors| panic!("{errors}"));
    let [alice, bob] = ["10.0.0.2:5060", "10.0.0.3:5060"].map(|at| sim.agent(at));
    let tm: Arc<Tm> = server.core.modules.get().expect("it is loaded");
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    tm.observe(Arc::new(move |noted| {
        if matches!(noted.event, Event::ReplyOut { status: 200, .. }) {
            let text = noted.tm.look(noted.handle, described).unwrap_or_default();
            *note.lock().unwrap() = Some((noted.handle, text));
        }
    }));
    let head = |method: &str, tag: &str| {
        format!(
            "{method} sip:{user}@10.0.0.3:5060 SIP/2.0\r\n\
                 Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-{method}\r\n\
                 From: <sip:alice@10.0.0.1>;tag=f\r\nTo: <sip:bob@10.0.0.1>{tag}\r\n\
                 Call-ID: c\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
    };
    alice.send("10.0.0.1:5060", &head(method, ""));
    sim.run_for(20);
    let sent = bob.receive().expect("it was relayed");
    let lines = sent.lines().filter(|line| {
        ["Via", "From", "To", "Call-ID", "CSeq"]
            .iter()
            .any(|name| line.starts_with(name))
    });
    let lines: Vec<&str> = lines.collect();
    let answer = format!(
        "SIP/2.0 200 OK\r\n{}\r\nContent-Length: 0\r\n\r\n",
        lines
            .join("\r\n")
            .replace("@10.0.0.1>\r\nC", "@10.0.0.1>;tag=b\r\nC")
    );
    bob.send("10.0.0.1:5060", &answer);
    sim.run_for(20);
    if method == "INVITE" {
        alice.send("10.0.0.1:5060", &head("ACK", ";tag=b"));
        sim.run_for(20);
    }
    let (handle, before) = seen.lock().unwrap().take().expect("it was answered");
    // It is packed already: what is awake can be packed, once.
    assert!(!tm.table.pack(handle));
    let after = tm.look(handle, described).expect("it rests");
    // Woken it is the same, and can be packed again.
    assert_eq!(tm.with(handle, |t| described(t)).as_ref(), Some(&after));
    assert!(tm.table.pack(handle));
    assert_eq!(tm.look(handle, described).as_ref(), Some(&after));
    sim.run_for(10_000);
    assert!(tm.look(handle, |_| ()).is_none());
    assert_eq!(
        server.core.statistics.value("tmx", "inuse_transactions"),
        Some(0)
    );
    (before, after)
}

#[test]
fn nothing_is_lost() {
    for method in ["MESSAGE", "INVITE"] {
        for user in ["plain", "odd"] {
            let (before, after) = before_and_after(method, user);
            assert_eq!(before, after, "{method} {user}");
        }
    }
}
