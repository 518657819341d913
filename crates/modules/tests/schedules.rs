//! Ten thousand calls through a whole server on a simulated network that loses, repeats, delays and
//! reorders: parallel and serial forks over datagrams and streams, callers who hang up, failure routes
//! that try elsewhere, names with several addresses of which some are dead, scripts that are suspended
//! and go on later or never. Each call must keep RFC 3261's promises at its end.
//!
//! An ordinary run takes a fifth of them; `SCHEDULES=100` takes all (a hundred worlds of a hundred
//! calls). The seed of a failing world is in the message.

use std::collections::HashMap;

use engine::socket::Proto;
use testkit::{Agent, Link, Sim};

const SERVER: &str = "10.0.0.1:5060";

/// Address, contact and transport of each callee.
const CALLEES: [(&str, &str, Proto); 3] = [
    ("10.0.0.4:5060", "10.0.0.4:5060", Proto::Udp),
    ("10.0.0.5:5060", "10.0.0.5:5060;transport=tcp", Proto::Tcp),
    ("10.0.0.6:5060", "10.0.0.6:5060", Proto::Udp),
];

/// Calls in one world.
const CALLS: usize = 100;

/// Milliseconds between two looks at the agents' mail.
const STEP: u64 = 20;

/// Every timer of RFC 3261 at a fifth of its length, and a wait long enough for what is repeated.
const T1: u64 = 100;
const T2: u64 = 800;
const GIVE_UP: u64 = 64 * T1;

/// When the last call has started, ended and been forgotten.
const END: u64 = 45_000;

const CONFIG: &str = r#"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "corex.so"
loadmodule "async.so"
use_dns_failover=yes
async_workers=1
modparam("tm", "retr_timer1", 100)
modparam("tm", "retr_timer2", 800)
modparam("tm", "fr_timer", 6400)
modparam("tm", "fr_inv_timer", 8000)
modparam("tm", "wt_timer", 8000)
modparam("tm", "max_inv_lifetime", 25000)
request_route {
  if (method=="CANCEL" || method=="ACK") { if (t_check_trans()) { t_relay(); } exit; }
  t_check_trans();
  xlog("$ci\n");
  t_on_failure("F");
  if (uri =~ "sip:d") { seturi("sip:d@many.test"); }
  if (uri =~ "sip:t") { seturi("sip:t@streams.test;transport=tcp"); }
  if (uri =~ "sip:w") { async_route("LATER", "1"); exit; }
  if (uri =~ "sip:z") { t_suspend(); exit; }
  if (uri =~ "sip:[pm]") { append_branch("sip:b@10.0.0.5:5060;transport=tcp"); append_branch("sip:c@10.0.0.6:5060"); }
  if (!t_relay()) { sl_reply_error(); }
}
route[LATER] { t_on_failure("F"); if (!t_relay()) { t_reply("500", "No"); } }
failure_route[F] {
  if (t_is_canceled()) { exit; }
  if (uri =~ "sip:[sm]" && $avp(tries) < 2) {
    $avp(tries) = $avp(tries) + 1;
    t_on_failure("F");
    if ($avp(tries) == 1) { seturi("sip:s@10.0.0.6:5060"); } else { seturi("sip:m@10.0.0.5:5060;transport=tcp"); }
    t_relay();
  }
}
"#;

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A message that is sent until something answers it.
struct Repeat {
    text: String,
    next: u64,
    interval: u64,
    until: u64,
}

impl Repeat {
    fn new(text: String, now: u64) -> Self {
        Self {
            text,
            next: now,
            interval: T1,
            until: now + GIVE_UP,
        }
    }

    /// What is to be sent now.
    fn due(&mut self, now: u64) -> Option<&str> {
        if now < self.next || now > self.until {
            return None;
        }
        self.next = now + self.interval;
        self.interval = (self.interval * 2).min(T2);
        Some(&self.text)
    }
}

/// Of a caller.
struct Call {
    caller: usize,
    start: u64,
    hangs_up_after: Option<u64>,
    invite: String,
    inviting: Option<Repeat>,
    cancelling: Option<Repeat>,
    canceled: bool,
    /// To tags of the 2xx received.
    accepted: Vec<String>,
    finals: usize,
}

