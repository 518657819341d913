//! sipp: one call to several phones of a user, which do not agree; calls whose route waits before
//! it goes on.

use std::net::SocketAddr;
use std::time::Duration;

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::lossy::LossyPath;
use acceptance::client::phone::Phone;
use acceptance::client::sipp::{Plan, Sipp};
use acceptance::subject::Server;

use crate::subject::{RUN, Subject, ensure, number, place, plan, register};
use crate::{Case, Need};

pub(crate) const CASES: &[Case] = &[
    Case::of_sipp("forking::one_refuses_one_answers", one_refuses_one_answers),
    Case::of_sipp(
        "forking::the_best_refusal_is_told",
        the_best_refusal_is_told,
    ),
    Case::of_sipp(
        "forking::a_refusal_for_all_ends_the_others",
        refused_for_all,
    ),
    Case::of_sipp("forking::one_is_silent", one_is_silent),
    Case::of_sipp("forking::five_phones", five_phones),
    Case::of_sipp("forking::cancelled_everywhere", cancelled_everywhere),
    Case::of_sipp("forking::one_after_the_other", one_after_the_other),
    Case::of_sipp("forking::after_all_refused", after_all_refused),
    Case::of_sipp("forking::lost_messages_are_repeated", lossy_paths),
    Case::new(
        "forking::suspended_calls_under_load",
        &[Need::Tool("sipp"), Need::Tool("kamcmd")],
        suspended,
    ),
];

fn server(subject: &Subject) -> Result<Server, String> {
    subject.configured("forking", &[])
}

/// One that calls the phones in groups by their q.
fn serial_server(subject: &Subject) -> Result<Server, String> {
    subject.configured("forking", &["-A", "WITH_SERIAL"])
}

/// What a phone of the user does: its scenario, its transport, values of placeholders.
struct Does(
    &'static str,
    Transport,
    &'static [(&'static str, &'static str)],
);

/// A phone that rings a while and refuses.
const fn refuses(transport: Transport, values: &'static [(&'static str, &'static str)]) -> Does {
    Does("callee_refuses", transport, values)
}

/// Registers and starts phones of a user; `q` tells who is first.
fn phones(server: &Server, user: &str, all: &[(Does, &str)]) -> Result<Vec<Sipp>, String> {
    let mut started = Vec::new();
    for (Does(scenario, transport, values), q) in all {
        let phone = place();
        register_with(server, user, phone, *transport, q)?;
        let mut callee = plan(server, scenario, phone, *transport).with("user", user);
        for (name, value) in *values {
            callee = callee.with(name, *value);
        }
        started.push(callee.start()?);
    }
    Ok(started)
}

fn register_with(
    server: &Server,
    user: &str,
    phone: SocketAddr,
    transport: Transport,
    q: &str,
) -> Result<(), String> {
    if q.is_empty() {
        return register(server, user, phone, transport);
    }
    let param = match transport {
        Udp => "",
        Tcp => ";transport=tcp",
    };
    plan(server, "register", place(), transport)
        .with("user", user)
        .with("contact_pattern", phone.ip().to_string())
        .with("contact", format!("sip:{user}@{phone}{param}"))
        .with("contact_params", format!(";q={q}"))
        .run(RUN)
}

/// Runs the caller, then all phones to their ends.
fn play(caller: &Plan<'_>, phones: Vec<Sipp>) -> Result<(), String> {
    let calling = caller.run(RUN);
    // The phones' reports tell more when several failed.
    for phone in phones {
        phone.finish(RUN)?;
    }
    calling
}

fn caller<'a>(server: &Server, user: &str, scenario: &'a str) -> Plan<'a> {
    plan(server, scenario, place(), Udp)
        .with("user", user)
        .with("uri", format!("sip:{user}@{}", server.addr))
}

fn one_refuses_one_answers(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    for (user, refusing, answering) in [("udp", Udp, Udp), ("mixed", Tcp, Udp), ("tcp", Tcp, Tcp)] {
        let all = [
            (refuses(refusing, &[]), ""),
            (Does("callee", answering, &[("ring", "800")]), ""),
        ];
        play(
            &caller(&server, user, "caller"),
            phones(&server, user, &all)?,
        )
        .map_err(|why| format!("{user}: {why}"))?;
    }
    Ok(())
}

/// All refuse: the caller hears of the refusal that tells most, and when all have spoken.
fn the_best_refusal_is_told(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    let all = [
        (refuses(Udp, &[("code", "486"), ("ring", "600")]), ""),
        (refuses(Udp, &[("code", "404")]), ""),
        (refuses(Tcp, &[("code", "503"), ("ring", "300")]), ""),
    ];
    let phones = phones(&server, "bob", &all)?;
    play(
        &caller(&server, "bob", "caller_is_refused").with("code", "404"),
        phones,
    )
}

fn refused_for_all(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    let all = [
        (refuses(Udp, &[("code", "603"), ("ring", "600")]), ""),
        (Does("callee_is_cancelled", Udp, &[]), ""),
        (Does("callee_is_cancelled", Tcp, &[]), ""),
    ];
    let phones = phones(&server, "bob", &all)?;
    play(
        &caller(&server, "bob", "caller_is_refused").with("code", "603"),
        phones,
    )
}

