//! `uac_req_send()`: a request of the script's own, and what becomes of it.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::RunKind;
use engine::core::Core;
use engine::log::Level;
use engine::module::Outcome;
use engine::route::run_detached;

use super::auth::{self, Passwords};
use super::digest::{Challenged, Identity};
use super::params::Uac;
use super::variables::UacRequest;
use crate::tm::api::{Answer, LocalRequest, OnAnswer, RelayError, Tm, send_request, socket_named};

/// The CSeq of the first try.
const FIRST_CSEQ: u32 = 10;

/// Why a request is not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum SendError {
    /// There is no method.
    #[error("$uac_req(method) is not set")]
    NoMethod,
    /// There is no request URI.
    #[error("$uac_req(ruri) is not set")]
    NoUri,
    /// tm cannot send it.
    #[error("{0}")]
    Relay(#[from] RelayError),
}

/// Sends the request that `$uac_req` describes.
pub(super) fn send(uac: &Uac, cx: &mut Context) -> Result<(), SendError> {
    let attributes = cx.extensions.get_or_default::<UacRequest>().clone();
    let mut request = local_request(uac, cx, &attributes)?;
    let core = Arc::clone(&cx.core);
    // A second try has the same Call-ID and tag.
    request.complete(&core);
    let owner = Owner {
        tm: Arc::clone(&uac.tm),
        attributes: Arc::new(attributes),
        request: request.clone(),
        may_retry: true,
    };
    send_request(&uac.tm, &core, &request, owner.callback())?;
    Ok(())
}

fn local_request(
    uac: &Uac,
    cx: &mut Context,
    attributes: &UacRequest,
) -> Result<LocalRequest, SendError> {
    let method = attributes.method.clone().ok_or(SendError::NoMethod)?;
    let uri = bare(attributes.ruri.clone().ok_or(SendError::NoUri)?);
    let named = attributes.sock.as_ref().or(uac.socket.as_ref());
    let socket = named.and_then(|name| {
        let found = socket_named(&cx.core, &String::from_utf8_lossy(name));
        if found.is_none() {
            let name = name.escape_ascii();
            cx.log(Level::Warning, &format!("uac: no socket of ours: {name}"));
        }
        found
    });
    let mut headers = attributes.hdrs.clone().unwrap_or_default();
    if !headers.is_empty() && !headers.ends_with(b"\n") {
        headers = [&headers[..], b"\r\n"].concat().into();
    }
    Ok(LocalRequest {
        from: name_addr(attributes.furi.as_ref().unwrap_or(&uri)),
        to: name_addr(attributes.turi.as_ref().unwrap_or(&uri)),
        next_hop: attributes.ouri.clone().map(bare),
        socket,
        call_id: attributes.callid.clone().unwrap_or_default(),
        cseq: FIRST_CSEQ,
        headers,
        body: attributes.body.clone().unwrap_or_default(),
        method,
        uri,
        ..LocalRequest::default()
    })
}

/// The URI of an address in angle brackets, with or without a name of bare words before it.
fn bare(address: Bytes) -> Bytes {
    let inside = address.iter().position(|c| *c == b'<').and_then(|open| {
        let named = address[..open].iter();
        let length = address[open..].iter().position(|c| *c == b'>')?;
        named
            .copied()
            .all(|c| c.is_ascii_alphanumeric() || c == b' ')
            .then_some(open + 1..open + length)
    });
    inside.map_or(address.clone(), |span| address.slice(span))
}

/// A URI in angle brackets; an address that has them stays as it is.
fn name_addr(uri: &Bytes) -> Bytes {
    if uri.contains(&b'<') {
        return uri.clone();
    }
    [b"<", &uri[..], b">"].concat().into()
}

/// Who waits for the answer.
struct Owner {
    tm: Arc<Tm>,
    attributes: Arc<UacRequest>,
    request: LocalRequest,
    may_retry: bool,
}

impl Owner {
    fn callback(self) -> OnAnswer {
        Box::new(move |answer| self.on_answer(answer))
    }

    fn on_answer(&self, answer: &Answer<'_>) {
        if answer.status < 200 {
            return;
        }
        self.tell(answer);
        if self.may_retry
            && let Err(error) = self.retry(answer)
        {
            answer.core.log(
                Level::Error,
                &format!("uac: the request is not sent with credentials: {error}"),
            );
        }
    }

    /// Runs `event_route[uac:reply]` if the script asked for it.
    fn tell(&self, answer: &Answer<'_>) {
        // 2 asks for failures only, and tm tells of them only if it is told to.
        let wanted = match self.attributes.evroute {
            1 => true,
            2 => answer.status >= 300 && self.tm.tells_failures_of_local_requests(),
            _ => false,
        };
        if !wanted {
            return;
        }
        let mut attributes = UacRequest::clone(&self.attributes);
        attributes.evcode = i64::from(answer.status);
        attributes.evtype = if answer.reply.is_some() { 1 } else { 2 };
        let Some(reply) = answer.reply else {
            engine::event::run(answer.core, "uac:reply", |cx| {
                cx.extensions.insert(attributes);
            });
            return;
        };
        let Some(program) = answer.core.program() else {
            return;
        };
        let Some(block) = program.event_route("uac:reply") else {
            return;
        };
        let mut cx = Box::new(Context::new(
            Arc::clone(answer.core),
            program,
            Arc::clone(reply),
            answer.received.unwrap_or(answer.request.received),
            RunKind::Event,
        ));
        cx.extensions.insert(attributes);
        run_detached(cx, block, Box::new(|_, _| Outcome::Return(1)));
    }

    /// Answers a challenge, once.
    fn retry(&self, answer: &Answer<'_>) -> Result<(), RetryError> {
        let (Some(reply), Some(password)) = (answer.reply, &self.attributes.apasswd) else {
            return Ok(());
        };
        let user = self.attributes.auser.clone().unwrap_or_default();
        if !matches!(answer.status, 401 | 407) {
            return Ok(());
        }
        let passwords = if self.attributes.flags & 1 == 0 {
            Passwords::Plain
        } else {
            Passwords::Ha1
        };
        let line = self.authorization(answer.core, reply, |_| {
            Some(Identity {
                user: user.to_vec(),
                password: passwords.secret(password.to_vec()),
            })
        })?;
        let mut request = self.request.clone();
        request.cseq += 1;
        request.headers = [&request.headers[..], &line].concat().into();
        let owner = Self {
            tm: Arc::clone(&self.tm),
            attributes: Arc::clone(&self.attributes),
            request: request.clone(),
            may_retry: false,
        };
        send_request(&self.tm, answer.core, &request, owner.callback())?;
        Ok(())
    }

    fn authorization(
        &self,
        core: &Core,
        reply: &sip::Message,
        identity_for: impl FnMut(&[u8]) -> Option<Identity>,
    ) -> Result<Vec<u8>, auth::AuthError> {
        let challenged = Challenged {
            method: &self.request.method,
            uri: &self.request.uri,
            body: &self.request.body,
        };
        auth::answer(core, reply, challenged, identity_for)
    }
}

/// Why a request is not sent with credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
enum RetryError {
    #[error("{0}")]
    Auth(#[from] auth::AuthError),
    #[error("{0}")]
    Relay(#[from] RelayError),
}
