//! Debian's kamcmd and kamctl, and the transactions of the server: requests that they have sent,
//! calls that they cancel and answer, tables that they show.

use std::path::Path;
use std::time::Duration;

use acceptance::client::control::{kamcmd, kamcmd_status};
use acceptance::client::phone::Phone;
use acceptance::client::{bound_to_us, run};
use acceptance::message::Message;
use acceptance::subject::Server;

use crate::subject::{Subject, ensure, number};
use crate::{Case, Need};

const KAMCMD: &[Need] = &[Need::Tool("kamcmd"), Need::StockConfig];
const KAMCTL: &[Need] = &[Need::Tool("kamctl"), Need::StockConfig];
const OWN: &[Need] = &[Need::Ferrosip, Need::Tool("kamcmd"), Need::StockConfig];

pub(crate) const CASES: &[Case] = &[
    Case::new("kamcmd::sends_a_request", KAMCMD, sends),
    Case::new("kamcmd::waits_for_a_reply", KAMCMD, waits),
    Case::new("kamcmd::waits_for_a_whole_reply", OWN, waits_for_all),
    Case::new("kamcmd::cancels_a_call", KAMCMD, cancels),
    Case::new("kamcmd::answers_by_call_id", KAMCMD, answers_by_call_id),
    Case::new("kamcmd::answers_by_number", KAMCMD, answers_by_number),
    Case::new("kamcmd::shows_the_table", KAMCMD, shows),
    Case::new("kamctl::shows_transactions", KAMCTL, ctl_shows),
    Case::new("kamctl::cancels_a_call", KAMCTL, ctl_cancels),
    Case::new("kamctl::pings", KAMCTL, ctl_pings),
];

/// The words of a request to a phone.
fn request<'a>(method: &'a str, uri: &'a str, headers: &'a str, body: &'a str) -> [&'a str; 7] {
    ["", method, uri, ".", ".", headers, body]
}

fn headers(id: &str) -> String {
    format!(
        "From: <sip:tool@h.test>;tag=ft\r\nTo: <sip:phone@h.test>\r\nCall-ID: {id}\r\n\
         Content-Type: text/plain\r\n"
    )
}

/// Has a request sent that the phone answers meanwhile; what the tool said.
fn exchange(
    server: &Server,
    phone: &Phone,
    command: &str,
    (method, code): (&str, u16),
) -> Result<String, String> {
    let (uri, headers) = (format!("sip:phone@{}", phone.addr), headers("asked"));
    let mut words = request(method, &uri, &headers, "hello");
    words[0] = command;
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| kamcmd_status(server.folder(), &words));
        let received = phone.expect(method)?;
        ensure(received.all("Call-ID") == ["asked"], || {
            received.start.clone()
        })?;
        phone.reply(&received, code)?;
        let answer = asked.join().map_err(|_| "the tool's thread ended")??;
        Ok(answer.out + &answer.err)
    })
}

fn sends(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    exchange(&server, &phone, "tm.t_uac_start", ("MESSAGE", 202))?;
    let local = number(&server, &["tm.stats"], "total_local")?;
    ensure(local == 1, || format!("{local} requests of its own"))
}

fn waits(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    for code in [202, 404] {
        let answer = exchange(&server, &phone, "tm.t_uac_wait_block", ("MESSAGE", code))?;
        ensure(answer.contains(&code.to_string()), || answer.clone())?;
    }
    Ok(())
}

fn waits_for_all(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    let answer = exchange(&server, &phone, "tm.t_uac_wait", ("MESSAGE", 200))?;
    for text in [
        "200",
        "Reply",
        &format!("sip:phone@{}", phone.addr),
        "asked",
    ] {
        ensure(answer.contains(text), || format!("no {text}: {answer}"))?;
    }
    Ok(())
}

/// A call of the phone to itself that rings, its Call-ID and the INVITE as it came back.
fn ringing(server: &Server) -> Result<(Phone, String, Message), String> {
    let phone = Phone::new(server.addr)?;
    phone.register("bob")?;
    phone.send(phone.request("INVITE", "bob", "rings", "").as_bytes())?;
    let invite = phone.expect("INVITE")?;
    phone.reply(&invite, 180)?;
    phone.expect("180")?;
    let call_id = format!("rings-{}", phone.addr);
    Ok((phone, call_id, invite))
}

