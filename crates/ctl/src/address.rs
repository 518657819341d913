//! Where the server's binrpc socket is.

use std::path::PathBuf;
use std::str::FromStr;

/// The socket that the ctl module opens when it is told nothing.
pub(crate) const DEFAULT: &str = "unixs:/run/kamailio/kamailio_ctl";

/// The port of kamcmd when an address has none.
const DEFAULT_PORT: u16 = 2049;

/// An address of `-s`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Address {
    UnixStream(PathBuf),
    UnixDatagram(PathBuf),
    Tcp(String, u16),
    Udp(String, u16),
}

/// An address that means nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no address: use unixs:path, unixd:path, tcp:host:port or udp:host:port")]
pub(crate) struct BadAddress(String);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let bad = || BadAddress(text.to_owned());
        let (proto, rest) = match text.split_once(':') {
            Some((p @ ("unix" | "unixs" | "unixd" | "tcp" | "udp"), rest)) => (p, rest),
            _ if text.contains('/') => ("unixs", text),
            _ => ("udp", text),
        };
        if rest.is_empty() {
            return Err(bad());
        }
        match proto {
            "unixd" => Ok(Self::UnixDatagram(rest.into())),
            "tcp" => host_port(rest)
                .map(|(h, p)| Self::Tcp(h, p))
                .ok_or_else(bad),
            "udp" => host_port(rest)
                .map(|(h, p)| Self::Udp(h, p))
                .ok_or_else(bad),
            _ => Ok(Self::UnixStream(rest.into())),
        }
    }
}

fn host_port(text: &str) -> Option<(String, u16)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        let port = match rest.strip_prefix(':') {
            Some(port) => port.parse().ok()?,
            None => DEFAULT_PORT,
        };
        return Some((host.to_owned(), port));
    }
    match text.rsplit_once(':') {
        Some((host, port)) => Some((host.to_owned(), port.parse().ok()?)),
        None => Some((text.to_owned(), DEFAULT_PORT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let parse = |text: &str| text.parse::<Address>().unwrap();
        assert_eq!(parse("unixs:/a"), Address::UnixStream("/a".into()));
        assert_eq!(parse("unix:/a"), parse("/a"));
        assert_eq!(parse("unixd:/a"), Address::UnixDatagram("/a".into()));
        assert_eq!(
            parse("tcp:localhost"),
            Address::Tcp("localhost".into(), 2049)
        );
        assert_eq!(parse("udp:[::1]:5"), Address::Udp("::1".into(), 5));
        assert_eq!(parse("host:5"), Address::Udp("host".into(), 5));
        assert!(parse(DEFAULT) == Address::UnixStream("/run/kamailio/kamailio_ctl".into()));
        assert!("unix:".parse::<Address>().is_err() && "tcp:a:x".parse::<Address>().is_err());
    }
}
