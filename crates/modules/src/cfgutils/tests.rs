//! Chance, waiting, locks and the file's hash in a simulated world.

use engine::rpc::RpcValue;
use testkit::{Server, Sim};

/// A request to a user.
fn request(user: &str, n: u32) -> String {
    format!(
        "OPTIONS sip:{user}@127.0.27.1 SIP/2.0\nVia: SIP/2.0/UDP 127.0.27.2;branch=z9hG4bK{n}\n\
         From: <sip:a@b>;tag=1\nTo: <sip:x@y>\nCall-ID: c{n}\nCSeq: 1 OPTIONS\n\n"
    )
}

fn server(sim: &Sim, config: &str) -> Server {
    let load: String = ["sl", "pv", "xlog", "siputils", "textops", "cfgutils"]
        .iter()
        .map(|m| format!("loadmodule \"{m}.so\"\n"))
        .collect();
    sim.server(
        "127.0.27.1:5060",
        &format!("{load}{config}"),
        crate::LIBRARY,
    )
    .unwrap_or_else(|e| panic!("{e}"))
}

fn lines(server: &Server) -> Vec<String> {
    let lines = server.log_lines();
    lines.iter().map(|l| l.trim_end().to_owned()).collect()
}

#[test]
fn a_sleeping_route_holds_nobody_up() {
    let sim = Sim::new(2);
    let server = server(
        &sim,
        r#"request_route {
            if ($rU == "slow") { sleep("2"); usleep("500000"); }
            xlog("L_ERR", "$rU\n");
        }"#,
    );
    let agent = sim.agent("127.0.27.2:5060");
    agent.send("127.0.27.1:5060", &request("slow", 1));
    agent.send("127.0.27.1:5060", &request("quick", 2));
    sim.run_for(2400);
    assert_eq!(lines(&server), ["quick"]);
    sim.run_for(400);
    assert_eq!(lines(&server), ["slow"]);
}

#[test]
fn a_negative_time_and_no_time_fail() {
    let sim = Sim::new(2);
    let server = server(
        &sim,
        r#"request_route {
            $var(t) = -1;
            if (!usleep("$var(t)")) xlog("L_ERR", "negative\n");
            $var(t) = "x";
            if (!sleep("$var(t)")) xlog("L_ERR", "none\n");
        }"#,
    );
    sim.agent("127.0.27.2:5060")
        .send("127.0.27.1:5060", &request("x", 1));
    sim.run_for(50);
    let lines = lines(&server);
    assert!(lines.contains(&"negative".to_owned()) && lines.contains(&"none".to_owned()));
}

#[test]
fn a_lock_parks_other_routes_in_their_order_until_anybody_unlocks() {
    let sim = Sim::new(2);
    let server = server(
        &sim,
        r#"modparam("cfgutils", "lock_set_size", 4)
        request_route {
            if ($rU == "free") { unlock("k"); exit; }
            lock("k");
            xlog("L_ERR", "$rU has it\n");
            if ($rU == "first") exit;
            usleep("100000");
            xlog("L_ERR", "$rU done\n");
            unlock("k");
        }"#,
    );
    let agent = sim.agent("127.0.27.2:5060");
    for (n, user) in [(1, "first"), (2, "second"), (3, "third")] {
        agent.send("127.0.27.1:5060", &request(user, n));
        sim.run_for(50);
    }
    sim.run_for(5000);
    assert_eq!(lines(&server), ["first has it"]);
    agent.send("127.0.27.1:5060", &request("free", 4));
    sim.run_for(500);
    assert_eq!(
        lines(&server),
        ["second has it", "second done", "third has it", "third done"]
    );
}

#[test]
fn who_waits_for_a_lock_gives_up_in_the_end() {
    let sim = Sim::new(2);
    let server = server(
        &sim,
        r#"modparam("cfgutils", "lock_set_size", 1)
        request_route {
            if (lock("k")) xlog("L_ERR", "$rU has it\n"); else xlog("L_ERR", "$rU gave up\n");
        }"#,
    );
    let agent = sim.agent("127.0.27.2:5060");
    agent.send("127.0.27.1:5060", &request("first", 1));
    agent.send("127.0.27.1:5060", &request("second", 2));
    sim.run_for(59_000);
    assert_eq!(lines(&server), ["first has it"]);
    sim.run_for(2_000);
    assert!(lines(&server).contains(&"second gave up".to_owned()));
}

#[test]
fn a_route_that_is_run_if_it_exists_may_wait_and_may_end_the_script() {
    let sim = Sim::new(2);
    let server = server(
        &sim,
        r#"request_route {
            if (route_if_exists("WAITS")) xlog("L_ERR", "code $rc\n");
            $var(i) = 0;
            route_if_exists("DEEP");
            xlog("L_ERR", "back\n");
            route_if_exists("ENDS");
            xlog("L_ERR", "not reached\n");
        }
        route[WAITS] { sleep("1"); return 7; }
        route[DEEP] { route_if_exists("DEEP"); }
        route[ENDS] { exit; }"#,
    );
    sim.agent("127.0.27.2:5060")
        .send("127.0.27.1:5060", &request("x", 1));
    sim.run_for(1500);
    let lines = lines(&server);
    assert_eq!(lines.first().map(String::as_str), Some("code 7"));
    assert!(lines.contains(&"back".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|l| l.contains("too many nested routes")));
    assert!(!lines.contains(&"not reached".to_owned()));
}

#[test]
fn a_file_is_hashed_at_start_and_compared_on_request() {
    let sim = Sim::new(2);
    let file = std::env::temp_dir().join(format!("cfgutils-hash-{}", std::process::id()));
    std::fs::write(&file, "hello\n").unwrap();
    let server = server(
        &sim,
        &format!(
            "modparam(\"cfgutils\", \"hash_file\", \"{}\")\nrequest_route {{ exit; }}",
            file.display()
        ),
    );
    let text = |t: &str| Ok(vec![RpcValue::from(t)]);
    let call = |method: &str| server.rpc(method, &[]);
    assert_eq!(
        call("cfgutils.get_config_hash"),
        text("b1946ac92492d2347c6235b4d2611184")
    );
    assert_eq!(call("cfgutils.check_config_hash"), text("Identical hash"));
    std::fs::write(&file, "changed\n").unwrap();
    assert_eq!(call("cfgutils.check_config_hash"), text("Different hash"));
    std::fs::remove_file(&file).unwrap();
    let gone = call("cfgutils.check_config_hash").unwrap_err();
    assert_eq!(gone.code, 500);
}

#[test]
fn numbers_out_of_range_are_errors_at_load() {
    for config in [
        "modparam(\"cfgutils\", \"initial_probability\", 101)",
        "modparam(\"cfgutils\", \"initial_gflags\", \"3\")",
        "route[X] { set_gflag(\"32\"); }",
        "route[X] { set_gflag(\"-1\"); }",
        "route[X] { set_gflag(\"$var(x)\"); }",
        "route[X] { rand_set_prob(\"101\"); }",
        "route[X] { sleep(\"x\"); }",
    ] {
        let config = format!(
            "loadmodule \"pv.so\"\nloadmodule \"cfgutils.so\"\n{config}\nrequest_route {{ exit; }}"
        );
        let loaded = Sim::new(1).server("127.0.27.1:5060", &config, crate::LIBRARY);
        assert!(loaded.is_err(), "{config}");
    }
}
