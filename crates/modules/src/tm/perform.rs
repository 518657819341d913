//! Doing what a transaction's machine asks for: sending, running routes, telling observers.
//!
//! The machine ran under the lock of its shard; everything here runs without a lock and takes it
//! again for single steps.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::core::Core;
use engine::services::Token;
use engine::socket::Destination;
use transaction::{BranchNo, Handle, Output, Outputs, Request, Response, Winner};

use crate::tm::hop::{self, HopRequest};
use crate::tm::state::{Cell, Tm};
use crate::tm::{failure, local_reply, reply_out};

/// Why branches are cancelled, for the Reason header of the CANCEL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nothing worth telling.
    #[default]
    None,
    /// The branch gave no answer in time: nothing is told, whatever the caller is answered.
    Silence,
    /// A final reply of this status.
    Reply(u16),
    /// The caller's CANCEL, whose Reason headers are kept with the transaction.
    Cancel,
}

/// One transaction, while outputs of its machine are performed.
pub(crate) struct Work<'a> {
    pub(crate) tm: &'a Tm,
    pub(crate) core: &'a Arc<Core>,
    pub(crate) handle: Handle,
    pub(crate) cause: Cause,
    /// What is still to be done; steps append to it.
    pub(crate) queue: Outputs,
}

/// Performs outputs. `incoming` is the reply being handled, if one is.
pub(crate) fn perform(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    outputs: Outputs,
    incoming: Option<&mut Context>,
) {
    perform_with(tm, core, handle, outputs, incoming, Cause::None);
}

/// Performs outputs, with a cause for the CANCELs among them.
pub(crate) fn perform_with(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    outputs: Outputs,
    incoming: Option<&mut Context>,
    cause: Cause,
) {
    let mut work = Work {
        tm,
        core,
        handle,
        cause,
        queue: outputs,
    };
    work.run(incoming);
}

/// Takes back one `hold`: the transaction may choose.
pub(crate) fn release(tm: &Tm, core: &Arc<Core>, handle: Handle) {
    let mut outputs = Outputs::new();
    tm.with(handle, |t| t.release(&mut outputs));
    perform(tm, core, handle, outputs, None);
}

