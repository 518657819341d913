//! Playing a series of exchanges: as fast as a window allows, or as they arrive.

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use crate::ends::{Ends, Side};
use crate::histogram::Histogram;
use crate::port::Transport;
use crate::script::Series;
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
}

/// How a series went.
#[derive(Clone, Default)]
pub(crate) struct Outcome {
    /// Exchanges that ended well.
    pub(crate) done: u64,
    /// Exchanges that ended otherwise, or not in time.
    pub(crate) failed: u64,
    /// Requests sent again.
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
    again: Instant,
    interval: Duration,
}

struct Run<'a> {
    series: &'a Series,
    ends: &'a mut Ends,
    patience: Duration,
    tail: Vec<u8>,
    open: HashMap<u64, Exchange>,
    outcome: Outcome,
}

/// Plays a series between its ends.
pub(crate) fn play(series: &Series, ends: &mut Ends, job: &Job) -> io::Result<Outcome> {
    let Job {
        arrival,
        first,
        count,
        patience,
    } = *job;
    let mut run = Run {
        series,
        ends,
        patience,
        tail: format!("{:x}@load", series.id).into_bytes(),
        open: HashMap::new(),
        outcome: Outcome::default(),
    };
    let begun = Instant::now();
    let mut started = 0;
    let mut looked = begun;
    let (mut sides, mut message) = (Vec::new(), Vec::new());
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
            Arrival::Rate(_) if started < count => 1,
            _ => 20,
        };
        run.ends.wait(wait, &mut sides)?;
        for side in &sides {
            while run.ends.receive(*side, &mut message)? {
                run.handle(*side, &message);
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
        let mut request = Vec::with_capacity(1024);
        self.series.first(&mut request, number);
        self.ends.send(Side::Caller(number as usize), &request);
        self.await_reply(number, due, request, false);
    }

    fn await_reply(&mut self, number: u64, due: Instant, request: Vec<u8>, hanging_up: bool) {
        let exchange = Exchange {
            due,
            hanging_up,
            request,
            again: Instant::now() + T1,
            interval: T1,
        };
        self.open.insert(number, exchange);
    }

    fn handle(&mut self, side: Side, message: &[u8]) {
        match side {
            Side::Callee(_) => {
                for answer in self.series.answers(message) {
                    self.ends.send(side, &answer);
                }
            }
            Side::Caller(_) => self.reply(message),
        }
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
            return;
        };
        if !self.series.scenario.is_final(status) {
            // The server has it: nothing is sent again over the next hop but by the server.
            exchange.interval = T2;
            exchange.again = Instant::now() + self.patience;
            return;
        }
        if status >= 300 {
            self.outcome.bad_status = Some(status);
            self.outcome.failed += 1;
            self.open.remove(&number);
            return;
        }
        if exchange.hanging_up {
            if text::value(message, "CSeq").is_some_and(|c| c.ends_with(b"BYE")) {
                self.outcome.done += 1;
                self.open.remove(&number);
            }
            return;
        }
        let due = exchange.due;
        self.outcome.latencies.add(due.elapsed());
        if !self.series.scenario.is_dialog() {
            self.outcome.done += 1;
            self.open.remove(&number);
            return;
        }
        let mut request = Vec::with_capacity(512);
        self.series
            .in_dialog(&mut request, number, message, "ACK", self.series.cseq);
        self.ends.send(Side::Caller(number as usize), &request);
        request.clear();
        self.series
            .in_dialog(&mut request, number, message, "BYE", self.series.cseq + 1);
        self.ends.send(Side::Caller(number as usize), &request);
        self.await_reply(number, due, request, true);
    }

    /// Sends again what was not answered in time, and gives up what took too long.
    fn repeat(&mut self, now: Instant) {
        let before = self.open.len();
        let patience = self.patience;
        self.open
            .retain(|_, exchange| exchange.due + patience > now);
        self.outcome.failed += (before - self.open.len()) as u64;
        if self.series.place.from == Transport::Tcp {
            return;
        }
        for (number, exchange) in &mut self.open {
            if exchange.again <= now {
                self.ends
                    .send(Side::Caller(*number as usize), &exchange.request);
                exchange.interval = (exchange.interval * 2).min(T2);
                exchange.again = now + exchange.interval;
                self.outcome.retransmissions += 1;
            }
        }
    }
}
