//! Domains whose subdomains name the server too (`alias_subdomains`).

use bytes::Bytes;
use engine::socket::Proto;

/// A domain given as `[proto:]domain[:port]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Domain {
    /// In lower case.
    name: Vec<u8>,
    port: Option<u16>,
    proto: Option<Proto>,
}

impl Domain {
    /// Parses one; `None`: this is none.
    pub(super) fn parse(text: &Bytes) -> Option<Self> {
        let mut parts: Vec<&[u8]> = text.split(|c| *c == b':').collect();
        let proto = match parts[..] {
            [first, _, ..] => Proto::from_name(first),
            _ => None,
        };
        if proto.is_some() {
            parts.remove(0);
        }
        let (name, port) = match parts[..] {
            [name] => (name, None),
            [name, port] => (name, Some(u16::try_from(sip::chars::decimal(port)?).ok()?)),
            _ => return None,
        };
        (!name.is_empty()).then(|| Self {
            name: name.to_ascii_lowercase(),
            port,
            proto,
        })
    }

    /// Whether a host is the domain or in it. What is not said of port or transport fits.
    pub(super) fn covers(&self, host: &[u8], port: Option<u16>, proto: Option<Proto>) -> bool {
        let fits = |ours: Option<u16>, theirs: Option<u16>| {
            ours.is_none() || theirs.is_none() || ours == theirs
        };
        if !fits(self.port, port)
            || (self.proto.is_some() && proto.is_some() && self.proto != proto)
        {
            return false;
        }
        let Some(start) = host.len().checked_sub(self.name.len()) else {
            return false;
        };
        host[start..].eq_ignore_ascii_case(&self.name) && (start == 0 || host[start - 1] == b'.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Kamailio 5.6.3 answered.
    #[test]
    fn domains_and_what_is_in_them() {
        let parse = |text: &'static str| Domain::parse(&Bytes::from_static(text.as_bytes()));
        let plain = parse("sub.Example.org").unwrap();
        for (host, ours) in [
            ("x.sub.example.org", true),
            ("y.x.sub.example.org", true),
            ("Sub.Example.Org", true),
            ("xsub.example.org", false),
            ("example.org", false),
        ] {
            assert_eq!(
                plain.covers(host.as_bytes(), Some(5070), None),
                ours,
                "{host}"
            );
        }
        let narrow = parse("udp:udp.org:5060").unwrap();
        assert!(narrow.covers(b"x.udp.org", None, None));
        assert!(narrow.covers(b"x.udp.org", Some(5060), Some(Proto::Udp)));
        assert!(!narrow.covers(b"x.udp.org", Some(5061), None));
        assert!(!narrow.covers(b"x.udp.org", None, Some(Proto::Tcp)));
        for wrong in ["", "udp:", "a:b", "a:1:2", "a:99999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
