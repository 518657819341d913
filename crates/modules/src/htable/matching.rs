//! How items are picked by name or value: operators of functions and of `$shtcn`, `$shtcv`.

use bytes::Bytes;
use script::regex::{Case, Pattern};
use script::value::Value;

/// A test of a name or a text value.
pub(super) enum Test {
    /// Every one.
    All,
    /// Equal to.
    Equal(Bytes),
    /// Anything but.
    NotEqual(Bytes),
    /// Begins with.
    StartsWith(Bytes),
    /// Ends with.
    EndsWith(Bytes),
    /// Matches.
    Regex(Pattern),
    /// An integer value equal to this; no name is one.
    Number(i64),
}

/// Why there is no test.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum TestError {
    /// An operator that is not known here.
    #[error("unsupported match operator: {0}")]
    Operator(String),
    /// The regular expression does not compile.
    #[error("bad regular expression: {0}")]
    Regex(String),
}

impl Test {
    /// The test of an operator that functions take: `re`, `sw` and, for those that only look,
    /// `eq`, `ne`.
    ///
    /// # Errors
    /// The operator is none of these, or the expression is broken.
    pub(super) fn of_operator(
        operator: &[u8],
        value: Bytes,
        looks_only: bool,
    ) -> Result<Self, TestError> {
        match operator {
            b"re" => Self::regex(&value),
            b"sw" => Ok(Self::StartsWith(value)),
            b"eq" if looks_only => Ok(Self::Equal(value)),
            b"ne" if looks_only => Ok(Self::NotEqual(value)),
            _ => Err(TestError::Operator(
                String::from_utf8_lossy(operator).into_owned(),
            )),
        }
    }

    /// The test that an expression of `$shtcn` or `$shtcv` means.
    ///
    /// # Errors
    /// The expression is broken.
    pub(super) fn of_expression(text: &Bytes) -> Result<Self, TestError> {
        let Some((operator, _)) = text.split_at_checked(2) else {
            return Self::regex(text);
        };
        let rest = text.slice(2..);
        match operator {
            b"**" => Ok(Self::All),
            b"~~" => Self::regex(&rest),
            b"~%" => Ok(Self::EndsWith(rest)),
            b"%~" => Ok(Self::StartsWith(rest)),
            b"==" => Ok(Self::Equal(rest)),
            b"eq" => Ok(Self::Number(i64::from(
                script::value::parse_int(&rest).unwrap_or(0),
            ))),
            _ => Self::regex(text),
        }
    }

    /// A regular expression.
    ///
    /// # Errors
    /// It is broken.
    pub(super) fn regex(text: &[u8]) -> Result<Self, TestError> {
        Pattern::new(text, Case::Insensitive)
            .map(Self::Regex)
            .map_err(|e| TestError::Regex(e.to_string()))
    }

    /// Whether a name passes.
    #[must_use]
    pub(super) fn name(&self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Equal(t) => name == t,
            Self::NotEqual(t) => name != t,
            Self::StartsWith(t) => name.starts_with(t),
            Self::EndsWith(t) => name.ends_with(t),
            Self::Regex(p) => p.is_match(name),
            Self::Number(_) => false,
        }
    }

    /// Whether a value passes. Integers pass only tests for integers.
    #[must_use]
    pub(super) fn value(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::All, _) => true,
            (Self::Number(wanted), Value::Int(n)) => wanted == n,
            (_, Value::Str(text)) => self.name(text),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts that the installed Kamailio gives for these names.
    #[test]
    fn expressions_on_names() {
        let names = ["arr[0]", "k1", "<null>", "i1", "i2", "i3", "zi", "k2"];
        for (expression, count) in [
            ("i", 4),
            ("~~i", 4),
            ("~%i", 1),
            ("%~i", 3),
            ("%~1", 0),
            ("~%1", 2),
            ("==i1", 1),
            ("eq1", 0),
            ("**", 8),
        ] {
            let test = Test::of_expression(&Bytes::from_static(expression.as_bytes())).unwrap();
            let found = names.iter().filter(|n| test.name(n.as_bytes())).count();
            assert_eq!(found, count, "{expression}");
        }
        assert!(Test::of_expression(&Bytes::from_static(b"*")).is_err());
    }

    #[test]
    fn integers_pass_only_as_integers() {
        let test = Test::of_expression(&Bytes::from_static(b"eq3")).unwrap();
        assert!(test.value(&Value::Int(3)));
        assert!(!test.value(&Value::Str("3".into())));
        let test = Test::of_expression(&Bytes::from_static(b"3")).unwrap();
        assert!(!test.value(&Value::Int(3)));
        assert!(test.value(&Value::Str("3".into())));
    }
}
