//! Requests made here: built, sent in a transaction of their own, and answered to whoever asked.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::{Extensions, RunKind};
use engine::core::Core;
use engine::log::Level;
use engine::module::Outcome;
use engine::route::{self, DONE, run_nested_then};
use engine::services::{Candidates, Located};
use engine::socket::{Proto, Received, SocketId};
use script::vm::How;
use sip::print::decimal;
use sip::{Message, Method, UriRef};
use transaction::{Handle, Kind, Transaction, Transport};

use crate::tm::branches;
use crate::tm::error::RelayError;
use crate::tm::failover;
use crate::tm::message::{TmMessage, enter};
use crate::tm::perform::release;
use crate::tm::reply_out::Incoming;
use crate::tm::state::{Tm, now};
use crate::tm::stored::{RequestData, Sender, StoredRequest};

/// A request to be made.
#[derive(Clone, Debug, Default)]
pub struct LocalRequest {
    /// Method.
    pub method: Bytes,
    /// Request URI.
    pub uri: Bytes,
    /// Next hop, if not the request URI.
    pub next_hop: Option<Bytes>,
    /// Socket to send from.
    pub socket: Option<SocketId>,
    /// Value of From; a tag is added if it has none.
    pub from: Bytes,
    /// Value of To.
    pub to: Bytes,
    /// Call-ID; made if empty.
    pub call_id: Bytes,
    /// CSeq number.
    pub cseq: u32,
    /// Further header lines, each with CRLF.
    pub headers: Bytes,
    /// Body.
    pub body: Bytes,
    /// No final reply: timeout in milliseconds; `None` takes `fr_timer`.
    pub fr: Option<u32>,
    /// No final reply after a provisional one: timeout in milliseconds; `None` takes `fr_inv_timer`.
    pub fr_inv: Option<u32>,
}

impl LocalRequest {
    /// Fills in what is made up: Call-ID and the tag of From. Who means to send the request once
    /// more, with credentials, does this before it sends it for the first time.
    pub fn complete(&mut self, core: &Core) {
        let random = &core.services.random;
        if !has_tag(&self.from) {
            let tag = format!(";tag={:016x}{:016x}", random.next(), random.next());
            self.from = [&self.from[..], tag.as_bytes()].concat().into();
        }
        if self.call_id.is_empty() {
            let host = self.socket.and_then(|id| core.sockets.by_id(id));
            let host = host.or_else(|| core.sockets.all().first());
            let made = format!("{:016x}-{:x}@", random.next(), std::process::id());
            let host = host.map_or(&b""[..], |socket| &socket.host);
            self.call_id = [made.as_bytes(), host].concat().into();
        }
    }
}

/// What became of a request made here.
pub struct Answer<'a> {
    /// The server.
    pub core: &'a Arc<Core>,
    /// The request, as `event_route[tm:local-request]` left it.
    pub request: &'a Arc<StoredRequest>,
    /// Status of the reply; of one made here when none came.
    pub status: u16,
    /// Its reason phrase.
    pub reason: &'a [u8],
    /// The reply; `None` when it was made here.
    pub reply: Option<&'a Arc<Message>>,
    /// How the reply came in.
    pub received: Option<Received>,
}

/// Called with each reply that a transaction would forward.
pub type OnAnswer = Box<dyn FnMut(&Answer<'_>) + Send>;

/// What waits for the answer, kept with the transaction.
pub(crate) struct Waiting(pub(crate) OnAnswer);

/// The final answer to a request made here.
#[derive(Clone)]
pub struct FinalAnswer {
    /// Status of the reply; of one made here when none came.
    pub status: u16,
    /// Its reason phrase.
    pub reason: Bytes,
    /// The reply; `None` when it was made here.
    pub reply: Option<Arc<Message>>,
    /// The request.
    pub request: Arc<StoredRequest>,
}

/// Sends a request; the future is done when its final answer is known, `None` when it could not be
/// sent after its next hop was resolved, or `event_route[tm:local-request]` dropped it.
///
/// # Errors
/// As [`send`].
pub fn ask(
    tm: &Arc<Tm>,
    core: &Arc<Core>,
    request: &LocalRequest,
) -> Result<impl Future<Output = Option<FinalAnswer>> + Send + use<>, RelayError> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let on_answer = move |answer: &Answer<'_>| {
        if answer.status >= 200
            && let Some(tell) = tell.take()
        {
            // Nobody may be left who waits.
            let _ = tell.send(FinalAnswer {
                status: answer.status,
                reason: Bytes::copy_from_slice(answer.reason),
                reply: answer.reply.cloned(),
                request: Arc::clone(answer.request),
            });
        }
    };
    send(tm, core, request, Box::new(on_answer))?;
    Ok(async move { told.await.ok() })
}

