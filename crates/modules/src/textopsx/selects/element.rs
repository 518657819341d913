//! The parts of an element of a list, as Kamailio's textopsx tells them apart: a name, a URI that
//! may stand in angle brackets, parameters. It takes more than RFC 3261 allows: a name of one word
//! may stand before a URI without brackets.

/// The parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element<'t> {
    /// Without its quotes; empty when there is none.
    pub(super) name: &'t [u8],
    pub(super) uri: Option<&'t [u8]>,
    /// Behind the first semicolon.
    params: &'t [u8],
}

impl<'t> Element<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        let mut words = Words { text, at: 0 };
        let mut first: Option<&[u8]> = None;
        let mut last: Option<&[u8]> = None;
        while let Some(word) = words.next_word() {
            match first {
                None => first = Some(word),
                Some(_) if word.starts_with(b"\"") => {}
                Some(_) => last = Some(word),
            }
        }
        let rest = &text[words.at..];
        if let Some(inner) = rest.strip_prefix(b"<") {
            let close = memchr::memchr(b'>', inner);
            // A bracket that is not closed leaves nothing.
            let end = close.unwrap_or(0);
            return Self {
                name: bare(first.unwrap_or_default()),
                uri: Some(&inner[..end]),
                params: close.map_or(&rest[..0], |close| after_semicolon(&inner[close..])),
            };
        }
        let params = after_semicolon(rest);
        let (name, uri) = match (first, last) {
            (Some(name), Some(_)) => (bare(name), last),
            (Some(name), None) if name.contains(&b'"') => (bare(name), None),
            (uri, _) => (&text[..0], uri),
        };
        Self { name, uri, params }
    }

    /// The value of the first parameter of the name; empty when it has none.
    pub(super) fn param(&self, name: &str) -> Option<&'t [u8]> {
        let mut rest = self.params;
        while !rest.is_empty() {
            let end = end_of_param(rest);
            let piece = &rest[..end];
            let equals = memchr::memchr(b'=', piece).unwrap_or(piece.len());
            if piece[..equals]
                .trim_ascii()
                .eq_ignore_ascii_case(name.as_bytes())
            {
                return Some(value(piece.get(equals + 1..).unwrap_or_default()));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        None
    }
}

/// Up to the next semicolon outside of quotes.
fn end_of_param(text: &[u8]) -> usize {
    let mut quoted = false;
    let end = text.iter().position(|b| {
        quoted ^= *b == b'"';
        *b == b';' && !quoted
    });
    end.unwrap_or(text.len())
}

/// A text in quotes, or a word.
fn value(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    if let Some(open) = text.strip_prefix(b"\"") {
        return &open[..memchr::memchr(b'"', open).unwrap_or(open.len())];
    }
    let end = text.iter().position(u8::is_ascii_whitespace);
    &text[..end.unwrap_or(text.len())]
}

fn bare(name: &[u8]) -> &[u8] {
    let inner = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\""));
    inner.unwrap_or(name)
}

fn after_semicolon(text: &[u8]) -> &[u8] {
    let at = memchr::memchr(b';', text).map_or(text.len(), |at| at + 1);
    &text[at..]
}

/// The words before a bracket, a semicolon or the end. Quotes may stand within a word.
struct Words<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Words<'t> {
    fn next_word(&mut self) -> Option<&'t [u8]> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let rest = &self.text[self.at..];
        let (mut quoted, mut escaped) = (false, false);
        let end = rest.iter().position(|b| {
            let is_plain = std::mem::take(&mut escaped);
            if is_plain {
                return false;
            }
            escaped = quoted && *b == b'\\';
            quoted ^= *b == b'"';
            !quoted && (matches!(b, b'<' | b';') || b.is_ascii_whitespace())
        });
        let end = end.unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn parts_of_elements() {
        for (text, name, uri, p) in [
            ("a=\"1;2\";b", "a=\"1;2\"", None, None),
            ("a \"q\" <sip:x@y>;p=1", "a", Some("sip:x@y"), Some("1")),
            ("\"q\" sip:x@y;p=1", "q", Some("sip:x@y"), Some("1")),
            ("<sip:x@y;z=2>;p=1", "", Some("sip:x@y;z=2"), Some("1")),
            ("name <sip:x@y", "name", Some(""), None),
            ("a \"b;c\" d;e=1", "a", Some("d"), None),
            ("\"only\"", "only", None, None),
            ("\"q\";p=1", "q", None, Some("1")),
            ("a\"b", "a\"b", None, None),
            ("x<y>z;w=1", "x", Some("y"), None),
            ("tok=1;p=\"a b\";P=2", "", Some("tok=1"), Some("a b")),
            ("a \"q\"", "", Some("a"), None),
            (
                "\"e\\\"s\" <sip:x@y>;p",
                "e\\\"s",
                Some("sip:x@y"),
                Some(""),
            ),
            ("na me <sip:x@y>;p= 5 ;q", "na", Some("sip:x@y"), Some("5")),
            ("sip:x@y ;p = 7", "", Some("sip:x@y"), Some("7")),
            ("<>;p=1", "", Some(""), Some("1")),
            (";p=1", "", None, Some("1")),
            ("na me more;p=1", "na", Some("more"), Some("1")),
            ("a;p=x y;z=1", "", Some("a"), Some("x")),
            ("a;p=\"x", "", Some("a"), Some("x")),
            ("a;;p==2", "", Some("a"), Some("=2")),
            ("\"open <sip:x@y>;p=1", "\"open <sip:x@y>;p=1", None, None),
            ("", "", None, None),
        ] {
            let element = Element::of(text.as_bytes());
            assert_eq!(element.name, name.as_bytes(), "{text}");
            assert_eq!(element.uri, uri.map(str::as_bytes), "{text}");
            assert_eq!(element.param("p"), p.map(str::as_bytes), "{text}");
        }
    }
}
