//! Answers to SIP keep-alives: noted with the contact, which goes when there are none
//! (`keepalive_timeout`).

use engine::context::Context;

use crate::usrloc::api::{from_reversed_hex, heard};

/// Begins the From tag of keep-alives: the name of the contact follows.
const NAME_PREFIX: &[u8] = b"uloc-";

/// Looks at a reply: one to a keep-alive is noted with its contact.
pub(super) fn take(cx: &Context) {
    let contact = cx.msg.from_tag().and_then(contact_of_tag);
    if let Some((ruid, aor_hash)) = contact {
        heard(&cx.core, aor_hash, ruid, 0);
    }
}

/// The contact's name and the hash of its AoR in a tag, behind which a random number stands.
fn contact_of_tag(tag: &[u8]) -> Option<(&[u8], u32)> {
    tag.strip_prefix(NAME_PREFIX)?;
    let mut parts = tag.rsplitn(3, |c| *c == b'-');
    let _random = parts.next()?;
    let hash = from_reversed_hex(parts.next()?)?;
    Some((parts.next()?, u32::try_from(hash).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_tags() {
        assert_eq!(
            contact_of_tag(b"uloc-6b03c2f3-5dbb-1-3c33e6-662ee8f4"),
            Some((&b"uloc-6b03c2f3-5dbb-1"[..], 0x6e_33c3))
        );
        for tag in [&b""[..], b"x-y-z", b"uloc-", b"uloc", b"uloc-1-zz-3"] {
            assert_eq!(contact_of_tag(tag), None, "{tag:?}");
        }
    }
}
