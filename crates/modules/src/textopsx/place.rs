//! What `append_hf_value` and its kin name: `Header[index].param`.

use engine::catalog::NameScope;
use engine::variable::ParsedName;

/// A header value, or a parameter of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) name: Vec<u8>,
    pub(super) index: Index,
    pub(super) param: Option<Vec<u8>>,
}

/// Which of the values of a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Index {
    /// None given.
    None,
    /// All: `[*]`.
    All,
    /// From 1, as from 0; negative from the end.
    At(i64),
}

impl Index {
    /// Position in a list of so many.
    pub(super) fn position(self, len: usize) -> Option<usize> {
        match self {
            Self::None => (len > 0).then_some(0),
            Self::All => None,
            Self::At(n) if n > 0 => usize::try_from(n - 1).ok().filter(|at| *at < len),
            Self::At(0) => (len > 0).then_some(0),
            Self::At(n) => len.checked_sub(usize::try_from(n.unsigned_abs()).ok()?),
        }
    }
}

impl Place {
    pub(super) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let text = sip::chars::trim(text);
        let name_end = text
            .iter()
            .position(|c| !sip::chars::is_token(*c) || *c == b'.')
            .unwrap_or(text.len());
        let (name, mut rest) = text.split_at(name_end);
        if name.is_empty() {
            return Err("a header name is needed");
        }
        let mut index = Index::None;
        if let Some(inner) = rest.strip_prefix(b"[") {
            let close = inner
                .iter()
                .position(|c| *c == b']')
                .ok_or("`]` is missing")?;
            let number = sip::chars::trim(&inner[..close]);
            index = if number == b"*" {
                Index::All
            } else {
                std::str::from_utf8(number)
                    .ok()
                    .and_then(|n| n.parse().ok())
                    .map(Index::At)
                    .ok_or("the index must be a number or `*`")?
            };
            rest = &inner[close + 1..];
        }
        let param = match rest {
            [] => None,
            [b'.', param @ ..] if !param.is_empty() => Some(param.to_vec()),
            _ => return Err("a place is written Header[index].param"),
        };
        Ok(Self {
            name: name.to_vec(),
            index,
            param,
        })
    }
}

/// Parses a place as a function's parameter.
pub(super) fn parse_arg(_: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    Place::parse(text)
        .map(ParsedName::data)
        .map_err(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let place = Place::parse(b"X-A[-1].foo").unwrap();
        assert_eq!(place.name, b"X-A");
        assert_eq!(place.index, Index::At(-1));
        assert_eq!(place.param.as_deref(), Some(&b"foo"[..]));
        assert_eq!(Place::parse(b"X-A[*]").unwrap().index, Index::All);
        assert_eq!(Place::parse(b"foo.bar").unwrap().index, Index::None);
        for bad in [&b""[..], b"[1]", b"a[", b"a[x]", b"a.", b"a b"] {
            assert!(Place::parse(bad).is_err());
        }
        assert_eq!(Index::At(-3).position(3), Some(0));
        assert_eq!(Index::At(-4).position(3), None);
        assert_eq!(Index::At(0).position(3), Some(0));
        assert_eq!(Index::At(4).position(3), None);
    }
}
