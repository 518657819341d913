//! Just enough SIP for a load generator.

/// The first line of a message.
pub(crate) fn first_line(message: &[u8]) -> &[u8] {
    message.split(|b| *b == b'\r').next().unwrap_or_default()
}

/// The status of a reply; `None` for a request.
pub(crate) fn status(message: &[u8]) -> Option<u16> {
    let rest = message.strip_prefix(b"SIP/2.0 ")?;
    std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()
}

/// Whole lines of all headers of a name (as the servers spell it), with their line ends.
pub(crate) fn lines<'m>(message: &'m [u8], name: &'m str) -> impl Iterator<Item = &'m [u8]> {
    message
        .split_inclusive(|b| *b == b'\n')
        .take_while(|line| *line != b"\r\n")
        .filter(move |line| {
            line.starts_with(name.as_bytes()) && line.get(name.len()) == Some(&b':')
        })
}

/// The value of the first header of a name.
pub(crate) fn value<'m>(message: &'m [u8], name: &'m str) -> Option<&'m [u8]> {
    let line = lines(message, name).next()?;
    Some(line.get(name.len() + 1..)?.trim_ascii())
}

/// The reply of a server to a request: Vias, From, To with a tag, Call-ID, CSeq, Record-Route.
pub(crate) fn reply(request: &[u8], status: &str, to_tag: &str, extra: &str) -> Vec<u8> {
    let mut out = format!("SIP/2.0 {status}\r\n").into_bytes();
    for name in ["Via", "Record-Route", "From"] {
        for line in lines(request, name) {
            out.extend_from_slice(line);
        }
    }
    if let Some(line) = lines(request, "To").next() {
        let line = line.trim_ascii_end();
        out.extend_from_slice(line);
        if !line.windows(5).any(|w| w == b";tag=") {
            out.extend_from_slice(b";tag=");
            out.extend_from_slice(to_tag.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }
    for name in ["Call-ID", "CSeq"] {
        for line in lines(request, name) {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(extra.as_bytes());
    out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
    out
}
