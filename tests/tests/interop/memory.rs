//! What the server's memory does when many transactions have come and gone.

use std::time::Duration;

use acceptance::client::phone::Phone;
use acceptance::client::wait_for;
use acceptance::message::Message;
use acceptance::subject::Server;

use crate::subject::{Subject, ensure, number};
use crate::{Case, Need};

pub(crate) const CASES: &[Case] = &[Case::new(
    "memory::comes_back_after_a_peak",
    &[Need::Ferrosip, Need::Tool("kamcmd")],
    comes_back,
)];

/// Calls that ring at once.
const CALLS: usize = 20_000;
/// Calls between two looks at what came back: the buffers of sockets hold no more.
const AT_ONCE: usize = 50;
/// How long transactions and their memory may take to go.
const PATIENCE: Duration = Duration::from_secs(120);

/// Bytes of memory that are the process's own.
fn occupied(server: &Server) -> Result<usize, String> {
    let problem = |e: &dyn std::fmt::Display| format!("the server's memory: {e}");
    let id = std::fs::read_to_string(server.folder().join("server.pid"));
    let id = id.map_err(|e| problem(&e))?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", id.trim()));
    let status = status.map_err(|e| problem(&e))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    let kilobytes: usize = kilobytes.ok_or_else(|| problem(&"no RssAnon"))?;
    Ok(kilobytes * 1024)
}

fn pending(server: &Server) -> Result<i64, String> {
    number(server, &["tm.stats"], "current")
}

/// Lets calls ring at `callee`; what is left of them are its INVITEs.
fn ring(caller: &Phone, callee: &Phone, calls: usize) -> Result<Vec<Message>, String> {
    let mut ringing = Vec::with_capacity(calls);
    for first in (0..calls).step_by(AT_ONCE) {
        let group = first..(first + AT_ONCE).min(calls);
        for number in group.clone() {
            let invite = caller.request("INVITE", "bob", &format!("held{number}"), "");
            let target = format!("INVITE sip:bob@{} ", callee.addr);
            let (_, rest) = invite.split_once(" SIP/2.0").unwrap_or_default();
            caller.send(format!("{target}SIP/2.0{rest}").as_bytes())?;
        }
        for _ in group.clone() {
            let invite = callee.expect("INVITE")?;
            callee.reply(&invite, 180)?;
            ringing.push(invite);
        }
        for _ in group {
            caller.expect("180")?;
        }
    }
    Ok(ringing)
}

/// Memory that one thread allocates and another frees goes back to the system while nothing comes.
fn comes_back(subject: &Subject) -> Result<(), String> {
    let server = subject.configured("pending", &[])?;
    let (caller, callee) = (Phone::new(server.addr)?, Phone::new(server.addr)?);
    let before = occupied(&server)?;
    let ringing = ring(&caller, &callee, CALLS)?;
    let held = occupied(&server)?;
    let count = pending(&server)?;
    ensure(count == CALLS as i64, || format!("{count} calls ring"))?;
    for group in ringing.chunks(AT_ONCE) {
        for invite in group {
            callee.reply(invite, 200)?;
        }
        for _ in group {
            caller.expect("200")?;
        }
    }
    wait_for("the end of all transactions", PATIENCE, || {
        pending(&server) == Ok(0)
    })?;
    let grown = held.saturating_sub(before);
    let kept = || occupied(&server).map_or(usize::MAX, |now| now.saturating_sub(before));
    let given_back = wait_for("memory", PATIENCE, || kept() * 10 <= grown);
    println!(
        "{before} bytes before, {held} with {CALLS} calls, {} kept",
        kept()
    );
    given_back.map_err(|_| format!("{} of {grown} bytes were not given back", kept()))
}
