//! Parameter lists (`;name=value;flag`), shared by all headers that carry them.

use super::{HeaderError, Problem};
use crate::chars::{quoted_end, skip_space};
use crate::folded::FoldedName;
use crate::{Span, scan};

/// One parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param {
    /// The name as written.
    pub name: Span,
    /// The value without quotes; `None` for a flag, empty for `name=`.
    pub value: Option<Span>,
    /// Name up to the end of the value, quotes included.
    pub whole: Span,
}

/// A list of parameters that was found well formed. It is walked anew by whoever looks into it: the
/// parameters that every hop asks for are picked while it is parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Params {
    /// From the first `;` to the end of the last parameter; empty if there is none.
    pub span: Span,
    count: u32,
    style: Style,
}

/// Where a parameter list stands, which decides what ends it and how strict Kamailio is with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// From, To: one address fills the header. A bare comma or an empty parameter is an error.
    Address,
    /// Via: a comma ends the element, a comment the list. Empty parameters and empty values (save
    /// `rport=`) are errors.
    Via,
    /// Contact, Route: a comma ends the element. An empty parameter is skipped unless it is the
    /// last one; empty values are errors unless they end the header.
    List,
    /// Content-Type and others that Kamailio does not take apart: anything goes.
    Lax,
}

impl Style {
    fn ends_at(self, c: u8) -> bool {
        match c {
            b',' => self != Style::Address,
            b'(' => self == Style::Via,
            _ => false,
        }
    }

    /// Whether a parameter may be empty, seeing what follows it (`None` at the end).
    fn allows_empty(self, next: Option<u8>) -> bool {
        match self {
            Style::Address | Style::Via => false,
            Style::List => next == Some(b';'),
            Style::Lax => true,
        }
    }

    /// Whether a value may be empty, which stands at the end of the header or not.
    fn allows_empty_value(self, name: &[u8], at_end: bool) -> bool {
        match self {
            Style::Address | Style::Lax => true,
            Style::Via => name.eq_ignore_ascii_case(b"rport"),
            Style::List => at_end,
        }
    }

    fn allows_equals_in_value(self) -> bool {
        matches!(self, Style::List | Style::Lax)
    }
}

impl Params {
    /// No parameters.
    pub(crate) const EMPTY: Params = Params {
        span: Span::NONE,
        count: 0,
        style: Style::Lax,
    };

    /// Parses the list that starts at `pos` (at `;`, white space, a comma or `end`).
    ///
    /// Returns the list and the position where it stopped: at the comma or comment, or at `end`.
    pub fn parse(
        buf: &[u8],
        pos: usize,
        end: usize,
        style: Style,
    ) -> Result<(Params, usize), HeaderError> {
        Params::parse_picking(buf, pos, end, style, |_| {})
    }

    /// As [`Params::parse`]; `pick` is shown every parameter.
    #[inline]
    pub(crate) fn parse_picking(
        buf: &[u8],
        pos: usize,
        end: usize,
        style: Style,
        mut pick: impl FnMut(&Param),
    ) -> Result<(Params, usize), HeaderError> {
        let end = end.min(buf.len());
        let mut count = 0;
        let mut pos = skip_space(buf, pos, end);
        let first = pos;
        let mut last = pos;
        while pos < end && !style.ends_at(buf[pos]) {
            if buf[pos] != b';' {
                return Err(HeaderError::at(Problem::Param, pos));
            }
            pos = skip_space(buf, pos + 1, end);
            if pos >= end || buf[pos] == b';' || style.ends_at(buf[pos]) {
                if !style.allows_empty(buf.get(pos).copied().filter(|_| pos < end)) {
                    return Err(HeaderError::at(Problem::Param, pos));
                }
                last = pos;
                continue;
            }
            let param = Param::parse(buf, pos, end, style)?;
            pick(&param);
            count += 1;
            last = param.whole.end();
            pos = skip_space(buf, last, end);
        }
        let span = Span::of(first, last.max(first));
        Ok((Params { span, count, style }, pos))
    }

    /// Parses a list as nearly everybody writes it: names, and values that are not empty, without
    /// white space or quotes up to `end`.
    ///
    /// What it gives is what [`Params::parse_picking`] would; `None` leaves the list to that.
    #[inline]
    pub(crate) fn parse_plain(
        buf: &[u8],
        start: usize,
        end: usize,
        style: Style,
        mut pick: impl FnMut(&Param),
    ) -> Option<Params> {
        let mut count = 0;
        let mut pos = start;
        while pos < end {
            if buf[pos] != b';' {
                return None;
            }
            let mut stop = scan::param_end(buf, pos + 1, end);
            let name = Span::of(pos + 1, stop);
            let mut value = None;
            if stop < end && buf[stop] == b'=' {
                let value_start = stop + 1;
                stop = scan::param_end(buf, value_start, end);
                value = Some(Span::of(value_start, stop));
            }
            // A quote may hold what ends a value elsewhere.
            let quoted = value.is_some_and(|v| v.is_empty() || buf[v.start()] == b'"');
            if name.is_empty() || quoted {
                return None;
            }
            let whole = Span::of(pos + 1, stop);
            pick(&Param { name, value, whole });
            count += 1;
            pos = stop;
        }
        let span = Span::of(start, end);
        Some(Params { span, count, style })
    }

    /// The first parameter named `name` (any case).
    pub fn find(&self, buf: &[u8], name: &[u8]) -> Option<Param> {
        self.iter(buf)
            .find(|p| p.name.get(buf).eq_ignore_ascii_case(name))
    }

