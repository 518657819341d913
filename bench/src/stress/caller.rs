//! The callers: INVITE, perhaps CANCEL, ACK to every final reply, BYE to every leg that was answered.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::Post;
use crate::drive::PATIENCE;
use crate::ends::{Place, Side};
use crate::script::{Messages, Scenario, Series};
use crate::text;

/// Between retransmissions, and how long a finished call still listens.
const AGAIN: Duration = Duration::from_millis(500);

/// One request that wants an answer.
struct Asked {
    bytes: Vec<u8>,
    again: Instant,
    is_answered: bool,
}

impl Asked {
    fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            again: Instant::now() + AGAIN,
            is_answered: false,
        }
    }

    /// What is to be sent again by now.
    fn repeat(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.is_answered || self.again > now {
            return None;
        }
        self.again = now + AGAIN;
        Some(self.bytes.clone())
    }
}

struct Call {
    begun: Instant,
    invite: Asked,
    status: Option<u16>,
    cancel: Option<Asked>,
    /// BYEs by the tag of the leg.
    legs: HashMap<Vec<u8>, Asked>,
    /// When nothing was left to do.
    over: Option<Instant>,
}

impl Call {
    fn is_over(&self) -> bool {
        self.status.is_some()
            && self.cancel.as_ref().is_none_or(|c| c.is_answered)
            && self.legs.values().all(|bye| bye.is_answered)
    }
}

/// All callers, and what became of their calls.
pub(super) struct Callers {
    messages: Messages,
    next: u64,
    calls: HashMap<u64, Call>,
    answered: u64,
    legs: u64,
    refused: u64,
    cancelled: u64,
    /// INVITEs without a final reply, and other requests without one.
    lost: u64,
    unanswered: u64,
}

impl Callers {
    pub(super) fn new(place: Place) -> Self {
        Self {
            messages: Messages::of(Series {
                scenario: Scenario::Call,
                place,
                id: 1,
                cseq: 1,
                users: u64::MAX,
            }),
            next: 0,
            calls: HashMap::new(),
            answered: 0,
            legs: 0,
            refused: 0,
            cancelled: 0,
            lost: 0,
            unanswered: 0,
        }
    }

    /// Calls that are not over.
    pub(super) fn open(&self) -> usize {
        self.calls.len()
    }

    /// Begins a call, some time soon.
    pub(super) fn call(&mut self, post: &mut Post) {
        let number = self.next;
        self.next += 1;
        let mut invite = Vec::with_capacity(1024);
        self.messages.first(&mut invite, number, b"");
        post.some_time(side(number), invite.clone());
        let call = Call {
            begun: Instant::now(),
            invite: Asked::new(invite),
            status: None,
            cancel: None,
            legs: HashMap::new(),
            over: None,
        };
        self.calls.insert(number, call);
    }

    /// Takes a reply.
    pub(super) fn reply(&mut self, message: &[u8], post: &mut Post) {
        let (Some(status), Some((number, _))) = (text::status(message), text::exchange(message))
        else {
            return;
        };
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        let cseq = text::value(message, "CSeq").unwrap_or_default();
        if cseq.ends_with(b"INVITE") {
            call.invite.is_answered = true;
            match status {
                100..=199 => ring(call, number, post),
                200..=299 => self.answer(number, message, post),
                _ => self.refuse(number, status, message, post),
            }
        } else if status >= 200 && cseq.ends_with(b"CANCEL") {
            if let Some(cancel) = &mut call.cancel {
                cancel.is_answered = true;
            }
        } else if status >= 200
            && let Some(bye) = call.legs.get_mut(tag(message))
        {
            bye.is_answered = true;
        }
    }

    fn answer(&mut self, number: u64, message: &[u8], post: &mut Post) {
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        if call.status.is_none() {
            self.answered += 1;
            call.status = Some(200);
        }
        let mut ack = Vec::with_capacity(512);
        let first = self.messages.series().cseq;
        self.messages
            .in_dialog(&mut ack, number, message, "ACK", first);
        post.some_time(side(number), ack);
        let leg = tag(message).to_vec();
        if call.legs.contains_key(&leg) {
            return;
        }
        self.legs += 1;
        call.over = None;
        let mut bye = Vec::with_capacity(512);
        let cseq = first + 1 + call.legs.len() as u32;
        self.messages
            .in_dialog(&mut bye, number, message, "BYE", cseq);
        post.some_time(side(number), bye.clone());
        call.legs.insert(leg, Asked::new(bye));
    }

