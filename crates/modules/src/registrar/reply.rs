//! The reply to a REGISTER: its header lines, and sending it.

use std::io::Write;

use bytes::Bytes;
use engine::Context;
use sip::{HeaderKind, UriRef};

use super::error::Refusal;
use super::pack;
use super::request;
use super::settings::{Outbound, PathMode, Registrar};
use crate::usrloc::api::{AorGuard, Contact, UnixTime, hash_in_gruu};

/// A reply that is ready to be sent; kept with the message until `reg_send_reply`.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    code: u16,
    reason: &'static str,
    pub(super) lines: Vec<Bytes>,
}

impl Prepared {
    /// The reply to a registration that was taken.
    pub(super) fn accepted(registrar: &Registrar, cx: &Context, contacts: Option<Bytes>) -> Self {
        let mut lines: Vec<Bytes> = contacts.into_iter().collect();
        if let Some(path) = path_line(registrar, cx) {
            lines.push(path);
        }
        lines.extend(outbound_lines(registrar, cx));
        Self {
            code: 200,
            reason: "OK",
            lines,
        }
    }

    /// The reply to a registration that was refused.
    pub(super) fn refused(
        registrar: &Registrar,
        cx: &Context,
        refusal: Refusal,
        contacts: Option<Bytes>,
    ) -> Self {
        let (code, reason) = refusal.status();
        let mut lines: Vec<Bytes> = contacts.into_iter().collect();
        match refusal {
            Refusal::PathUnsupported => {
                lines.push(Bytes::from_static(b"Unsupported: path\r\n"));
                lines.push(line("Path", &pack::joined_path(cx)));
            }
            Refusal::OutboundUnsupported => {
                lines.push(Bytes::from_static(b"Unsupported: outbound\r\n"));
            }
            Refusal::OutboundRequired => {
                lines.push(Bytes::from_static(b"Require: outbound\r\n"));
                lines.push(Bytes::from_static(b"Supported: outbound\r\n"));
            }
            Refusal::TooBrief => {
                let min = registrar.live.min_expires.get().to_string();
                lines.push(line("Min-Expires", min.as_bytes()));
            }
            _ => {}
        }
        let text = refusal.to_string();
        lines.push(line("P-Registrar-Error", text.as_bytes()));
        let retry = registrar.live.retry_after.get();
        if (500..600).contains(&code) && retry > 0 {
            lines.push(line("Retry-After", retry.to_string().as_bytes()));
        }
        Self {
            code,
            reason,
            lines,
        }
    }

    /// Sends it, within the transaction if there is one. Its lines stay with the request: they
    /// are in every later reply to it too, as in Kamailio.
    pub(super) fn send(self, registrar: &Registrar, cx: &mut Context) -> bool {
        cx.reply_headers.extend(self.lines);
        let reason = self.reason.as_bytes();
        registrar.sl.reply(cx, self.code, reason, &[])
    }
}

fn line(name: &str, value: &[u8]) -> Bytes {
    let mut line = Vec::with_capacity(name.len() + value.len() + 4);
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(b": ");
    line.extend_from_slice(value);
    line.extend_from_slice(b"\r\n");
    line.into()
}

/// The path given back to clients that know of it.
fn path_line(registrar: &Registrar, cx: &Context) -> Option<Bytes> {
    let msg = &cx.msg;
    let gives = registrar.path.enabled
        && registrar.path.mode != PathMode::Off
        && msg.has(HeaderKind::Path)
        && msg.has(HeaderKind::Contact)
        && pack::knows_path(cx);
    gives.then(|| line("Path", &pack::joined_path(cx)))
}

fn outbound_lines(registrar: &Registrar, cx: &Context) -> Vec<Bytes> {
    let require = Bytes::from_static(b"Require: outbound\r\n");
    let supported = Bytes::from_static(b"Supported: outbound\r\n");
    let mut lines = match registrar.outbound {
        Outbound::Off => return Vec::new(),
        Outbound::Supported if request::knows_outbound(&cx.msg) => vec![supported, require],
        Outbound::Supported => return vec![supported],
        Outbound::Required => vec![require, supported],
    };
    if registrar.flow_timer > 0 {
        let timer = registrar.flow_timer.to_string();
        lines.push(line("Flow-Timer", timer.as_bytes()));
    }
    lines
}

