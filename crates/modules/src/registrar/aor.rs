//! The address of record that a URI names.

use sip::UriRef;

use super::error::Refusal;

/// Longest address of record.
const MAX_AOR: usize = 255;

/// What decides how an address of record is made.
#[derive(Clone, Debug)]
pub(super) struct AorRules<'a> {
    /// Keep the domain.
    pub(super) use_domain: bool,
    /// Keep the case of the user.
    pub(super) case_sensitive: bool,
    /// Taken off the front of the domain.
    pub(super) realm_prefix: &'a [u8],
}

/// The address of record of a URI: its user, unescaped, with the domain if wanted.
pub(super) fn extract(uri: &[u8], rules: &AorRules<'_>) -> Result<Vec<u8>, Refusal> {
    let uri = UriRef::parse(uri).map_err(|_| Refusal::BadAor)?;
    let (user, host) = (uri.user(), uri.host());
    let length = user.len() + if rules.use_domain { host.len() + 1 } else { 0 };
    if length > MAX_AOR {
        return Err(Refusal::AorTooLong);
    }
    let mut aor = unescape(user).ok_or(Refusal::BadEscape)?;
    if rules.use_domain {
        if !aor.is_empty() {
            aor.push(b'@');
        }
        let host = host.strip_prefix(rules.realm_prefix).unwrap_or(host);
        aor.extend(host.iter().map(u8::to_ascii_lowercase));
    }
    if !rules.case_sensitive {
        aor.make_ascii_lowercase();
    }
    Ok(aor)
}

/// Text with its `%xx` escapes resolved; `None` if one is malformed or stands for a control or
/// 8-bit character.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + 1);
    let mut rest = text;
    while let [first, after @ ..] = rest {
        if *first != b'%' {
            out.push(*first);
            rest = after;
            continue;
        }
        let [high, low, after @ ..] = after else {
            return None;
        };
        let digit = |c: u8| char::from(c).to_digit(16);
        let byte = (digit(*high)? * 16 + digit(*low)?) as u8;
        if !(b' '..=b'~').contains(&byte) {
            return None;
        }
        out.push(byte);
        rest = after;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(uri: &str, use_domain: bool, case_sensitive: bool) -> Result<String, Refusal> {
        let rules = AorRules {
            use_domain,
            case_sensitive,
            realm_prefix: b"sip.",
        };
        extract(uri.as_bytes(), &rules).map(|a| String::from_utf8_lossy(&a).into_owned())
    }

    /// Pairs seen at Kamailio.
    #[test]
    fn as_kamailio() {
        assert_eq!(run("sip:Al%41:pw@TEST.org", false, false), Ok("ala".into()));
        assert_eq!(run("sip:test.org", false, false), Ok(String::new()));
        assert_eq!(run("tel:123", false, false), Ok("123".into()));
        assert_eq!(
            run("sip:Bob@SIP.Test.org", true, true),
            Ok("Bob@sip.test.org".into())
        );
        assert_eq!(
            run("sip:Bob@sip.Test.org", true, true),
            Ok("Bob@test.org".into())
        );
        assert_eq!(run("sip:test.org", true, true), Ok("test.org".into()));
        assert_eq!(run("sip:%zz@x", false, false), Err(Refusal::BadEscape));
        assert_eq!(run("sip:%4@x", false, false), Err(Refusal::BadEscape));
        assert_eq!(run("junk", false, false), Err(Refusal::BadAor));
        let long = format!("sip:{}@x", "a".repeat(300));
        assert_eq!(run(&long, false, false), Err(Refusal::AorTooLong));
    }
}
