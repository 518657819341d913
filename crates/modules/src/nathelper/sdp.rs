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

/// Why a description cannot be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum SdpError {
    /// There is none.
    #[error("there is no session description")]
    None,
    /// Its `c=` lines name different address families; those before were changed.
    #[error("the address families of the session description's `c=` lines differ")]
    Families,
}

/// Applies the changes; says whether an address was replaced.
pub(super) fn fix(
    cx: &mut Context,
    flags: i64,
    new: &str,
    style: &Style<'_>,
) -> Result<bool, SdpError> {
    let msg = std::sync::Arc::clone(&cx.msg);
    let whole = description(&msg).ok_or(SdpError::None)?;
    if flags & ADD_DIRECTION != 0 {
        for end in stream_ends(&msg, whole) {
            insert_lines(cx, whole, end, b"a=direction:active\r\n");
        }
    }
    let mut added = Vec::new();
    if flags & ADD_MARK != 0 {
        added.extend_from_slice(style.mark);
    }
    let mut is_changed = false;
    let mut outcome = Ok(());
    for (prefix, word) in wanted(flags) {
        let mut family = None;
        for address in addresses(&msg, whole, prefix, word) {
            if prefix == b"c=" && *family.get_or_insert(address.is_ipv6) != address.is_ipv6 {
                outcome = Err(SdpError::Families);
                break;
            }
            let old = msg.text(address.span);
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
    }
    if !added.is_empty() {
        insert_lines(cx, whole, whole.end(), &added);
    }
    outcome.map(|()| is_changed)
}

/// The session description; a body without Content-Type is taken for one.
fn description(msg: &Message) -> Option<Span> {
    let body = msg.body_span();
    if msg.content_type().is_none() && !body.is_empty() {
        return Some(body);
    }
    sip::sdp::find(msg)
}

/// Adds lines where a stream ends. What ends in the middle of a line, as a part of a body before its
/// delimiter does, gets its line end first.
fn insert_lines(cx: &mut Context, whole: Span, end: usize, lines: &[u8]) {
    const LINE_END: &[u8] = b"\r\n";
    let raw = cx.msg.raw();
    if end != whole.end() || raw[..end].ends_with(b"\n") {
        cx.edits.insert_after(end, Bytes::copy_from_slice(lines));
    } else if raw[end..].starts_with(LINE_END) {
        let behind = end + LINE_END.len();
        cx.edits.insert_after(behind, Bytes::copy_from_slice(lines));
    } else {
        let text = [LINE_END, lines].concat();
        cx.edits.insert_after(end, text.into());
    }
}

/// The beginnings of the lines whose addresses the flags name, each with the number of the word
/// that is the address.
fn wanted(flags: i64) -> Vec<(&'static [u8], usize)> {
    let mut wanted: Vec<(&[u8], usize)> = Vec::new();
    if flags & (FIX_MEDIA | FIX_ORIGIN) != 0 {
        wanted.push((b"a=rtcp:", 3));
    }
    if flags & FIX_MEDIA != 0 {
        wanted.push((b"c=", 2));
    }
    if flags & FIX_ORIGIN != 0 {
        wanted.push((b"o=", 5));
    }
    wanted
}

/// The lines of a description with where they start.
fn lines(msg: &Message, whole: Span) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = whole.start();
    msg.text(whole)
        .split_inclusive(|b| *b == b'\n')
        .map(move |line| {
            let start = next;
            next += line.len();
            (start, line)
        })
}

/// Where the streams of a description end; without streams there is one end.
fn stream_ends(msg: &Message, whole: Span) -> Vec<usize> {
    let mut ends: Vec<usize> = lines(msg, whole)
        .filter(|(_, line)| line.starts_with(b"m="))
        .map(|(start, _)| start)
        .skip(1)
        .collect();
    ends.push(whole.end());
    ends
}

/// The addresses in lines that begin so.
fn addresses(msg: &Message, whole: Span, prefix: &[u8], word: usize) -> Vec<Address> {
    lines(msg, whole)
        .filter(|(_, line)| line.starts_with(prefix))
        .filter_map(|(start, line)| address_in(line, start, word))
        .collect()
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
