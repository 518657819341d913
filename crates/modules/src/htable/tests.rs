//! The module in a simulated server.

use testkit::{Agent, Server, Sim};

const PRELUDE: &str = r#"
loadmodule "htable.so"
modparam("htable", "htable", "a=>size=4;")
modparam("htable", "htable", "b=>size=8;autoexpire=300;initval=5")
modparam("htable", "htable", "e=>size=1;autoexpire=2;updateexpire=0;")
modparam("htable", "timer_interval", 1)
"#;

fn start(script: &str) -> (Sim, Server, Agent) {
    let sim = Sim::new(1);
    let config = format!("{PRELUDE}{script}");
    let server = sim
        .server("10.0.0.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let agent = sim.agent("10.0.0.2:5060");
    (sim, server, agent)
}

fn send(agent: &Agent) {
    agent.send(
        "10.0.0.1:5060",
        "OPTIONS sip:bob@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n",
    );
}

fn text(server: &Server, method: &str, args: &[&str]) -> String {
    let args: Vec<_> = args
        .iter()
        .map(|a| engine::rpc::RpcValue::from(*a))
        .collect();
    format!("{:?}", server.rpc(method, &args))
}

#[test]
fn items_end_and_the_event_route_is_told() {
    let (sim, server, agent) = start(
        r#"
        event_route[htable:mod-init] { $sht(a=>init) = 7; }
        event_route[htable:expired:e] { $sht(a=>$shtrecord(key)) = $shtrecord(value); }
        request_route { $sht(e=>t) = "v1"; $sht(a=>seen) = $sht(a=>init) + 1; }
        "#,
    );
    send(&agent);
    sim.run_for(1500);
    assert!(text(&server, "htable.get", &["a", "seen"]).contains("Int(8)"));
    assert!(text(&server, "htable.get", &["e", "t"]).contains("v1"));
    assert!(text(&server, "htable.get", &["a", "t"]).contains("doesn't exist"));
    sim.run_for(3000);
    assert!(text(&server, "htable.get", &["e", "t"]).contains("doesn't exist"));
    assert!(text(&server, "htable.get", &["a", "t"]).contains("v1"));
}

#[test]
fn variables_and_functions() {
    let (sim, server, agent) = start(
        r#"
        request_route {
            $sht(a=>x) = 1;
            if ($shtinc(a=>x) != 2) log(0, "inc");
            if (defined $shtinc(a=>none)) log(0, "inc none");
            if ($shtinc(b=>q) != 6) log(0, "initval");
            if ($sht(b=>other) != 5) log(0, "initval read");
            if ($shtex(b=>q) != 300) log(0, "autoexpire");
            $shtex(b=>q) = 77;
            if ($shtex(b=>q) != 77) log(0, "shtex");
            sht_rm("a", "x");
            if (defined $sht(a=>x)) log(0, "null");
            $sht(a=>n1) = 3; $sht(a=>n2) = "3";
            if ($shtcn(a=>n) != 2 || $shtcv(a=>3) != 1 || $shtcv(a=>eq3) != 1) log(0, "count");
            if (!sht_match_name("a", "eq", "n1")) log(0, "match");
            if (sht_match_name("a", "sw", "zz")) log(0, "match sw");
            sht_lock("a=>n1"); sht_lock("a=>n1"); sht_unlock("a=>n1"); sht_unlock("a=>n1");
            sht_iterator_start("i", "a");
            while (sht_iterator_next("i")) { $sht(b=>$shtitkey(i)) = $shtitval(i); }
            sht_iterator_end("i");
            if ($sht(b=>n2) != "3") log(0, "iterator");
            sht_rm_name("a", "re", "^N");
            if ($shtcn(a=>**) != 0) log(0, "rm_name");
            sht_setxi("a", "last", "1", "5");
            log(0, "never reached");
        }
        "#,
    );
    send(&agent);
    sim.run_for(100);
    assert_eq!(server.log_lines(), Vec::<String>::new());
    assert!(text(&server, "htable.get", &["a", "last"]).contains("Int(1)"));
}

#[test]
fn listings() {
    let (_, server, _) = start("request_route { exit; }");
    assert!(text(&server, "htable.sets", &["a", "n2", "x"]).contains("Ok. Key set"));
    assert!(text(&server, "htable.seti", &["a", "init", "7"]).contains("Ok. Key set"));
    assert!(text(&server, "htable.seti", &["a", "y", "abc"]).contains("Not enough"));
    assert!(text(&server, "htable.setxs", &["nx", "y", "abc", "1"]).contains("Failed"));
    let dump = text(&server, "htable.dump", &["a"]);
    assert!(
        dump.contains(r#"("entry", Int(3)), ("size", Int(2))"#),
        "{dump}"
    );
    let stats = text(&server, "htable.stats", &[]);
    assert!(
        stats.contains(r#"("slots", Int(16)), ("all", Int(2)), ("min", Int(0)), ("max", Int(2))"#),
        "{stats}"
    );
    assert!(text(&server, "htable.delete", &["a", "n2"]).contains("Key deleted"));
    assert!(text(&server, "htable.delete", &["a", "n2"]).contains("404"));
    assert!(text(&server, "htable.flush", &["a"]).contains("flushed"));
    assert_eq!(text(&server, "htable.dump", &["a"]), "Ok([])");
    assert!(text(&server, "htable.reload", &["a"]).contains("No htable db_url"));
}

#[test]
fn a_lock_parks_the_other_message_until_the_first_ends() {
    let sim = Sim::new(1);
    let config = format!("{PRELUDE}request_route {{ sht_lock(\"a=>k\"); log(0, \"in\"); }}");
    let server = sim
        .server("10.0.0.1:5060", &config, crate::LIBRARY)
        .unwrap();
    let agent = sim.agent("10.0.0.2:5060");
    // Neither message unlocks: the second one gets the lock all the same.
    send(&agent);
    send(&agent);
    sim.run_for(100);
    assert_eq!(server.log_lines(), ["in", "in"]);
}

#[test]
fn broken_definitions_are_refused() {
    let sim = Sim::new(1);
    let config = "loadmodule \"htable.so\"\nmodparam(\"htable\", \"htable\", \"a=>foo=1\")\n\
                  request_route { exit; }";
    let error = sim
        .server("10.0.0.1:5060", config, crate::LIBRARY)
        .err()
        .unwrap();
    assert!(error.contains("no attribute `foo`"), "{error}");
}
