//! SIP transactions without I/O: the machines of RFC 3261 §17 and RFC 6026, forking, and the table that holds them.
//!
//! Nothing here sends, waits or asks for the time. The caller passes `now` ([`Millis`]) and gets a list of [`Output`]s;
//! it takes the lock of one shard for each step and performs the outputs after it has let go.
//!
//! * [`Transaction`] joins one server machine with up to 32 client branches; each machine is a file with its figure.
//! * [`RequestKey`] and [`BranchId`] say how messages find their transaction.
//! * [`Timing`] and [`Rules`] are the parameters of the tm module that the machines obey.
//! * [`Table`] holds the transactions in shards, each with a timer wheel; those that only wait are packed.
//!
//! One step, as every caller takes it (here: a reply arrived on a branch):
//!
//! ```
//! use transaction::{BranchNo, Entry, Kind, Matching, Millis, Output, Outputs, Rules, Table, TableOptions};
//! use transaction::{Timing, Transaction, Transport};
//!
//! let now = Millis(0);
//! let table = Table::<()>::new(now, TableOptions { shard_bits: 4, capacity: 1000, hash_keys: [1, 2, 3, 4] });
//! let matching = Matching::Cookie { branch: b"z9hG4bK1", host: b"10.0.0.1", port: 5060, method: b"INVITE" };
//! let key = table.request_key(b"call-1", matching, false);
//! let udp = Transport::Unreliable;
//! let make = || Transaction::new(now, Kind::Invite, udp, Timing::INVITE, Rules::default(), ());
//! let Ok(Entry::Inserted(handle)) = table.find_or_insert(key, 42, make) else { return };
//! table.with(handle, |t| t.add_branch(now, udp, ()));
//!
//! let mut outputs = Outputs::new();
//! table.with(handle, |t| t.on_reply(Millis(90), BranchNo(0), 180, &mut outputs));
//! // No lock is held any more: perform what is asked.
//! assert_eq!(outputs[..], [Output::Deliver { branch: BranchNo(0), status: 180 }]);
//! ```

mod branch;
mod client_invite;
mod client_non_invite;
mod key;
mod output;
mod pick;
mod rest;
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
pub use rest::Rest;
pub use table::{Entry, Expired, Table, TableFull, TableOptions};
pub use time::{Millis, Timing, Transport};
pub use timer::Timer;
pub use transaction::{
    AddBranchError, AlreadyReplied, CancelMode, Data, DropReplies, Kind, MAX_BRANCHES, Rules,
    Transaction,
};

#[cfg(test)]
mod simulation;
