//! Parameter lists (`;name=value;flag`), shared by all headers that carry them.

use smallvec::SmallVec;

use super::{HeaderError, Problem};
use crate::Span;
use crate::chars::{ends_param, ends_param_name, quoted_end, skip_space};

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

/// A list of parameters in the order they were written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Params {
    list: SmallVec<[Param; 3]>,
    /// From the first `;` to the end of the last parameter; empty if there is none.
    pub span: Span,
}

/// Where a parameter list stands, which decides what ends it and how strict Kamailio is with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// From, To: one address fills the header. A bare comma or an empty parameter is an error.
    Address,
    /// Via: a comma ends the element. Empty parameters and empty values (save `rport=`) are errors.
    Via,
    /// Contact, Route: a comma ends the element. An empty parameter is skipped unless it is the
    /// last one; empty values are errors unless they end the header.
    List,
    /// Content-Type and others that Kamailio does not take apart: anything goes.
    Lax,
}

impl Style {
    fn ends_at(self, c: u8) -> bool {
        c == b',' && !matches!(self, Style::Address)
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
    /// Parses the list that starts at `pos` (at `;`, white space, a comma or `end`).
    ///
    /// Returns the list and the position where it stopped: at the comma, or at `end`.
    pub fn parse(
        buf: &[u8],
        pos: usize,
        end: usize,
        style: Style,
    ) -> Result<(Params, usize), HeaderError> {
        let end = end.min(buf.len());
        let mut params = Params::default();
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
            params.list.push(param);
            last = param.whole.end();
            pos = skip_space(buf, last, end);
        }
        params.span = Span::of(first, last.max(first));
        Ok((params, pos))
    }

    /// The first parameter named `name` (any case).
    pub fn find(&self, buf: &[u8], name: &[u8]) -> Option<&Param> {
        self.list
            .iter()
            .find(|p| p.name.get(buf).eq_ignore_ascii_case(name))
    }

    /// The value of the first parameter named `name`; empty for a flag.
    pub fn value<'b>(&self, buf: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
        self.find(buf, name)
            .map(|p| p.value.unwrap_or_default().get(buf))
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = &Param> {
        self.list.iter()
    }

    /// Number of parameters.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Param {
    /// Parses one parameter at `pos`, which is not white space, `;` or past `end`.
    fn parse(buf: &[u8], pos: usize, end: usize, style: Style) -> Result<Param, HeaderError> {
        let text = buf.get(pos..end).unwrap_or_default();
        let name_len = text.iter().position(|c| ends_param_name(*c));
        let name_end = pos + name_len.unwrap_or(text.len());
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
        let text = buf.get(value_start..end).unwrap_or_default();
        let value_len = if style.allows_equals_in_value() {
            text.iter().position(|c| ends_param(*c))
        } else {
            text.iter().position(|c| ends_param_name(*c))
        };
        let value_end = value_start + value_len.unwrap_or(text.len());
        if value_end < end && buf[value_end] == b'=' {
            return Err(HeaderError::at(Problem::Param, value_start));
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
            .iter()
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
