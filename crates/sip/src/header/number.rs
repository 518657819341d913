//! Headers that hold one number: `Max-Forwards`, `Content-Length`, `Expires`, `Min-Expires`, …

use super::{HeaderError, Problem};
use crate::Span;
use crate::chars::{decimal, is_space};

/// The number at the start of the value under `span`; parameters may follow (`Retry-After`).
pub fn parse(buf: &[u8], span: Span) -> Result<u32, HeaderError> {
    let text = crate::chars::trim_start(span.get(buf));
    let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    let ends_well = rest
        .first()
        .is_none_or(|c| is_space(*c) || matches!(c, b';' | b'('));
    decimal(number)
        .filter(|_| ends_well)
        .ok_or(HeaderError::at(Problem::Number, span.start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let number = |text: &str| parse(text.as_bytes(), Span::of(0, text.len())).ok();
        assert_eq!(number("70"), Some(70));
        assert_eq!(number(" 18000;duration=3600"), Some(18000));
        assert_eq!(number("120 (busy)"), Some(120));
        for bad in ["", "x", "-1", "7x", "99999999999"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
