//! Writing Record-Route headers: as templates, because the outgoing socket decides their number
//! and addresses.

use bytes::Bytes;
use engine::socket::ListenSocket;
use engine::template::{Template, When, write_address};
use engine::{Context, Core};
use script::value::Value;
use sip::uri::Scheme;
use sip::{Edit, UriRef};

use super::api::{Direction, Rr, direction};
use super::params::Double;
use super::state::MessageState;

/// Marks our edits.
pub(super) const TAG: u32 = Edit::TEMPLATE | 0x5252;

/// Why no Record-Route can be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum RecordError {
    /// There is one already.
    #[error("second attempt to record-route the same message")]
    Twice,
    /// The request came by no socket of ours.
    #[error("the request's socket is unknown")]
    NoSocket,
    /// Two preset addresses, but `enable_double_rr` is off.
    #[error("two preset addresses while enable_double_rr is off")]
    NotDouble,
}

/// `record_route(params)`.
pub(super) fn record(rr: &Rr, cx: &mut Context, params: &[u8]) -> Result<(), RecordError> {
    let core = cx.core.clone();
    let writer = Writer::new(rr, &core, cx)?;
    let socket = writer.socket;
    let double = rr.settings.double;
    let mut template = Template::new(socket);
    let tail = writer.after_lr(params);
    let finish = |template: &mut Template, both: When, header: When| {
        if double != Double::Never {
            template.text(both, b";r2=on");
        }
        template
            .text(header, writer.lr())
            .text(header, &tail)
            .slot(header)
            .text(header, b">\r\n");
    };
    let both = match double {
        Double::Always => When::Always,
        _ => When::SocketsDiffer,
    };
    if double != Double::Never {
        template
            .text(both, &writer.start)
            .out_address(both, rr.settings.sockname);
        finish(&mut template, both, both);
    }
    let mut address = Vec::new();
    write_address(&mut address, socket, rr.settings.sockname);
    template
        .text(When::Always, &writer.start)
        .text(When::Always, &address);
    finish(&mut template, both, When::Always);
    let text = template.finish();
    insert(cx, text);
    Ok(())
}

/// `record_route_preset(outbound, inbound)`.
pub(super) fn preset(
    rr: &Rr,
    cx: &mut Context,
    outbound: &[u8],
    inbound: Option<&[u8]>,
) -> Result<(), RecordError> {
    if inbound.is_some() && rr.settings.double == Double::Never {
        return Err(RecordError::NotDouble);
    }
    let core = cx.core.clone();
    let writer = Writer::new(rr, &core, cx)?;
    let mut template = Template::new(writer.socket);
    for address in std::iter::once(outbound).chain(inbound) {
        template
            .text(When::Always, &writer.start)
            .text(When::Always, address)
            .text(When::Always, &writer.ftag)
            .text(When::Always, &writer.pending)
            .text(When::Always, writer.lr())
            .slot(When::Always)
            .text(When::Always, b">\r\n");
    }
    let text = template.finish();
    insert(cx, text);
    Ok(())
}

/// `record_route_advertised_address(address)`.
pub(super) fn advertised(rr: &Rr, cx: &mut Context, address: &[u8]) -> Result<(), RecordError> {
    let core = cx.core.clone();
    let writer = Writer::new(rr, &core, cx)?;
    let double = rr.settings.double != Double::Never;
    let both = match rr.settings.double {
        Double::Always => When::Always,
        _ => When::TransportsDiffer,
    };
    let mut template = Template::new(writer.socket);
    let finish = |template: &mut Template, when: When| {
        template
            .text(when, &writer.ftag)
            .text(when, writer.lr())
            .text(when, &writer.pending)
            .slot(when)
            .text(when, b">\r\n");
    };
    template
        .text(When::Always, &writer.start)
        .text(When::Always, address);
    if double {
        template
            .text(both, b";transport=")
            .out_transport(both)
            .text(both, b";r2=on");
    }
    finish(&mut template, When::Always);
    if double {
        template
            .text(both, &writer.start)
            .text(both, address)
            .text(both, b";transport=")
            .text(both, writer.socket.proto.name().as_bytes())
            .text(both, b";r2=on");
        finish(&mut template, both);
    }
    let text = template.finish();
    insert(cx, text);
    Ok(())
}

