//! `HeaderKind`: which header a name stands for, long or compact.

use crate::folded::FoldedName;

/// Declares the kinds once: variant, name as usually written, further spellings.
/// A macro so that the enum, its names and its lookup cannot drift apart.
macro_rules! header_kinds {
    ($($variant:ident $name:literal $($alias:literal)*;)*) => {
        /// The headers told apart by the parser; any other is [`HeaderKind::Other`].
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum HeaderKind {
            $(
                #[doc = concat!("`", $name, "`")]
                $variant,
            )*
            /// A header without a kind of its own.
            Other,
            /// A line among the headers that is no header (no colon, bad name).
            Malformed,
        }

        /// Spelling (lower case) and kind of every known header, in no particular order.
        const SPELLINGS: &[(&str, HeaderKind)] = &[
            $( ($name, HeaderKind::$variant), $( ($alias, HeaderKind::$variant), )* )*
        ];

        impl HeaderKind {
            /// The full name as usually written; empty for headers without a kind.
            pub const fn name(self) -> &'static str {
                match self {
                    $( HeaderKind::$variant => $name, )*
                    HeaderKind::Other | HeaderKind::Malformed => "",
                }
            }
        }
    };
}

header_kinds! {
    Via "Via" "v";
    From "From" "f";
    To "To" "t";
    CSeq "CSeq";
    CallId "Call-ID" "i";
    Contact "Contact" "m";
    MaxForwards "Max-Forwards";
    Route "Route";
    RecordRoute "Record-Route";
    Path "Path";
    ContentType "Content-Type" "c";
    ContentLength "Content-Length" "l";
    ContentDisposition "Content-Disposition";
    ContentEncoding "Content-Encoding" "e";
    Authorization "Authorization";
    ProxyAuthorization "Proxy-Authorization";
    WwwAuthenticate "WWW-Authenticate";
    ProxyAuthenticate "Proxy-Authenticate";
    Expires "Expires";
    MinExpires "Min-Expires";
    Supported "Supported" "k";
    Unsupported "Unsupported";
    Require "Require";
    ProxyRequire "Proxy-Require";
    Allow "Allow";
    AllowEvents "Allow-Events" "u";
    Event "Event" "o";
    Accept "Accept";
    AcceptEncoding "Accept-Encoding";
    AcceptLanguage "Accept-Language";
    AcceptContact "Accept-Contact" "a";
    RejectContact "Reject-Contact" "j";
    RequestDisposition "Request-Disposition" "d";
    Organization "Organization";
    Priority "Priority";
    Subject "Subject" "s";
    UserAgent "User-Agent";
    Server "Server";
    Date "Date";
    Diversion "Diversion";
    HistoryInfo "History-Info";
    RemotePartyId "Remote-Party-ID";
    ReferTo "Refer-To" "r";
    ReferredBy "Referred-By" "b";
    Replaces "Replaces";
    SessionExpires "Session-Expires" "x";
    MinSe "Min-SE";
    SubscriptionState "Subscription-State";
    SipIfMatch "SIP-If-Match";
    SipETag "SIP-ETag";
    PPreferredIdentity "P-Preferred-Identity";
    PAssertedIdentity "P-Asserted-Identity";
    Privacy "Privacy";
    Identity "Identity" "y";
    IdentityInfo "Identity-Info" "n";
    RetryAfter "Retry-After";
    Reason "Reason";
    RSeq "RSeq";
    RAck "RAck";
    Warning "Warning";
    CallInfo "Call-Info";
}

/// Slots of the table of spellings: a power of two, about three for each spelling.
const SLOTS: usize = 256;

/// One slot: a spelling as it compares, its length, its kind. Length 0 marks a free slot.
#[derive(Clone, Copy)]
struct Slot {
    key: FoldedName,
    len: u8,
    kind: HeaderKind,
}

/// All spellings that fold whole, each at the place that its hash names or as soon behind it as was free.
static TABLE: [Slot; SLOTS] = {
    const FREE: Slot = Slot {
        key: FoldedName::of(b""),
        len: 0,
        kind: HeaderKind::Other,
    };
    let mut table = [FREE; SLOTS];
    let mut i = 0;
    while i < SPELLINGS.len() {
        let (name, kind) = SPELLINGS[i];
        if name.len() > FoldedName::LONGEST {
            i += 1;
            continue;
        }
        let key = FoldedName::of(name.as_bytes());
        let mut slot = place(&key, name.len());
        while table[slot].len != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = Slot {
            key,
            len: name.len() as u8,
            kind,
        };
        i += 1;
    }
    table
};

const fn place(key: &FoldedName, len: usize) -> usize {
    (key.hash(len) >> 56) as usize % SLOTS
}

impl HeaderKind {
    /// Number of kinds, for tables indexed by kind.
    pub const COUNT: usize = HeaderKind::Malformed as usize + 1;

    /// Whether Kamailio refuses a message that has this header twice.
    pub const fn is_singleton(self) -> bool {
        matches!(
            self,
            HeaderKind::To
                | HeaderKind::From
                | HeaderKind::CSeq
                | HeaderKind::CallId
                | HeaderKind::MaxForwards
                | HeaderKind::ContentLength
        )
    }

    /// The kind that `name` (any case, long or compact) stands for.
    pub fn from_name(name: &[u8]) -> HeaderKind {
        HeaderKind::of_prefix(name, name.len())
    }

    /// The kind that the first `len` bytes of `text` stand for.
    pub(crate) fn of_prefix(text: &[u8], len: usize) -> HeaderKind {
        if len <= FoldedName::LONGEST {
            return HeaderKind::of_folded(&FoldedName::prefix(text, len), len);
        }
        let name = text.get(..len).unwrap_or_default();
        let long = SPELLINGS
            .iter()
            .filter(|(spelling, _)| spelling.len() == len);
        let mut same = long.filter(|(spelling, _)| spelling.as_bytes().eq_ignore_ascii_case(name));
        same.next().map_or(HeaderKind::Other, |(_, kind)| *kind)
    }

    /// The kind that a name of this length stands for, if it folds whole.
    #[inline]
    pub(crate) fn of_folded(name: &FoldedName, len: usize) -> HeaderKind {
        let mut at = place(name, len);
        loop {
            let slot = &TABLE[at];
            if usize::from(slot.len) == len && slot.key == *name {
                return slot.kind;
            }
            if slot.len == 0 {
                return HeaderKind::Other;
            }
            at = (at + 1) % SLOTS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_in_any_case() {
        for (spelling, kind) in SPELLINGS {
            assert_eq!(HeaderKind::from_name(spelling.as_bytes()), *kind);
            assert_eq!(
                HeaderKind::from_name(spelling.to_ascii_uppercase().as_bytes()),
                *kind
            );
            assert_eq!(
                HeaderKind::from_name(spelling.to_ascii_lowercase().as_bytes()),
                *kind
            );
        }
    }

    #[test]
    fn strangers_have_no_kind() {
        for name in [
            "Call\rID",
            "Fr\u{f}m",
            "@",
            "Via\0",
            "\u{16}ia",
            "",
            "X-Foo",
            "Vi",
            "z",
            "Content-Lengthx",
            "P-Some-Very-Long-Header-Name-Indeed",
            "Proxy-AuthenticatX-Authenticate",
        ] {
            assert_eq!(HeaderKind::from_name(name.as_bytes()), HeaderKind::Other);
        }
    }
}