/// Sends a request. The answers are told from the threads that receive them. Name resolution, if
/// needed, is waited for in the background.
///
/// # Errors
/// The URI is none, or nothing listens on a fitting socket.
pub fn send(
    tm: &Arc<Tm>,
    core: &Arc<Core>,
    request: &LocalRequest,
    on_answer: OnAnswer,
) -> Result<(), RelayError> {
    let mut request = request.clone();
    request.complete(core);
    let next = request.next_hop.as_ref().unwrap_or(&request.uri);
    let uri = UriRef::parse(next).map_err(|_| RelayError::BadAddress)?;
    UriRef::parse(&request.uri).map_err(|_| RelayError::BadAddress)?;
    let proto = request
        .socket
        .and_then(|id| core.sockets.by_id(id))
        .map(|socket| socket.proto);
    match engine::forward::locate(core, &uri, proto) {
        Located::Ready(found) => start(tm, core, &request, found, on_answer),
        Located::Later(wait) => {
            let (tm, core) = (Arc::clone(tm), Arc::clone(core));
            let spawning = Arc::clone(&core);
            spawning.services.spawner.spawn(Box::pin(async move {
                let found = wait.await;
                if let Err(error) = start(&tm, &core, &request, found, on_answer) {
                    core.log(Level::Error, &format!("local request not sent: {error}"));
                }
            }));
            Ok(())
        }
    }
}

fn start(
    tm: &Tm,
    core: &Arc<Core>,
    request: &LocalRequest,
    found: Candidates,
    on_answer: OnAnswer,
) -> Result<(), RelayError> {
    let candidate = found.first().ok_or(RelayError::BadAddress)?;
    let socket = engine::forward::socket_for(core, candidate, request.socket, None)
        .ok_or(RelayError::NoSocket)?;
    let bytes = print(core, request);
    let msg = Message::parse(bytes.into(), &core.tolerance).map_err(|_| RelayError::BadRequest)?;
    let program = core.program().ok_or(RelayError::Unspecified)?;
    let received = Received {
        proto: socket.proto,
        source: socket.address,
        destination: socket.address,
        socket: socket.id,
        connection: None,
    };
    let mut cx = Box::new(Context::new(
        Arc::clone(core),
        program,
        Arc::new(msg),
        received,
        RunKind::LocalRequest,
    ));
    cx.target.dst_uri.clone_from(&request.next_hop);
    cx.target.socket = request.socket;
    let Some(route) = cx.program.event_route("tm:local-request") else {
        let outcome = launch(tm, &mut cx, request, found, on_answer)?;
        route::run_to_end(cx, move |_| outcome);
        return Ok(());
    };
    let request = request.clone();
    // Where it goes is named there even when that is its request URI.
    let next_hop = request.next_hop.as_ref().unwrap_or(&request.uri);
    cx.target.dst_uri = Some(next_hop.clone());
    route::run_to_end(cx, move |cx| {
        run_nested_then(cx, route, RunKind::LocalRequest, move |cx, ended| {
            if ended.how == How::Drop {
                return DONE;
            }
            // The next hop stays what it was, whatever the route made of `$du`, as with Kamailio.
            cx.target.dst_uri.clone_from(&request.next_hop);
            after_event(cx, &request, found, on_answer)
        })
    });
    Ok(())
}

