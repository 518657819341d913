//! Choosing among the services that a domain offers (RFC 3263 §4.1).

use super::{LocateOptions, Naptr};
use crate::Proto;

/// A way into a domain: a protocol and the SRV name to ask.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Service<'r> {
    pub(super) proto: Proto,
    pub(super) srv_name: &'r str,
}

/// The usable services in the order in which to try them. With `secure`, only
/// those under TLS.
pub(super) fn services<'r>(
    records: &'r [Naptr],
    options: &LocateOptions,
    secure: bool,
) -> Vec<Service<'r>> {
    let mut usable: Vec<_> = records
        .iter()
        .filter(|record| record.flags.eq_ignore_ascii_case(b"s") && !record.replacement.is_empty())
        .filter_map(|record| Some((record, proto(&record.service)?)))
        .filter(|(_, proto)| options.can_use(*proto))
        .filter(|(_, proto)| !secure || proto.is_secure())
        .collect();
    usable.sort_by_key(|(record, proto)| {
        let liking = -i64::from(options.preference.of(*proto));
        if options.ignore_naptr_order {
            (liking, record.order, record.preference, 0)
        } else {
            (0, record.order, record.preference, liking)
        }
    });
    usable
        .into_iter()
        .map(|(record, proto)| Service {
            proto,
            srv_name: &record.replacement,
        })
        .collect()
}

/// The protocol of a service field (RFC 3263 §4.1, RFC 4168 §5).
fn proto(service: &[u8]) -> Option<Proto> {
    const SERVICES: [(&[u8], Proto); 4] = [
        (b"SIP+D2U", Proto::Udp),
        (b"SIP+D2T", Proto::Tcp),
        (b"SIPS+D2T", Proto::Tls),
        (b"SIP+D2S", Proto::Sctp),
    ];
    let known = SERVICES
        .iter()
        .find(|(name, _)| service.eq_ignore_ascii_case(name))?;
    Some(known.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naptr(order: u16, service: &str, replacement: &str) -> Naptr {
        Naptr {
            order,
            preference: 10,
            flags: b"S".to_vec().into(),
            service: service.as_bytes().into(),
            regexp: Box::default(),
            replacement: replacement.into(),
        }
    }

    fn protos(records: &[Naptr], options: &LocateOptions, secure: bool) -> Vec<Proto> {
        let services = services(records, options, secure);
        services.into_iter().map(|service| service.proto).collect()
    }

    #[test]
    fn order_and_preference_are_followed_as_asked() {
        let set = [
            naptr(10, "sips+d2t", "_sips._tcp.x"),
            naptr(20, "SIP+D2T", "_sip._tcp.x"),
            naptr(30, "SIP+D2U", "_sip._udp.x"),
            naptr(5, "E2U+sip", "y"),
            naptr(5, "SIP+D2S", "_sip._sctp.x"),
        ];
        let mut options = LocateOptions {
            protos: vec![Proto::Udp, Proto::Tcp, Proto::Tls],
            ..LocateOptions::default()
        };
        assert_eq!(
            protos(&set, &options, false),
            [Proto::Udp, Proto::Tcp, Proto::Tls]
        );
        options.ignore_naptr_order = false;
        assert_eq!(
            protos(&set, &options, false),
            [Proto::Tls, Proto::Tcp, Proto::Udp]
        );
        assert_eq!(protos(&set, &options, true), [Proto::Tls]);
    }
}