/// A phone that says nothing keeps nobody from talking, and gets no CANCEL, for it never answered
/// (RFC 3261 §9.1).
fn one_is_silent(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    let silent = Phone::new(server.addr)?;
    register(&server, "bob", silent.addr, Udp)?;
    let all = [(Does("callee", Udp, &[("ring", "900")]), "")];
    let phones = phones(&server, "bob", &all)?;
    play(&caller(&server, "bob", "caller"), phones)?;
    silent.expect("INVITE").map(|_| ())
}

fn five_phones(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    let all = [
        (refuses(Udp, &[("code", "486")]), ""),
        (refuses(Tcp, &[("code", "404"), ("ring", "300")]), ""),
        (Does("callee_is_cancelled", Udp, &[]), ""),
        (Does("callee", Udp, &[("ring", "1200")]), ""),
        (Does("callee_is_cancelled", Tcp, &[]), ""),
    ];
    let phones = phones(&server, "bob", &all)?;
    play(&caller(&server, "bob", "caller"), phones)
}

fn cancelled_everywhere(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    // Two that say nothing before the caller gives up, and one that rings.
    let silent = [Phone::new(server.addr)?, Phone::new(server.addr)?];
    for phone in &silent {
        register(&server, "bob", phone.addr, Udp)?;
    }
    let all = [(Does("callee_is_cancelled", Tcp, &[]), "")];
    let phones = phones(&server, "bob", &all)?;
    let calling = caller(&server, "bob", "caller_cancels").start()?;
    for phone in &silent {
        let invite = phone.expect("INVITE")?;
        // It rings once the call is cancelled: only then may the server cancel it here.
        std::thread::sleep(Duration::from_millis(600));
        phone.reply(&invite, 183)?;
        let cancel = phone.expect("CANCEL")?;
        phone.reply(&cancel, 200)?;
        phone.reply(&invite, 487)?;
        phone.expect("ACK")?;
    }
    for phone in phones {
        phone.finish(RUN)?;
    }
    calling.finish(RUN)
}

/// By q: the first phone refuses, then two ring at once, of which one answers.
fn one_after_the_other(subject: &Subject) -> Result<(), String> {
    let server = serial_server(subject)?;
    let all = [
        (Does("callee_is_cancelled", Tcp, &[]), "0.5"),
        (refuses(Udp, &[]), "0.9"),
        (Does("callee", Udp, &[("ring", "600")]), "0.5"),
    ];
    let phones = phones(&server, "bob", &all)?;
    play(&caller(&server, "bob", "caller"), phones)
}

/// By q: all refuse; the caller hears what the last group said, once, at the end.
fn after_all_refused(subject: &Subject) -> Result<(), String> {
    let server = serial_server(subject)?;
    let all = [
        (refuses(Udp, &[("code", "486")]), "0.9"),
        (refuses(Tcp, &[("code", "480")]), "0.5"),
        (refuses(Udp, &[("code", "500")]), "0.1"),
    ];
    let phones = phones(&server, "bob", &all)?;
    play(
        &caller(&server, "bob", "caller_is_refused").with("code", "500"),
        phones,
    )
}

/// One message in ten is lost between the caller, the server and the phone that answers; who sent
/// it sends it again. The phone that refuses hears everything.
fn lossy_paths(subject: &Subject) -> Result<(), String> {
    const ONE_IN: u32 = 10;
    const CALLS: u32 = 12;
    let server = server(subject)?;
    let [calling, answering, refusing] = [place(), place(), place()];
    let near = LossyPath::open(calling, server.addr, ONE_IN)?;
    let far = LossyPath::open(answering, server.addr, ONE_IN)?;
    let behind = |scenario, local, path: &LossyPath| {
        let mut plan = plan(&server, scenario, local, Udp)
            .with("at", path.server_side.to_string())
            .with("linger", "4000")
            .with("ack_may_be_lost", "true")
            .with("ring", "1500");
        (plan.through, plan.calls) = (Some(path.phone_side), CALLS);
        plan
    };
    register(&server, "bob", far.server_side, Udp)?;
    register(&server, "bob", refusing, Udp)?;
    let mut refuser = plan(&server, "callee_refuses", refusing, Udp);
    refuser.calls = CALLS;
    let phones = vec![refuser.start()?, behind("callee", answering, &far).start()?];
    play(&behind("caller", calling, &near), phones)?;
    let lost = [near.lost(), far.lost()];
    ensure(lost.iter().all(|&lost| lost > 0), || {
        format!("nothing was lost: {lost:?}")
    })
}

/// Each call is suspended for 300 ms before it goes on; hundreds are at the same time.
fn suspended(subject: &Subject) -> Result<(), String> {
    const CALLS: u32 = 400;
    let server = server(subject)?;
    let phone = place();
    register(&server, "later", phone, Udp)?;
    let mut callee = plan(&server, "callee", phone, Udp).with("user", "later");
    (callee.calls, callee.rate) = (CALLS, 100);
    let callee = callee.start()?;
    let mut calls = caller(&server, "later", "caller");
    (calls.calls, calls.rate) = (CALLS, 100);
    calls.run(RUN * 2)?;
    callee.finish(RUN)?;
    let answered = number(&server, &["tm.stats"], "2xx")?;
    ensure(answered >= i64::from(CALLS) * 2, || {
        format!("tm.stats counts {answered} answers")
    })
}