/// The Contact header that lists what is registered; `None` when nothing is.
pub(super) fn contact_line(
    registrar: &Registrar,
    cx: &Context,
    record: &AorGuard<'_>,
    aor: &[u8],
    now: UnixTime,
) -> Option<Bytes> {
    let gruu = Gruu::of(registrar, cx, aor, record.aor_hash());
    let mut out = Vec::with_capacity(128 * record.contacts().len() + 16);
    for contact in record.contacts().iter().filter(|c| c.is_valid(now)) {
        out.extend_from_slice(if out.is_empty() {
            b"Contact: <"
        } else {
            b", <"
        });
        write_contact(&mut out, registrar, contact, gruu.as_ref(), now);
    }
    if out.is_empty() {
        return None;
    }
    out.extend_from_slice(b"\r\n");
    Some(out.into())
}

fn write_contact(
    out: &mut Vec<u8>,
    registrar: &Registrar,
    contact: &Contact,
    gruu: Option<&Gruu<'_>>,
    now: UnixTime,
) {
    out.extend_from_slice(contact.uri_bytes());
    out.push(b'>');
    if let Some(q) = contact.q {
        out.extend_from_slice(b";q=");
        write_q(out, q);
    }
    // Writing to memory cannot fail.
    let _ = write!(out, ";expires={}", contact.expires.saturating_sub(now));
    let received = contact.received();
    if !received.is_empty() && !registrar.received_param.is_empty() {
        quoted(out, &registrar.received_param, &received);
    }
    let instance = contact.instance_bytes();
    if instance.is_empty() {
        return;
    }
    if let Some(gruu) = gruu {
        gruu.write(out, contact);
    }
    quoted(out, b"+sip.instance", instance);
    if contact.reg_id > 0 {
        let _ = write!(out, ";reg-id={}", contact.reg_id);
    }
}

fn quoted(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.push(b';');
    out.extend_from_slice(name);
    out.extend_from_slice(b"=\"");
    out.extend_from_slice(value);
    out.push(b'"');
}

/// Thousandths as `1`, `0.5`, `0.001`.
fn write_q(out: &mut Vec<u8>, q: u16) {
    let text = match (q / 1000, q % 1000) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest:03}"),
    };
    let shown = if text.contains('.') {
        text.trim_end_matches('0')
    } else {
        &text
    };
    out.extend_from_slice(shown.as_bytes());
}

/// What the GRUUs of a request's contacts are made of (RFC 5627).
struct Gruu<'a> {
    /// The AoR's user part, or all of it when it has a domain.
    aor: &'a [u8],
    /// The domain of To, as written.
    domain: &'a [u8],
    hash: String,
}

impl<'a> Gruu<'a> {
    /// `None` when the client does not know GRUUs.
    fn of(registrar: &Registrar, cx: &'a Context, aor: &'a [u8], hash: u32) -> Option<Self> {
        let msg = &cx.msg;
        if !registrar.gruu || !request::has_option(msg, HeaderKind::Supported, b"gruu") {
            return None;
        }
        let Some(Ok(to)) = msg.to() else { return None };
        let uri = UriRef::parse(msg.text(to.uri)).ok()?;
        Some(Self {
            aor,
            domain: uri.host(),
            hash: hash_in_gruu(u64::from(hash)),
        })
    }

    fn write(&self, out: &mut Vec<u8>, contact: &Contact) {
        out.extend_from_slice(b";pub-gruu=\"sip:");
        out.extend_from_slice(self.aor);
        if !self.aor.contains(&b'@') {
            out.push(b'@');
            out.extend_from_slice(self.domain);
        }
        out.extend_from_slice(b";gr=");
        out.extend_from_slice(bare_instance(contact.instance_bytes()));
        out.extend_from_slice(b"\";temp-gruu=\"sip:");
        out.extend_from_slice(contact.ruid_bytes());
        out.push(b'-');
        out.extend_from_slice(self.hash.as_bytes());
        out.push(b'@');
        out.extend_from_slice(self.domain);
        out.extend_from_slice(b";gr\"");
    }
}

/// An instance without its angle brackets.
pub(super) fn bare_instance(instance: &[u8]) -> &[u8] {
    instance
        .strip_prefix(b"<")
        .and_then(|i| i.strip_suffix(b">"))
        .unwrap_or(instance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences() {
        for (q, text) in [
            (0, "0"),
            (1, "0.001"),
            (100, "0.1"),
            (315, "0.315"),
            (750, "0.75"),
            (1000, "1"),
        ] {
            let mut out = Vec::new();
            write_q(&mut out, q);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
