//! What cannot be compared with Kamailio 5.6.3: secrets, restarts, other servers, hostile clients.

use proptest::prelude::*;
use testkit::{Agent, Sim};

use crate::digest::{Hash, Protection};

const SERVER: &str = "10.0.0.1:5060";
const CLIENT: &str = "10.0.0.2:5060";

const SCRIPT: &str = r#"
request_route {
    if ($hdr(X-Challenge) != $null) { www_challenge("$hdr(X-Challenge)", "1"); exit; }
    pv_www_authenticate("r.x", "secret", "0");
    append_to_reply("X-Code: $rc\r\n");
    sl_send_reply("200", "Told");
}
"#;

struct World {
    sim: Sim,
    client: Agent,
    number: std::cell::Cell<u32>,
}

fn config(params: &str) -> String {
    let load: String = ["sl", "pv", "textops", "siputils", "auth"]
        .iter()
        .map(|name| format!("loadmodule \"{name}.so\"\n"))
        .collect();
    let params: String = params
        .split_terminator(';')
        .map(|param| format!("modparam(\"auth\", {})\n", param.trim()))
        .collect();
    format!("{load}{params}{SCRIPT}")
}

fn world(params: &str) -> World {
    let sim = Sim::new(1);
    sim.server(SERVER, &config(params), crate::LIBRARY)
        .unwrap_or_else(|errors| panic!("{errors}"));
    World {
        client: sim.agent(CLIENT),
        sim,
        number: std::cell::Cell::new(0),
    }
}

impl World {
    fn ask(&self, server: &str, headers: &str) -> Option<String> {
        let number = self.number.get();
        self.number.set(number + 1);
        self.client.send(
            server,
            &format!(
                "REGISTER sip:r.x SIP/2.0\r\n\
                 Via: SIP/2.0/UDP {CLIENT};branch=z9hG4bK-{number}\r\n\
                 From: <sip:alice@r.x>;tag=f\r\n\
                 To: <sip:alice@r.x>\r\n\
                 Call-ID: c{number}\r\n\
                 CSeq: {number} REGISTER\r\n\
                 {headers}Content-Length: 0\r\n\r\n"
            ),
        );
        self.sim.run_for(20);
        self.client.receive()
    }

