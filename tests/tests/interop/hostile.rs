//! Real calls go on while somebody hostile sends: each test has one kind of attack.

use std::sync::{Mutex, MutexGuard, PoisonError};

use acceptance::client::Transport::Udp;
use acceptance::client::attack::Attack;
use acceptance::subject::Server;
use fastrand::Rng;

use crate::subject::{RUN, Subject, ensure, number, place, plan, register};
use crate::{Case, Need};

const NEEDS: &[Need] = &[
    Need::Tool("sipp"),
    Need::Tool("kamcmd"),
    Need::StockConfig,
    Need::Ferrosip,
];

pub(crate) const CASES: &[Case] = &[
    Case::new("hostile::random_bytes", NEEDS, |s| {
        datagrams(s, |_, dice| random(dice, 1400))
    }),
    Case::new("hostile::mutated_messages", NEEDS, |s| {
        datagrams(s, mutated)
    }),
    Case::new("hostile::huge_headers", NEEDS, |s| {
        datagrams(s, |n, _| {
            let value = "x".repeat(63_000);
            request("OPTIONS", n, &format!("X-Huge: {value}\r\n"), "")
        })
    }),
    Case::new("hostile::ten_thousand_headers", NEEDS, many_headers),
    Case::new("hostile::deep_multipart", NEEDS, |s| {
        datagrams(s, multipart)
    }),
    Case::new("hostile::via_bomb", NEEDS, |s| {
        datagrams(s, |n, _| {
            let one = "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx";
            let all = vec![one; 1500].join(",");
            request("INVITE", n, &format!("Via: {all}\r\n"), "")
        })
    }),
    Case::new("hostile::route_bomb", NEEDS, |s| datagrams(s, routes)),
    Case::new("hostile::wrong_content_length", NEEDS, |s| {
        datagrams(s, |n, _| {
            let lies = ["99999999999999999999", "-1", "5000", "0x10", ""];
            let lie = lies[n as usize % lies.len()];
            let text = request("INVITE", n, "", "v=0\r\n");
            let text = String::from_utf8_lossy(&text).into_owned();
            text.replace("Content-Length: 5", &format!("Content-Length: {lie}"))
                .into_bytes()
        })
    }),
    Case::new("hostile::one_call_id", NEEDS, |s| {
        datagrams(s, |n, _| {
            let text = request("INVITE", n, "", "");
            let text = String::from_utf8_lossy(&text).into_owned();
            text.replace(&format!("Call-ID: attack{n}"), "Call-ID: same")
                .into_bytes()
        })
    }),
    Case::new("hostile::register_flood", NEEDS, register_flood),
    Case::new("hostile::loops_that_fork", NEEDS, loops_that_fork),
    Case::new("hostile::slow_loris", NEEDS, |s| {
        streams(s, 300, |n, _| {
            let text = request("OPTIONS", 1, "", "");
            vec![text[n as usize % text.len()]]
        })
    }),
    Case::new("hostile::half_open_flood", NEEDS, |s| {
        streams(s, 2_000, |_, _| Vec::new())
    }),
    Case::new("hostile::streams_of_nonsense", NEEDS, |s| {
        streams(s, 2_000, |_, dice| random(dice, 3_000))
    }),
];

/// A request that is whole, with more header lines and a body.
fn request(method: &str, number: u64, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} sip:nobody@127.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKattack{number}\r\n{headers}\
         From: <sip:mallory@127.0.0.1>;tag=m\r\nTo: <sip:nobody@127.0.0.1>\r\n\
         Call-ID: attack{number}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n\
         Contact: <sip:mallory@127.0.0.1:9>\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn random(dice: &mut Rng, most: usize) -> Vec<u8> {
    let length = 1 + dice.usize(..most.max(1));
    (0..length).map(|_| dice.u8(..)).collect()
}

/// A message cut off, with bytes changed.
fn mutated(n: u64, dice: &mut Rng) -> Vec<u8> {
    let methods = ["INVITE", "REGISTER", "ACK", "CANCEL", "BYE", "OPTIONS", "x"];
    let method = methods[dice.usize(..methods.len())];
    let mut text = request(method, n % 50, "Route: <sip:a;lr>\r\n", "v=0\r\n");
    if dice.usize(..3) == 0 {
        text.truncate(dice.usize(..text.len().max(1)));
    }
    for _ in 0..dice.usize(..8) {
        let at = dice.usize(..text.len().max(1));
        if let Some(byte) = text.get_mut(at) {
            *byte = dice.u8(..);
        }
    }
    text
}

fn multipart(n: u64, _: &mut Rng) -> Vec<u8> {
    let mut body = String::new();
    for depth in 0..400 {
        body += &format!(
            "--b{depth}\r\nContent-Type: multipart/mixed;boundary=b{}\r\n\r\n",
            depth + 1
        );
    }
    request(
        "INVITE",
        n,
        "Content-Type: multipart/mixed;boundary=b0\r\n",
        &body,
    )
}