    fn refuse(&mut self, number: u64, status: u16, message: &[u8], post: &mut Post) {
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        if call.status.is_none() {
            self.refused += 1;
            call.status = Some(status);
        }
        let to = text::value(message, "To").unwrap_or_default();
        post.some_time(side(number), hop("ACK", &call.invite.bytes, to));
    }

    /// Sends again what was not answered, and drops what is over.
    pub(super) fn look(&mut self, post: &mut Post) {
        let now = Instant::now();
        let (mut lost, mut unanswered, mut cancelled) = (0, 0, 0);
        self.calls.retain(|number, call| {
            let requests = [&mut call.invite].into_iter();
            let others = call.cancel.iter_mut().chain(call.legs.values_mut());
            for asked in requests.chain(others) {
                if let Some(bytes) = asked.repeat(now) {
                    post.some_time(side(*number), bytes);
                }
            }
            if call.begun + PATIENCE < now {
                if call.status.is_none() {
                    lost += 1;
                } else if !call.is_over() {
                    unanswered += 1;
                }
                return false;
            }
            if !call.is_over() {
                return true;
            }
            if *call.over.get_or_insert(now) + AGAIN > now {
                return true;
            }
            cancelled += u64::from(call.status == Some(487));
            false
        });
        self.lost += lost;
        self.unanswered += unanswered;
        self.cancelled += cancelled;
    }

    /// What should not have happened.
    pub(super) fn wrong(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.answered == 0 || self.refused == 0 || self.cancelled == 0 {
            all.push("not every outcome happened".to_owned());
        }
        if self.lost > 0 {
            all.push(format!("{} INVITEs have no final reply", self.lost));
        }
        if self.unanswered > 0 {
            all.push(format!("{} CANCELs or BYEs have no reply", self.unanswered));
        }
        all
    }
}

impl fmt::Display for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} calls: {} answered ({} legs), {} refused, {} of them cancelled, {} lost, {} with a request unanswered",
            self.next,
            self.answered,
            self.legs,
            self.refused,
            self.cancelled,
            self.lost,
            self.unanswered
        )
    }
}

fn side(number: u64) -> Side {
    Side::Caller(number as usize)
}

/// Every other call is given up soon after the server has it.
fn ring(call: &mut Call, number: u64, post: &mut Post) {
    if call.cancel.is_some() || call.status.is_some() || post.dice.bool() {
        return;
    }
    let to = text::value(&call.invite.bytes, "To").unwrap_or_default();
    let cancel = hop("CANCEL", &call.invite.bytes, to);
    post.some_time(side(number), cancel.clone());
    call.cancel = Some(Asked::new(cancel));
}

/// The ACK of a refusal, or the CANCEL, that belongs to an INVITE: its URI and its Via.
fn hop(method: &str, invite: &[u8], to: &[u8]) -> Vec<u8> {
    let line = invite.split(|b| *b == b'\r').next().unwrap_or_default();
    let uri = line.split(|b| *b == b' ').nth(1).unwrap_or_default();
    let mut out = method.as_bytes().to_vec();
    out.push(b' ');
    out.extend_from_slice(uri);
    out.extend_from_slice(b" SIP/2.0\r\n");
    for name in ["Via", "From", "Call-ID"] {
        for line in text::lines(invite, name) {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(b"To: ");
    out.extend_from_slice(to);
    out.extend_from_slice(format!("\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n").as_bytes());
    out
}

/// The tag of the To header.
fn tag(message: &[u8]) -> &[u8] {
    let to = text::value(message, "To").unwrap_or_default();
    let start = to.windows(5).position(|w| w == b";tag=");
    start.and_then(|s| to.get(s + 5..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_has_what_the_invite_has() {
        let invite =
            b"INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@h>;tag=1\r\n\
            To: <sip:b@h>\r\nCall-ID: 1-1@load\r\nCSeq: 1 INVITE\r\n\r\n";
        let cancel = hop("CANCEL", invite, b"<sip:b@h>");
        assert!(cancel.starts_with(b"CANCEL sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\n"));
        assert_eq!(text::value(&cancel, "CSeq"), Some(&b"1 CANCEL"[..]));
        assert_eq!(tag(b"SIP/2.0 200 OK\r\nTo: <sip:b@h>;tag=x\r\n\r\n"), b"x");
    }
}
