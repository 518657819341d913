//! A message with more headers than `ferrosip.max_headers` is dropped and counted.

use testkit::Sim;

const CONFIG: &str = r#"
loadmodule "sl.so"
ferrosip.max_headers = 20 desc "for the test"
request_route {
    sl_send_reply("200", "OK");
}
"#;

/// A request with so many headers.
fn request(headers: usize) -> String {
    const OTHERS: usize = 7;
    format!(
        "OPTIONS sip:bob@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\n\
         From: <sip:a@b>;tag=1\nTo: <sip:bob@10.0.0.1>\nCall-ID: 1\nCSeq: 1 OPTIONS\n\
         Max-Forwards: 70\n{}Content-Length: 0\n\n",
        "X: y\n".repeat(headers - OTHERS)
    )
}

#[test]
fn a_message_with_too_many_headers_is_dropped() {
    let sim = Sim::new(1);
    let server = sim
        .server("10.0.0.1:5060", CONFIG, modules::LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("10.0.0.2:5060");
    let refused = || server.core.statistics.value("core", "headers_refused");
    for (headers, replies, count) in [(20, 1, 0), (21, 0, 1), (5000, 0, 2)] {
        client.send("10.0.0.1:5060", &request(headers));
        sim.run_for(10);
        assert_eq!(client.receive_all().len(), replies, "{headers}");
        assert_eq!(refused(), Some(count), "{headers}");
    }
}