/// `event_route[tm:local-request]` has let the request pass.
fn after_event(
    cx: &mut Context,
    request: &LocalRequest,
    found: Candidates,
    on_answer: OnAnswer,
) -> Outcome {
    let Some(tm) = cx.core.modules.get::<Tm>() else {
        return DONE;
    };
    launch(&tm, cx, request, found, on_answer).unwrap_or_else(|error| {
        cx.log(Level::Error, &format!("local request not sent: {error}"));
        DONE
    })
}

/// Makes the transaction and lets the request out.
fn launch(
    tm: &Tm,
    cx: &mut Context,
    request: &LocalRequest,
    found: Candidates,
    on_answer: OnAnswer,
) -> Result<Outcome, RelayError> {
    let handle = insert(tm, cx, request, on_answer)?;
    enter(cx, handle, None);
    let is_ack = cx.msg.method() == Method::Ack;
    let sent = branches::add_local(tm, cx, handle, found).and_then(|added| {
        let sent = branches::send(cx, &added);
        if !failover::left(tm, cx, &added, sent) {
            return Err(RelayError::Send);
        }
        release(tm, &cx.core, handle);
        if is_ack {
            forget(tm, &cx.core, handle);
        }
        Ok(DONE)
    });
    if sent.is_err() {
        // The owner learns of it from the error.
        forget(tm, &cx.core, handle);
    }
    sent
}

/// Gives a transaction up that nobody will answer: its request could not be sent, or is an ACK,
/// which is sent once.
fn forget(tm: &Tm, core: &Core, handle: Handle) {
    tm.with(handle, |t| t.data.extensions.remove::<Waiting>());
    crate::tm::create::abandon(tm, core, handle);
}

fn insert(
    tm: &Tm,
    cx: &mut Context,
    wanted: &LocalRequest,
    on_answer: OnAnswer,
) -> Result<Handle, RelayError> {
    let is_invite = cx.msg.method() == Method::Invite;
    let mut extensions = Extensions::default();
    extensions.insert(Waiting(on_answer));
    let mut request = StoredRequest::of(cx);
    request.reply_to = None;
    let named = cx.extensions.get_or_default::<TmMessage>().settings;
    let settings = crate::tm::settings::Settings {
        fr: wanted.fr,
        fr_inv: wanted.fr_inv,
        // That of its first branch and of those that its failure route makes.
        on_reply: named.on_reply,
        ..crate::tm::settings::Settings::default()
    };
    let data = RequestData {
        request: Arc::new(request),
        flags: cx.flags,
        xflags: cx.xflags,
        settings,
        forked_by: None,
        reply: Bytes::new(),
        ready: Bytes::new(),
        cancel_reason: Bytes::new(),
        first_of_leg: 0,
        failed_leg: 0,
        suspended: Vec::new(),
        is_replica: false,
        lumps_saved: false,
        last_replied: None,
        replied_by: Sender::Nobody,
        has_told_tag: false,
        failed_once: false,
        extensions,
    };
    let kind = if is_invite {
        Kind::LocalInvite
    } else {
        Kind::LocalNonInvite
    };
    let timing = tm.timing(is_invite, &settings);
    let rules = tm.rules(&settings);
    let at = now(&cx.core);
    let secret = cx.core.services.random.next();
    let call_id = cx.msg.call_id().unwrap_or_default();
    let handle = tm
        .table
        .insert_local(call_id, secret, || {
            let mut t = Transaction::new(at, kind, Transport::Reliable, timing, rules, data);
            t.hold();
            t
        })
        .map_err(|_| RelayError::OutOfMemory)?;
    tm.counters.uac.increment();
    tm.counters.inuse.increment();
    tm.counters.active.increment();
    Ok(handle)
}