    /// The value of the first parameter named `name`; empty for a flag.
    pub fn value<'b>(&self, buf: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
        self.find(buf, name)
            .map(|p| p.value.unwrap_or_default().get(buf))
    }

    /// All parameters in order; `buf` is what they were parsed from.
    pub fn iter<'b>(&self, buf: &'b [u8]) -> ParamIter<'b> {
        ParamIter {
            buf,
            pos: self.span.start(),
            end: self.span.end().min(buf.len()),
            style: self.style,
        }
    }

    /// Number of parameters.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The parameters of a list, see [`Params::iter`].
#[derive(Clone, Debug)]
pub struct ParamIter<'b> {
    buf: &'b [u8],
    pos: usize,
    end: usize,
    style: Style,
}

impl Iterator for ParamIter<'_> {
    type Item = Param;

    fn next(&mut self) -> Option<Param> {
        while self.pos < self.end
            && matches!(self.buf[self.pos], b';' | b' ' | b'\t' | b'\r' | b'\n')
        {
            self.pos += 1;
        }
        if self.pos >= self.end {
            return None;
        }
        // The list was found well formed: nothing in it is an error.
        let param = Param::parse(self.buf, self.pos, self.end, self.style).ok()?;
        self.pos = param.whole.end();
        Some(param)
    }
}

impl Param {
    /// The name, to compare with others of its length.
    #[inline]
    pub(crate) fn folded_name(&self, buf: &[u8]) -> FoldedName {
        let text = buf.get(self.name.start()..).unwrap_or_default();
        FoldedName::prefix(text, self.name.len as usize)
    }

    /// The value; empty, behind the name, for a flag.
    #[inline]
    pub(crate) fn value_or_empty(&self) -> Span {
        self.value
            .unwrap_or(Span::of(self.name.end(), self.name.end()))
    }

    /// Parses one parameter at `pos`, which is not white space, `;` or past `end`.
    fn parse(buf: &[u8], pos: usize, end: usize, style: Style) -> Result<Param, HeaderError> {
        let name_end = scan::param_end(buf, pos, end);
        let name = Span::of(pos, name_end);
        if name.is_empty() {
            return Err(HeaderError::at(Problem::Param, pos));
        }
        let equals = skip_space(buf, name_end, end);
        if equals >= end || buf[equals] != b'=' {
            return Ok(Param {
                name,
                value: None,
                whole: name,
            });
        }
        let value_start = skip_space(buf, equals + 1, end);
        if value_start < end && buf[value_start] == b'"' {
            let close = quoted_end(buf, value_start, end)
                .ok_or(HeaderError::at(Problem::Quote, value_start))?;
            return Ok(Param {
                name,
                value: Some(Span::of(value_start + 1, close - 1)),
                whole: Span::of(pos, close),
            });
        }
        let mut value_end = scan::param_end(buf, value_start, end);
        while value_end < end && buf[value_end] == b'=' {
            if !style.allows_equals_in_value() {
                return Err(HeaderError::at(Problem::Param, value_start));
            }
            value_end = scan::param_end(buf, value_end + 1, end);
        }
        let value = Span::of(value_start, value_end);
        if value.is_empty() {
            if !style.allows_empty_value(name.get(buf), value_start >= end) {
                return Err(HeaderError::at(Problem::Param, value_start));
            }
            let value = Some(Span::of(equals + 1, equals + 1));
            return Ok(Param {
                name,
                value,
                whole: Span::of(pos, equals + 1),
            });
        }
        Ok(Param {
            name,
            value: Some(value),
            whole: Span::of(pos, value_end),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair = (Vec<u8>, Option<Vec<u8>>);

    fn parse(text: &[u8]) -> Result<Vec<Pair>, HeaderError> {
        let (params, _) = Params::parse(text, 0, text.len(), Style::Lax)?;
        Ok(params
            .iter(text)
            .map(|p| {
                (
                    p.name.get(text).to_vec(),
                    p.value.map(|v| v.get(text).to_vec()),
                )
            })
            .collect())
    }

    #[test]
    fn flags_values_quotes_and_spaces() {
        let list = parse(b" ; lr;a=b ; c = \"x;\\\"y\" ;e=, next").unwrap();
        assert_eq!(
            list,
            vec![
                (b"lr".to_vec(), None),
                (b"a".to_vec(), Some(b"b".to_vec())),
                (b"c".to_vec(), Some(b"x;\\\"y".to_vec())),
                (b"e".to_vec(), Some(b"".to_vec())),
            ]
        );
        assert!(parse(b"junk").is_err());
        assert!(parse(b";a=\"open").is_err());
        assert!(parse(b"").unwrap().is_empty());
        assert!(parse(b";;").unwrap().is_empty());
        for style in [Style::Address, Style::Via] {
            for text in [&b";;a"[..], b";a;", b";a=b=c"] {
                assert!(Params::parse(text, 0, text.len(), style).is_err());
            }
        }
        for (text, good) in [
            (&b";;a"[..], true),
            (b";a;", false),
            (b";a;,b", false),
            (b";a=", true),
            (b";a=;b", false),
            (b";a=,b", false),
        ] {
            assert_eq!(
                Params::parse(text, 0, text.len(), Style::List).is_ok(),
                good
            );
        }
        assert!(Params::parse(b";a=b,c", 0, 6, Style::Address).is_err());
        assert!(Params::parse(b";a=", 0, 3, Style::Via).is_err());
        assert!(Params::parse(b";rport=", 0, 7, Style::Via).is_ok());
    }
}
