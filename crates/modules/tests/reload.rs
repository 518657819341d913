//! A configuration is read anew while calls are in work: what began goes on with the old program,
//! what begins runs the new one, and mistakes change nothing.

use engine::rpc::{RpcFault, RpcValue};
use script::ast::BlockKind;
use testkit::{Agent, Server, Sim};

const SERVER: &str = "10.0.0.1:5060";

const MODULES: &str = r#"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "async.so"
loadmodule "cfg_rpc.so"
loadmodule "maxfwd.so"
modparam("tm", "fr_timer", 5000)
modparam("tm", "wt_timer", 100)
"#;

const OLD: &str = r#"
debug=1
limits.calls = 5 desc "calls"
limits.title = "old"
request_route {
  if (method=="ACK") { t_check_trans(); exit; }
  if ($rU == "sleep") { async_sleep("2"); t_reply("404", "Old"); exit; }
  if ($rU == "later") { async_route("LATER", "2"); exit; }
  if ($rU == "held") {
    if (!t_suspend()) exit;
    xlog("L_ERR", "held $T(id_index) $T(id_label)\n");
    exit;
  }
  t_on_failure("FAIL");
  t_on_reply("REPLY");
  t_on_branch("BRANCH");
  $avp(who) = "old";
  t_relay();
}
route[LATER] { xlog("L_ERR", "old later\n"); t_reply("404", "Old later"); }
failure_route[FAIL] { xlog("L_ERR", "old failure $avp(who)\n"); $ru = "sip:next@10.0.0.4:5060"; t_on_failure("AGAIN"); t_relay(); exit; }
failure_route[AGAIN] { t_reply("499", "Old again"); }
onreply_route[REPLY] { xlog("L_ERR", "old reply $rs\n"); }
branch_route[BRANCH] { xlog("L_ERR", "old branch\n"); }
"#;

const NEW: &str = r#"
debug=2
limits.calls = 5 desc "calls"
limits.title = "new"
limits.more = 7
request_route {
  $var(fresh) = @cfg_get.limits.more;
  if (method=="ACK") { t_check_trans(); exit; }
  sl_send_reply("486", "New $var(fresh) $sel(cfg_get.limits.title)");
}
onreply_route[REPLY] { xlog("L_ERR", "new reply\n"); }
route[BRANDNEW] { xlog("L_ERR", "never\n"); }
event_route[tm:local-response] { route(BRANDNEW); }
"#;

fn full(body: &str) -> String {
    format!("{MODULES}{body}")
}

fn start(sim: &Sim) -> Server {
    let server = sim.server(SERVER, &full(OLD), modules::LIBRARY);
    server.unwrap_or_else(|errors| panic!("{errors}"))
}

fn invite(agent: &Agent, user: &str) {
    agent.send(
        SERVER,
        &format!(
            "INVITE sip:{user}@10.0.0.3:5060 SIP/2.0\n\
             Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-{user}\n\
             From: <sip:alice@10.0.0.1>;tag=f{user}\nTo: <sip:{user}@10.0.0.1>\n\
             Call-ID: c{user}\nCSeq: 1 INVITE\nMax-Forwards: 70\n\
             Contact: <sip:alice@10.0.0.2:5060>\nContent-Length: 0\n\n"
        ),
    );
}

fn answer(agent: &Agent, status: &str) {
    let request = agent.receive_all().pop().expect("a request came");
    let mut lines: Vec<String> = vec![format!("SIP/2.0 {status}")];
    for line in request.lines() {
        let is_wanted = ["Via:", "From:", "Call-ID:", "CSeq:"];
        if is_wanted.iter().any(|name| line.starts_with(name)) {
            lines.push(line.to_owned());
        } else if line.starts_with("To:") {
            lines.push(format!("{line};tag=callee"));
        }
    }
    lines.push("Content-Length: 0\n\n".to_owned());
    agent.send(SERVER, &lines.join("\n"));
}

fn statuses(agent: &Agent) -> Vec<String> {
    let replies = agent.receive_all().into_iter();
    let lines = replies.filter_map(|text| text.lines().next().map(str::to_owned));
    lines.filter(|line| !line.contains(" 100 ")).collect()
}

