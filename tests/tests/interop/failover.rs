//! Names with several addresses, in a namespace whose resolver is the test: a request that cannot be
//! delivered goes to the next address. What is expected is what Kamailio does: the tests pass with it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use acceptance::client::names::{NameServer, Record, Zone};
use acceptance::client::namespace::Namespace;
use acceptance::client::phone::Phone;
use acceptance::message::Message;
use acceptance::subject::Server;

use crate::subject::{RUN, Subject, ensure};
use crate::{Case, Need};

const INSIDE: &[Need] = &[Need::Inside(Namespace::OwnResolver)];

pub(crate) const CASES: &[Case] = &[
    Case::new("failover::a_503_leads_to_the_next_address", INSIDE, |s| {
        inside(s, &[], unavailable)
    }),
    Case::new("failover::the_last_503_is_the_answer", INSIDE, |s| {
        inside(s, &[], exhausted)
    }),
    Case::new("failover::silence_leads_to_the_next_address", INSIDE, |s| {
        inside(s, &[], silent)
    }),
    Case::new(
        "failover::a_provisional_reply_holds_the_request",
        INSIDE,
        |s| inside(s, &[], ringing),
    ),
    Case::new("failover::other_failures_stay", INSIDE, |s| {
        inside(s, &[], busy)
    }),
    Case::new("failover::requests_but_invite_fail_over", INSIDE, |s| {
        inside(s, &[], message)
    }),
    Case::new("failover::servers_of_a_service_are_tried", INSIDE, |s| {
        inside(s, &[], service)
    }),
    Case::new("failover::a_fork_goes_on_in_one_branch", INSIDE, |s| {
        inside(s, &[], fork)
    }),
    Case::new("failover::a_hop_of_the_call_is_the_only_one", INSIDE, |s| {
        inside(s, &[], hop)
    }),
    Case::new("failover::a_cancelled_request_stays", INSIDE, |s| {
        inside(s, &[], cancelled)
    }),
    Case::new("failover::the_script_may_forbid_it", INSIDE, |s| {
        inside(s, &[], forbidden)
    }),
    Case::new("failover::it_is_off_by_default", INSIDE, |s| {
        inside(s, &["WITHOUT_FAILOVER"], off)
    }),
    Case::new("failover::a_request_is_made_anew", INSIDE, |s| {
        inside(s, &["WITHOUT_REPARSE"], anew)
    }),
    Case::new("failover::a_timer_knows_no_socket", INSIDE, |s| {
        inside(s, &[], other_socket)
    }),
    Case::new("failover::own_requests_fail_over", INSIDE, |s| {
        inside(s, &[], own)
    }),
    Case::new("failover::own_requests_find_servers", INSIDE, |s| {
        inside(s, &[], own_service)
    }),
    Case::new("failover::the_socket_can_be_kept", INSIDE, |s| {
        inside(s, &["WITH_SAME_SOCKET"], same_socket)
    }),
];

const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 45, 2);
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 45, 3);
const THIRD: Ipv4Addr = Ipv4Addr::new(127, 0, 45, 4);

const fn v4(address: Ipv4Addr) -> Record {
    Record::Address(IpAddr::V4(address))
}

const ZONE: Zone = &[
    ("two.test", v4(FIRST)),
    ("two.test", v4(SECOND)),
    ("three.test", v4(FIRST)),
    ("three.test", v4(SECOND)),
    ("three.test", v4(THIRD)),
    ("_sip._udp.service.test", Record::Srv(20, 0, 5060, "b.test")),
    ("_sip._udp.service.test", Record::Srv(10, 0, 5060, "a.test")),
    ("a.test", v4(THIRD)),
    ("b.test", v4(FIRST)),
];

/// Who takes part.
struct Scene {
    _server: Server,
    caller: Phone,
    /// At the three addresses.
    callees: [Phone; 3],
}

fn inside(
    subject: &Subject,
    defines: &[&str],
    test: fn(&Scene) -> Result<(), String>,
) -> Result<(), String> {
    if let Some(outcome) = Namespace::OwnResolver.enter(subject.test, RUN * 2) {
        return outcome;
    }
    let _names = NameServer::start(SocketAddr::from((Namespace::RESOLVER, 53)), ZONE)?;
    let arguments: Vec<&str> = defines.iter().flat_map(|name| ["-A", name]).collect();
    let server: Server = subject.configured("failover", &arguments)?;
    let callee = |ip| Phone::at(SocketAddr::from((ip, 5060)), server.addr);
    let scene = Scene {
        caller: Phone::new(server.addr)?,
        callees: [callee(FIRST)?, callee(SECOND)?, callee(THIRD)?],
        _server: server,
    };
    test(&scene)
}

