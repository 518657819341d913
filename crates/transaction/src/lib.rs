//! SIP transactions without I/O: the machines of RFC 3261 §17 and RFC 6026, forking, and the table that holds them.
//!
//! Nothing here sends, waits or asks for the time. The caller passes `now` ([`Millis`]) and gets a list of [`Output`]s;
//! it takes the lock of one shard for each step and performs the outputs after it has let go.
//!
//! * [`Transaction`] joins one server machine with up to 32 client branches; each machine is a file with its figure.
//! * [`RequestKey`] and [`BranchId`] say how messages find their transaction.
//! * [`Table`] holds the transactions in shards, each with a timer wheel.

mod branch;
mod client_invite;
mod client_non_invite;
mod key;
mod output;
mod pick;
mod server;
mod server_invite;
mod server_non_invite;
mod table;
mod time;
mod timer;
mod transaction;
mod wheel;

pub use branch::Branch;
pub use client_invite::RestartFr;
pub use key::{AckKey, BranchId, Handle, MAGIC_COOKIE, Matching, RequestKey};
pub use output::{BranchNo, Output, Outputs, Request, Response, Winner};
pub use pick::priority;
pub use table::{Entry, Table, TableFull, TableOptions};
pub use time::{Millis, Timing, Transport};
pub use timer::Timer;
pub use transaction::{
    AddBranchError, AlreadyReplied, CancelMode, Data, DropReplies, Kind, MAX_BRANCHES, Rules,
    Transaction,
};

#[cfg(test)]
mod simulation;