fn reload(server: &Server, body: &str) -> Result<Vec<RpcValue>, RpcFault> {
    server.set_config(&full(body));
    server.rpc("ferrosip.reload", &[])
}

fn in_use(server: &Server) -> Vec<u64> {
    let programs = server.core.programs_in_use();
    programs.into_iter().map(|program| program.number).collect()
}

#[test]
fn calls_in_work_keep_their_program_and_let_it_go() {
    let sim = Sim::new(3);
    let server = start(&sim);
    let (alice, bob, carol) = (
        sim.agent("10.0.0.2:5060"),
        sim.agent("10.0.0.3:5060"),
        sim.agent("10.0.0.4:5060"),
    );
    let old = std::sync::Arc::downgrade(&server.core.program().expect("there is a program"));
    for user in ["sleep", "later", "held", "bob"] {
        invite(&alice, user);
    }
    sim.run_for(100);
    let held = server.log_lines();
    assert!(held.iter().any(|l| l.starts_with("held ")), "{held:?}");
    assert!(statuses(&alice).is_empty());

    let done = reload(&server, NEW).expect("accepted");
    let Some(RpcValue::Struct(members)) = done.first() else {
        panic!("{done:?}");
    };
    assert_eq!(members[0], ("program".to_owned(), 2.into()));
    assert_eq!(in_use(&server), [1, 2]);
    // A new call runs the new program, with its new custom parameter.
    invite(&alice, "new");
    sim.run_for(20);
    assert_eq!(statuses(&alice), ["SIP/2.0 486 New 7 new"]);
    // The relayed call fails over in the failure route that exists no more.
    answer(&bob, "500 Broken");
    sim.run_for(20);
    assert_eq!(
        server.log_lines(),
        [
            "program 2 with 4 blocks is in place",
            "old reply 500",
            "old failure old"
        ],
    );
    answer(&carol, "503 Full");
    sim.run_for(20);
    assert_eq!(statuses(&alice), ["SIP/2.0 499 Old again"]);
    // What slept and what was suspended goes on where it was.
    sim.run_for(2500);
    let mut seen = statuses(&alice);
    seen.retain(|line| !line.contains("499"));
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["SIP/2.0 404 Old", "SIP/2.0 404 Old later"]);
    assert!(old.upgrade().is_some(), "the held call still needs it");
    // The held transaction times out, and with it the last user of the old program is gone.
    sim.run_for(60_000);
    // Threads keep handles of the messages that they handled last, until they handle another one.
    invite(&alice, "last");
    sim.run_for(20);
    assert!(
        old.upgrade().is_none(),
        "{:?}",
        server.core.programs_in_use()
    );
    assert_eq!(in_use(&server), [2]);
}

#[test]
fn mistakes_leave_everything_as_it_is() {
    let sim = Sim::new(4);
    let server = start(&sim);
    let broken =
        "limits.fresh = 3\nrequest_route {\n  sl_sendreply(\"200\", \"OK\");\n  route(NONE);\n}\n";
    let fault = reload(&server, broken).expect_err("refused");
    assert_eq!(fault.code, 400);
    let line = MODULES.lines().count() + 3;
    assert!(
        fault.reason.contains(&format!("test.cfg:{line}:3: error"))
            && fault.reason.contains("sl_sendreply")
            && fault.reason.contains("NONE"),
        "{}",
        fault.reason
    );
    assert_eq!(in_use(&server), [1]);
    assert_eq!(server.core.cfg.value("limits", "fresh"), None);
    assert!(server.core.cfg.value("limits", "calls").is_some());
    let fault = reload(&server, "request_route { if (1 == 1 { exit; } }").expect_err("refused");
    assert!(fault.reason.contains("test.cfg:"), "{}", fault.reason);
}

#[test]
fn what_needs_a_restart_is_listed() {
    let sim = Sim::new(5);
    let server = start(&sim);
    let body = format!(
        "listen=udp:10.0.0.9:5060\ntcp_keepidle=30\ntcp_crlf_ping=no\nlog_prefix=\"x \"\nmodparam(\"async\", \"workers\", 9)\n\
         modparam(\"async\", \"return\", 1)\nshm_mem_size=99\n{OLD}"
    );
    let fault = reload(&server, &body).expect_err("refused");
    assert_eq!(fault.code, 409);
    assert_eq!(
        fault.reason,
        "needs a restart: parameter return of module async has changed; \
         core parameter listen has changed; core parameter tcp_keepidle has changed; \
         core parameter log_prefix has changed"
    );
    server.set_config(&format!("{}loadmodule \"htable.so\"\n{OLD}", MODULES));
    let fault = server.rpc("ferrosip.reload", &[]).expect_err("refused");
    assert_eq!(fault.reason, "needs a restart: module htable is loaded");
    assert_eq!(in_use(&server), [1]);
}

