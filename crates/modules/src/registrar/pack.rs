//! From a REGISTER to what is stored of it.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::Xavp;
use engine::socket::{ConnectionId, SocketId};
use script::value::Value;
use sip::HeaderKind;
use sip::UriRef;
use sip::chars::{decimal, trim};
use sip::header::Contact;
use sip::header::contact::q_value;

use super::error::Refusal;
use super::methods;
use super::request;
use super::settings::{PathMode, Registrar};
use super::xavp;
use crate::usrloc::api::socket_text;
use crate::usrloc::api::{ContactInfo, UnixTime};

/// What all contacts of a request have in common.
pub(super) struct Common {
    pub(super) call_id: Bytes,
    pub(super) cseq: u32,
    user_agent: Bytes,
    /// Path vector; empty if there is none or Path is not used.
    pub(super) path: Bytes,
    /// `received` as the script or the path tells it.
    received: Bytes,
    methods: u32,
    branch_flags: u32,
    socket: Option<SocketId>,
    connection: Option<ConnectionId>,
    attributes: Option<Arc<Xavp>>,
    q: Option<u16>,
    q_is_forced: bool,
}

impl Common {
    pub(super) fn read(registrar: &Registrar, cx: &mut Context) -> Result<Self, Refusal> {
        let msg = Arc::clone(&cx.msg);
        let (call_id, cseq) = request::sequence(&msg)?;
        let path = path_vector(registrar, cx)?;
        let mut received = received_by_script(registrar, cx);
        let mut branch_flags = cx.target.flags;
        if registrar.path.use_received
            && let Some(from_path) = received_of_path(&path)?
        {
            received = from_path;
            branch_flags |= registrar.usrloc.options.nat_flag;
        }
        let class = registrar.xavp_cfg.as_ref();
        let forced_q = xavp::get_int(cx, class, b"q").and_then(thousandths);
        let default_q = thousandths(registrar.live.default_q.get());
        // White space at the end is kept, as Kamailio does.
        let user_agent = msg
            .first(HeaderKind::UserAgent)
            .map(|h| msg.slice(h.raw_value(msg.raw())));
        Ok(Self {
            call_id: Bytes::copy_from_slice(call_id),
            cseq,
            user_agent: user_agent.unwrap_or_default(),
            path,
            received,
            methods: methods::allowed(&msg),
            branch_flags,
            socket: Some(socket(registrar, cx)),
            connection: cx.received.connection,
            attributes: xavp::attributes(cx, registrar.usrloc.options.xavp_contact.as_ref()),
            q: forced_q.or(default_q),
            q_is_forced: forced_q.is_some(),
        })
    }

    /// What is stored of one contact.
    pub(super) fn info<'a>(
        &'a self,
        registrar: &Registrar,
        buf: &'a [u8],
        contact: &Contact,
        lifetime: u32,
        now: UnixTime,
    ) -> Result<ContactInfo<'a>, Refusal> {
        let param = |name: &[u8]| contact.addr.params.value(buf, name).unwrap_or_default();
        let q = match param(b"q") {
            _ if self.q_is_forced => self.q,
            b"" => self.q,
            text => Some(q_value(text).ok_or(Refusal::BadQ)?),
        };
        let instance = param(b"+sip.instance");
        let reg_id = match param(b"reg-id") {
            b"" => 0,
            _ if instance.is_empty() => 0,
            text => decimal(trim(text))
                .filter(|n| *n > 0)
                .ok_or(Refusal::BadRegId)?,
        };
        let received = if self.received.is_empty() {
            param(b"received")
        } else {
            &self.received
        };
        if received.len() > registrar.contact_max_size {
            return Err(Refusal::ContactTooLong);
        }
        let own_methods = match param(b"methods") {
            b"" => None,
            list => methods::parse(list),
        };
        Ok(ContactInfo {
            uri: contact.addr.uri.get(buf),
            call_id: &self.call_id,
            user_agent: &self.user_agent,
            received,
            path: &self.path,
            instance,
            ruid: b"",
            expires: now.saturating_add(lifetime),
            last_modified: now,
            cseq: self.cseq,
            q,
            reg_id,
            flags: 0,
            branch_flags: self.branch_flags,
            methods: own_methods.unwrap_or(self.methods),
            server_id: 0,
            socket: self.socket,
            connection: self.connection,
            attributes: self.attributes.clone(),
        })
    }
}

fn thousandths(q: i64) -> Option<u16> {
    u16::try_from(q).ok().filter(|q| *q <= 1000)
}

/// The path vector of the request (RFC 3327).
fn path_vector(registrar: &Registrar, cx: &Context) -> Result<Bytes, Refusal> {
    let msg = &cx.msg;
    if !registrar.path.enabled || !msg.has(HeaderKind::Path) {
        return Ok(Bytes::new());
    }
    if !matches!(msg.paths(), Some(Ok(_))) {
        return Err(Refusal::BadPath);
    }
    Ok(joined_path(cx))
}

/// Whether a path came from a client that does not know Path, and that matters.
pub(super) fn has_unwanted_path(registrar: &Registrar, cx: &Context) -> bool {
    let rules = &registrar.path;
    let is_strict = rules.enabled && rules.mode == PathMode::Strict;
    is_strict && cx.msg.has(HeaderKind::Path) && !knows_path(cx)
}

/// Whether the client says that it knows Path.
pub(super) fn knows_path(cx: &Context) -> bool {
    request::has_option(&cx.msg, HeaderKind::Supported, b"path")
}

/// All Path headers as one value.
pub(super) fn joined_path(cx: &Context) -> Bytes {
    let values: Vec<&[u8]> = cx
        .msg
        .all(HeaderKind::Path)
        .map(|h| cx.msg.text(h.value))
        .collect();
    values.join(&b","[..]).into()
}

/// The `received` parameter of the first URI of a path.
fn received_of_path(path: &Bytes) -> Result<Option<Bytes>, Refusal> {
    let Some(uri) = first_uri(path) else {
        return Ok(None);
    };
    let uri = UriRef::parse(uri).map_err(|_| Refusal::BadPath)?;
    let received = uri.param(b"received").filter(|r| !r.is_empty());
    Ok(received.map(Bytes::copy_from_slice))
}

/// The first URI of a path vector.
pub(super) fn first_uri(path: &[u8]) -> Option<&[u8]> {
    let whole = sip::Span::of(0, path.len());
    let (addr, _) = sip::header::NameAddr::parse_element(path, whole).ok()?;
    Some(addr.uri.get(path))
}

fn received_by_script(registrar: &Registrar, cx: &mut Context) -> Bytes {
    match registrar.received_avp.as_ref().map(|v| v.read(cx)) {
        Some(Value::Str(uri)) => uri,
        _ => Bytes::new(),
    }
}

/// The socket to reach the contact by: the one that a trusted header names, else the one that the
/// request came in by.
fn socket(registrar: &Registrar, cx: &Context) -> SocketId {
    let by_script = xavp::get_text(cx, registrar.xavp_cfg.as_ref(), b"socket");
    let by_header = registrar
        .socket_header
        .as_ref()
        .filter(|(_, flag)| cx.flags & flag != 0)
        .and_then(|(name, _)| cx.msg.find_name(name))
        .map(|h| cx.msg.slice(h.value));
    let named = by_script.or(by_header).and_then(|text| {
        let (proto, host, port) = socket_text::parse(&text)?;
        cx.core.sockets.find(host, port, proto).map(|s| s.id)
    });
    named.unwrap_or(cx.received.socket)
}
