//! sipp: calls that are answered, over each mix of transports.

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::namespace::Namespace;
use acceptance::subject::Server;

use crate::subject::{RUN, Subject, ensure, number, place, plan, register};
use crate::{Case, Need};

const NEEDS: &[Need] = &[Need::Tool("sipp"), Need::StockConfig];

pub(crate) const CASES: &[Case] = &[
    case("calls::caller_hangs_up", |s| {
        each_mix(s, "caller", "callee")
    }),
    case("calls::callee_hangs_up", |s| {
        each_mix(s, "caller_is_hung_up_on", "callee_hangs_up")
    }),
    case("calls::both_sides_renegotiate", |s| {
        each_mix(s, "caller_renegotiates", "callee_renegotiates")
    }),
    case("calls::forked_to_two_phones", forked),
    case("calls::lost_messages_are_repeated", |s| {
        lossy(&s.stock()?, &["-lost", "5"])
    }),
    Case {
        name: "calls::lossy_network",
        needs: &[
            Need::Tool("sipp"),
            Need::Tool("tc"),
            Need::StockConfig,
            Need::Inside(Namespace::LossyNetwork),
        ],
        run: lossy_network,
    },
    case("calls::fifty_per_second", fifty_per_second),
];

const fn case(name: &'static str, run: fn(&Subject) -> Result<(), String>) -> Case {
    Case {
        name,
        needs: NEEDS,
        run,
    }
}

/// Plays the pair of scenarios over UDP, TCP and both mixes.
fn each_mix(subject: &Subject, caller: &str, callee: &str) -> Result<(), String> {
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
    // The callee's report tells more when both failed.
    callee.finish(RUN).and(calling)
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

/// Twenty calls, all of which must succeed because lost messages are sent again.
fn lossy(server: &Server, arguments: &[&'static str]) -> Result<(), String> {
    let phone = place();
    register(server, "bob", phone, Udp)?;
    let mut callee = plan(server, "callee", phone, Udp)
        .with("linger", "4000")
        .with("ack_may_be_lost", "true");
    (callee.calls, callee.arguments) = (20, arguments.to_vec());
    let callee = callee.start()?;
    let mut caller = plan(server, "caller", place(), Udp);
    (caller.calls, caller.arguments) = (20, arguments.to_vec());
    caller.run(RUN * 2)?;
    callee.finish(RUN)
}

fn lossy_network(subject: &Subject) -> Result<(), String> {
    match Namespace::LossyNetwork.enter(subject.test, RUN * 4) {
        Some(outcome) => outcome,
        None => lossy(&subject.stock()?, &[]),
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