impl Scene {
    /// A request of the caller's.
    fn send(&self, method: &str, hop: &str, more: &str) -> Result<(), String> {
        let text = self.caller.request(method, hop, "call", more);
        self.caller.send(text.as_bytes())
    }

    /// The request at a callee, on a branch of this number.
    fn arrives(&self, callee: usize, method: &str, branch: u8) -> Result<Message, String> {
        let request = self.callees[callee].expect(method)?;
        let via = request.header("Via");
        ensure(via.ends_with(&format!(".{branch}")), || {
            format!("not on branch {branch}: {}", request.render())
        })?;
        Ok(request)
    }

    /// The request at a callee, which answers it.
    fn answers(&self, callee: usize, branch: u8, code: u16) -> Result<(), String> {
        let request = self.arrives(callee, "INVITE", branch)?;
        self.callees[callee].reply(&request, code)?;
        if code >= 300 {
            self.callees[callee].expect("ACK")?;
        }
        Ok(())
    }

    /// The final reply at the caller, who acknowledges it.
    fn ends(&self, code: u16) -> Result<Message, String> {
        let reply = self.caller.expect(&format!("{code} INVITE"))?;
        let ack = self.caller.request("ACK", "call", "call", "");
        let ack = ack.replacen("CSeq: 1 INVITE", "CSeq: 1 ACK", 1);
        self.caller.send(ack.as_bytes())?;
        Ok(reply)
    }

    /// The blocks that ran.
    fn trace(&self) -> Result<Vec<String>, String> {
        let question = self.caller.request("OPTIONS", "trace", "trace", "");
        self.caller.send(question.as_bytes())?;
        let answer = self.caller.expect("200 OPTIONS")?;
        let ran = answer.header("X-Trace").split('#').skip(1);
        Ok(ran.map(str::to_owned).collect())
    }

    /// Whether these blocks ran, in this order.
    fn ran(&self, expected: &str) -> Result<(), String> {
        let ran = self.trace()?;
        ensure(expected.split_whitespace().eq(&ran), || {
            format!("ran {ran:?}\nnot {expected}")
        })
    }

    /// Whether these blocks ran: a timer's and a message's do so at the same time.
    fn ran_at_once(&self, expected: &str) -> Result<(), String> {
        let mut ran = self.trace()?;
        let mut blocks: Vec<&str> = expected.split_whitespace().collect();
        ran.sort_unstable();
        blocks.sort_unstable();
        ensure(ran == blocks, || format!("ran {ran:?}\nnot {blocks:?}"))
    }

    /// Whether nothing comes to a callee.
    fn silent(&self, callee: usize) -> Result<(), String> {
        match self.callees[callee].receive(std::time::Duration::from_millis(300)) {
            None => Ok(()),
            Some(message) => Err(format!("came to {callee}: {}", message.render())),
        }
    }
}

fn unavailable(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    let first = scene.arrives(0, "INVITE", 0)?;
    scene.callees[0].reply(&first, 503)?;
    scene.callees[0].expect("ACK")?;
    let second = scene.arrives(1, "INVITE", 1)?;
    // What the branch route did is in it, and nothing but our Via is another.
    let without_via = |m: &Message| m.render().replacen(m.header("Via"), "", 1);
    ensure(without_via(&first) == without_via(&second), || {
        second.render()
    })?;
    scene.callees[1].reply(&second, 486)?;
    scene.callees[1].expect("ACK")?;
    scene.ends(486)?;
    scene.ran(
        "branch:0 send:127.0.45.2 own:503:0 send:127.0.45.3 one:503:0 \
         own:486:1 one:486:1 failure:486",
    )
}

fn exhausted(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "three.test", "")?;
    scene.answers(0, 0, 503)?;
    scene.answers(1, 1, 503)?;
    scene.answers(2, 2, 503)?;
    let reply = scene.ends(500)?;
    ensure(reply.start == "SIP/2.0 500 Service Unavailable", || {
        reply.render()
    })?;
    // What the branch failure route of the first left unset is unset for the third.
    scene.ran(
        "branch:0 send:127.0.45.2 own:503:0 send:127.0.45.3 one:503:0 \
         own:503:1 send:127.0.45.4 one:503:1 own:503:2 failure:503",
    )
}

fn silent(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    scene.arrives(0, "INVITE", 0)?;
    scene.answers(1, 1, 486)?;
    // The silence counts, too, and more than a busy callee.
    scene.ends(408)?;
    scene.ran_at_once(
        "branch:0 send:127.0.45.2 send:127.0.45.3 one:408:0 \
         own:486:1 one:486:1 failure:408",
    )
}

