//! The ACK of a 2xx to an INVITE made here (RFC 3261 section 13.2.2.4): nobody else acknowledges it.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::core::Core;
use engine::forward::{locate, socket_for};
use engine::log::Level;
use engine::services::{Candidate, Located};
use engine::socket::Destination;
use sip::print::{ViaLine, decimal, via_line};
use sip::{HeaderKind, Message, UriRef};
use transaction::{BranchNo, Handle, MAGIC_COOKIE};

use crate::tm::dialog_target::DialogTarget;
use crate::tm::perform::send_bytes;
use crate::tm::state::Tm;

/// Where an ACK goes and by what.
struct Ack {
    target: DialogTarget,
    request: Arc<Message>,
    reply: Arc<Message>,
}

/// Sends the ACK of the 2xx in work, of which each repetition gets one.
pub(crate) fn send(tm: &Tm, cx: &Context, handle: Handle, branch: BranchNo) {
    let known = tm.look(handle, |t| {
        let to = t.branch(branch).map(|b| b.data.to)?;
        Some((t.data.request.msg().into_owned(), to))
    });
    let Some(Some((request, invite_to))) = known else {
        return;
    };
    let ack = Ack {
        target: DialogTarget::or(&cx.msg, request.slice(request.request_uri_span())),
        request,
        reply: Arc::clone(&cx.msg),
    };
    let core = Arc::clone(&cx.core);
    match tm.config.local_ack_mode.get() {
        1 => ack.leave(&core, &invite_to),
        2 => ack.leave(&core, &Destination::back_to(&cx.received)),
        _ => ack.find_way(core, invite_to),
    }
}

impl Ack {
    /// Sends it to the first route, else to its URI.
    fn find_way(self, core: Arc<Core>, invite_to: Destination) {
        let next = self.target.next_hop.clone();
        let Ok(uri) = UriRef::parse(&next) else {
            return;
        };
        match locate(&core, &uri, Some(invite_to.proto)) {
            Located::Ready(found) => self.go(&core, found.first(), &invite_to),
            Located::Later(wait) => {
                let later = Arc::clone(&core);
                core.services.spawner.spawn(Box::pin(async move {
                    let found = wait.await;
                    self.go(&later, found.first(), &invite_to);
                }));
            }
        }
    }

    fn go(&self, core: &Arc<Core>, candidate: Option<&Candidate>, invite_to: &Destination) {
        let to = candidate.and_then(|candidate| {
            let socket = socket_for(core, candidate, Some(invite_to.socket), None)?;
            Some(Destination {
                proto: candidate.proto,
                peer: candidate.address,
                socket: socket.id,
                connection: None,
                no_connect: false,
                close: false,
            })
        });
        match to {
            Some(to) => self.leave(core, &to),
            None => core.log(Level::Error, "the ACK of a 2xx has nowhere to go"),
        }
    }

    fn leave(&self, core: &Arc<Core>, to: &Destination) {
        if let Some(bytes) = self.print(core, to) {
            send_bytes(core, to, &bytes);
        }
    }

    /// In Kamailio's order of headers, with the Max-Forwards that it leaves out.
    fn print(&self, core: &Core, to: &Destination) -> Option<Bytes> {
        let socket = core.sockets.by_id(to.socket)?;
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(b"ACK ");
        out.extend_from_slice(&self.target.uri);
        out.extend_from_slice(b" SIP/2.0\r\n");
        let mut branch = MAGIC_COOKIE.to_vec();
        let random = &core.services.random;
        branch.extend_from_slice(
            format!("{:016x}{:016x}.0", random.next(), random.next()).as_bytes(),
        );
        let settings = &core.settings;
        let port = socket.address.port();
        via_line(
            &mut out,
            &ViaLine {
                transport: to.proto.via_name().as_bytes(),
                host: settings
                    .advertised_address
                    .as_deref()
                    .or(socket.advertised_host.as_deref())
                    .unwrap_or(&socket.host),
                port: settings
                    .advertised_port
                    .or(socket.advertised_port)
                    .or((port != 5060).then_some(port)),
                branch: &branch,
                params: b"",
            },
        );
        self.repeat(&mut out, &self.request, HeaderKind::From)?;
        self.repeat(&mut out, &self.request, HeaderKind::CallId)?;
        self.repeat(&mut out, &self.reply, HeaderKind::To)?;
        out.extend_from_slice(b"CSeq: ");
        decimal(&mut out, u64::from(self.request.cseq()?.ok()?.number));
        out.extend_from_slice(b" ACK\r\nMax-Forwards: 70\r\n");
        let routes = self.target.route_header();
        if !routes.is_empty() {
            out.extend_from_slice(&routes);
            out.extend_from_slice(b"\r\n");
        }
        if settings.server_signature {
            out.extend_from_slice(&settings.user_agent_header);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        Some(out.into())
    }

    fn repeat(&self, out: &mut Vec<u8>, msg: &Message, kind: HeaderKind) -> Option<()> {
        out.extend_from_slice(msg.text(msg.first(kind)?.whole));
        Some(())
    }
}
