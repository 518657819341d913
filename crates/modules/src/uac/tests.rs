//! Whole servers in the simulated world: what goes beyond Kamailio 5.6.3 and therefore cannot be
//! compared with it.

use testkit::{Agent, Sim};

const SERVER: &str = "10.0.0.1:5060";

const HEAD: &str = r#"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textopsx.so"
loadmodule "siputils.so"
loadmodule "uac.so"
modparam("uac", "credential", "Mufasa:example.org:Circle of Life")
"#;

struct World {
    sim: Sim,
    alice: Agent,
    bob: Agent,
}

fn world(script: &str) -> World {
    let sim = Sim::new(1);
    let config = format!("{HEAD}{script}");
    sim.server(SERVER, &config, crate::LIBRARY)
        .unwrap_or_else(|errors| panic!("{errors}"));
    World {
        alice: sim.agent("10.0.0.2:5060"),
        bob: sim.agent("10.0.0.3:5060"),
        sim,
    }
}

fn request(method: &str, route: &str, to_tag: &str) -> String {
    format!(
        "{method} sip:bob@10.0.0.3:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-{method}\r\n\
         From: \"Al\" <sip:alice@home.org>;tag=ft\r\n\
         To: <sip:bob@there.org>{to_tag}\r\n\
         Call-ID: c\r\n\
         CSeq: 1 {method}\r\n\
         Max-Forwards: 70\r\n\
         {route}Content-Length: 0\r\n\r\n"
    )
}

/// A reply to a request as it was received, with further header lines.
fn reply(request: &str, status: &str, headers: &str) -> String {
    let kept = ["Via:", "From:", "To:", "Call-ID:", "CSeq:", "Record-Route:"];
    let lines: String = request
        .split("\r\n")
        .filter(|line| kept.iter().any(|name| line.starts_with(name)))
        .map(|line| match line.strip_prefix("To:") {
            Some(_) if !line.contains("tag=") => format!("{line};tag=bt\r\n"),
            _ => format!("{line}\r\n"),
        })
        .collect();
    format!("SIP/2.0 {status}\r\n{lines}{headers}Content-Length: 0\r\n\r\n")
}

fn header<'m>(message: &'m str, name: &str) -> Option<&'m str> {
    message
        .split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

impl World {
    /// Sends a message to the server and returns what the other side gets.
    fn pass(&self, from: &Agent, message: &str, to: &Agent) -> Option<String> {
        from.send(SERVER, message);
        self.sim.run_for(20);
        to.receive_all()
            .into_iter()
            .find(|m| !m.starts_with("SIP/2.0 100") && !m.starts_with("ACK"))
    }
}

/// The request with which the server answers these challenges.
fn answered(status: &str, challenges: &str) -> Option<String> {
    let world = world(
        r#"
request_route { t_on_failure("AUTH"); t_relay(); exit; }
failure_route[AUTH] { if (uac_auth()) t_relay(); exit; }
"#,
    );
    let first = world.pass(&world.alice, &request("MESSAGE", "", ""), &world.bob)?;
    world.pass(&world.bob, &reply(&first, status, challenges), &world.bob)
}

#[test]
fn sha_256_is_answered() {
    let second = answered(
        "401 Unauthorized",
        "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n\", algorithm=SHA-256\r\n",
    )
    .expect("sent again");
    let value = header(&second, "Authorization").expect("with credentials");
    // SHA-256 of HA1:n:HA2, computed by another program.
    let response = "fb9d9fb2ab5ec11359c2ced824f0e6275fa8e483db3d9434f22ec2cb0feafc7f";
    assert_eq!(
        value,
        format!(
            "Digest username=\"Mufasa\", realm=\"example.org\", nonce=\"n\", uri=\"sip:bob@10.0.0.3:5060\", response=\"{response}\", algorithm=SHA-256"
        )
    );
}

#[test]
fn the_first_challenge_that_can_be_is_answered() {
    let second = answered(
        "407 Proxy Authentication Required",
        "Proxy-Authenticate: Basic realm=\"example.org\"\r\n\
         Proxy-Authenticate: Digest realm=\"elsewhere\", nonce=\"a\"\r\n\
         Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"b\", algorithm=FOO\r\n\
         Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"c\", algorithm=SHA-512-256\r\n\
         Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"d\"\r\n",
    )
    .expect("sent again");
    let value = header(&second, "Proxy-Authorization").expect("with credentials");
    assert!(value.contains("nonce=\"c\""), "{value}");
    assert!(value.ends_with("algorithm=SHA-512-256"), "{value}");
}

#[test]
fn body_protection_says_what_it_is() {
    let second = answered(
        "401 Unauthorized",
        "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n\", qop=\"auth-int\"\r\n",
    )
    .expect("sent again");
    let value = header(&second, "Authorization").expect("with credentials");
    assert!(
        value.contains("qop=auth-int, nc=00000001, cnonce="),
        "{value}"
    );
}

#[test]
fn replies_are_restored_after_changes_were_applied() {
    let world = world(
        r#"
request_route {
  uac_replace_from("\"New\"", "sip:new@n.org");
  msg_apply_changes();
  t_relay();
  exit;
}
"#,
    );
    let sent = world
        .pass(&world.alice, &request("MESSAGE", "", ""), &world.bob)
        .expect("relayed");
    assert_eq!(
        header(&sent, "From"),
        Some("\"New\" <sip:new@n.org>;tag=ft")
    );
    let back = world
        .pass(&world.bob, &reply(&sent, "200 OK", ""), &world.alice)
        .expect("answered");
    assert_eq!(
        header(&back, "From"),
        Some("\"Al\" <sip:alice@home.org>;tag=ft")
    );
}

#[test]
fn a_restored_header_is_not_restored_twice() {
    let world = world(
        r#"
request_route {
  if (has_totag()) { loose_route(); uac_restore_from(); t_relay(); exit; }
  record_route();
  uac_replace_from("sip:new@n.org");
  t_relay();
  exit;
}
"#,
    );
    let sent = world
        .pass(&world.alice, &request("MESSAGE", "", ""), &world.bob)
        .expect("relayed");
    let route = header(&sent, "Record-Route").expect("on the route");
    let later = request("INFO", &format!("Route: {route}\r\n"), ";tag=bt");
    let sent = world
        .pass(&world.alice, &later, &world.bob)
        .expect("relayed");
    assert_eq!(header(&sent, "From"), Some("\"Al\" <sip:new@n.org>;tag=ft"));
}

/// Cookies that somebody changed leave the header alone.
#[test]
fn foreign_cookies() {
    let world = world("request_route { loose_route(); t_relay(); exit; }");
    for cookie in ["", "x", "AAAA", "-------", "AAAAAA8JHiMLbgcdCmUub3Jnzzzz"] {
        let route = format!("Route: <sip:10.0.0.1;lr;ftag=ft;vsf={cookie};vst={cookie}>\r\n");
        let later = request("INFO", &route, ";tag=bt")
            .replace("Call-ID: c", &format!("Call-ID: {cookie}c"));
        let later = later.replace("z9hG4bK-INFO", &format!("z9hG4bK-{}", cookie.len()));
        let sent = world
            .pass(&world.alice, &later, &world.bob)
            .expect("relayed");
        assert_eq!(
            header(&sent, "From"),
            Some("\"Al\" <sip:alice@home.org>;tag=ft"),
            "{cookie}"
        );
    }
}
