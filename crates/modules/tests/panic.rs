//! A panic while a message is handled costs that message only: it is counted, logged with the
//! message's first line and Call-ID, answered 500, and the server goes on.

use engine::load::Library;
use engine::module::{Function, Module};
use testkit::Sim;

static BOOM: Module = Module {
    name: "boom",
    doc: "Panics when told to.",
    functions: &[Function::exact(
        "boom",
        &[],
        |_, _| panic!("planted"),
        "Panics.",
    )],
    ..Module::EMPTY
};

const LIBRARY: Library = Library {
    modules: &[
        &modules::sl::MODULE,
        &modules::tm::MODULE,
        &modules::pv::MODULE,
        &BOOM,
    ],
    builtin: &[&engine::builtin::MODULE],
    ..modules::LIBRARY
};

const CONFIG: &str = r#"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "boom.so"
request_route {
    if ($rU == "boom") boom();
    sl_send_reply("200", "Fine");
}
reply_route {
    boom();
}
"#;

fn options(user: &str, call_id: &str) -> String {
    format!(
        "OPTIONS sip:{user}@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK{call_id}\n\
         From: <sip:a@b>;tag=1\nTo: <sip:{user}@10.0.0.1>\nCall-ID: {call_id}\nCSeq: 1 OPTIONS\n\
         Content-Length: 0\n\n"
    )
}

#[test]
fn a_panic_costs_one_message() {
    // The default hook would print each planted panic.
    std::panic::set_hook(Box::new(|_| {}));
    let sim = Sim::new(1);
    let server = sim
        .server("10.0.0.1:5060", CONFIG, LIBRARY)
        .expect("the configuration is right");
    let client = sim.agent("10.0.0.2:5060");
    for round in 0..3 {
        client.send("10.0.0.1:5060", &options("boom", &format!("bad{round}")));
        client.send("10.0.0.1:5060", &options("fine", &format!("good{round}")));
    }
    client.send(
        "10.0.0.1:5060",
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=1\n\
         To: <sip:a@b>;tag=2\nCall-ID: reply\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n",
    );
    sim.run_for(100);
    let replies = client.receive_all();
    let count = |start: &str| replies.iter().filter(|r| r.starts_with(start)).count();
    assert_eq!(count("SIP/2.0 500 "), 3);
    assert_eq!(count("SIP/2.0 200 Fine"), 3);
    assert_eq!(
        server.core.statistics.value("core", "message_panics"),
        Some(4)
    );
    let lines = server.log_lines();
    let told = lines
        .iter()
        .any(|l| l.contains("OPTIONS sip:boom@10.0.0.1 SIP/2.0") && l.contains("bad1"));
    assert!(told, "{lines:?}");
}