/// The request without our Via, in Kamailio's order of headers.
fn print(core: &Core, request: &LocalRequest) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + request.headers.len() + request.body.len());
    out.extend_from_slice(&request.method);
    out.push(b' ');
    out.extend_from_slice(&request.uri);
    out.extend_from_slice(b" SIP/2.0\r\nTo: ");
    out.extend_from_slice(&request.to);
    out.extend_from_slice(b"\r\nFrom: ");
    out.extend_from_slice(&request.from);
    out.extend_from_slice(b"\r\nCSeq: ");
    decimal(&mut out, u64::from(request.cseq));
    out.push(b' ');
    out.extend_from_slice(&request.method);
    out.extend_from_slice(b"\r\nCall-ID: ");
    out.extend_from_slice(&request.call_id);
    if !has_line(&request.headers, b"Max-Forwards") {
        out.extend_from_slice(b"\r\nMax-Forwards: 70");
    }
    out.extend_from_slice(b"\r\nContent-Length: ");
    decimal(&mut out, request.body.len() as u64);
    out.extend_from_slice(b"\r\n");
    if core.settings.server_signature {
        out.extend_from_slice(&core.settings.user_agent_header);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(&request.headers);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&request.body);
    out
}

/// Whether one of some header lines has this name.
fn has_line(headers: &[u8], name: &[u8]) -> bool {
    headers.split(|c| *c == b'\n').any(|line| {
        let written = line.split(|c| *c == b':').next().unwrap_or_default();
        written.trim_ascii_end().eq_ignore_ascii_case(name)
    })
}

/// Whether a From value has a tag behind its URI.
fn has_tag(value: &[u8]) -> bool {
    let params = match value.iter().rposition(|c| *c == b'>') {
        Some(end) => &value[end..],
        None => value,
    };
    params
        .split(|c| *c == b';')
        .skip(1)
        .any(|param| param.len() > 4 && param[..4].eq_ignore_ascii_case(b"tag="))
}

/// Tells the owner of a local transaction of a reply.
pub(crate) fn answer(
    tm: &Tm,
    core: &Arc<Core>,
    handle: Handle,
    status: u16,
    reason: &[u8],
    reply: Option<Incoming<'_>>,
) {
    // Taken out while it runs: it may do anything, but not under the lock.
    let waiting = tm.with(handle, |t| {
        let waiting = t.data.extensions.remove::<Waiting>()?;
        Some((waiting, Arc::clone(&t.data.request)))
    });
    let Some(Some((mut waiting, request))) = waiting else {
        return;
    };
    (waiting.0)(&Answer {
        core,
        request: &request,
        status,
        reason,
        reply: reply.map(|r| r.msg),
        received: reply.map(|r| r.received),
    });
    if status < 200 {
        tm.with(handle, |t| t.data.extensions.insert(waiting));
    }
}

/// Whether a socket text such as `udp:1.2.3.4:5060` names one of ours.
pub(crate) fn socket_named(core: &Core, text: &str) -> Option<SocketId> {
    let (proto, rest) = text.split_once(':')?;
    let proto = Proto::from_name(proto.as_bytes())?;
    let (host, port) = rest.rsplit_once(':')?;
    let port = port.parse().ok()?;
    core.sockets
        .find(host.as_bytes(), Some(port), Some(proto))
        .map(|socket| socket.id)
}

#[cfg(test)]
mod tests {
    use super::{has_line, has_tag};

    #[test]
    fn lines_by_name() {
        let has = |headers: &[u8]| has_line(headers, b"Max-Forwards");
        assert!(has(b"Max-Forwards: 5\r\n"));
        assert!(has(b"X-A: 1\r\nMAX-FORWARDS : 5"));
        assert!(!has(b"X-A: Max-Forwards: 5\r\n"));
        assert!(!has(b" Max-Forwards: 5\r\n"));
        assert!(!has(b""));
    }

    #[test]
    fn tags_in_from() {
        assert!(has_tag(b"<sip:a@b>;tag=x"));
        assert!(has_tag(b"sip:a@b;tag=x"));
        assert!(!has_tag(b"<sip:a@b;tag=x>"));
        assert!(!has_tag(b"<sip:a@b>"));
        assert!(!has_tag(b""));
    }
}
