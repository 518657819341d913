//! sipp: users who register and call with their passwords, and who do not know them.

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::sipp::Plan;
use acceptance::subject::Server;

use crate::Case;
use crate::subject::{RUN, Subject, place, plan};

pub(crate) const CASES: &[Case] = &[
    Case::of_sipp("accounts::register_and_call", registered_and_called),
    Case::of_sipp("accounts::wrong_password", |s| refused(s, "bob", "secret")),
    Case::of_sipp("accounts::password_of_somebody_else", |s| {
        refused(s, "alice", "alicealice")
    }),
];

fn server(subject: &Subject) -> Result<Server, String> {
    subject.configured("accounts", &[])
}

/// A REGISTER of bob's, before its account and what it is answered.
fn registering(server: &Server, phone: std::net::SocketAddr, transport: Transport) -> Plan<'_> {
    let name = transport.name();
    plan(server, "register_with_password", place(), transport)
        .with("user", "bob")
        .with("contact", format!("sip:bob@{phone};transport={name}"))
}

/// Phones register over each transport and are called over each, by a caller who is asked, too.
fn registered_and_called(subject: &Subject) -> Result<(), String> {
    for (caller, callee) in [(Udp, Udp), (Tcp, Tcp), (Udp, Tcp)] {
        let server = server(subject)?;
        let phone = place();
        registering(&server, phone, callee)
            .with("code", "200")
            .with("answer_pattern", phone.to_string())
            .authenticated("bob", "bobbob")
            .run(RUN)?;
        let answering = plan(&server, "callee", phone, callee).start()?;
        let calling = plan(&server, "caller_with_password", place(), caller)
            .authenticated("caller", "callercaller")
            .run(RUN);
        answering
            .finish(RUN)
            .and(calling)
            .map_err(|why| format!("{caller:?} to {callee:?}: {why}"))?;
    }
    Ok(())
}

/// Who says to be bob with this account is challenged again; who calls without one is refused.
fn refused(subject: &Subject, user: &str, password: &str) -> Result<(), String> {
    let server = server(subject)?;
    for transport in [Udp, Tcp] {
        registering(&server, place(), transport)
            .with("code", "401")
            .with("answer_pattern", "WWW-Authenticate: Digest realm=")
            .authenticated(user, password)
            .run(RUN)?;
    }
    plan(&server, "caller_is_refused", place(), Udp)
        .with("uri", "sip:bob@[remote_ip]:[remote_port]")
        .with("code", "407")
        .run(RUN)
}
