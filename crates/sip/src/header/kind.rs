//! `HeaderKind`: which header a name stands for, long or compact.

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

/// One more than the longest known name.
const MAX_LEN: usize = 21;

/// A name without regard to case, as words that compare at once.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key([u64; 3]);

impl Key {
    const fn of(name: &[u8]) -> Key {
        match name.len() {
            0 => Key([0, 0, 0]),
            1 => Key([fold(name[0] as u64), 0, 0]),
            len @ 2..4 => {
                let ends = (name[0] as u64) | (name[len - 1] as u64) << 8;
                Key([fold(ends | (name[1] as u64) << 16), 0, 0])
            }
            len @ 4..8 => Key([
                fold(word4(name, 0) as u64 | (word4(name, len - 4) as u64) << 32),
                0,
                0,
            ]),
            len @ 8..=16 => Key([fold(word8(name, 0)), fold(word8(name, len - 8)), 0]),
            len => {
                let middle = fold(word8(name, 8));
                Key([fold(word8(name, 0)), fold(word8(name, len - 8)), middle])
            }
        }
    }
}

/// Four bytes of `name` from `at`.
const fn word4(name: &[u8], at: usize) -> u32 {
    match name.split_at(at).1.first_chunk() {
        Some(chunk) => u32::from_le_bytes(*chunk),
        None => 0,
    }
}

/// Eight bytes of `name` from `at`.
const fn word8(name: &[u8], at: usize) -> u64 {
    match name.split_at(at).1.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => 0,
    }
}

/// Sets the case bit of every byte that has bit 0x40, that is of every letter; a hyphen or
/// digit stays, and no byte that is not a letter becomes one.
const fn fold(word: u64) -> u64 {
    word | (word & 0x4040_4040_4040_4040) >> 1
}

/// Kinds sorted by the length of their spelling: `BY_LEN[START[n]..START[n + 1]]` have length `n`.
static BY_LEN: [(Key, HeaderKind); SPELLINGS.len()] = {
    let mut table = [(Key([0; 3]), HeaderKind::Other); SPELLINGS.len()];
    let mut filled = 0;
    let mut len = 0;
    while len < MAX_LEN {
        let mut i = 0;
        while i < SPELLINGS.len() {
            if SPELLINGS[i].0.len() == len {
                table[filled] = (Key::of(SPELLINGS[i].0.as_bytes()), SPELLINGS[i].1);
                filled += 1;
            }
            i += 1;
        }
        len += 1;
    }
    assert!(filled == SPELLINGS.len(), "MAX_LEN is too small");
    table
};

static START: [u8; MAX_LEN + 1] = {
    let mut start = [0u8; MAX_LEN + 1];
    let mut len = 0;
    while len <= MAX_LEN {
        let mut shorter = 0;
        let mut i = 0;
        while i < SPELLINGS.len() {
            if SPELLINGS[i].0.len() < len {
                shorter += 1;
            }
            i += 1;
        }
        start[len] = shorter;
        len += 1;
    }
    start
};

impl HeaderKind {
    /// Number of kinds, for tables indexed by kind.
    pub const COUNT: usize = HeaderKind::Malformed as usize + 1;

    /// The bit of this kind in a set of kinds.
    pub(crate) const fn bit(self) -> u64 {
        const { assert!(HeaderKind::COUNT <= 64, "a set of kinds must fit one word") };
        1 << self as u8
    }

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
        if name.len() >= MAX_LEN {
            return HeaderKind::Other;
        }
        let key = Key::of(name);
        let range = usize::from(START[name.len()])..usize::from(START[name.len() + 1]);
        let found = BY_LEN[range].iter().find(|(spelling, _)| *spelling == key);
        found.map_or(HeaderKind::Other, |(_, kind)| *kind)
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
        ] {
            assert_eq!(HeaderKind::from_name(name.as_bytes()), HeaderKind::Other);
        }
    }
}
