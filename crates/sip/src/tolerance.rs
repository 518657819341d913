//! `Tolerance`: what malformed input is forgiven, each leniency by name.

use crate::chars::ByteSet;

/// Named leniencies of the parser. The default forgives what Kamailio 5.6 forgives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tolerance {
    /// Lines may end in LF alone. Kamailio looks for LF only and drops a CR before it.
    pub bare_lf: bool,
    /// CR, LF (keep-alive remains), white space and NUL may precede the start line.
    /// Kamailio skips them.
    pub leading_blank_lines: bool,
    /// White space may stand between a header's name and its colon (`From : x`).
    pub space_before_colon: bool,
    /// A line that begins with SP or HT continues the header above it (RFC 3261 §7.3.1).
    pub header_folding: bool,
    /// The message may end without the blank line behind the headers. (Without the line end
    /// of the last header that header is malformed, but the rest is usable.)
    pub missing_blank_line: bool,
    /// To, From, Call-ID, CSeq and Content-Length may stand more than once; the first counts
    /// (`sip_parser_mode = 0`).
    pub repeats: bool,
    /// Replies of web servers are read as replies (`http_reply_parse`).
    pub http_replies: bool,
    /// Characters that names of headers may have beyond those of tokens
    /// (`hdr_name_extra_chars`).
    pub name_chars: ByteSet,
}

impl Tolerance {
    /// What Kamailio accepts.
    pub const KAMAILIO: Tolerance = Tolerance {
        bare_lf: true,
        leading_blank_lines: true,
        space_before_colon: true,
        header_folding: true,
        missing_blank_line: true,
        repeats: false,
        http_replies: false,
        name_chars: ByteSet::EMPTY,
    };

    /// Only what RFC 3261 allows.
    pub const STRICT: Tolerance = Tolerance {
        bare_lf: false,
        leading_blank_lines: true,
        space_before_colon: true,
        header_folding: true,
        missing_blank_line: false,
        repeats: false,
        http_replies: false,
        name_chars: ByteSet::EMPTY,
    };
}

impl Default for Tolerance {
    fn default() -> Tolerance {
        Tolerance::KAMAILIO
    }
}
