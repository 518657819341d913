//! Answers binrpc requests.

use std::sync::{Arc, Weak};

use engine::Core;
use engine::control::{Answering, ControlAnswer, ControlFrame, ControlPeer, ControlService};
use engine::rpc::binrpc::{self, DecodeError, Kind};
use engine::rpc::{Caller, RpcFault, RpcReply, Wire};

use super::state::not_found;

/// The service behind binrpc sockets.
pub(super) struct Binrpc {
    core: Weak<Core>,
    converts: bool,
}

impl Binrpc {
    pub(super) fn new(core: &Arc<Core>, converts: bool) -> Self {
        Self {
            core: Arc::downgrade(core),
            converts,
        }
    }

    fn call(&self, body: &[u8], peer: &ControlPeer) -> Result<RpcReply, RpcFault> {
        let bad = |error: DecodeError| RpcFault::new(400, format!("bad request method: {error}"));
        let (method, args) = binrpc::call(body).map_err(bad)?;
        let core = self.core.upgrade().ok_or_else(|| not_found(&method))?;
        if core.rpcs.method(&method).is_none() {
            return Err(not_found(&method));
        }
        let caller = Caller {
            wire: Wire::Binrpc,
            converts: self.converts,
            peer: Some(peer.clone()),
        };
        Ok(core.rpcs.call_from(&core, &caller, &method, &args))
    }
}

impl ControlService for Binrpc {
    fn frame(&self, buffer: &[u8]) -> ControlFrame {
        match binrpc::header(buffer) {
            Ok(None) => ControlFrame::NeedMore,
            Ok(Some(head)) if head.kind == Some(Kind::Request) && head.end > buffer.len() => {
                ControlFrame::NeedMore
            }
            Ok(Some(head)) if head.kind == Some(Kind::Request) => ControlFrame::Request(head.end),
            // No request: it is refused and the connection closed.
            Ok(Some(_)) | Err(_) => ControlFrame::Request(buffer.len()),
        }
    }

    fn answer(&self, request: &[u8], peer: &ControlPeer) -> Answering {
        let head = binrpc::header(request).ok().flatten();
        let body = head
            .filter(|h| h.kind == Some(Kind::Request))
            .and_then(|h| request.get(h.body..h.end));
        let cookie = head.map_or(0, |h| h.cookie);
        let reply = match body {
            Some(body) => self.call(body, peer),
            None => Err(RpcFault::new(
                400,
                format!("bad request: {}", DecodeError::Corrupted),
            )),
        };
        let close = body.is_none();
        let packet = move |result| ControlAnswer {
            bytes: binrpc::reply(cookie, &result),
            pipe: None,
            close,
        };
        match reply {
            Ok(RpcReply::Later(later)) => {
                Answering::Later(Box::pin(async move { packet(later.await) }))
            }
            Ok(RpcReply::Now(result)) => Answering::Now(packet(result)),
            Err(fault) => Answering::Now(packet(Err(fault))),
        }
    }
}
