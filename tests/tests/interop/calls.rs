//! sipp: calls that are answered, over each mix of transports.

use std::net::SocketAddr;

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::lossy::LossyPath;
use acceptance::client::namespace::Namespace;
use acceptance::subject::Server;

use crate::subject::{RUN, Subject, ensure, number, place, plan, register};
use crate::{Case, Need};

const NEEDS: &[Need] = &[Need::Tool("sipp"), Need::StockConfig];

pub(crate) const CASES: &[Case] = &[
    Case::new("calls::caller_hangs_up", NEEDS, |s| {
        each_mix(s, "caller", "callee")
    }),
    Case::new("calls::callee_hangs_up", NEEDS, |s| {
        each_mix(s, "caller_is_hung_up_on", "callee_hangs_up")
    }),
    Case::new("calls::both_sides_renegotiate", NEEDS, |s| {
        each_mix(s, "caller_renegotiates", "callee_renegotiates")
    }),
    Case::new("calls::forked_to_two_phones", NEEDS, forked),
    Case::new("calls::lost_messages_are_repeated", NEEDS, lossy_paths),
    Case::new(
        "calls::lossy_network",
        &[
            Need::Tool("sipp"),
            Need::Tool("tc"),
            Need::StockConfig,
            Need::Inside(Namespace::LossyNetwork),
        ],
        lossy_network,
    ),
    Case::new("calls::fifty_per_second", NEEDS, fifty_per_second),
];

/// Plays the pair of scenarios over UDP, TCP and both mixes.
pub(crate) fn each_mix(subject: &Subject, caller: &str, callee: &str) -> Result<(), String> {
    let server = subject.stock()?;
    for (from, to) in [(Udp, Udp), (Tcp, Tcp), (Udp, Tcp), (Tcp, Udp)] {
        let user = format!("{}-{}", from.name(), to.name());
        one_call(&server, &user, (caller, from), (callee, to))
            .map_err(|why| format!("from {from:?} to {to:?}: {why}"))?;
    }
    Ok(())
}

/// One call to a user who registers for it.
pub(crate) fn one_call(
    server: &Server,
    user: &str,
    (caller, from): (&str, Transport),
    (callee, to): (&str, Transport),
) -> Result<(), String> {
    let phone = place();
    register(server, user, phone, to)?;
    let callee = plan(server, callee, phone, to).with("user", user).start()?;
    let calling = plan(server, caller, place(), from)
        .with("user", user)
        .run(RUN);
    both(callee.finish(RUN), calling)
}

/// The reports of two sides: one alone often tells what happened and not why.
fn both(one: Result<(), String>, other: Result<(), String>) -> Result<(), String> {
    match (one, other) {
        (Err(one), Err(other)) => Err(format!("{one}\n{other}")),
        (one, other) => one.and(other),
    }
}

fn forked(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (answers, rings) = (place(), place());
    register(&server, "bob", answers, Udp)?;
    register(&server, "bob", rings, Tcp)?;
    let rings = plan(&server, "callee_is_cancelled", rings, Tcp).start()?;
    let answers = plan(&server, "callee", answers, Udp)
        .with("ring", "600")
        .start()?;
    let calling = plan(&server, "caller", place(), Udp).run(RUN);
    rings.finish(RUN)?;
    answers.finish(RUN)?;
    calling
}

/// Calls that all must succeed because lost messages are sent again; with paths through which the
/// caller and the callee talk to the server, or directly.
fn twenty_calls(
    server: &Server,
    caller: (SocketAddr, Option<&LossyPath>),
    callee: (SocketAddr, Option<&LossyPath>),
) -> Result<(), String> {
    let seen = callee.1.map_or(callee.0, |path| path.server_side);
    register(server, "bob", seen, Udp)?;
    let many = |scenario, (local, path): (SocketAddr, Option<&LossyPath>)| {
        let mut plan = plan(server, scenario, local, Udp)
            .with("linger", "4000")
            .with("ack_may_be_lost", "true");
        if let Some(path) = path {
            plan = plan.with("at", path.server_side.to_string());
            plan.through = Some(path.phone_side);
        }
        plan.calls = 20;
        plan
    };
    let answering = many("callee", callee).start()?;
    many("caller", caller).run(RUN * 2)?;
    answering.finish(RUN)
}

fn lossy_paths(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (caller, callee) = (place(), place());
    // 5 % is one in twenty.
    let near = LossyPath::open(caller, server.addr, 20)?;
    let far = LossyPath::open(callee, server.addr, 20)?;
    twenty_calls(&server, (caller, Some(&near)), (callee, Some(&far)))?;
    let lost = [near.lost(), far.lost()];
    ensure(lost.iter().all(|&lost| lost > 0), || {
        format!("nothing was lost: {lost:?}")
    })
}

fn lossy_network(subject: &Subject) -> Result<(), String> {
    match Namespace::LossyNetwork.enter(subject.test, RUN * 4) {
        Some(outcome) => outcome,
        None => twenty_calls(&subject.stock()?, (place(), None), (place(), None)),
    }
}

fn fifty_per_second(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = place();
    register(&server, "bob", phone, Udp)?;
    let mut callee = plan(&server, "callee", phone, Udp);
    (callee.calls, callee.rate) = (250, 50);
    let callee = callee.start()?;
    let mut caller = plan(&server, "caller", place(), Udp);
    (caller.calls, caller.rate) = (250, 50);
    caller.run(RUN)?;
    callee.finish(RUN)?;
    let answered = number(&server, &["tm.stats"], "2xx")?;
    // Each call is an INVITE and a BYE.
    ensure(answered >= 500, || {
        format!("tm.stats counts {answered} answers")
    })
}
