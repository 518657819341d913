//! Parameter lists (`;name=value;flag`), shared by all headers that carry them.

use smallvec::SmallVec;

use super::{HeaderError, Problem};
use crate::Span;
use crate::chars::{is_space, quoted_end, skip_space};

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
    list: SmallVec<[Param; 4]>,
    /// From the first `;` to the end of the last parameter; empty if there is none.
    pub span: Span,
}

/// What ends a parameter list, besides the end of the header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    /// Nothing: a comma belongs to the value (From, To).
    AtEnd,
    /// A comma: the next element follows (Via, Contact, Route).
    AtComma,
}

impl Params {
    /// Parses the list that starts at `pos` (at `;`, white space, a comma or `end`).
    ///
    /// Returns the list and the position where it stopped: at the comma, or at `end`.
    pub fn parse(
        buf: &[u8],
        pos: usize,
        end: usize,
        ends: Ends,
    ) -> Result<(Params, usize), HeaderError> {
        let mut params = Params::default();
        let mut pos = skip_space(buf, pos, end);
        let first = pos;
        let mut last = pos;
        while pos < end {
            match buf[pos] {
                b';' => {
                    pos = skip_space(buf, pos + 1, end);
                    last = pos;
                }
                b',' if ends == Ends::AtComma => break,
                _ if pos == first => return Err(HeaderError::at(Problem::Param, pos)),
                _ => {}
            }
            if pos >= end || buf[pos] == b';' || (buf[pos] == b',' && ends == Ends::AtComma) {
                continue;
            }
            let param = Param::parse(buf, pos, end, ends)?;
            params.list.push(param);
            last = param.whole.end();
            pos = skip_space(buf, last, end);
            if pos < end && buf[pos] != b';' && !(buf[pos] == b',' && ends == Ends::AtComma) {
                return Err(HeaderError::at(Problem::Param, pos));
            }
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
    fn parse(buf: &[u8], pos: usize, end: usize, ends: Ends) -> Result<Param, HeaderError> {
        let stops = |c: u8| c == b';' || is_space(c) || (c == b',' && ends == Ends::AtComma);
        let mut name_end = pos;
        while name_end < end && buf[name_end] != b'=' && !stops(buf[name_end]) {
            name_end += 1;
        }
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
        let mut value_end = value_start;
        while value_end < end && !stops(buf[value_end]) {
            value_end += 1;
        }
        let whole_end = if value_end == value_start {
            equals + 1
        } else {
            value_end
        };
        Ok(Param {
            name,
            value: Some(Span::of(value_start.min(value_end), value_end)),
            whole: Span::of(pos, whole_end),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Result<Vec<(Vec<u8>, Option<Vec<u8>>)>, HeaderError> {
        let (params, _) = Params::parse(text, 0, text.len(), Ends::AtComma)?;
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
    }
}
