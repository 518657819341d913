//! The lines of a traced request, as Kamailio writes them.

use engine::rpc::RpcFault;
use testkit::Sim;

const CONFIG: &str = r#"debug=2
loadmodule "debugger.so"
modparam("debugger", "cfgtrace", 1)
request_route {
  if (method == "OPTIONS") {
    setflag(3);
  }
  route(SUB);
  exit;
}
route[SUB] {
  log(0, "x");
}
"#;

#[test]
fn statements_are_traced() {
    let sim = Sim::new(1);
    let server = sim
        .server("127.0.45.11:5060", CONFIG, crate::LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("127.0.45.12:5060");
    let send = || {
        client.send(
            "127.0.45.11:5060",
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.45.12;branch=z9hG4bK1\r\n\
             From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
        );
        sim.run_for(50);
    };
    send();
    let line = |route: &str, line: u32, action: &str| {
        format!(
            "*** cfgtrace:dbg_cfg_trace(): request_route=[{route}] c=[test.cfg] l={line} {action}"
        )
    };
    let traced = |lines: Vec<String>| -> Vec<String> {
        lines
            .into_iter()
            .filter(|l| l.contains("cfgtrace"))
            .collect()
    };
    let expected = vec![
        line("DEFAULT_ROUTE", 5, "a=16 n=if"),
        line("DEFAULT_ROUTE", 6, "a=39 n=setflag"),
        line("DEFAULT_ROUTE", 8, "a=5 n=route"),
        line("SUB", 12, "a=3 n=log"),
        line("DEFAULT_ROUTE", 9, "a=2 n=exit"),
    ];
    assert_eq!(traced(server.log_lines()), expected);
    assert_eq!(
        server.rpc("dbg.trace", &["off".into()]),
        Ok(vec!["200 ok".into()])
    );
    send();
    assert_eq!(traced(server.log_lines()), Vec::<String>::new());
    let unknown = Err(RpcFault::new(500, "Unknown trace command"));
    assert_eq!(server.rpc("dbg.trace", &["x".into()]), unknown);
}
