//! sipp: redirections that the proxy follows and trunks that challenge it.

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::subject::Server;

use crate::Case;
use crate::subject::{RUN, Subject, place, plan, register};

pub(crate) const CASES: &[Case] = &[
    Case::of_sipp("trunk::redirection_is_followed", redirected),
    Case::of_sipp("trunk::redirection_is_followed_again", redirected_twice),
    Case::of_sipp("trunk::challenge_is_answered", |s| {
        challenged(s, "401", "WWW-Authenticate", VERIFIED)
    }),
    Case::of_sipp("trunk::challenge_of_a_proxy_is_answered", |s| {
        challenged(s, "407", "Proxy-Authenticate", PRESENT)
    }),
];

/// sipp computes the response anew.
const VERIFIED: &str = r#"<verifyauth assign_to="valid" username="trunkuser" password="s3cret" />"#;
/// sipp looks for responses in Authorization alone.
const PRESENT: &str = r#"<ereg regexp="Digest username=.trunkuser., realm=.trunk.example., .*response=.[0-9a-f]+" search_in="hdr" header="Proxy-Authorization:" assign_to="valid" />"#;

fn server(subject: &Subject) -> Result<Server, String> {
    subject.configured("trunk", &[])
}

fn contact(phone: std::net::SocketAddr, transport: Transport) -> String {
    match transport {
        Udp => format!("sip:bob@{phone}"),
        Tcp => format!("sip:bob@{phone};transport=tcp"),
    }
}

/// The registered phone names another one, which is called.
fn redirected(subject: &Subject) -> Result<(), String> {
    let server = server(subject)?;
    for (first, second) in [(Udp, Udp), (Udp, Tcp), (Tcp, Udp)] {
        call_redirected(&server, &[first, second])
            .map_err(|why| format!("from {first:?} to {second:?}: {why}"))?;
    }
    Ok(())
}

/// The second phone names a third one.
fn redirected_twice(subject: &Subject) -> Result<(), String> {
    call_redirected(&server(subject)?, &[Udp, Udp, Udp])
}

/// One call along a chain of phones of which the last one answers.
fn call_redirected(server: &Server, chain: &[Transport]) -> Result<(), String> {
    let phones: Vec<_> = chain.iter().map(|t| (place(), *t)).collect();
    let names: Vec<&str> = chain.iter().map(|t| t.name()).collect();
    let user = names.join("-");
    register(server, &user, phones[0].0, phones[0].1)?;
    let mut running = Vec::new();
    for pair in phones.windows(2) {
        let (here, next) = (pair[0], pair[1]);
        let redirecting = plan(server, "callee_redirects", here.0, here.1)
            .with("contact", contact(next.0, next.1));
        running.push(redirecting.start()?);
    }
    let (last, transport) = phones[phones.len() - 1];
    running.push(plan(server, "callee", last, transport).start()?);
    let calling = plan(server, "caller", place(), Udp)
        .with("user", user)
        .run(RUN);
    for phone in running {
        phone.finish(RUN)?;
    }
    calling
}

/// The phone, here a trunk, wants to know who calls.
fn challenged(subject: &Subject, code: &str, header: &str, check: &str) -> Result<(), String> {
    let server = server(subject)?;
    let plain = "realm=\"trunk.example\", nonce=\"dcd98b7102dd2f0e\"";
    let challenges = [
        format!("Digest {plain}"),
        format!("Digest {plain}, qop=\"auth\", algorithm=MD5, opaque=\"5ccc069c\""),
    ];
    for (number, challenge) in challenges.iter().enumerate() {
        for transport in [Udp, Tcp] {
            let user = format!("{}{number}", transport.name());
            let phone = place();
            register(&server, &user, phone, transport)?;
            let trunk = plan(&server, "callee_challenges", phone, transport)
                .with("code", code)
                .with("check", check)
                .with("challenge", format!("{header}: {challenge}"))
                .start()?;
            let calling = plan(&server, "caller", place(), Udp)
                .with("user", user)
                .run(RUN);
            trunk
                .finish(RUN)
                .and(calling)
                .map_err(|why| format!("{challenge} over {transport:?}: {why}"))?;
        }
    }
    Ok(())
}