    fn nonce_of(&self, server: &str) -> String {
        let reply = self.ask(server, "X-Challenge: r.x\r\n").unwrap();
        let (_, rest) = reply.split_once("nonce=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The code for right credentials with a nonce.
    fn code(&self, server: &str, nonce: &str, count: Option<&str>) -> i64 {
        let reply = self.ask(server, &credentials(nonce, count)).unwrap();
        let (_, rest) = reply.split_once("X-Code: ").unwrap();
        rest.split_once("\r\n").unwrap().0.parse().unwrap()
    }
}

fn credentials(nonce: &str, count: Option<&str>) -> String {
    let account = Hash::Md5.account(b"alice", b"r.x", b"secret");
    let request = Hash::Md5.request(b"REGISTER", b"sip:r.x", None);
    let protection = count.map(|count| Protection {
        quality: b"auth",
        count: count.as_bytes(),
        cnonce: b"c",
    });
    let response = Hash::Md5.response(&account, nonce.as_bytes(), protection, &request);
    let response = std::str::from_utf8(&response).unwrap();
    let protection = count.map_or(String::new(), |count| {
        format!(", qop=auth, nc={count}, cnonce=\"c\"")
    });
    format!(
        "Authorization: Digest username=\"alice\", realm=\"r.x\", nonce=\"{nonce}\", uri=\"sip:r.x\", response=\"{response}\"{protection}\r\n"
    )
}

#[test]
fn a_nonce_is_good_for_its_time() {
    let world = world("\"nonce_expire\", 10");
    let nonce = world.nonce_of(SERVER);
    assert_eq!(world.code(SERVER, &nonce, None), 1);
    assert_eq!(world.code(SERVER, &nonce, Some("00000001")), 1);
    world.sim.run_for(9_000);
    assert_eq!(world.code(SERVER, &nonce, None), 1);
    world.sim.run_for(3_000);
    assert_eq!(world.code(SERVER, &nonce, None), -4);
}

#[test]
fn servers_with_one_secret_take_each_others_nonces() {
    let sim = Sim::new(1);
    let other = "10.0.0.9:5060";
    let third = "10.0.0.10:5060";
    for (server, params) in [
        (SERVER, "\"secret\", \"shared\""),
        (other, "\"secret\", \"shared\""),
        (third, ""),
    ] {
        sim.server(server, &config(params), crate::LIBRARY)
            .unwrap_or_else(|errors| panic!("{errors}"));
    }
    let world = World {
        client: sim.agent(CLIENT),
        sim,
        number: std::cell::Cell::new(0),
    };
    let nonce = world.nonce_of(SERVER);
    assert_eq!(world.code(other, &nonce, None), 1);
    assert_eq!(world.code(third, &nonce, None), -1);
    let nonce = world.nonce_of(third);
    assert_eq!(world.code(SERVER, &nonce, None), -1);
}

/// A nonce that Kamailio 5.6.3 made with this secret; its time is long past for the simulated clock
/// or far ahead, but it is not taken for forged.
#[test]
fn kamailios_nonce_is_known() {
    let world = world("\"secret\", \"0123456789abcdef0123456789ABCDEF\"");
    assert_eq!(
        world.code(SERVER, "awQz7GsEMsDz5P3R1rhjyvtVgSo9mWEQ", None),
        -4
    );
}

#[test]
fn a_realm_cannot_leave_its_quotes() {
    let world = world("");
    for realm in ["a\" , nonce=\"x", "a\\"] {
        let reply = world
            .ask(SERVER, &format!("X-Challenge: {realm}\r\n"))
            .unwrap();
        assert!(reply.starts_with("SIP/2.0 500"), "{reply}");
        assert!(!reply.contains("Digest"), "{reply}");
    }
}

#[test]
fn parameters_are_checked() {
    for params in [
        "\"algorithm\", \"FOO\"",
        "\"qop\", \"foo\"",
        "\"nonce_count\", 1; \"nc_array_order\", 31",
        "\"one_time_nonce\", 1; \"otn_in_flight_order\", 31",
        "\"challenge_attr\", \"name\"",
        "\"www_challenge_header\", \"a b\"",
        "\"proxy_challenge_header\", \"\"",
    ] {
        let sim = Sim::new(1);
        assert!(
            sim.server(SERVER, &config(params), crate::LIBRARY).is_err(),
            "{params}"
        );
    }
}

#[test]
fn many_threads_use_a_nonce_once() {
    let uses = super::uses::Uses::new(Some(10), Some(10), 0);
    let nonce = uses.issue();
    let counted = std::sync::atomic::AtomicU32::new(0);
    let once = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for count in 1..=255 {
                    let count = format!("{count:08x}");
                    if uses.count(&nonce, Some(count.as_bytes())).is_ok() {
                        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                    if uses.count(&nonce, None).is_ok() {
                        once.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!((1..=255).contains(&counted.into_inner()));
    assert_eq!(once.into_inner(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in the header, there is an answer, and never a yes.
    #[test]
    fn no_noise_authenticates(noise in "[ -~]{0,200}", nonce in "[A-Za-z0-9+/=]{0,80}") {
        let world = world("\"nonce_count\", 1; \"one_time_nonce\", 1; \"auth_checks_register\", 15");
        for headers in [
            format!("Authorization: Digest {noise}\r\n"),
            format!("Authorization: Digest realm=\"r.x\", {noise}\r\n"),
            credentials(&nonce, Some("00000001")),
            credentials(&nonce, None),
        ] {
            let reply = world.ask(SERVER, &headers).expect("an answer");
            prop_assert!(reply.contains("X-Code: -"), "{}", reply);
        }
    }

    /// A nonce is good as it is, and not after any change of a character.
    #[test]
    fn a_changed_nonce_is_none(at in 0_usize..32, to in "[A-Za-z0-9+/]") {
        let world = world("");
        let nonce = world.nonce_of(SERVER);
        prop_assert_eq!(world.code(SERVER, &nonce, None), 1);
        let mut changed = nonce.clone();
        changed.replace_range(at..=at, &to);
        if changed != nonce {
            prop_assert!(world.code(SERVER, &changed, None) < 0);
        }
    }
}
