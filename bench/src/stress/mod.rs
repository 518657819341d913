//! Races on purpose: calls that are forked, parked, answered, refused and cancelled at random
//! moments by peers that repeat datagrams, on several workers.
//!
//! What must hold however they interleave: every INVITE and every CANCEL gets a final reply, every
//! call that was set up can be ended, no transaction outlives its timers, and no message met a
//! mistake in the server.

mod callee;
mod caller;
mod clock;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::compare::Plan;
use crate::ends::{Ends, Place, Side};
use crate::options::Options;
use crate::port::{LARGEST, Transport};
use crate::subject::{Start, Subject};
use caller::Callers;
use clock::Clock;

/// Calls at a time.
const CALLS: usize = 200;
/// One in so many datagrams is sent twice.
const TWICE: u32 = 8;
/// The longest that anything is put off.
const DELAY: Duration = Duration::from_millis(40);
/// Calls that wait at the end have this long; then transactions have as long to go.
const REST: Duration = Duration::from_secs(40);
/// The dice of a training.
const TRAINING: u64 = 1;

/// What a peer sends later.
#[derive(Clone)]
struct Letter {
    side: Side,
    bytes: Vec<u8>,
    /// A final reply: to which INVITE, and its status. Nobody answers with two of them.
    verdict: Option<(u64, u16)>,
}

/// What peers send, at once or in a while, now and then twice.
struct Post {
    clock: Clock<Letter>,
    verdicts: HashMap<u64, u16>,
    dice: Rng,
}

impl Post {
    /// Sends within the longest delay.
    fn some_time(&mut self, side: Side, bytes: Vec<u8>) {
        self.post(Letter {
            side,
            bytes,
            verdict: None,
        });
    }

    /// Sends within the longest delay; one in some datagrams once more a little later.
    fn post(&mut self, letter: Letter) {
        let delay = DELAY.mul_f64(self.dice.f64());
        if self.dice.u32(..TWICE) == 0 {
            let again = delay + DELAY.mul_f64(self.dice.f64() / 4.0);
            self.clock.set(again, letter.clone());
        }
        self.clock.set(delay, letter);
    }

    /// The next one that is due.
    fn due(&mut self) -> Option<Letter> {
        loop {
            let letter = self.clock.due()?;
            let Some((invite, status)) = letter.verdict else {
                return Some(letter);
            };
            if *self.verdicts.entry(invite).or_insert(status) == status {
                return Some(letter);
            }
        }
    }
}

/// Runs it; an error says what did not hold.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let place = place(&options.plan);
    let subject = Subject::server(&server(&options.plan, options.workers, &place))?;
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let length = Duration::from_secs_f64(options.minutes * 60.0);
    let callers = play(&place, Rng::with_seed(seed), length)?;
    println!("{callers}");
    std::thread::sleep(REST);
    let mut wrong = callers.wrong();
    for (method, word, wanted) in [
        ("tm.stats", "current: ", "current: 0"),
        (
            "stats.get_statistics core:message_panics",
            "core:message_panics",
            "core:message_panics = 0",
        ),
    ] {
        let answer = ask(&subject, method)?;
        let line = answer
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(word));
        println!("{method}: {}", line.unwrap_or("no answer"));
        if line != Some(wanted) {
            wrong.push(format!(
                "{method} says {}, not {wanted}",
                line.unwrap_or("nothing")
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(wrong.join("; ")))
}

/// Lets an instrumented server go through it for a moment and end; the profile is what counts.
pub(crate) fn train(plan: &Plan, length: Duration, profile: &Path) -> io::Result<()> {
    let place = place(plan);
    let subject = Subject::profiled(&server(plan, 2, &place), profile)?;
    play(&place, Rng::with_seed(TRAINING), length)?;
    subject.end()
}

fn place(plan: &Plan) -> Place {
    let host = |last| Ipv4Addr::new(127, 0, plan.network, last);
    Place {
        server: SocketAddr::new(IpAddr::V4(host(100)), 5060),
        callers: host(101),
        callees: host(102),
        from: Transport::Udp,
        to: Transport::Udp,
        peers: 16,
    }
}

fn server<'a>(plan: &'a Plan, workers: usize, place: &Place) -> Start<'a> {
    Start {
        binary: &plan.ferrosip,
        allocator: None,
        config: include_str!("../../configs/stress.cfg"),
        listen: place.server,
        workers,
        tcp: false,
    }
}

fn play(place: &Place, dice: Rng, length: Duration) -> io::Result<Callers> {
    let mut ends = Ends::open(place)?;
    let mut post = Post {
        clock: Clock::default(),
        verdicts: HashMap::new(),
        dice,
    };
    let mut callers = Callers::new(*place);
    let begun = Instant::now();
    let (mut sides, mut buffer) = (Vec::new(), vec![0; LARGEST]);
    loop {
        let is_over = begun.elapsed() > length;
        if is_over && (callers.open() == 0 || begun.elapsed() > length + REST) {
            return Ok(callers);
        }
        while !is_over && callers.open() < CALLS {
            callers.call(&mut post);
        }
        while let Some(letter) = post.due() {
            ends.send(letter.side, &letter.bytes);
        }
        ends.wait(1, &mut sides)?;
        for side in &sides {
            while let Some(length) = ends.receive(*side, &mut buffer)? {
                let message = &buffer[..length];
                match side {
                    Side::Caller(_) => callers.reply(message, &mut post),
                    Side::Callee(_) => callee::answer(*side, message, &mut post),
                }
            }
        }
        callers.look(&mut post);
    }
}

/// What the server says to a control command.
fn ask(subject: &Subject, words: &str) -> io::Result<String> {
    let socket = subject.directory().join("kamailio_ctl");
    let output = Command::new("kamcmd")
        .arg("-s")
        .arg(format!("unix:{}", socket.display()))
        .args(words.split(' '))
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