/// Of a callee: one INVITE that it received.
struct Leg {
    agent: usize,
    call: usize,
    request: String,
    ring_at: Option<u64>,
    answer_at: Option<(u64, u16)>,
    provisional: Option<String>,
    answering: Option<Repeat>,
    status: u16,
    canceled: bool,
    acked: bool,
}

struct World {
    sim: Sim,
    callers: Vec<Agent>,
    callees: Vec<Agent>,
    calls: Vec<Call>,
    legs: HashMap<String, Leg>,
    random: Random,
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message
        .split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_default()
}

fn status(message: &str) -> Option<u16> {
    message.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}

fn branch(message: &str) -> &str {
    let via = header(message, "Via");
    let start = via.find("branch=").map_or(0, |at| at + 7);
    via[start..].split(';').next().unwrap_or_default()
}

fn call_number(message: &str) -> usize {
    header(message, "Call-ID")[1..].parse().unwrap()
}

fn tag(value: &str) -> &str {
    value.split(";tag=").nth(1).unwrap_or_default()
}

fn request(method: &str, caller: usize, call: usize, user: &str) -> String {
    let (proto, address) = [("UDP", "10.0.0.2:5060"), ("TCP", "10.0.0.3:5060")][caller];
    format!(
        "{method} sip:{user}@10.0.0.4:5060 SIP/2.0\r\n\
         Via: SIP/2.0/{proto} {address};branch=z9hG4bK-{call}\r\n\
         From: <sip:alice@10.0.0.1>;tag=f{call}\r\n\
         To: <sip:bob@10.0.0.1>\r\n\
         Call-ID: c{call}\r\n\
         CSeq: 1 {method}\r\n\
         Max-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// The ACK of a final reply: on the INVITE's own branch, or end to end for a 2xx.
fn ack(invite: &str, reply: &str) -> String {
    let mut text = invite
        .replace("INVITE sip:", "ACK sip:")
        .replace("1 INVITE", "1 ACK")
        .replace(
            &format!("To: {}", header(invite, "To")),
            &format!("To: {}", header(reply, "To")),
        );
    if status(reply).is_some_and(|s| s < 300) {
        let contact = header(reply, "Contact").trim_matches(['<', '>']);
        let line = invite.lines().next().unwrap_or_default();
        let target = line.split(' ').nth(1).unwrap_or_default();
        text = text.replacen(target, contact, 1);
        let fresh = format!("branch=z9hG4bK-ack-{}-", tag(header(reply, "To")));
        text = text.replace("branch=z9hG4bK-", &fresh);
    }
    text
}

fn reply(request: &str, code: u16, agent: usize, leg: &str) -> String {
    let mut lines = vec![format!("SIP/2.0 {code} Whatever")];
    for line in request.split("\r\n").skip(1) {
        if ["Via:", "From:", "Call-ID:", "CSeq:"]
            .iter()
            .any(|name| line.starts_with(name))
        {
            lines.push(line.to_owned());
        } else if line.starts_with("To:") {
            lines.push(format!("{line};tag={leg}"));
        }
    }
    lines.push(format!("Contact: <sip:{}>", CALLEES[agent].1));
    lines.push("Content-Length: 0\r\n\r\n".into());
    lines.join("\r\n")
}

impl World {
    fn new(seed: u64) -> (Self, testkit::Server) {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let sim = Sim::new(seed);
        let server = sim.server(SERVER, CONFIG, modules::LIBRARY);
        let server = server.unwrap_or_else(|errors| panic!("{errors}"));
        sim.set_link(Link {
            delay: 1 + random.below(20),
            jitter: random.below(120),
            loss: random.below(16) as f64 / 100.0,
            duplicate: random.below(15) as f64 / 100.0,
        });
        let agent = |(address, proto)| sim.agent_on(address, proto);
        let callers = [("10.0.0.2:5060", Proto::Udp), ("10.0.0.3:5060", Proto::Tcp)];
        // Nobody is at the first, and nobody takes a stream at the other two.
        let many = ["10.0.0.9:5060", "10.0.0.4:5060", "10.0.0.6:5060"];
        sim.names("many.test", &many);
        let streams = ["10.0.0.7:5060", "10.0.0.8:5060", "10.0.0.5:5060"];
        sim.names("streams.test", &streams);
        sim.refuse("10.0.0.7:5060");
        sim.refuse("10.0.0.8:5060");
        let calls = (0..CALLS)
            .map(|number| {
                let caller = random.below(2) as usize;
                let user = ["x", "p", "s", "m", "d", "t", "w", "z"][random.below(8) as usize];
                Call {
                    caller,
                    start: 1 + random.below(3_000),
                    hangs_up_after: random.chance(30).then(|| random.below(4_000)),
                    invite: request("INVITE", caller, number, user),
                    inviting: None,
                    cancelling: None,
                    canceled: false,
                    accepted: Vec::new(),
                    finals: 0,
                }
            })
            .collect();
        let world = Self {
            callers: callers.map(agent).into(),
            callees: CALLEES
                .map(|(address, _, proto)| agent((address, proto)))
                .into(),
            sim,
            calls,
            legs: HashMap::new(),
            random,
        };
        (world, server)
    }

    fn run(&mut self) {
        while self.sim.now() < END {
            self.sim.run_for(STEP);
            self.read_mail();
            self.send_what_is_due();
        }
    }

    fn read_mail(&mut self) {
        for caller in 0..self.callers.len() {
            for message in self.callers[caller].receive_all() {
                self.at_caller(caller, &message);
            }
        }
        for callee in 0..self.callees.len() {
            for message in self.callees[callee].receive_all() {
                self.at_callee(callee, message);
            }
        }
    }

    fn at_caller(&mut self, caller: usize, message: &str) {
        let now = self.sim.now();
        let call = &mut self.calls[call_number(message)];
        let code = status(message).expect("callers get replies only");
        if header(message, "CSeq").ends_with("CANCEL") {
            call.cancelling = None;
            return;
        }
        // Over a stream an INVITE is sent once; over datagrams any reply ends its repetition.
        call.inviting = None;
        if code < 200 {
            if let Some(after) = call.hangs_up_after.take() {
                call.hangs_up_after = Some(after);
                if !call.canceled && call.finals == 0 && now >= call.start + after {
                    call.canceled = true;
                    let cancel = call.invite.replace("INVITE", "CANCEL");
                    call.cancelling = Some(Repeat::new(cancel, now));
                }
            }
            return;
        }
        call.finals += 1;
        if code < 300 {
            call.accepted.push(tag(header(message, "To")).to_owned());
        }
        let ack = ack(&call.invite, message);
        self.callers[caller].send(SERVER, &ack);
    }

    fn at_callee(&mut self, agent: usize, message: String) {
        let now = self.sim.now();
        let key = format!("{agent} {}", branch(&message));
        if message.starts_with("INVITE") {
            if let Some(leg) = self.legs.get_mut(&key) {
                // It came again: the last provisional reply does, too; a final one by itself.
                if let (Some(text), 0) = (&leg.provisional, leg.status) {
                    self.callees[agent].send(SERVER, text);
                }
                return;
            }
            let leg = self.new_leg(agent, message, now);
            self.legs.insert(key, leg);
        } else if message.starts_with("CANCEL") {
            self.callees[agent].send(SERVER, &reply(&message, 200, agent, "cancel"));
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.canceled = true;
                if leg.status == 0 {
                    leg.answer(&key, now, 487);
                }
            }
        } else if message.starts_with("ACK") {
            let to_tag = tag(header(&message, "To")).to_owned();
            let acknowledged = self.legs.iter_mut().find(|(key, _)| leg_tag(key) == to_tag);
            if let Some((_, leg)) = acknowledged {
                leg.acked = true;
                leg.answering = None;
            }
        }
    }

    fn new_leg(&mut self, agent: usize, request: String, now: u64) -> Leg {
        let random = &mut self.random;
        let ring = random.below(1_500);
        let codes = [200, 200, 200, 302, 404, 480, 486, 503, 603];
        let code = codes[random.below(codes.len() as u64) as usize];
        let is_silent = random.chance(15);
        let answers = random.chance(85);
        Leg {
            agent,
            call: call_number(&request),
            request,
            ring_at: (!is_silent).then_some(now + ring),
            answer_at: (!is_silent && answers).then(|| (now + ring + random.below(5_000), code)),
            provisional: None,
            answering: None,
            status: 0,
            canceled: false,
            acked: false,
        }
    }

    fn send_what_is_due(&mut self) {
        let now = self.sim.now();
        for call in &mut self.calls {
            if call.start <= now && call.start + STEP > now {
                call.inviting = Some(Repeat::new(call.invite.clone(), now));
            }
            let is_stream = call.caller == 1;
            for repeat in [&mut call.inviting, &mut call.cancelling] {
                if let Some(text) = repeat.as_mut().and_then(|repeat| repeat.due(now)) {
                    self.callers[call.caller].send(SERVER, text);
                    if is_stream {
                        *repeat = None;
                    }
                }
            }
        }
        for (key, leg) in &mut self.legs {
            leg.act(key, now);
            if let Some(text) = leg.answering.as_mut().and_then(|repeat| repeat.due(now)) {
                self.callees[leg.agent].send(SERVER, text);
            } else if leg.ring_at.take_if(|at| *at <= now).is_some() {
                let text = reply(&leg.request, 180, leg.agent, &leg_tag(key));
                self.callees[leg.agent].send(SERVER, &text);
                leg.provisional = Some(text);
            }
        }
    }

    fn check(&self, seed: u64, server: &testkit::Server) {
        let statistics = &server.core.statistics;
        for name in ["inuse_transactions", "active_transactions"] {
            let left = statistics.value("tmx", name);
            assert_eq!(left, Some(0), "world {seed}: {name}");
        }
        let mut runs = HashMap::new();
        for line in server.log_lines() {
            *runs.entry(line).or_insert(0) += 1;
        }
        for (number, call) in self.calls.iter().enumerate() {
            let runs = runs.get(&format!("c{number}"));
            assert_eq!(
                runs,
                Some(&1),
                "world {seed}: the script's runs for {number}"
            );
            assert!(
                call.finals > 0,
                "world {seed}: call {number} got no final reply"
            );
        }
        for (key, leg) in &self.legs {
            self.check_leg(seed, key, leg);
        }
        // The schedules are as various as they are meant to be.
        let count = |is: fn(&&Leg) -> bool| self.legs.values().filter(is).count();
        assert!(count(|leg| leg.status == 200) > 10, "world {seed}: answers");
        assert!(count(|leg| leg.canceled) > 10, "world {seed}: CANCELs");
        assert!(
            count(|leg| leg.status >= 300) > 10,
            "world {seed}: failures"
        );
        assert!(self.legs.len() > CALLS, "world {seed}: forks");
        let failed_over = |leg: &&Leg| leg.request.contains(".test") && leg.status > 0;
        assert!(count(failed_over) > 5, "world {seed}: failover");
    }

    fn check_leg(&self, seed: u64, key: &str, leg: &Leg) {
        let call = &self.calls[leg.call];
        let what = format!("world {seed}: call {} at {key}", leg.call);
        match leg.status {
            0 if leg.provisional.is_some() => assert!(leg.canceled, "{what} rings on"),
            0 => {}
            200 => {
                let tag = leg_tag(key);
                assert!(call.accepted.contains(&tag), "{what}: its 200 was lost");
                assert!(leg.acked, "{what}: its 200 was not acknowledged");
            }
            code => assert!(leg.acked, "{what}: its {code} was not acknowledged"),
        }
    }
}

/// The To tag of a callee's replies.
fn leg_tag(key: &str) -> String {
    key.replace(' ', "-")
}

impl Leg {
    fn act(&mut self, key: &str, now: u64) {
        if let Some((_, code)) = self.answer_at.take_if(|(at, _)| *at <= now)
            && self.status == 0
        {
            self.answer(key, now, code);
        }
    }

    fn answer(&mut self, key: &str, now: u64, code: u16) {
        self.status = code;
        self.ring_at = None;
        self.answering = Some(Repeat::new(
            reply(&self.request, code, self.agent, &leg_tag(key)),
            now,
        ));
    }
}

#[test]
fn every_call_keeps_its_promises() {
    let worlds = std::env::var("SCHEDULES").ok().and_then(|n| n.parse().ok());
    for seed in 1..=worlds.unwrap_or(20) {
        let (mut world, server) = World::new(seed);
        world.run();
        world.check(seed, &server);
    }
}