/// Adds parameters to the Record-Route that is there; else keeps them for the one that comes.
pub(super) fn add_param(cx: &mut Context, text: &[u8]) {
    let mut there = false;
    for template in cx.edits.texts_mut(TAG) {
        *template = Template::fill_slots(template, text);
        there = true;
    }
    if !there {
        cx.extensions
            .get_or_default::<MessageState>()
            .pending
            .extend_from_slice(text);
    }
}

fn insert(cx: &mut Context, template: Bytes) {
    let at = cx.msg.headers_start();
    cx.edits.insert_after_tagged(at, template, TAG);
}

/// What all headers of a message share.
struct Writer<'c> {
    socket: &'c ListenSocket,
    /// `Record-Route: <sip:user@`.
    start: Vec<u8>,
    /// `;ftag=x` or nothing.
    ftag: Vec<u8>,
    /// What `add_rr_param` was given before.
    pending: Vec<u8>,
    full_lr: bool,
}

impl<'c> Writer<'c> {
    fn new(rr: &Rr, core: &'c Core, cx: &mut Context) -> Result<Self, RecordError> {
        if cx.edits.has_tag(TAG) {
            return Err(RecordError::Twice);
        }
        let socket = core
            .sockets
            .by_id(cx.received.socket)
            .ok_or(RecordError::NoSocket)?;
        let pending = cx
            .extensions
            .get::<MessageState>()
            .map(|s| s.pending.clone())
            .unwrap_or_default();
        Ok(Self {
            socket,
            start: start(rr, cx),
            ftag: ftag(rr, cx),
            pending,
            full_lr: rr.settings.full_lr,
        })
    }

    fn lr(&self) -> &'static [u8] {
        if self.full_lr { b";lr=on" } else { b";lr" }
    }

    /// What follows `;lr` in `record_route(params)`.
    fn after_lr(&self, params: &[u8]) -> Vec<u8> {
        [&self.ftag, params, &self.pending].concat()
    }
}

/// Name, scheme and user of the header.
fn start(rr: &Rr, cx: &mut Context) -> Vec<u8> {
    let is_sips = |uri: UriRef<'_>| uri.scheme() == Scheme::Sips;
    let secure = !rr.settings.ignore_sips && cx.request_uri_parts().is_some_and(is_sips);
    let mut text = b"Record-Route: <sip".to_vec();
    if secure {
        text.push(b's');
    }
    text.push(b':');
    if rr.settings.add_username {
        let custom = rr.settings.custom_user.as_ref().map(|v| v.read(cx));
        let user = match custom {
            Some(Value::Str(user)) => user,
            // As in Kamailio, the user that the request came for.
            _ => {
                let received = cx.msg.slice(cx.msg.request_uri_span());
                UriRef::parse(&received)
                    .map_or_else(|_| Bytes::new(), |u| received.slice_ref(u.user()))
            }
        };
        if !user.is_empty() {
            text.extend_from_slice(&user);
            text.push(b'@');
        }
    }
    text
}

/// `;ftag=` with the tag of whoever called: that of To when the request goes upstream.
fn ftag(rr: &Rr, cx: &Context) -> Vec<u8> {
    if !rr.settings.append_fromtag {
        return Vec::new();
    }
    let tag = match direction(cx) {
        Direction::Downstream => cx.msg.from_tag(),
        Direction::Upstream => cx.msg.to_tag(),
    };
    match tag {
        Some(tag) => [b";ftag=", tag].concat(),
        None => Vec::new(),
    }
}
