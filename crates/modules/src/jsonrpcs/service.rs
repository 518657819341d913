//! Requests that come by pipe and by datagram.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use engine::Core;
use engine::control::{Answering, ControlAnswer, ControlFrame, ControlPeer, ControlService};
use engine::log::Level;
use engine::rpc::{Caller, Wire};

use super::dispatch::{self, Answer, Dispatched};
use super::json::end_of_value;

/// What both have in common.
struct Server {
    core: Weak<Core>,
    pretty: bool,
}

impl Server {
    fn answer(
        &self,
        text: &[u8],
        peer: &ControlPeer,
    ) -> Option<(Dispatched, Option<bytes::Bytes>)> {
        let core = self.core.upgrade()?;
        let caller = Caller {
            wire: Wire::Json,
            converts: true,
            peer: Some(peer.clone()),
        };
        let answer = dispatch::answer(&core, &caller, text, self.pretty);
        if answer.is_err() {
            let shown = text.get(..text.len().min(80)).unwrap_or_default();
            core.log(
                Level::Error,
                &format!("invalid json doc [{}]", shown.escape_ascii()),
            );
        }
        answer.ok()
    }
}

/// What goes back to the client.
fn answering(
    dispatched: Dispatched,
    wrap: impl FnOnce(Answer) -> ControlAnswer + Send + 'static,
) -> Answering {
    match dispatched {
        Dispatched::Now(answer) => Answering::Now(wrap(answer)),
        Dispatched::Later(later) => Answering::Later(Box::pin(async move { wrap(later.await) })),
    }
}

/// The service behind the pipe.
pub(super) struct Pipe {
    server: Server,
    replies: PathBuf,
}

impl Pipe {
    pub(super) fn new(core: &Arc<Core>, pretty: bool, replies: PathBuf) -> Self {
        Self {
            server: Server {
                core: Arc::downgrade(core),
                pretty,
            },
            replies,
        }
    }

    /// The client's pipe; a name that leads out of the directory is refused.
    fn reply_pipe(&self, name: &[u8]) -> Option<PathBuf> {
        let name = std::str::from_utf8(name).ok()?;
        let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
        plain.then(|| self.replies.join(name))
    }
}

impl ControlService for Pipe {
    fn frame(&self, buffer: &[u8]) -> ControlFrame {
        let begins = buffer.iter().position(|b| matches!(b, b'{' | b'['));
        match begins {
            Some(0) => end_of_value(buffer).map_or(ControlFrame::NeedMore, ControlFrame::Request),
            Some(junk) => ControlFrame::Skip(junk),
            None => ControlFrame::Skip(buffer.len()),
        }
    }

    fn answer(&self, request: &[u8], peer: &ControlPeer) -> Answering {
        let Some((dispatched, Some(name))) = self.server.answer(request, peer) else {
            return Answering::Now(ControlAnswer::default());
        };
        let pipe = self.reply_pipe(&name);
        answering(dispatched, |answer| ControlAnswer {
            pipe,
            bytes: answer.body.to_vec(),
            close: false,
        })
    }
}

/// The service behind the datagram socket.
pub(super) struct Datagrams(Server);

impl Datagrams {
    pub(super) fn new(core: &Arc<Core>, pretty: bool) -> Self {
        Self(Server {
            core: Arc::downgrade(core),
            pretty,
        })
    }
}

impl ControlService for Datagrams {
    fn frame(&self, buffer: &[u8]) -> ControlFrame {
        ControlFrame::Request(buffer.len())
    }

    fn answer(&self, request: &[u8], peer: &ControlPeer) -> Answering {
        match self.0.answer(request, peer) {
            Some((dispatched, _)) => answering(dispatched, |answer| ControlAnswer {
                bytes: answer.body.to_vec(),
                ..ControlAnswer::default()
            }),
            None => Answering::Now(ControlAnswer::default()),
        }
    }
}
