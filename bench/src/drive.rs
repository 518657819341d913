//! Playing a series of exchanges: as fast as a window allows, or as they arrive.

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use crate::accounts::Accounts;
use crate::ends::{Ends, Side};
use crate::histogram::Histogram;
use crate::port::{LARGEST, Transport};
use crate::script::{Messages, Scenario, Series};
use crate::text;

/// RFC 3261's T1 and T2.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// An exchange that takes longer has failed: 64 times T1.
pub(crate) const PATIENCE: Duration = Duration::from_secs(32);
/// How often retransmissions are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// When exchanges begin.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrival {
    /// As soon as there are fewer than so many.
    Window(usize),
    /// So many a second, however the server does.
    Rate(f64),
}

/// How much of a series is played, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) arrival: Arrival,
    /// The number of the first exchange.
    pub(crate) first: u64,
    pub(crate) count: u64,
    /// After which an exchange has failed.
    pub(crate) patience: Duration,
    /// Looks all the time whether an exchange is due, so that none begins late: wants a core.
    pub(crate) spins: bool,
    /// How long a call stands.
    pub(crate) hold: Duration,
}

impl Job {
    /// One exchange of the usual kind.
    pub(crate) fn new(arrival: Arrival) -> Self {
        Self {
            arrival,
            first: 0,
            count: 1,
            patience: PATIENCE,
            spins: false,
            hold: Duration::ZERO,
        }
    }
}

/// How a series went.
#[derive(Clone, Default)]
pub(crate) struct Outcome {
    /// Exchanges that ended well.
    pub(crate) done: u64,
    /// Exchanges that ended otherwise, or not in time.
    pub(crate) failed: u64,
    /// Those among them that were answered 503.
    pub(crate) refused: u64,
    /// Requests and answers sent again.
    pub(crate) retransmissions: u64,
    /// From the first request to the last reply.
    pub(crate) elapsed: Duration,
    /// From when an exchange was due to the last reply to it, calls: to the 200 to the INVITE.
    pub(crate) latencies: Histogram,
    /// A status that ended an exchange badly.
    pub(crate) bad_status: Option<u16>,
}

struct Exchange {
    due: Instant,
    /// Waiting for the reply to the BYE.
    hanging_up: bool,
    request: Vec<u8>,
    is_sent: bool,
    again: Instant,
    interval: Duration,
}

/// A callee's 200 to an INVITE, which it repeats until there is an ACK.
struct Answer {
    side: Side,
    bytes: Vec<u8>,
    begun: Instant,
    again: Instant,
    interval: Duration,
}

struct Run<'a> {
    messages: Messages,
    ends: &'a mut Ends,
    accounts: &'a mut Accounts,
    patience: Duration,
    hold: Duration,
    tail: Vec<u8>,
    open: HashMap<u64, Exchange>,
    answers: HashMap<u64, Answer>,
    /// Requests of exchanges that are over, to be written over.
    spare: Vec<Vec<u8>>,
    /// What is sent now and never again.
    scratch: Vec<u8>,
    outcome: Outcome,
}

/// Plays a series between its ends.
pub(crate) fn play(series: &Series, ends: &mut Ends, job: &Job) -> io::Result<Outcome> {
    play_as(series, ends, job, &mut Accounts::default())
}

/// Plays a series whose users answer challenges, or are challenged.
pub(crate) fn play_as(
    series: &Series,
    ends: &mut Ends,
    job: &Job,
    accounts: &mut Accounts,
) -> io::Result<Outcome> {
    let Job {
        arrival,
        first,
        count,
        patience,
        spins,
        hold,
    } = *job;
    let mut run = Run {
        messages: Messages::of(*series),
        ends,
        accounts,
        patience,
        hold,
        tail: format!("{:x}@load", series.id).into_bytes(),
        open: HashMap::new(),
        answers: HashMap::new(),
        spare: Vec::new(),
        scratch: Vec::new(),
        outcome: Outcome::default(),
    };
    let begun = Instant::now();
    let mut started = 0;
    let mut looked = begun;
    let (mut sides, mut buffer) = (Vec::new(), vec![0; LARGEST]);
    while run.outcome.done + run.outcome.failed < count {
        let now = Instant::now();
        while started < count {
            let due = match arrival {
                Arrival::Window(window) if run.open.len() < window => now,
                Arrival::Window(_) => break,
                Arrival::Rate(rate) => begun + Duration::from_secs_f64(started as f64 / rate),
            };
            if due > now {
                break;
            }
            run.start(first + started, due);
            started += 1;
        }
        let wait = match arrival {
            Arrival::Rate(_) if started < count => u16::from(!spins),
            _ => 20,
        };
        run.ends.wait(wait, &mut sides)?;
        for side in &sides {
            while let Some(length) = run.ends.receive(*side, &mut buffer)? {
                run.handle(*side, &buffer[..length]);
            }
        }
        if looked.elapsed() > LOOK {
            looked = Instant::now();
            run.repeat(looked);
        }
    }
    run.outcome.elapsed = begun.elapsed();
    Ok(run.outcome)
}

