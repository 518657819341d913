//! Changes to session descriptions: `fix_nated_sdp`.

use bytes::Bytes;
use engine::context::Context;
use sip::{Message, Span};

/// Adds `a=direction:active`.
const ADD_DIRECTION: i64 = 1;
/// Rewrites `c=` lines.
const FIX_MEDIA: i64 = 2;
/// Adds the line that says that a description has been changed.
const ADD_MARK: i64 = 4;
/// Rewrites the `o=` line.
const FIX_ORIGIN: i64 = 8;

/// What may be configured.
pub(super) struct Style<'a> {
    /// The line of [`ADD_MARK`], empty for none.
    pub(super) mark: &'a Bytes,
    /// Whether addresses that were replaced are kept in lines of their own.
    pub(super) keeps_old: bool,
}

/// An address in the description.
struct Address {
    span: Span,
    is_ipv6: bool,
}

/// Applies the changes; says whether an address was replaced. `None`: there is no description.
pub(super) fn fix(cx: &mut Context, flags: i64, new: &str, style: &Style<'_>) -> Option<bool> {
    let whole = sip::sdp::find(&cx.msg)?;
    let mut added = Vec::new();
    if flags & ADD_DIRECTION != 0 {
        added.extend_from_slice(b"a=direction:active\r\n");
    }
    if flags & ADD_MARK != 0 {
        added.extend_from_slice(style.mark);
    }
    let mut is_changed = false;
    for address in addresses(&cx.msg, whole, flags) {
        let old = cx.msg.text(address.span);
        if old == new.as_bytes() || old == b"0.0.0.0" {
            continue;
        }
        is_changed = true;
        if style.keeps_old {
            let name: &[u8] = if address.is_ipv6 {
                b"a=oldmediaip6:"
            } else {
                b"a=oldmediaip:"
            };
            added.extend_from_slice(&[name, old, b"\r\n"].concat());
        }
        cx.edits
            .replace(address.span, Bytes::copy_from_slice(new.as_bytes()));
    }
    if !added.is_empty() {
        cx.edits.insert_after(whole.end(), added.into());
    }
    Some(is_changed)
}

/// The addresses that the flags name: `c=`, then `o=`, then `a=rtcp`.
fn addresses(msg: &Message, whole: Span, flags: i64) -> Vec<Address> {
    let mut wanted: Vec<(&[u8], usize)> = Vec::new();
    if flags & FIX_MEDIA != 0 {
        wanted.push((b"c=", 2));
    }
    if flags & FIX_ORIGIN != 0 {
        wanted.push((b"o=", 5));
    }
    if !wanted.is_empty() {
        wanted.push((b"a=rtcp:", 3));
    }
    let mut found = Vec::new();
    for (prefix, word) in wanted {
        let mut start = whole.start();
        for line in msg.text(whole).split_inclusive(|b| *b == b'\n') {
            if line.starts_with(prefix) {
                found.extend(address_in(line, start, word));
            }
            start += line.len();
        }
    }
    found
}

/// The word of a line that is its address; the one before names the address family.
fn address_in(line: &[u8], line_start: usize, index: usize) -> Option<Address> {
    let mut at = 0;
    let mut family: &[u8] = b"";
    for (position, word) in line
        .split(|b| matches!(b, b' ' | b'\r' | b'\n'))
        .enumerate()
    {
        if position == index {
            let host = word.split(|b| *b == b'/').next().unwrap_or_default();
            let start = line_start + at;
            return (!host.is_empty()).then(|| Address {
                span: Span::of(start, start + host.len()),
                is_ipv6: family == b"IP6",
            });
        }
        family = word;
        at += word.len() + 1;
    }
    None
}
