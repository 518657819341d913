//! Statistics of messages, by method and by RPC.

use engine::rpc::{RpcFault, RpcValue};
use testkit::Sim;

#[test]
fn messages_are_counted_by_method() {
    let config = "loadmodule \"kex.so\"\nrequest_route { exit; }";
    let sim = Sim::new(5);
    let server = sim
        .server("127.0.45.7:5060", config, crate::LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("127.0.45.8:5060");
    for method in ["OPTIONS", "INVITE", "INVITE", "STRANGE"] {
        client.send(
            "127.0.45.7:5060",
            &format!(
                "{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.45.8;branch=z9hG4bK1\r\n\
                 From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\n\
                 CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
            ),
        );
    }
    client.send(
        "127.0.45.7:5060",
        "SIP/2.0 486 Busy\r\nVia: SIP/2.0/UDP 127.0.45.7;branch=z9hG4bK1\r\n\
         From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\n\
         CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    );
    sim.run_for(50);
    let line = |name: &str| {
        let lines = server
            .rpc("stats.get_statistics", &[name.into()])
            .expect("lines");
        lines.first().cloned()
    };
    let expected = |text: &str| Some(RpcValue::from(text));
    assert_eq!(
        line("rcv_requests_invite"),
        expected("core:rcv_requests_invite = 2")
    );
    assert_eq!(
        line("rcv_replies_4xx_invite"),
        expected("core:rcv_replies_4xx_invite = 1")
    );
    assert_eq!(
        line("rcv_replies_486"),
        expected("core:rcv_replies_486 = 1")
    );
    assert_eq!(
        line("unsupported_methods"),
        expected("core:unsupported_methods = 1")
    );
    assert_eq!(line("nope"), None);
    let number = server.rpc("stats.fetchn", &["core.rcv_requests_options".into()]);
    let members = vec![("core.rcv_requests_options".to_owned(), 1.into())];
    assert_eq!(number, Ok(vec![RpcValue::Struct(members)]));
    let cleared = server.rpc("stats.clear_statistics", &["rcv_requests_invite".into()]);
    assert_eq!(cleared, Ok(vec!["core:rcv_requests_invite = 2".into()]));
    assert_eq!(
        line("rcv_requests_invite"),
        expected("core:rcv_requests_invite = 0")
    );
    let missing = RpcFault::new(400, "Please provide which stats to retrieve");
    assert_eq!(server.rpc("stats.fetch", &[]), Err(missing));
}

#[test]
fn every_statistic_of_the_table_is_there() {
    let config = "loadmodule \"kex.so\"\nrequest_route { exit; }";
    let server = Sim::new(2).server("127.0.45.9:5060", config, crate::LIBRARY);
    let server = server.unwrap_or_else(|errors| panic!("{errors}"));
    for row in super::rows::STATISTICS {
        let value = server.core.statistics.value(row.group, row.name);
        assert!(value.is_some(), "{}:{}", row.group, row.name);
    }
}
