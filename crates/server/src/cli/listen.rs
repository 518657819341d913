//! The address form of `-l`: `[proto:]addr_lst[:port][/advaddr]`.

use super::error::CliError;
use super::row::OptionRow;

/// An address that peers are told instead of the one that is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertise {
    /// The host, without brackets.
    pub host: String,
    /// The port, if it differs.
    pub port: Option<u16>,
}

/// What one `-l` asks to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenSpec {
    /// `udp`, `tcp`, `tls` or `sctp`; `None` means UDP and, unless disabled, TCP.
    pub proto: Option<&'static str>,
    /// Hosts, addresses or interface names, IPv6 without brackets; several for a multi-homed socket.
    pub addresses: Vec<String>,
    /// The port; `None` means the protocol's default.
    pub port: Option<u16>,
    /// The advertised address.
    pub advertise: Option<Advertise>,
}

const PROTOCOLS: [&str; 6] = ["udp", "tcp", "tls", "sctp", "ws", "wss"];
const SHAPE: &str = "[proto:]addr_lst[:port][/advaddr]";

impl ListenSpec {
    pub(super) fn parse(option: &'static OptionRow, text: &str) -> Result<Self, CliError> {
        read(text).ok_or_else(|| CliError::BadValue {
            option,
            value: text.to_owned(),
            expected: SHAPE,
        })
    }
}

fn read(text: &str) -> Option<ListenSpec> {
    let (bound, advertised) = match text.split_once('/') {
        Some((bound, advertised)) => (bound, Some(advertised)),
        None => (text, None),
    };
    let (proto, rest) = split_proto(bound)?;
    let (addresses, port) = match rest.strip_prefix('(') {
        Some(list) => {
            let (list, port) = list.split_once(')')?;
            // Commas and blanks separate, however many there are.
            let separates = |c: char| c == ',' || c.is_ascii_whitespace();
            let hosts = list
                .split(separates)
                .filter(|one| !one.is_empty())
                .map(host)
                .collect::<Option<Vec<_>>>()?;
            if hosts.is_empty() {
                return None;
            }
            (hosts, tail_port(port)?)
        }
        None => {
            let (address, port) = host_port(rest)?;
            (vec![address], port)
        }
    };
    let advertise = match advertised {
        Some(advertised) => {
            let (host, port) = host_port(advertised)?;
            Some(Advertise { host, port })
        }
        None => None,
    };
    Some(ListenSpec {
        proto,
        addresses,
        port,
        advertise,
    })
}

/// Splits `udp:` off. `a:5060` is a host and its port, so only known names count.
fn split_proto(text: &str) -> Option<(Option<&'static str>, &str)> {
    let Some((head, rest)) = text.split_once(':') else {
        return Some((None, text));
    };
    let known = PROTOCOLS
        .iter()
        .find(|proto| proto.eq_ignore_ascii_case(head));
    match known {
        Some(proto) if !rest.is_empty() => Some((Some(proto), rest)),
        Some(_) => None,
        None => Some((None, text)),
    }
}

fn host_port(text: &str) -> Option<(String, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        return Some((host(address)?, tail_port(port)?));
    }
    match text.split_once(':') {
        Some((name, port)) => Some((host(name)?, port_number(port)?)),
        None => Some((host(text)?, None)),
    }
}

fn host(text: &str) -> Option<String> {
    let bare = text
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(text);
    let wrong = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ',' | '/');
    (!bare.is_empty() && !bare.contains(wrong)).then(|| bare.to_owned())
}

fn tail_port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    port_number(text.strip_prefix(':')?)
}

/// A port; 0 is the usual one.
fn port_number(text: &str) -> Option<Option<u16>> {
    let port: u16 = text.parse().ok()?;
    Some(Some(port).filter(|port| *port != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_help_text_is_read() {
        let one = |text: &str| read(text).expect(text);
        assert_eq!(one("localhost").addresses, ["localhost"]);
        assert_eq!(one("eth0:5062").port, Some(5062));
        let udp = one("udp:127.0.0.1:5080/1.2.3.4:5060");
        assert_eq!((udp.proto, udp.port), (Some("udp"), Some(5080)));
        assert_eq!(
            udp.advertise,
            Some(Advertise {
                host: "1.2.3.4".into(),
                port: Some(5060)
            })
        );
        assert_eq!(one("sctp:(eth0)").addresses, ["eth0"]);
        let list = one("(eth0, eth1, 127.0.0.1):5065");
        assert_eq!(list.addresses, ["eth0", "eth1", "127.0.0.1"]);
        assert_eq!(list.port, Some(5065));
        assert_eq!(one("(,eth0 eth1,)").addresses, ["eth0", "eth1"]);
        assert_eq!(one("tls:[::1]:5061").addresses, ["::1"]);
        assert_eq!(one("[2001:db8::1]").port, None);
        assert_eq!(one("a:0").port, None);
    }

    #[test]
    fn broken_forms_are_refused() {
        for text in [
            "",
            "udp:",
            "bogus:1:2:3:4",
            "a:99999",
            "[::1",
            "(a,",
            "(,):5060",
            "a b",
            "a/",
            "a:5060/b:x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
