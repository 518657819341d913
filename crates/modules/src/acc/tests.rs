//! Accounting of calls in a simulated server. Lines are what Kamailio 5.6.3 wrote, but for times.

use std::sync::{Arc, Mutex};

use testkit::{Agent, Server, Sim};

use crate::tm::api::Tm;

const PRELUDE: &str = r#"
debug=2
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "acc.so"
modparam("tm", "fr_timer", 1500)
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "failed_transaction_flag", 3)
"#;

const ROUTE: &str = r#"
request_route {
    if (method == "CANCEL" || method == "ACK") { setflag(1); t_relay(); exit; }
    setflag(1); setflag(2); setflag(3);
    t_relay("10.0.0.3", "5060");
}
"#;

struct World {
    sim: Sim,
    server: Server,
    alice: Agent,
    bob: Agent,
}

fn world(params: &str, route: &str) -> World {
    let sim = Sim::new(3);
    let config = format!("{PRELUDE}{params}{route}");
    let server = sim
        .server("10.0.0.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let alice = sim.agent("10.0.0.2:5060");
    let bob = sim.agent("10.0.0.3:5060");
    World {
        sim,
        server,
        alice,
        bob,
    }
}

fn request(method: &str, via: &str) -> String {
    format!(
        "{method} sip:bob@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{via}\n\
         From: <sip:alice@x.y>;tag=f1\nTo: <sip:bob@x.y>\nCall-ID: c1\nCSeq: 1 {method}\n\
         Max-Forwards: 70\nContent-Length: 0\n\n"
    )
}

fn reply(request: &str, status: &str, body: &str) -> String {
    let kept: Vec<&str> = request
        .lines()
        .filter(|l| {
            ["Via:", "From:", "Call-ID:", "CSeq:"]
                .iter()
                .any(|n| l.starts_with(n))
        })
        .collect();
    format!(
        "SIP/2.0 {status}\n{}\nTo: <sip:bob@x.y>;tag=tt\nContent-Length: {}\n\n{body}",
        kept.join("\n"),
        body.len()
    )
}

impl World {
    fn call(&self, method: &str, replies: &[&str]) -> Vec<String> {
        self.alice.send("10.0.0.1:5060", &request(method, "1"));
        self.sim.run_for(20);
        let received = self.bob.receive().unwrap();
        for status in replies {
            let body = if status.starts_with("183") {
                "v=0\r\n"
            } else {
                ""
            };
            self.bob
                .send("10.0.0.1:5060", &reply(&received, status, body));
            self.sim.run_for(20);
        }
        self.records()
    }

    /// What was accounted, without the timestamps.
    fn records(&self) -> Vec<String> {
        let lines = self.server.log_lines().into_iter();
        lines
            .filter_map(|line| {
                let line = line.strip_prefix("ACC: ")?;
                let (comment, rest) = line.split_once("timestamp=")?;
                let (_, rest) = rest.split_once(';')?;
                Some(format!("{comment}{rest}"))
            })
            .collect()
    }
}

#[test]
fn answered_and_missed_calls() {
    let w = world("", ROUTE);
    assert_eq!(
        w.call("INVITE", &["180 Ringing", "200 OK fine"]),
        [
            "transaction answered: method=INVITE;from_tag=f1;to_tag=tt;call_id=c1;code=200;reason=OK fine"
        ]
    );
    let w = world("", ROUTE);
    assert_eq!(
        w.call("INVITE", &["486 Busy Here"]),
        [
            "call missed: method=INVITE;from_tag=f1;to_tag=tt;call_id=c1;code=486;reason=Busy Here",
            "transaction answered: method=INVITE;from_tag=f1;to_tag=tt;call_id=c1;code=486;reason=Busy Here",
        ]
    );
    let w = world("", ROUTE);
    assert_eq!(
        w.call("OPTIONS", &["404 NF"]),
        [
            "transaction answered: method=OPTIONS;from_tag=f1;to_tag=tt;call_id=c1;code=404;reason=NF"
        ]
    );
}

#[test]
fn silence_is_a_missed_call() {
    let w = world("", ROUTE);
    assert!(w.call("INVITE", &[]).is_empty());
    w.sim.run_for(5000);
    let records = w.records();
    assert_eq!(records.len(), 2, "{records:?}");
    assert!(records[0].starts_with("call missed: method=INVITE;from_tag=f1;to_tag="));
    assert!(records[0].ends_with(";call_id=c1;code=408;reason=Request Timeout"));
    let tag = |r: &str| {
        r.split("to_tag=")
            .nth(1)
            .map(|t| t.split(';').next().unwrap_or_default().to_owned())
    };
    assert_eq!(tag(&records[0]), tag(&records[1]));
    assert_ne!(tag(&records[0]), Some(String::new()));
}

#[test]
fn failures_without_the_flag_and_filtered_ones() {
    let route = ROUTE.replace("setflag(3);", "");
    let w = world("", &route);
    assert_eq!(
        w.call("INVITE", &["486 Busy"]),
        ["call missed: method=INVITE;from_tag=f1;to_tag=tt;call_id=c1;code=486;reason=Busy"]
    );
    let w = world(
        "modparam(\"acc\", \"failed_filter\", \"404, 407\")\n",
        ROUTE,
    );
    assert_eq!(w.call("OPTIONS", &["404 NF"]), Vec::<String>::new());
}

#[test]
fn early_media_and_times() {
    let w = world(
        "modparam(\"acc\", \"early_media\", 1)\nmodparam(\"acc\", \"time_mode\", 1)\n",
        ROUTE,
    );
    let records = w.call("INVITE", &["183 Prog", "180 Ringing", "200 OK"]);
    assert_eq!(records.len(), 2, "{records:?}");
    assert!(records[0].starts_with("transaction answered: time_exten="));
    assert!(records[0].ends_with(";code=183;reason=Prog"));
    assert!(records[1].ends_with(";code=200;reason=OK"));
}

#[test]
fn cancels_and_acknowledgements() {
    let w = world(
        "modparam(\"acc\", \"report_cancels\", 1)\nmodparam(\"acc\", \"report_ack\", 1)\n",
        ROUTE,
    );
    w.call("INVITE", &["180 Ringing"]);
    w.alice.send("10.0.0.1:5060", &request("CANCEL", "1"));
    w.sim.run_for(20);
    assert_eq!(
        w.records(),
        ["transaction answered: method=CANCEL;from_tag=f1;to_tag=;call_id=c1;code=200;reason=OK"]
    );
}

#[test]
fn functions() {
    let w = world(
        "",
        r#"
        request_route {
            acc_log_request("404 comment text");
            acc_request("onlycomment", "acc");
            if (acc_db_request("500", "acc")) log(0, "accounted to no database");
        }
        "#,
    );
    w.alice.send("10.0.0.1:5060", &request("INVITE", "1"));
    w.sim.run_for(20);
    assert_eq!(
        w.records(),
        [
            "request accounted: method=INVITE;from_tag=f1;to_tag=;call_id=c1;code=404;reason=comment text",
            "request accounted: method=INVITE;from_tag=f1;to_tag=;call_id=c1;code=;reason=onlycomment",
        ]
    );
}

#[test]
fn what_is_missing_is_refused() {
    for (param, value) in [("db_url", "\"sqlite:///x\""), ("cdr_enable", "1")] {
        let sim = Sim::new(1);
        let config =
            format!("{PRELUDE}modparam(\"acc\", \"{param}\", {value})\nrequest_route {{ exit; }}");
        let refused = sim.server("10.0.0.1:5060", &config, crate::LIBRARY);
        assert!(refused.is_err(), "{param}");
    }
}

/// Whether the one transaction can be packed once its call is over.
fn rests(params: &str, has_ack: bool) -> bool {
    let w = world(params, ROUTE);
    let tm: Arc<Tm> = w.server.core.modules.get().expect("it is loaded");
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    tm.observe(Arc::new(move |noted| {
        *note.lock().unwrap() = Some(noted.handle);
    }));
    assert_eq!(w.call("INVITE", &["180 Ringing", "200 OK"]).len(), 1);
    if has_ack {
        let ack = request("ACK", "2").replace("bob@x.y>", "bob@x.y>;tag=tt");
        w.alice.send("10.0.0.1:5060", &ack);
        w.sim.run_for(20);
    }
    let handle = seen.lock().unwrap().take().expect("it was told");
    // One that was packed already is woken.
    assert!(tm.with(handle, |_| ()).is_some());
    tm.table.pack(handle)
}

#[test]
fn what_is_accounted_rests_as_any_other() {
    let reports_ack = "modparam(\"acc\", \"report_ack\", 1)\n";
    assert!(rests("", false));
    assert!(rests("", true));
    assert!(rests(reports_ack, true));
    // Its answer is needed for the record of the ACK.
    assert!(!rests(reports_ack, false));
}
