//! sipp: calls that are not answered.

use std::time::Duration;

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::control::kamcmd;
use acceptance::client::phone::Phone;
use acceptance::client::sipp::Plan;
use acceptance::subject::Server;

use crate::calls::one_call;
use crate::subject::{RUN, Subject, ensure, place, plan, register};
use crate::{Case, Need};

const NEEDS: &[Need] = &[Need::Tool("sipp"), Need::StockConfig];

pub(crate) const CASES: &[Case] = &[
    Case::new("failures::cancelled", NEEDS, cancelled),
    Case::new("failures::busy", NEEDS, busy),
    Case::new(
        "failures::no_answer",
        &[Need::Tool("sipp"), Need::Tool("kamcmd"), Need::StockConfig],
        no_answer,
    ),
    Case::new(
        "failures::silence",
        &[Need::Tool("sipp"), Need::Tool("kamcmd"), Need::StockConfig],
        silence,
    ),
    Case::new("failures::nobody_there", NEEDS, |s| {
        refused(s, "404", |p, _| p)
    }),
    Case::new("failures::too_many_hops", NEEDS, |s| {
        refused(s, "483", |p, _| p.with("hops", "0"))
    }),
    Case::new("failures::address_incomplete", NEEDS, |s| {
        refused(s, "484", |p, server| {
            p.with("uri", format!("sip:{}", server.addr))
        })
    }),
    Case::new("failures::foreign_domain", NEEDS, |s| {
        refused(s, "403", |p, _| p.with("uri", "sip:bob@127.0.47.9"))
    }),
    Case::new("failures::expires_without_number", NEEDS, |s| {
        refused(s, "400", |p, _| p.with("extra", "Expires: soon"))
    }),
    Case::new("failures::from_without_scheme", NEEDS, |s| {
        refused(s, "400", |p, _| p.with("from", "<caller>"))
    }),
    Case::new("failures::unknown_scheme", NEEDS, |s| {
        refused(s, "400", |p, _| p.with("uri", "mail:bob"))
    }),
];

const MIXES: [(Transport, Transport); 4] = [(Udp, Udp), (Tcp, Tcp), (Udp, Tcp), (Tcp, Udp)];

fn cancelled(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    for (from, to) in MIXES {
        let user = format!("{}-{}", from.name(), to.name());
        one_call(
            &server,
            &user,
            ("caller_cancels", from),
            ("callee_is_cancelled", to),
        )?;
    }
    Ok(())
}

fn busy(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    for (from, to) in MIXES {
        let user = format!("{}-{}", from.name(), to.name());
        let phone = place();
        register(&server, &user, phone, to)?;
        let callee = plan(&server, "callee_refuses", phone, to)
            .with("user", &user)
            .start()?;
        let calling = refusal(&server, from, &user).run(RUN);
        callee.finish(RUN).and(calling)?;
    }
    Ok(())
}

/// A caller who expects 486 unless told otherwise.
fn refusal<'a>(server: &Server, from: Transport, user: &str) -> Plan<'a> {
    plan(server, "caller_is_refused", place(), from)
        .with("user", user)
        .with("uri", format!("sip:{user}@{}", server.addr))
}

/// The phone rings until the timer ends the call: the callee is cancelled, the caller gets 408.
fn no_answer(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let set = ["cfg.set_now_int", "tm", "fr_inv_timer", "1500"];
    kamcmd(server.folder(), &set)?;
    let phone = place();
    register(&server, "bob", phone, Udp)?;
    let callee = plan(&server, "callee_is_cancelled", phone, Udp).start()?;
    let calling = refusal(&server, Tcp, "bob").with("code", "408").run(RUN);
    callee.finish(RUN).and(calling)
}

/// The phone says nothing at all: the INVITE is repeated, then the caller gets 408.
fn silence(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let set = ["cfg.set_now_int", "tm", "fr_timer", "2000"];
    kamcmd(server.folder(), &set)?;
    let phone = Phone::new(server.addr)?;
    register(&server, "bob", phone.addr, Udp)?;
    refusal(&server, Udp, "bob").with("code", "408").run(RUN)?;
    let mut invites = 0;
    while let Some(message) = phone.receive(Duration::from_millis(100)) {
        invites += u32::from(message.matches("INVITE"));
    }
    // At 0, 0.5 and 1.5 seconds.
    ensure((2..=4).contains(&invites), || {
        format!("the silent phone got {invites} INVITEs")
    })
}

/// The server itself refuses, over UDP and TCP.
fn refused<'a>(
    subject: &Subject,
    code: &'static str,
    change: impl Fn(Plan<'a>, &Server) -> Plan<'a>,
) -> Result<(), String> {
    let server = subject.stock()?;
    for from in [Udp, Tcp] {
        // The first value of a placeholder counts.
        let mut caller = plan(&server, "caller_is_refused", place(), from).with("code", code);
        caller = change(caller, &server);
        caller
            .with("uri", format!("sip:nobody@{}", server.addr))
            .run(RUN)
            .map_err(|why| format!("over {from:?}: {why}"))?;
    }
    Ok(())
}
