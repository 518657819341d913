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
    PChargingVector "P-Charging-Vector";
    Privacy "Privacy";
    Identity "Identity" "y";
    IdentityInfo "Identity-Info" "n";
    RetryAfter "Retry-After";
    Reason "Reason";
    RSeq "RSeq";
    RAck "RAck";
    Timestamp "Timestamp";
    Warning "Warning";
    CallInfo "Call-Info";
    AlertInfo "Alert-Info";
    MimeVersion "MIME-Version";
}

/// One more than the longest known name.
const MAX_LEN: usize = 21;

/// Kinds sorted by the length of their spelling: `BY_LEN[START[n]..START[n + 1]]` have length `n`.
const BY_LEN: [(&[u8], HeaderKind); SPELLINGS.len()] = {
    let mut table: [(&[u8], HeaderKind); SPELLINGS.len()] =
        [(b"", HeaderKind::Other); SPELLINGS.len()];
    let mut filled = 0;
    let mut len = 0;
    while len < MAX_LEN {
        let mut i = 0;
        while i < SPELLINGS.len() {
            if SPELLINGS[i].0.len() == len {
                table[filled] = (SPELLINGS[i].0.as_bytes(), SPELLINGS[i].1);
                filled += 1;
            }
            i += 1;
        }
        len += 1;
    }
    assert!(filled == SPELLINGS.len(), "MAX_LEN is too small");
    table
};

const START: [u8; MAX_LEN + 1] = {
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
        let Some(first) = name.first() else {
            return HeaderKind::Other;
        };
        if name.len() >= MAX_LEN {
            return HeaderKind::Other;
        }
        let candidates =
            &BY_LEN[usize::from(START[name.len()])..usize::from(START[name.len() + 1])];
        for (spelling, kind) in candidates {
            if (spelling[0] ^ first) & 0xdf == 0 && spelling.eq_ignore_ascii_case(name) {
                return *kind;
            }
        }
        HeaderKind::Other
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
