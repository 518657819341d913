//! baresip: two softphones register, call each other and hang up.

use std::time::Duration;

use acceptance::client::Transport::{self, Tcp, Udp};
use acceptance::client::control::kamcmd;
use acceptance::client::softphone::Softphone;
use acceptance::client::wait_for;
use acceptance::subject::Server;

use crate::subject::{Subject, ensure};
use crate::{Case, Need};

pub(crate) const NEEDS: &[Need] = &[
    Need::Tool("baresip"),
    Need::Tool("kamcmd"),
    Need::StockConfig,
];

pub(crate) const CASES: &[Case] = &[
    Case::new("softphones::udp", NEEDS, |s| pair(&s.stock()?, Udp, Udp)),
    Case::new("softphones::tcp", NEEDS, |s| pair(&s.stock()?, Tcp, Tcp)),
    Case::new("softphones::udp_and_tcp", NEEDS, |s| {
        pair(&s.stock()?, Udp, Tcp)
    }),
    Case::new("softphones::busy_and_cancel", NEEDS, refusals),
];

/// Two softphones register, each calls the other once, and they leave.
pub(crate) fn pair(server: &Server, first: Transport, second: Transport) -> Result<(), String> {
    let (mut ann, mut ben) = two(server, first, second)?;
    let known = kamcmd(server.folder(), &["ul.dump"])?;
    for (user, addr) in [("ann", ann.addr), ("ben", ben.addr)] {
        ensure(known.contains(&format!("AoR: {user}")), || known.clone())?;
        ensure(known.contains(&addr.ip().to_string()), || known.clone())?;
    }
    call(server, &mut ann, &mut ben, "ben")?;
    call(server, &mut ben, &mut ann, "ann")?;
    ann.quit()?;
    ben.quit()?;
    wait_for("both are gone", Duration::from_secs(5), || {
        kamcmd(server.folder(), &["ul.dump"]).is_ok_and(|known| !known.contains("AoR: "))
    })
}

fn two(
    server: &Server,
    first: Transport,
    second: Transport,
) -> Result<(Softphone, Softphone), String> {
    let mut ann = Softphone::start("ann", server.addr, first)?;
    let mut ben = Softphone::start("ben", server.addr, second)?;
    ann.registered()?;
    ben.registered()?;
    Ok((ann, ben))
}

/// One dials, the other answers, the first hangs up; media flows in between.
fn call(
    server: &Server,
    caller: &mut Softphone,
    callee: &mut Softphone,
    user: &str,
) -> Result<(), String> {
    caller.command("dial", &format!("sip:{user}@{}", server.addr))?;
    callee.event("CALL_INCOMING")?;
    caller.event("CALL_RINGING")?;
    callee.command("accept", "")?;
    for phone in [&mut *caller, &mut *callee] {
        phone.events(&["CALL_ESTABLISHED", "CALL_RTPESTAB"])?;
    }
    caller.command("hangup", "")?;
    caller.event("CALL_CLOSED")?;
    callee.event("CALL_CLOSED").map(|_| ())
}

fn refusals(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let (mut ann, mut ben) = two(&server, Tcp, Udp)?;
    let dial = format!("sip:ben@{}", server.addr);
    ann.command("dial", &dial)?;
    ben.event("CALL_INCOMING")?;
    ben.command("hangup", "")?;
    let closed = ann.event("CALL_CLOSED")?;
    ensure(
        closed["param"]
            .as_str()
            .is_some_and(|p| p.starts_with("486")),
        || format!("not refused: {closed}"),
    )?;
    ben.event("CALL_CLOSED")?;
    ann.command("dial", &dial)?;
    ann.event("CALL_RINGING")?;
    ann.command("hangup", "")?;
    ann.event("CALL_CLOSED")?;
    ben.event("CALL_CLOSED")?;
    ann.command("dial", &format!("sip:nobody@{}", server.addr))?;
    let closed = ann.event("CALL_CLOSED")?;
    ensure(
        closed["param"]
            .as_str()
            .is_some_and(|p| p.starts_with("404")),
        || format!("nobody was found: {closed}"),
    )
}
