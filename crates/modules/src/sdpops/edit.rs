//! Taking codecs, lines and streams out of a description.

use sip::{Edits, Span};

use super::codecs;
use super::description::{Description, Stream, lines};

/// Whether a stream is of a kind, if one is asked for.
fn is_meant(buf: &[u8], stream: &Stream, kind: Option<&[u8]>) -> bool {
    kind.is_none_or(|kind| stream.kind.get(buf).eq_ignore_ascii_case(kind))
}

/// Takes payload types out of the streams of a kind.
pub(super) fn remove_codecs(
    edits: &mut Edits,
    buf: &[u8],
    sdp: &Description,
    ids: &[&[u8]],
    kind: Option<&[u8]>,
) {
    for stream in sdp.streams.iter().filter(|s| is_meant(buf, s, kind)) {
        for id in ids {
            remove_codec(edits, buf, stream, id);
        }
    }
}

/// Leaves only these payload types in the streams of a kind.
pub(super) fn keep_codecs(
    edits: &mut Edits,
    buf: &[u8],
    sdp: &Description,
    ids: &[&[u8]],
    kind: Option<&[u8]>,
) {
    for stream in sdp.streams.iter().filter(|s| is_meant(buf, s, kind)) {
        for id in codecs::formats(buf, stream.formats) {
            if !ids.contains(&id) {
                remove_codec(edits, buf, stream, id);
            }
        }
    }
}

/// Takes a payload type out of a stream: its number and the attributes about it.
fn remove_codec(edits: &mut Edits, buf: &[u8], stream: &Stream, id: &[u8]) {
    if let Some(place) = codecs::place(buf, stream.formats, id) {
        edits.delete(place);
    }
    for (line, end) in lines(buf, stream.whole) {
        let about = [&b"a=rtpmap:"[..], b"a=fmtp:", b"a=rtcp-fb:"]
            .iter()
            .find_map(|name| line.get(buf).strip_prefix(*name))
            .and_then(|value| value.strip_prefix(id));
        if matches!(about, Some([] | [b' ', ..])) {
            edits.delete(Span::of(line.start(), end));
        }
    }
}

/// Takes out the lines that begin so; with a kind only those of its streams.
pub(super) fn remove_lines(
    edits: &mut Edits,
    buf: &[u8],
    sdp: &Description,
    prefix: &[u8],
    kind: Option<&[u8]>,
) {
    if prefix.is_empty() {
        return;
    }
    let mut remove_from = |whole: Span| {
        for (line, end) in lines(buf, whole) {
            if line.get(buf).starts_with(prefix) {
                edits.delete(Span::of(line.start(), end));
            }
        }
    };
    if kind.is_none() {
        remove_from(sdp.whole);
        return;
    }
    for stream in sdp.streams.iter().filter(|s| is_meant(buf, s, kind)) {
        remove_from(stream.whole);
    }
}

/// Takes out the streams that a test picks; whether there was one.
pub(super) fn remove_streams(
    edits: &mut Edits,
    sdp: &Description,
    picks: impl Fn(&Stream) -> bool,
) -> bool {
    let mut any = false;
    for stream in sdp.streams.iter().filter(|s| picks(s)) {
        edits.delete(stream.whole);
        any = true;
    }
    any
}
