//! Just enough SIP for a load generator.

/// The status of a reply; `None` for a request.
pub(crate) fn status(message: &[u8]) -> Option<u16> {
    let rest = message.strip_prefix(b"SIP/2.0 ")?;
    std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()
}

/// The lines of a message before the blank one, with their line ends.
pub(crate) fn all_lines(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', message)
        .map(move |end| {
            let line = message.get(start..=end).unwrap_or_default();
            start = end + 1;
            line
        })
        .take_while(|line| *line != b"\r\n")
}

/// Whether a line is a header of a name (as the servers spell it).
fn is(line: &[u8], name: &str) -> bool {
    line.get(name.len()) == Some(&b':') && line.starts_with(name.as_bytes())
}

/// Whether a line is a header of one of these names.
pub(crate) fn is_any(line: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| is(line, name))
}

/// Whole lines of all headers of a name, with their line ends.
pub(crate) fn lines<'m>(message: &'m [u8], name: &'m str) -> impl Iterator<Item = &'m [u8]> {
    all_lines(message).filter(move |line| is(line, name))
}

/// The value of the first header of a name.
pub(crate) fn value<'m>(message: &'m [u8], name: &'m str) -> Option<&'m [u8]> {
    let line = lines(message, name).next()?;
    Some(line.get(name.len() + 1..)?.trim_ascii())
}

/// The number at the start of the Call-ID, which says which exchange a reply is for, and what
/// stands behind it.
pub(crate) fn exchange(message: &[u8]) -> Option<(u64, &[u8])> {
    let id = value(message, "Call-ID")?;
    let end = id.iter().position(|c| *c == b'-')?;
    let number = std::str::from_utf8(id.get(..end)?).ok()?;
    Some((u64::from_str_radix(number, 16).ok()?, id.get(end + 1..)?))
}

/// How long the first message of a stream is, once it is all there.
pub(crate) fn framed(stream: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(stream, b"\r\n\r\n")? + 4;
    let length = value(stream.get(..head)?, "Content-Length")?;
    let body: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
    (stream.len() >= head + body).then_some(head + body)
}

/// The reply of a server to a request: Vias, From, To with a tag, Call-ID, CSeq, Record-Route.
pub(crate) fn reply(out: &mut Vec<u8>, request: &[u8], status: &str, to_tag: &str, extra: &[u8]) {
    out.extend_from_slice(b"SIP/2.0 ");
    out.extend_from_slice(status.as_bytes());
    out.extend_from_slice(b"\r\n");
    for line in all_lines(request) {
        if is_any(line, &["Via", "Record-Route", "From", "Call-ID", "CSeq"]) {
            out.extend_from_slice(line);
        } else if is(line, "To") {
            let line = line.trim_ascii_end();
            out.extend_from_slice(line);
            if memchr::memmem::find(line, b";tag=").is_none() {
                out.extend_from_slice(b";tag=");
                out.extend_from_slice(to_tag.as_bytes());
            }
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(extra);
    out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=1\r\n\
        Record-Route: <sip:p;lr>\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1f-7@load\r\n\
        CSeq: 1 INVITE\r\nContent-Length: 3\r\n\r\nabc";

    #[test]
    fn replies_belong_to_their_exchange() {
        let mut out = Vec::new();
        reply(&mut out, REQUEST, "200 OK", "t", b"");
        assert_eq!(status(&out), Some(200));
        assert_eq!(exchange(&out), Some((0x1f, &b"7@load"[..])));
        assert_eq!(value(&out, "To"), Some(&b"<sip:b@h>;tag=t"[..]));
        assert_eq!(framed(&out), Some(out.len()));
    }

    #[test]
    fn streams_are_cut_by_content_length() {
        let mut two = REQUEST.to_vec();
        two.extend_from_slice(REQUEST);
        assert_eq!(framed(&two), Some(REQUEST.len()));
        assert_eq!(framed(&REQUEST[..REQUEST.len() - 1]), None);
    }
}
