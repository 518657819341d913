//! Addresses as `binrpc` and `fifo` spell them.

use engine::control::ControlAddress;

/// What an address means that names no protocol and looks like a path.
#[derive(Clone, Copy)]
pub(super) enum Plain {
    UnixStream,
    Fifo,
}

/// Reads `[protocol:]address`.
pub(super) fn parse(text: &str, plain: Plain) -> Result<ControlAddress, String> {
    let (protocol, rest) = match text.split_once(':') {
        Some((p, rest)) if is_protocol(p) => (Some(p), rest),
        _ => (None, text),
    };
    if rest.is_empty() {
        return Err(format!("`{text}` names no place"));
    }
    let path = || rest.into();
    match protocol {
        Some("unix" | "unixs") => Ok(ControlAddress::UnixStream(path())),
        Some("unixd") => Ok(ControlAddress::UnixDatagram(path())),
        Some("fifo") => Ok(ControlAddress::Fifo(path())),
        Some("tcp") => host_port(rest).map(|(host, port)| ControlAddress::Tcp(host, port)),
        Some("udp") => host_port(rest).map(|(host, port)| ControlAddress::Udp(host, port)),
        _ => match (rest.contains('/'), plain) {
            (true, Plain::UnixStream) => Ok(ControlAddress::UnixStream(path())),
            (true, Plain::Fifo) => Ok(ControlAddress::Fifo(path())),
            (false, _) => host_port(rest).map(|(host, port)| ControlAddress::Udp(host, port)),
        },
    }
}

fn is_protocol(text: &str) -> bool {
    matches!(text, "unix" | "unixs" | "unixd" | "udp" | "tcp" | "fifo")
}

/// `host:port`, `[v6]:port`, `*:port` or `port`; an empty host means all addresses.
fn host_port(text: &str) -> Result<(String, u16), String> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port = port
        .parse()
        .map_err(|_| format!("`{text}` has no usable port"))?;
    let host = host
        .strip_prefix('[')
        .and_then(|h| h.strip_suffix(']'))
        .unwrap_or(host);
    let host = if host == "*" { "" } else { host };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ControlAddress as A;

    #[test]
    fn the_forms_of_the_readme() {
        let binrpc = |text| parse(text, Plain::UnixStream).unwrap();
        for unix in ["unix:/tmp/x", "unixs:/tmp/x", "/tmp/x"] {
            assert_eq!(binrpc(unix), A::UnixStream("/tmp/x".into()));
        }
        assert_eq!(binrpc("unixd:/tmp/x"), A::UnixDatagram("/tmp/x".into()));
        assert_eq!(binrpc("localhost:3000"), A::Udp("localhost".into(), 3000));
        assert_eq!(binrpc("tcp:3012"), A::Tcp(String::new(), 3012));
        assert_eq!(binrpc("udp:*:3012"), A::Udp(String::new(), 3012));
        assert_eq!(binrpc("tcp:[::1]:5"), A::Tcp("::1".into(), 5));
        let fifo = |text| parse(text, Plain::Fifo).unwrap();
        assert_eq!(fifo("fifo:/tmp/f"), A::Fifo("/tmp/f".into()));
        assert_eq!(fifo("/tmp/f"), A::Fifo("/tmp/f".into()));
        for bad in ["", "unix:", "udp:host", "tcp:host:99999"] {
            assert!(parse(bad, Plain::Fifo).is_err(), "{bad}");
        }
    }
}