fn ringing(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    let request = scene.arrives(0, "INVITE", 0)?;
    scene.callees[0].reply(&request, 180)?;
    scene.ends(408)?;
    scene.callees[0].expect("CANCEL")?;
    scene.silent(1)
}

fn busy(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    scene.answers(0, 0, 500)?;
    scene.ends(500)?;
    scene.silent(1)
}

fn message(scene: &Scene) -> Result<(), String> {
    scene.send("MESSAGE", "three.test", "")?;
    scene.arrives(0, "MESSAGE", 0)?;
    let request = scene.arrives(1, "MESSAGE", 1)?;
    scene.callees[1].reply(&request, 503)?;
    let request = scene.arrives(2, "MESSAGE", 2)?;
    scene.callees[2].reply(&request, 200)?;
    scene.caller.expect("200 MESSAGE")?;
    scene.ran_at_once(
        "branch:0 send:127.0.45.2 send:127.0.45.3 one:408:0 \
         own:503:1 send:127.0.45.4 one:503:1 own:200:2",
    )
}

/// A request of the server's own: silence and a 503 lead to the next address.
fn own(scene: &Scene) -> Result<(), String> {
    scene.send("OPTIONS", "own", "X-Own: sip:user@three.test\r\n")?;
    scene.arrives(0, "MESSAGE", 0)?;
    let request = scene.arrives(1, "MESSAGE", 1)?;
    scene.callees[1].reply(&request, 503)?;
    let request = scene.arrives(2, "MESSAGE", 2)?;
    scene.callees[2].reply(&request, 200)?;
    scene.silent(2)
}

fn own_service(scene: &Scene) -> Result<(), String> {
    scene.send("OPTIONS", "own", "X-Own: sip:user@service.test\r\n")?;
    let request = scene.arrives(2, "MESSAGE", 0)?;
    scene.callees[2].reply(&request, 503)?;
    let request = scene.arrives(0, "MESSAGE", 1)?;
    scene.callees[0].reply(&request, 404)?;
    scene.silent(2)
}

fn service(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "service.test", "")?;
    scene.answers(2, 0, 503)?;
    scene.answers(0, 1, 404)?;
    scene.ends(404).map(|_| ())
}

fn fork(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "X-More: sip:more@127.0.45.4\r\n")?;
    scene.answers(0, 0, 503)?;
    scene.answers(2, 1, 404)?;
    scene.answers(1, 2, 486)?;
    scene.ends(404).map(|_| ())
}

fn hop(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "none.test", "X-Hop: yes\r\n")?;
    scene.answers(0, 0, 503)?;
    scene.ends(500)?;
    scene.silent(1)
}

fn cancelled(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    scene.arrives(0, "INVITE", 0)?;
    scene.send("CANCEL", "two.test", "")?;
    scene.caller.expect("200 CANCEL")?;
    scene.ends(487)?;
    scene.silent(1)
}

fn forbidden(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "X-Once: yes\r\n")?;
    scene.answers(0, 0, 503)?;
    scene.ends(500)?;
    scene.silent(1)
}

fn off(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    scene.answers(0, 0, 503)?;
    scene.ends(500)?;
    scene.silent(1)
}

fn anew(scene: &Scene) -> Result<(), String> {
    scene.send("INVITE", "two.test", "")?;
    scene.answers(0, 0, 503)?;
    let second = scene.arrives(1, "INVITE", 1)?;
    ensure(second.header("X-Branch") == "1", || second.render())?;
    scene.callees[1].reply(&second, 486)?;
    scene.callees[1].expect("ACK")?;
    scene.ends(486)?;
    scene.ran(
        "branch:0 send:127.0.45.2 own:503:0 branch:1 send:127.0.45.3 one:503:0 \
         own:486:1 one:486:1 failure:486",
    )
}

/// A call to silence; the port by which it goes on.
fn next_port(scene: &Scene) -> Result<u16, String> {
    scene.send("INVITE", "two.test", "")?;
    let is_first = |m: &Message| m.header("Via").contains(":5061;");
    let request = scene.arrives(0, "INVITE", 0)?;
    ensure(!is_first(&request), || request.render())?;
    let request = scene.arrives(1, "INVITE", 1)?;
    Ok(if is_first(&request) { 5061 } else { 5060 })
}

/// A timer has no message whose socket could be taken: the first one is.
fn other_socket(scene: &Scene) -> Result<(), String> {
    let port = next_port(scene)?;
    ensure(port == 5061, || format!("by {port}"))
}

fn same_socket(scene: &Scene) -> Result<(), String> {
    let port = next_port(scene)?;
    ensure(port == 5060, || format!("by {port}"))
}
