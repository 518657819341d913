//! ferrosip without a configuration file: two phones can use it at once.

use acceptance::client::Transport::{Tcp, Udp};
use acceptance::subject::Server;

use crate::calls::one_call;
use crate::softphones;
use crate::subject::{Subject, ensure};
use crate::{Case, Need};

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "builtin::sipp_calls",
        &[Need::Ferrosip, Need::Tool("sipp")],
        sipp_calls,
    ),
    Case::new(
        "builtin::softphones_call",
        &[Need::Ferrosip, Need::Tool("baresip"), Need::Tool("kamcmd")],
        |subject| softphones::pair(&start(subject)?, Udp, Tcp),
    ),
    Case::new(
        "builtin::says_what_to_do",
        &[Need::Ferrosip],
        says_what_to_do,
    ),
];

fn start(subject: &Subject) -> Result<Server, String> {
    subject.start(&subject.program, None, &[])
}

fn sipp_calls(subject: &Subject) -> Result<(), String> {
    let server = start(subject)?;
    for (from, to) in [(Udp, Udp), (Udp, Tcp), (Tcp, Udp), (Tcp, Tcp)] {
        let user = format!("{}-{}", from.name(), to.name());
        one_call(&server, &user, ("caller", from), ("callee", to))?;
    }
    Ok(())
}

/// It names where it listens and its control socket.
fn says_what_to_do(subject: &Subject) -> Result<(), String> {
    let server = start(subject)?;
    let log = server.log();
    for transport in ["udp", "tcp"] {
        let line = format!("{transport}:{}", server.addr);
        ensure(log.contains(&line), || {
            format!("{line} is not named:\n{log}")
        })?;
    }
    ensure(log.contains("kamailio_ctl"), || {
        format!("the control socket is not named:\n{log}")
    })
}