#[test]
fn run_time_values_follow_the_configuration() {
    let sim = Sim::new(6);
    let server = start(&sim);
    let set = |group: &str, name: &str, value: i64| {
        server.rpc("cfg.seti", &[group.into(), name.into(), value.into()])
    };
    set("limits", "calls", 9).expect("set");
    let body = OLD.replace("debug=1", "debug=3");
    let body = format!(
        "modparam(\"maxfwd\", \"max_limit\", 40)\nmodparam(\"tm\", \"fr_timer\", 7000)\n{body}"
    );
    let done = reload(&server, &body).expect("accepted");
    let Some(RpcValue::Struct(members)) = done.first() else {
        panic!("{done:?}");
    };
    let changed = RpcValue::List(vec![
        "parameter fr_timer of module tm".into(),
        "parameter max_limit of module maxfwd".into(),
        "debug".into(),
    ]);
    assert_eq!(members[2], ("changed".to_owned(), changed));
    let value = |group: &str, name: &str| server.rpc("cfg.get", &[group.into(), name.into()]);
    assert_eq!(value("core", "debug"), Ok(vec![3.into()]));
    assert_eq!(value("tm", "fr_timer"), Ok(vec![7000.into()]));
    assert_eq!(value("maxfwd", "max_limit"), Ok(vec![40.into()]));
    // What an operator set stays, because the file says what it said.
    assert_eq!(value("limits", "calls"), Ok(vec![9.into()]));
    let body = body.replace("limits.calls = 5", "limits.calls = 6");
    reload(&server, &body).expect("accepted");
    assert_eq!(value("limits", "calls"), Ok(vec![6.into()]));
    let fault = reload(&server, &body.replace("7000", "-1")).expect_err("refused");
    assert_eq!(fault.code, 409);
}

#[test]
fn blocks_are_appended_while_calls_run() {
    let sim = Sim::new(7);
    let config = "#!define GREETING hello\nloadmodule \"sl.so\"\nloadmodule \"pv.so\"\nrequest_route { $var(r) = $rU; \
                  if (!route($var(r))) sl_send_reply(\"404\", \"No route\"); }\n";
    let server = sim.server(SERVER, config, modules::LIBRARY);
    let server = server.unwrap_or_else(|errors| panic!("{errors}"));
    let alice = sim.agent("10.0.0.2:5060");
    invite(&alice, "MORE");
    sim.run_for(10);
    assert_eq!(statuses(&alice), ["SIP/2.0 404 No route"]);
    let first = server.core.program().unwrap();
    let path = std::path::Path::new("more.cfg");
    let more = "route[MORE] { $var(w) = \"GREETING\"; sl_send_reply(\"200\", \"$var(w) $def(GREETING)\"); }";
    assert_eq!(engine::reload::append(&server.core, path, more), Ok(2));
    let second = server.core.program().unwrap();
    assert_eq!(first.request_route(), second.request_route());
    assert!(first.find(BlockKind::Route, "MORE").is_none());
    invite(&alice, "MORE");
    sim.run_for(10);
    let last = statuses(&alice).pop();
    assert_eq!(last.as_deref(), Some("SIP/2.0 200 GREETING hello"));
    for (text, message) in [
        (
            more,
            "more.cfg:1:1: error[duplicate-route]: route[MORE] is defined twice",
        ),
        (
            "debug=3",
            "more.cfg:1:1: error[no-block]: only blocks can be appended",
        ),
    ] {
        let refused = engine::reload::append(&server.core, path, text);
        let Err(engine::reload::ReloadError::Mistakes(lines)) = refused else {
            panic!("{refused:?}");
        };
        assert!(
            lines.iter().any(|line| line.starts_with(message)),
            "{lines:?}"
        );
    }
}