/// What a call that was cancelled comes to.
fn is_cancelled(phone: &Phone, invite: &Message) -> Result<(), String> {
    let cancel = phone.expect("CANCEL")?;
    phone.reply(&cancel, 200)?;
    phone.reply(invite, 487)?;
    phone.expect("487").map(|_| ())
}

fn cancels(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (phone, call_id, invite) = ringing(&server)?;
    kamcmd(server.folder(), &["tm.cancel", &call_id, "s:1"])?;
    is_cancelled(&phone, &invite)
}

fn answers_by_call_id(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (phone, call_id, _) = ringing(&server)?;
    let words = ["tm.reply_callid", "480", "By tool", &call_id, "s:1"];
    let more = ["tooltag", "X-By: tool\r\n"];
    kamcmd(server.folder(), &[&words[..], &more].concat())?;
    let reply = phone.expect("480")?;
    is_answered(&reply)
}

fn is_answered(reply: &Message) -> Result<(), String> {
    let (to, by) = (reply.all("To"), reply.all("X-By"));
    let tagged = to.first().is_some_and(|to| to.ends_with(";tag=tooltag"));
    ensure(tagged && by == ["tool"], || {
        format!("To {to:?}, X-By {by:?}")
    })
}

fn answers_by_number(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (phone, _, _) = ringing(&server)?;
    let index = number(&server, &["tm.list"], "tindex")?;
    let label = number(&server, &["tm.list"], "tlabel")?;
    let place = format!("{index}:{label}");
    let words = ["tm.reply", "480", "By tool", &place];
    let more = ["tooltag", "X-By: tool\r\n"];
    kamcmd(server.folder(), &[&words[..], &more].concat())?;
    let reply = phone.expect("480")?;
    is_answered(&reply)
}

fn shows(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (phone, call_id, invite) = ringing(&server)?;
    let listed = kamcmd(server.folder(), &["tm.list"])?;
    ensure(listed.contains(&call_id), || listed.clone())?;
    kamcmd(server.folder(), &["tm.hash_stats"])?;
    // What is in use is no rubbish.
    kamcmd(server.folder(), &["tm.clean"])?;
    let current = number(&server, &["tm.stats"], "current")?;
    ensure(current == 1, || format!("{current} transactions"))?;
    phone.reply(&invite, 486)?;
    phone.expect("486").map(|_| ())
}

/// Runs Debian's kamctl against the FIFO in a server's run folder.
fn kamctl(folder: &Path, words: &[&str]) -> Result<String, String> {
    let home = tempfile::tempdir().map_err(|e| e.to_string())?;
    let fifo = folder.join("kamailio_rpc.fifo");
    let settings = format!(
        "CTLENGINE=\"RPCFIFO\"\nRPCFIFOPATH=\"{}\"\nSIP_DOMAIN=h.test\n",
        fifo.display()
    );
    let file = home.path().join(".kamctlrc");
    std::fs::write(file, settings).map_err(|e| e.to_string())?;
    let mut command = bound_to_us("kamctl");
    command.env("HOME", home.path()).args(words);
    let answer = run(&mut command, Duration::from_secs(20))?;
    Ok(answer.out + &answer.err)
}

fn ctl_shows(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (phone, call_id, invite) = ringing(&server)?;
    let listed = kamctl(server.folder(), &["rpc", "tm.list"])?;
    ensure(listed.contains(&call_id), || listed.clone())?;
    let counted = kamctl(server.folder(), &["rpc", "tm.stats"])?;
    for text in ["\"current\"", "\"rpl_generated\""] {
        ensure(counted.contains(text), || format!("no {text}: {counted}"))?;
    }
    phone.reply(&invite, 486)?;
    phone.expect("486").map(|_| ())
}

fn ctl_cancels(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (phone, call_id, invite) = ringing(&server)?;
    kamctl(server.folder(), &["rpc", "tm.cancel", &call_id, "s:1"])?;
    is_cancelled(&phone, &invite)
}

/// `kamctl ping` has an OPTIONS sent and waits for its answer.
fn ctl_pings(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    let uri = format!("sip:phone@{}", phone.addr);
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| kamctl(server.folder(), &["ping", &uri]));
        let received = phone.expect("OPTIONS")?;
        phone.reply(&received, 200)?;
        let answer = asked.join().map_err(|_| "the tool's thread ended")??;
        ensure(answer.contains("200"), || answer.clone())
    })
}
