//! The hop-by-hop requests that we send on a branch: CANCEL, and the ACK of a negative reply.
//!
//! Both repeat what the request said when it left (RFC 3261 sections 9.1 and 17.1.1.3), header by
//! header in the order in which they stood there.

use bytes::Bytes;
use sip::{HeaderKind, Message, Tolerance};

/// What goes into the request besides what it repeats.
#[derive(Clone, Copy)]
pub(crate) struct HopRequest<'a> {
    /// `CANCEL` or `ACK`.
    pub(crate) method: &'a [u8],
    /// The To header line of the reply that is acknowledged; `None` repeats the request's.
    pub(crate) to: Option<&'a [u8]>,
    /// What the names of further headers to repeat start with (`ac_extra_hdrs`).
    pub(crate) extra: &'a [Bytes],
    /// Lines to add at the end, each with its CRLF.
    pub(crate) lines: &'a [u8],
}

/// Builds it from the request as it was sent; `None` when that cannot be parsed any more.
pub(crate) fn build(sent: &Bytes, how: HopRequest<'_>) -> Option<Bytes> {
    let request = Message::parse(sent.clone(), &Tolerance::KAMAILIO).ok()?;
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(how.method);
    out.push(b' ');
    out.extend_from_slice(request.request_uri());
    out.extend_from_slice(b" SIP/2.0\r\n");
    let mut via_done = false;
    for header in request.headers() {
        let line = request.text(header.whole);
        match header.kind {
            HeaderKind::Via if !via_done => {
                // Our own Via stands alone in the first header.
                out.extend_from_slice(line);
                via_done = true;
            }
            HeaderKind::CSeq => write_cseq(&mut out, &request, how.method),
            HeaderKind::To => out.extend_from_slice(how.to.unwrap_or(line)),
            HeaderKind::From | HeaderKind::CallId | HeaderKind::MaxForwards | HeaderKind::Route => {
                out.extend_from_slice(line);
            }
            HeaderKind::Via => {}
            // As it was spelled; a request without one went by datagram and needs none here.
            HeaderKind::ContentLength => {
                out.extend_from_slice(request.text(header.name));
                out.extend_from_slice(b": 0\r\n");
            }
            _ if is_wanted(request.text(header.name), how.extra) => out.extend_from_slice(line),
            _ => {}
        }
    }
    out.extend_from_slice(how.lines);
    out.extend_from_slice(b"\r\n");
    Some(out.into())
}

fn write_cseq(out: &mut Vec<u8>, request: &Message, method: &[u8]) {
    let number: &[u8] = match request.cseq() {
        Some(Ok(cseq)) => request.text(cseq.number_span),
        _ => b"1",
    };
    out.extend_from_slice(b"CSeq: ");
    out.extend_from_slice(number);
    out.push(b' ');
    out.extend_from_slice(method);
    out.extend_from_slice(b"\r\n");
}

fn is_wanted(name: &[u8], prefixes: &[Bytes]) -> bool {
    prefixes.iter().any(|prefix| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}

/// The whole To header line of a message.
pub(crate) fn to_line(msg: &Message) -> Option<&[u8]> {
    msg.first(HeaderKind::To).map(|h| msg.text(h.whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "INVITE sip:rr@127.0.41.3:5070 SIP/2.0\r\n\
        Record-Route: <sip:127.0.41.1;lr;ftag=ft1>\r\n\
        Via: SIP/2.0/UDP 127.0.41.1;branch=z9hG4bK27a4.8b.0\r\n\
        Via: SIP/2.0/UDP 127.0.41.2:5060;branch=z9hG4bKabc1\r\n\
        From: \"A\" <sip:alice@127.0.41.1>;tag=ft1\r\n\
        To: <sip:bob@127.0.41.1>\r\n\
        Call-ID: c1\r\n\
        CSeq: 1 INVITE\r\n\
        Max-Forwards: 70\r\n\
        Contact: <sip:alice@127.0.41.2:5060>\r\n\
        Route: <sip:127.0.41.1;lr>\r\n\
        X-Y: 1\r\n\
        Content-Length: 0\r\n\r\n";

    /// Pinned to what Kamailio 5.6.3 sends.
    #[test]
    fn ack_and_cancel() {
        let sent = Bytes::from_static(SENT.as_bytes());
        let ack = build(
            &sent,
            HopRequest {
                method: b"ACK",
                to: Some(b"To: <sip:bob@127.0.41.1>;tag=bt\r\n"),
                extra: &[],
                lines: b"",
            },
        );
        let expected = "ACK sip:rr@127.0.41.3:5070 SIP/2.0\r\n\
            Via: SIP/2.0/UDP 127.0.41.1;branch=z9hG4bK27a4.8b.0\r\n\
            From: \"A\" <sip:alice@127.0.41.1>;tag=ft1\r\n\
            To: <sip:bob@127.0.41.1>;tag=bt\r\n\
            Call-ID: c1\r\n\
            CSeq: 1 ACK\r\n\
            Max-Forwards: 70\r\n\
            Route: <sip:127.0.41.1;lr>\r\n\
            Content-Length: 0\r\n\r\n";
        assert_eq!(ack, Some(Bytes::from_static(expected.as_bytes())));
        let cancel = build(
            &sent,
            HopRequest {
                method: b"CANCEL",
                to: None,
                extra: &[Bytes::from_static(b"x-")],
                lines: b"Reason: SIP;cause=200\r\n",
            },
        )
        .unwrap();
        let text = String::from_utf8(cancel.to_vec()).unwrap();
        assert!(text.starts_with("CANCEL sip:rr@"));
        assert!(text.ends_with("X-Y: 1\r\nContent-Length: 0\r\nReason: SIP;cause=200\r\n\r\n"));
    }

    /// Pinned to what Kamailio 5.6.3 sends.
    #[test]
    fn content_length_is_spelled_as_in_the_request() {
        let ack = |line: &str| {
            let sent = SENT.replace("Content-Length: 0\r\n", line);
            let how = HopRequest {
                method: b"ACK",
                to: None,
                extra: &[],
                lines: b"",
            };
            let built = build(&Bytes::from(sent), how).unwrap();
            let text = String::from_utf8(built.to_vec()).unwrap();
            text.lines().rev().nth(1).unwrap().to_owned()
        };
        assert_eq!(ack("l : 0\r\n"), "l: 0");
        assert_eq!(ack(""), "Route: <sip:127.0.41.1;lr>");
    }
}
