//! Messages that wait until the batch in work is done: what a thread sends on
//! a connection while it handles several messages leaves in one system call.
//!
//! They wait in the queue of their connection, in order with everything else;
//! the thread that put the first one there writes them, and leaves what the
//! kernel does not take to the task that drains queues.

use std::{cell::RefCell, sync::Arc};

use super::{
    Tcp,
    connection::Connection,
    drain::{self, Progress},
};
use crate::udp::outbox;

/// More bytes than this do not wait on one connection.
pub(super) const MOST: usize = 16 << 10;

thread_local! {
    static CORKED: RefCell<Option<Vec<Corked>>> = const { RefCell::new(None) };
}

/// A connection whose queue this thread writes.
struct Corked {
    tcp: Arc<Tcp>,
    conn: Arc<Connection>,
}

/// Lets what this thread sends during the call wait for its end.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> T {
    let outer = CORKED.with_borrow_mut(|corked| corked.replace(Vec::new()));
    let result = work();
    let waiting = CORKED.with_borrow_mut(|corked| std::mem::replace(corked, outer));
    waiting.into_iter().flatten().for_each(Corked::write);
    result
}

/// Writes what waits now.
pub(super) fn flush() {
    outbox::flush();
    let waiting = CORKED.with_borrow_mut(|corked| corked.as_mut().map(std::mem::take));
    waiting.into_iter().flatten().for_each(Corked::write);
}

/// Whether messages wait now.
pub(super) fn is_on() -> bool {
    CORKED.with_borrow(Option::is_some)
}

/// Whether this thread writes a connection's queue at the end of its batch.
pub(super) fn has(conn: &Arc<Connection>) -> bool {
    CORKED.with_borrow(|corked| {
        let mut waiting = corked.iter().flatten();
        waiting.any(|waiting| Arc::ptr_eq(&waiting.conn, conn))
    })
}

/// Takes over the writing of a connection's queue. Its `draining` is set.
pub(super) fn take_over(tcp: &Arc<Tcp>, conn: &Arc<Connection>) {
    CORKED.with_borrow_mut(|corked| {
        if let Some(corked) = corked {
            corked.push(Corked {
                tcp: Arc::clone(tcp),
                conn: Arc::clone(conn),
            });
        }
    });
}

impl Corked {
    fn write(self) {
        let Self { tcp, conn } = self;
        let Some(stream) = conn.stream() else {
            return;
        };
        if let Progress::Blocked = drain::write_queue(&tcp, &conn, stream) {
            let handle = tcp.handle.clone();
            handle.spawn(drain::run(tcp, conn));
        }
    }
}