impl Run<'_> {
    fn start(&mut self, number: u64, due: Instant) {
        let mut request = self.spare.pop().unwrap_or_default();
        let credentials = self.accounts.line(self.messages.user(number));
        self.messages.first(&mut request, number, credentials);
        self.ends.send(Side::Caller(number as usize), &request);
        let exchange = Exchange {
            due,
            hanging_up: false,
            request,
            is_sent: true,
            again: Instant::now() + T1,
            interval: T1,
        };
        self.open.insert(number, exchange);
    }

    /// Ends a call now, or when it has stood long enough.
    fn hang_up(&mut self, number: u64, due: Instant, bye: Vec<u8>) {
        let is_sent = self.hold.is_zero();
        if is_sent {
            self.ends.send(Side::Caller(number as usize), &bye);
        }
        let wait = if is_sent { T1 } else { self.hold };
        let exchange = Exchange {
            due,
            hanging_up: true,
            request: bye,
            is_sent,
            again: Instant::now() + wait,
            interval: T1,
        };
        self.open.insert(number, exchange);
    }

    fn handle(&mut self, side: Side, message: &[u8]) {
        match side {
            Side::Callee(_) => self.request(side, message),
            Side::Caller(_) => self.reply(message),
        }
    }

    /// A callee answers; its 200 to an INVITE again and again until somebody has it.
    fn request(&mut self, side: Side, message: &[u8]) {
        let is_invite = message.starts_with(b"INVITE");
        let number = text::exchange(message).map_or(0, |(number, _)| number);
        if message.starts_with(b"ACK") || message.starts_with(b"BYE") {
            self.answers.remove(&number);
        }
        let is_call = is_invite && self.messages.series().scenario.is_dialog();
        let repeats = is_call && self.messages.series().place.to == Transport::Udp;
        let (ends, answers) = (&mut *self.ends, &mut self.answers);
        self.messages.answer(message, |answer| {
            ends.send(side, answer);
            if repeats && text::status(answer) == Some(200) {
                let now = Instant::now();
                let answer = Answer {
                    side,
                    bytes: answer.to_vec(),
                    begun: now,
                    again: now + T1,
                    interval: T1,
                };
                answers.insert(number, answer);
            }
        });
    }

    fn reply(&mut self, message: &[u8]) {
        // A floor that answers the sender sends the request back.
        let status = text::status(message).unwrap_or(200);
        let Some((number, tail)) = text::exchange(message) else {
            return;
        };
        if tail != self.tail {
            return;
        }
        let Some(exchange) = self.open.get_mut(&number) else {
            self.acknowledge_again(number, status, message);
            return;
        };
        if !self.messages.series().scenario.is_final(status) {
            // The server has it: nothing is sent again over the next hop but by the server. Late ones
            // of the INVITE say nothing of the BYE.
            if !exchange.hanging_up {
                exchange.interval = T2;
                exchange.again = Instant::now() + self.patience;
            }
            return;
        }
        let is_well = match self.messages.series().scenario {
            Scenario::Challenge => {
                let user = self.messages.user(number);
                status == 401 && self.accounts.learn(user, message)
            }
            _ => status < 300,
        };
        if !is_well {
            self.outcome.bad_status = Some(status);
            self.outcome.failed += 1;
            self.outcome.refused += u64::from(status == 503);
            self.finish(number);
            return;
        }
        if exchange.hanging_up {
            if text::value(message, "CSeq").is_some_and(|c| c.ends_with(b"BYE")) {
                self.outcome.done += 1;
                self.finish(number);
            } else {
                self.acknowledge_again(number, status, message);
            }
            return;
        }
        let due = exchange.due;
        self.outcome.latencies.add(due.elapsed());
        if !self.messages.series().scenario.is_dialog() {
            self.outcome.done += 1;
            self.finish(number);
            return;
        }
        let cseq = self.messages.series().cseq;
        self.acknowledge(number, message);
        let mut request = self.spare.pop().unwrap_or_default();
        self.messages
            .in_dialog(&mut request, number, message, "BYE", cseq + 1);
        self.hang_up(number, due, request);
    }

    /// An exchange is over; what it held is used again.
    fn finish(&mut self, number: u64) {
        if let Some(mut exchange) = self.open.remove(&number) {
            exchange.request.clear();
            self.spare.push(exchange.request);
        }
    }

    fn acknowledge(&mut self, number: u64, reply: &[u8]) {
        let cseq = self.messages.series().cseq;
        self.scratch.clear();
        self.messages
            .in_dialog(&mut self.scratch, number, reply, "ACK", cseq);
        self.ends.send(Side::Caller(number as usize), &self.scratch);
    }

    /// A 2xx to an INVITE that comes once more: its ACK was lost.
    fn acknowledge_again(&mut self, number: u64, status: u16, reply: &[u8]) {
        let is_invite = text::value(reply, "CSeq").is_some_and(|c| c.ends_with(b"INVITE"));
        let is_dialog = self.messages.series().scenario.is_dialog();
        if is_dialog && is_invite && (200..300).contains(&status) {
            self.acknowledge(number, reply);
        }
    }

    /// Sends again what was not answered in time, and gives up what took too long.
    fn repeat(&mut self, now: Instant) {
        let before = self.open.len();
        let patience = self.patience;
        self.open
            .retain(|_, exchange| exchange.due + patience > now);
        self.outcome.failed += (before - self.open.len()) as u64;
        self.answers
            .retain(|_, answer| answer.begun + patience > now);
        for answer in self.answers.values_mut() {
            if answer.again <= now {
                self.ends.send(answer.side, &answer.bytes);
                answer.interval = (answer.interval * 2).min(T2);
                answer.again = now + answer.interval;
                self.outcome.retransmissions += 1;
            }
        }
        let is_stream = self.messages.series().place.from == Transport::Tcp;
        for (number, exchange) in &mut self.open {
            if exchange.again > now || (is_stream && exchange.is_sent) {
                continue;
            }
            self.ends
                .send(Side::Caller(*number as usize), &exchange.request);
            if exchange.is_sent {
                exchange.interval = (exchange.interval * 2).min(T2);
                self.outcome.retransmissions += 1;
            }
            exchange.is_sent = true;
            exchange.again = now + exchange.interval;
        }
    }
}
