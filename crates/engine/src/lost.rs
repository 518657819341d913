//! Messages that a stream took for sending and then lost.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::core::Core;
use crate::log::Level;
use crate::services::Token;
use crate::socket::Proto;

/// The report of a lost message: connecting failed, or the connection broke before the message
/// was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lost {
    /// What the sender calls it, if it wanted to know.
    pub token: Option<Token>,
    /// Transport.
    pub proto: Proto,
    /// The destination.
    pub peer: SocketAddr,
    /// What happened.
    pub reason: &'static str,
}

/// Tells the sender; the network calls this.
pub fn report(core: &Arc<Core>, lost: &Lost) {
    core.counters.lost_messages.increment();
    core.log(
        Level::Error,
        &format!(
            "message to {}:{} lost: {}",
            lost.proto.name(),
            lost.peer,
            lost.reason
        ),
    );
    if let Some(token) = lost.token {
        for hook in &core.hooks.lost {
            hook(core, token);
        }
    }
}
