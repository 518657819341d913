//! Connections as operators see them (`core.tcp_list`).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::{
    connection::{Connection, Phase},
    table::Table,
};
use crate::ConnInfo;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConnState {
    /// The peer has not answered yet.
    Connecting,
    /// Messages can pass.
    Established,
    /// It will end when its queue is written.
    Closing,
}

/// A connection at one moment.
#[derive(Clone, Debug)]
pub struct ConnSnapshot {
    /// Its unchanging facts.
    pub info: ConnInfo,
    /// Where it stands.
    pub state: ConnState,
    /// Time left before it ends if nothing passes.
    pub timeout: Duration,
    /// Bytes that wait for the peer to read.
    pub queued: usize,
    /// Further addresses that lead to it.
    pub aliases: Vec<SocketAddr>,
}

pub(super) fn snapshot(conn: &Arc<Connection>, table: &Table, now: u64) -> ConnSnapshot {
    let outgoing = conn.outgoing.lock();
    let state = match outgoing.phase {
        Phase::Closed => ConnState::Closing,
        _ if outgoing.then_close.is_some() => ConnState::Closing,
        Phase::Connecting => ConnState::Connecting,
        Phase::Open => ConnState::Established,
    };
    let queued = outgoing.queued;
    drop(outgoing);
    ConnSnapshot {
        info: conn.info(),
        state,
        timeout: Duration::from_millis(conn.deadline().saturating_sub(now)),
        queued,
        aliases: table.aliases(conn.id),
    }
}
