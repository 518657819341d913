//! Codecs by payload type and by name.

use memchr::memmem;
use sip::Span;

use super::description::{Description, lines};

/// Names of payload types that need no `a=rtpmap` (RFC 3551), as far as Kamailio knows them.
const STATIC: [(&[u8], &[&[u8]]); 13] = [
    (b"PCMU", &[b"0"]),
    (b"GSM", &[b"3"]),
    (b"G723", &[b"4"]),
    (b"DVI4", &[b"5", b"6", b"16", b"17"]),
    (b"LPC", &[b"7"]),
    (b"PCMA", &[b"8"]),
    (b"G722", &[b"9"]),
    (b"L16", &[b"10", b"11"]),
    (b"QCELP", &[b"12"]),
    (b"CN", &[b"13"]),
    (b"MPA", &[b"14"]),
    (b"G728", &[b"15"]),
    (b"G729", &[b"18"]),
];

/// The items of a list, blanks before them dropped.
pub(super) fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|c| *c == b',')
        .map(|item| item.trim_ascii_start())
        .filter(|item| !item.is_empty())
}

/// The payload types that a list of names stands for: fixed ones, else those that some stream
/// gives the name to.
pub(super) fn ids_of_names<'b>(buf: &'b [u8], sdp: &Description, names: &[u8]) -> Vec<&'b [u8]> {
    let mut ids: Vec<&'b [u8]> = Vec::new();
    for name in items(names) {
        let fixed = STATIC.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        match fixed {
            Some((_, numbers)) => ids.extend_from_slice(numbers),
            None => ids.extend(mapped(buf, sdp).filter_map(|(id, mapped)| {
                let mapped = mapped.split(|c| *c == b'/').next().unwrap_or_default();
                mapped.eq_ignore_ascii_case(name).then_some(id)
            })),
        }
    }
    ids
}

/// Payload types with their `a=rtpmap` values.
fn mapped<'b>(buf: &'b [u8], sdp: &Description) -> impl Iterator<Item = (&'b [u8], &'b [u8])> {
    lines(buf, sdp.whole).filter_map(move |(line, _)| {
        let value = line.get(buf).strip_prefix(b"a=rtpmap:")?;
        let blank = memchr::memchr(b' ', value)?;
        Some((&value[..blank], value[blank + 1..].trim_ascii_start()))
    })
}

/// Where a payload type first stands among the formats of a stream, with the blank before it.
pub(super) fn place(buf: &[u8], formats: Span, id: &[u8]) -> Option<Span> {
    let text = formats.get(buf);
    memmem::find_iter(text, id)
        .find(|at| {
            let ends = matches!(text.get(at + id.len()), None | Some(b' '));
            ends && *at > 0 && text[at - 1] == b' '
        })
        .map(|at| {
            let start = formats.start() + at;
            Span::of(start - 1, start + id.len())
        })
}

/// The payload types of a stream.
pub(super) fn formats(buf: &[u8], formats: Span) -> impl Iterator<Item = &[u8]> {
    formats
        .get(buf)
        .split(|c| *c == b' ')
        .filter(|word| !word.is_empty())
}

/// In how many of the streams one of the payload types stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// In none.
    None,
    /// In some.
    Some,
    /// In each.
    All,
}

/// See [`Presence`].
pub(super) fn presence(buf: &[u8], sdp: &Description, ids: &[&[u8]]) -> Presence {
    let has = |stream: &&super::description::Stream| {
        ids.iter()
            .any(|id| place(buf, stream.formats, id).is_some())
    };
    match sdp.streams.iter().filter(has).count() {
        0 => Presence::None,
        n if n == sdp.streams.len() => Presence::All,
        _ => Presence::Some,
    }
}