/// Thousands of hops, within a dialog so that they are looked at.
fn routes(n: u64, _: &mut Rng) -> Vec<u8> {
    let all = vec!["<sip:127.0.0.1:9;lr>"; 2_500].join(",");
    let text = request("BYE", n, &format!("Route: {all}\r\n"), "");
    String::from_utf8_lossy(&text)
        .replace(
            "To: <sip:nobody@127.0.0.1>",
            "To: <sip:nobody@127.0.0.1>;tag=t",
        )
        .into_bytes()
}

fn datagrams(
    subject: &Subject,
    next: impl FnMut(u64, &mut Rng) -> Vec<u8> + Send + 'static,
) -> Result<(), String> {
    let _alone = alone();
    let server = subject.stock()?;
    let attack = Attack::datagrams(place(), server.addr, next)?;
    calls_go_on(&server, attack)
}

fn streams(
    subject: &Subject,
    most: usize,
    next: impl FnMut(u64, &mut Rng) -> Vec<u8> + Send + 'static,
) -> Result<(), String> {
    let _alone = alone();
    let server = subject.stock()?;
    let attack = Attack::streams(place(), server.addr, most, next);
    calls_go_on(&server, attack)
}

/// One attack at a time: two at once would say nothing about either.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ten thousand in a message: the bound on headers holds, and says so.
fn many_headers(subject: &Subject) -> Result<(), String> {
    let _alone = alone();
    let server = subject.stock()?;
    let attack = Attack::datagrams(place(), server.addr, |n, _| {
        request("OPTIONS", n, &"a:b\r\n".repeat(10_000), "")
    })?;
    calls_go_on(&server, attack)?;
    let refused = number(&server, &["cnt.grp_get_all", "core"], "headers_refused")?;
    ensure(refused > 100, || {
        format!("only {refused} messages were refused for their headers")
    })
}

/// Twenty calls within a second, none of which may be lost; nor may any message have hit a
/// mistake of ours.
fn calls_go_on(server: &Server, attack: Attack) -> Result<(), String> {
    let phone = place();
    register(server, "bob", phone, Udp)?;
    let mut callee = plan(server, "callee", phone, Udp);
    (callee.calls, callee.rate) = (20, 20);
    let callee = callee.with("ack_may_be_lost", "true").start()?;
    let mut caller = plan(server, "caller", place(), Udp).with("ack_may_be_lost", "true");
    (caller.calls, caller.rate) = (20, 20);
    caller.run(RUN)?;
    callee.finish(RUN)?;
    let steps = attack.stop();
    ensure(steps > 100, || {
        format!("the attack made {steps} steps only")
    })?;
    let panics = number(server, &["cnt.grp_get_all", "core"], "message_panics")?;
    ensure(panics == 0, || {
        format!("{panics} messages panicked:\n{}", server.log())
    })
}

/// Many users who were never there: the memory limit holds, and known users are still reached.
fn register_flood(subject: &Subject) -> Result<(), String> {
    let _alone = alone();
    let server = subject.stock()?;
    let to = server.addr;
    let attack = Attack::datagrams(place(), to, move |n, _| {
        let text = request("REGISTER", n, "Expires: 3600\r\n", "");
        String::from_utf8_lossy(&text)
            .replace("nobody@127.0.0.1", &format!("u{n}@{to}"))
            .replace(
                "REGISTER sip:",
                &format!("REGISTER sip:{to} SIP/2.0\r\nX-Was: "),
            )
            .into_bytes()
    })?;
    calls_go_on(&server, attack)?;
    let users = number(&server, &["cnt.grp_get_all", "usrloc"], "location_users")?;
    ensure(users > 100, || format!("only {users} users got in"))
}

/// Users whose contacts are other users here, two each: every INVITE doubles at each hop until the
/// hops run out (RFC 5393).
fn loops_that_fork(subject: &Subject) -> Result<(), String> {
    let _alone = alone();
    let server = subject.stock()?;
    for (user, contacts) in [("a", ["b", "c"]), ("b", ["a", "c"]), ("c", ["a", "b"])] {
        for contact in contacts {
            plan(&server, "register", place(), Udp)
                .with("user", user)
                .with("contact_pattern", "sip:")
                .with("contact", format!("sip:{contact}@{}", server.addr))
                .run(RUN)?;
        }
    }
    let to = server.addr;
    // One such call each second or so: every one is two to the tenth of them.
    let attack = Attack::datagrams(place(), to, move |n, _| {
        if n % 500 != 0 {
            return b"\r\n\r\n".to_vec();
        }
        let text = request("INVITE", n, "", "");
        String::from_utf8_lossy(&text)
            .replace("nobody@127.0.0.1", &format!("a@{to}"))
            .into_bytes()
    })?;
    calls_go_on(&server, attack)?;
    let refused = number(&server, &["cnt.grp_get_all", "core"], "spirals_refused")?;
    ensure(refused > 0, || "no spiral was refused".to_owned())
}
