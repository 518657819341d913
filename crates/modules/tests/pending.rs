//! What 100,000 pending INVITE transactions cost, and that they give it back. Measured on a whole
//! server with the simulated network; run it by itself, with optimisation if figures are wanted:
//!
//!     cargo test --release -p modules --test pending -- --ignored --nocapture

use testkit::{Link, Sim};

/// The server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SERVER: &str = "10.0.0.1:5060";

/// Transactions held at once.
const PENDING: usize = 100_000;

/// What one may cost besides the raw message it came as: parsed, with its branch, the request as sent
/// and the 100.
const LIMIT: usize = 4_096;

const CONFIG: &str = r#"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
modparam("tm", "fr_timer", 20000)
modparam("tm", "wt_timer", 1000)
request_route {
  if (method=="ACK") { t_check_trans(); exit; }
  t_on_failure("F");
  t_relay();
}
failure_route[F] { exit; }
"#;

fn invite(number: usize) -> String {
    format!(
        "INVITE sip:bob{number}@10.0.0.3:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-{number}\r\n\
         From: <sip:alice@10.0.0.1>;tag=f{number}\r\n\
         To: <sip:bob{number}@10.0.0.1>\r\n\
         Call-ID: c{number}@caller.example.org\r\n\
         CSeq: 1 INVITE\r\n\
         Max-Forwards: 70\r\n\
         Contact: <sip:alice@10.0.0.2:5060>\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// Bytes of memory that the process occupies.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// Holds the transactions and lets them end; the memory before, at the peak and after.
fn round(sim: &Sim, server: &testkit::Server) -> [usize; 3] {
    let alice = sim.agent("10.0.0.2:5060");
    let bob = sim.agent("10.0.0.3:5060");
    let before = resident();
    for chunk in 0..PENDING / 1000 {
        for number in 0..1000 {
            alice.send(SERVER, &invite(chunk * 1000 + number));
        }
        sim.run_for(5);
        // What was sent is not the server's to keep.
        let _ = (alice.receive_all(), bob.receive_all());
    }
    let inuse = server.core.statistics.value("tmx", "inuse_transactions");
    assert_eq!(inuse, Some(PENDING as i64));
    let held = resident();
    for _ in 0..400 {
        sim.run_for(100);
        let _ = (alice.receive_all(), bob.receive_all());
    }
    let inuse = server.core.statistics.value("tmx", "inuse_transactions");
    assert_eq!(inuse, Some(0));
    [before, held, resident()]
}

#[test]
#[ignore = "takes a while; measures the whole process"]
fn a_hundred_thousand_pending_calls_are_held_and_released() {
    let sim = Sim::new(1);
    sim.set_link(Link::default());
    let server = sim.server(SERVER, CONFIG, modules::LIBRARY);
    let server = server.unwrap_or_else(|errors| panic!("{errors}"));
    let [before, held, after] = round(&sim, &server);
    let raw = invite(PENDING / 2).len();
    let each = (held - before) / PENDING;
    println!("resident: {before} before, {held} with {PENDING} pending, {after} after");
    println!("each: {each} bytes, of which the raw message {raw}");
    assert!(each <= LIMIT + raw, "{each} bytes each");
    let kept = after.saturating_sub(before);
    assert!(
        kept * 10 <= held - before,
        "{kept} bytes were not given back"
    );
}
