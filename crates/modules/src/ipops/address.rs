//! Addresses in texts: which form they have, whether two are the same, whether one is in a
//! network.

use std::net::{IpAddr, Ipv6Addr};

use sip::chars::{decimal, trim};

/// The form of an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// `1.2.3.4`.
    V4,
    /// `::1`.
    V6,
    /// `[::1]`, as in URIs.
    V6Reference,
}

/// The address that a text is, with its form.
pub(super) fn read(text: &[u8]) -> Option<(IpAddr, Form)> {
    let text = std::str::from_utf8(text).ok()?;
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    match bare {
        Some(bare) => Some((bare.parse::<Ipv6Addr>().ok()?.into(), Form::V6Reference)),
        None => match text.parse().ok()? {
            IpAddr::V4(address) => Some((address.into(), Form::V4)),
            IpAddr::V6(address) => Some((address.into(), Form::V6)),
        },
    }
}

/// The address that a text without brackets is.
pub(super) fn read_pure(text: &[u8]) -> Option<IpAddr> {
    read(text)
        .filter(|(_, form)| *form != Form::V6Reference)
        .map(|(address, _)| address)
}

/// Whether an address is in one of the networks of a list: `10.0.0.0/8,192.168.1.1`. What is no
/// network matches nothing.
pub(super) fn is_in_subnets(address: &[u8], list: &[u8]) -> bool {
    let Some(address) = read_pure(address) else {
        return false;
    };
    list.split(|b| *b == b',')
        .any(|network| is_in_subnet(address, trim(network)) == Some(true))
}

fn is_in_subnet(address: IpAddr, network: &[u8]) -> Option<bool> {
    let slash = memchr::memchr(b'/', network);
    let base = read_pure(trim(&network[..slash.unwrap_or(network.len())]))?;
    let (bits, own) = match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (32, u128::from((a.to_bits()) ^ b.to_bits())),
        (IpAddr::V6(a), IpAddr::V6(b)) => (128, a.to_bits() ^ b.to_bits()),
        _ => return Some(false),
    };
    let mask = match slash {
        Some(at) => decimal(trim(&network[at + 1..])).filter(|mask| *mask <= bits)?,
        None => bits,
    };
    // All bits of the mask are the same when nothing is left above the others.
    Some(own.checked_shr(bits - mask).unwrap_or(0) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The judgement of Kamailio 5.6.3.
    #[test]
    fn forms() {
        for (text, form) in [
            ("1.2.3.4", Some(Form::V4)),
            ("255.255.255.255", Some(Form::V4)),
            ("256.1.1.1", None),
            ("1.2.3", None),
            ("1.2.3.4.5", None),
            ("01.2.3.4", None),
            ("1.2.3.4:", None),
            ("1.2.3.4x", None),
            ("::1", Some(Form::V6)),
            ("::", Some(Form::V6)),
            ("1080:0:0:0:8:800:200C:417A", Some(Form::V6)),
            ("::ffff:1.2.3.4", Some(Form::V6)),
            ("1:2:3:4:5:6:1.2.3.4", Some(Form::V6)),
            ("[::1]", Some(Form::V6Reference)),
            ("[::ffff:1.2.3.4]", Some(Form::V6Reference)),
            ("[1.2.3.4]", None),
            ("[fe80::1", None),
            ("::1]", None),
            ("fe80::1%eth0", None),
            ("1::2::3", None),
            ("1:2:3:4:5:6:7", None),
            ("1:2:3:4:5:6:7:8:9", None),
            ("12345::1", None),
            ("::g", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(read(text.as_bytes()).map(|(_, f)| f), form, "{text}");
        }
    }

    #[test]
    fn subnets() {
        for (address, list, is_in) in [
            ("10.0.123.123", "10.0.123.1/24", true),
            ("10.0.123.123", "192.168.0.0/24 , 10.0.0.0/16", true),
            ("10.0.123.123", "10.0.123.123", true),
            ("10.0.123.123", "0.0.0.0/0", true),
            ("10.0.123.123", "10.0.123.1/33", false),
            ("10.0.123.123", "10.0.123.1/-1", false),
            ("10.0.123.123", "x,10.0.0.0/8", true),
            ("10.0.123.123", "10.0.123.0/255.255.255.0", false),
            ("10.0.0.1", "10.0.0.2/31", false),
            ("10.0.0.1", "10.0.0.0/31", true),
            ("10.0.0.1", "10.0.0.0/ 8", true),
            ("10.0.0.1", "10.0.0.0/008", true),
            ("10.0.0.1", ",10.0.0.0/8", true),
            ("10.0.0.1", "11.0.0.0/8,", false),
            ("10.0.0.1", "", false),
            ("10.0.0.1", "2001:db8::/32", false),
            ("x", "10.0.0.0/8", false),
            ("2001:db8::1", "2001:db8::/32", true),
            ("2001:db8::1", "[2001:db8::]/32", false),
            ("[2001:db8::1]", "2001:db8::/32", false),
            ("2001:db8::1", "2001:db9::/31", true),
            ("2001:db8::1", "2001:db8::/129", false),
            ("2001:db8::1", "::/0", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:8000::/65", false),
            ("::ffff:10.0.0.1", "10.0.0.0/8", false),
        ] {
            assert_eq!(
                is_in_subnets(address.as_bytes(), list.as_bytes()),
                is_in,
                "{address} {list}"
            );
        }
    }

    /// Kamailio takes such a mask for 0, which is every address.
    #[test]
    fn a_mask_that_is_no_number_matches_nothing() {
        for list in ["10.0.123.1/x", "10.0.123.1/", "10.0.0.0/8x"] {
            assert!(!is_in_subnets(b"10.0.0.1", list.as_bytes()), "{list}");
        }
    }
}