impl Work<'_> {
    /// Does everything in the queue.
    pub(crate) fn run(&mut self, mut incoming: Option<&mut Context>) {
        let mut next = 0;
        while let Some(output) = self.queue.get(next).copied() {
            next += 1;
            self.output(output, incoming.as_deref_mut());
        }
    }

    fn output(&mut self, output: Output, incoming: Option<&mut Context>) {
        match output {
            Output::Send { branch, what } => self.send(branch, what, incoming),
            Output::Respond(response) => self.respond(response, incoming),
            // Taken out by `reply_in`, whose routes may have to wait.
            Output::Deliver { .. } => {}
            Output::AllBranchesFinal { winner } => failure::all_failed(self, winner),
            Output::Timeout { branch, timer } => failure::branch_timed_out(self, branch, timer),
            Output::Acknowledged | Output::NoAck(_) => {}
            Output::Terminated => self.terminate(),
        }
    }

    fn send(&mut self, branch: BranchNo, what: Request, incoming: Option<&mut Context>) {
        let known = self.tm.look(self.handle, |t| {
            let data = &t.branch(branch)?.data;
            let bytes = match what {
                Request::Retransmission | Request::Cancel | Request::Ack => &data.request,
                Request::CancelRetransmission => &data.cancel,
                Request::AckRetransmission => &data.ack,
            };
            Some((bytes.clone(), data.to))
        });
        let Some(Some((bytes, to))) = known else {
            return;
        };
        let bytes = match what {
            Request::Cancel => self.make_cancel(branch, &bytes),
            Request::Ack => self.make_ack(branch, &bytes, incoming),
            _ => Some(bytes),
        };
        if let Some(bytes) = bytes {
            send_bytes(self.core, &to, &bytes);
        }
    }

    fn make_cancel(&self, branch: BranchNo, sent: &Bytes) -> Option<Bytes> {
        let lines = self.reason_lines();
        let how = HopRequest {
            method: b"CANCEL",
            to: None,
            extra: &self.tm.config.extra_headers,
            lines: &lines,
        };
        let bytes = hop::build(sent, how)?;
        self.tm.with(self.handle, |t| {
            if let Some(data) = t.branch_data_mut(branch) {
                data.cancel = bytes.clone();
            }
        });
        Some(bytes)
    }

    /// The Reason header of a CANCEL (RFC 3326).
    fn reason_lines(&self) -> Bytes {
        match self.cause {
            Cause::Reply(status) if self.tm.config.local_cancel_reason.get() != 0 => {
                reason_line(status)
            }
            Cause::Reply(_) | Cause::Silence => Bytes::new(),
            // A CANCEL that waited for a provisional reply still tells the caller's reason, or the
            // reply that made the branch needless; Kamailio adds no text then.
            Cause::Cancel | Cause::None => {
                let is_told = self.tm.config.local_cancel_reason.get() != 0;
                let waited = |t: &mut Cell| match t.last_status() {
                    status @ 200.. if is_told && t.data.cancel_reason.is_empty() => {
                        Bytes::from(format!("Reason: SIP;cause={status}\r\n"))
                    }
                    _ => t.data.cancel_reason.clone(),
                };
                self.tm.with(self.handle, waited).unwrap_or_default()
            }
        }
    }

    fn make_ack(
        &self,
        branch: BranchNo,
        sent: &Bytes,
        incoming: Option<&mut Context>,
    ) -> Option<Bytes> {
        let msg = incoming.map(|cx| Arc::clone(&cx.msg));
        let how = HopRequest {
            method: b"ACK",
            to: msg.as_deref().and_then(hop::to_line),
            extra: &self.tm.config.extra_headers,
            lines: b"",
        };
        let bytes = hop::build(sent, how)?;
        self.tm.with(self.handle, |t| {
            if let Some(data) = t.branch_data_mut(branch) {
                data.ack = bytes.clone();
            }
        });
        Some(bytes)
    }

    fn respond(&mut self, response: Response, incoming: Option<&mut Context>) {
        // What answers a copy concerns nobody; what the script answers does.
        let is_of_copy = matches!(response, Response::Forward { .. } | Response::Final(_));
        if is_of_copy && self.tm.look(self.handle, |t| t.data.is_replica) == Some(true) {
            return;
        }
        match response {
            Response::Forward { branch, status } => {
                if let Some(cx) = incoming {
                    self.tm.counters.relayed.increment();
                    reply_out::forward(self, cx, branch, status);
                }
            }
            Response::Final(winner) => reply_out::send_winner(self, winner),
            Response::Local { status } => self.respond_locally(status),
            Response::Retransmission => {
                let known = self.tm.look(self.handle, |t| {
                    (t.data.reply.clone(), t.data.request.reply_to)
                });
                if let Some((bytes, Some(to))) = known
                    && !bytes.is_empty()
                {
                    send_bytes(self.core, &to, &bytes);
                }
            }
        }
    }

    fn respond_locally(&mut self, status: u16) {
        let ready = self
            .tm
            .with(self.handle, |t| std::mem::take(&mut t.data.ready));
        match ready {
            Some(bytes) if !bytes.is_empty() => {
                self.tm.counters.generated.increment();
                reply_out::send(self, status, bytes, None);
            }
            Some(_) => reply_out::send_local(self, status, local_reply::default_reason(status)),
            None => {}
        }
    }

    fn terminate(&mut self) {
        let Some(transaction) = self.tm.table.remove(self.handle) else {
            return;
        };
        self.tm.counters.inuse.add(-1);
        if !transaction.is_replied() {
            self.tm.counters.active.add(-1);
        }
    }

    /// The stored reply of a winner that was received.
    pub(crate) fn winning_reply(
        &self,
        winner: Winner,
    ) -> Option<Arc<crate::tm::stored::StoredReply>> {
        if winner.local {
            return None;
        }
        self.tm
            .look(self.handle, |t| t.branch(winner.branch)?.data.reply.clone())?
    }
}

/// The Reason header of a CANCEL that a final reply causes.
pub(crate) fn reason_line(status: u16) -> Bytes {
    match status {
        200 => Bytes::from_static(b"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"),
        _ => format!("Reason: SIP;cause={status}\r\n").into(),
    }
}

/// Sends bytes that may be needed again; the send hooks get a copy to change.
pub(crate) fn send_bytes(core: &Arc<Core>, to: &Destination, bytes: &Bytes) -> bool {
    send_maybe_tracked(core, to, bytes, None)
}

/// As [`send_bytes`], the request of a branch: its loss is reported.
pub(crate) fn send_tracked(
    core: &Arc<Core>,
    to: &Destination,
    bytes: &Bytes,
    token: Token,
) -> bool {
    send_maybe_tracked(core, to, bytes, Some(token))
}

fn send_maybe_tracked(
    core: &Arc<Core>,
    to: &Destination,
    bytes: &Bytes,
    token: Option<Token>,
) -> bool {
    let network = &core.services.network;
    let send = |bytes: &[u8]| match token {
        Some(token) => network.send_tracked(to, bytes, token),
        None => network.send(to, bytes),
    };
    let sent = if core.hooks.send.is_empty() {
        send(bytes)
    } else {
        let mut changed = bytes.to_vec();
        for hook in &core.hooks.send {
            hook(core, to, &mut changed);
        }
        send(&changed)
    };
    if let Err(error) = sent {
        core.log(
            engine::log::Level::Error,
            &format!("not sent to {}:{}: {error}", to.proto.name(), to.peer),
        );
    }
    sent.is_ok()
}
