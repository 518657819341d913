//! `avp_check`: values compared with values.

use std::cmp::Ordering;

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::log::Level;
use engine::variable::ParsedName;
use script::regex::{Case, Pattern};
use script::value::Value;

use super::names::{Operand, constant, flags, operation};
use crate::textopsx::api::glob_matches;

/// `operator/value/flags`.
pub(super) struct Check {
    operator: Operator,
    against: Against,
    every: bool,
    any_case: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Regex,
    Glob,
    And,
    Or,
    Xor,
}

enum Against {
    Constant(Value),
    Pattern(Pattern),
    Variable(Operand),
}

/// Two values that cannot be compared: a string and an integer.
struct Mismatch;

/// The variable to be checked.
pub(super) fn parse_subject(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    Operand::parse(scope, &String::from_utf8_lossy(text)).map(ParsedName::data)
}

pub(super) fn parse(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let (operator, value, given) = operation(text)?;
    let operator =
        Operator::from_name(&operator).ok_or_else(|| format!("unknown operator `{operator}`"))?;
    let flags = flags(given.as_ref(), "gi")?;
    let against = if value.starts_with('$') {
        Against::Variable(Operand::parse(scope, &value)?)
    } else {
        match constant(&value)? {
            Value::Str(pattern) if operator == Operator::Regex => Against::Pattern(
                Pattern::new(&pattern, Case::Insensitive).map_err(|e| e.to_string())?,
            ),
            value => Against::Constant(value),
        }
    };
    Ok(ParsedName::data(Check {
        operator,
        against,
        every: flags.contains('g'),
        any_case: flags.contains('i'),
    }))
}

impl Operator {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "re" => Self::Regex,
            "fm" => Self::Glob,
            "and" => Self::And,
            "or" => Self::Or,
            "xor" => Self::Xor,
            _ => return None,
        })
    }
}

impl Check {
    /// Whether the newest value (with the flag `g`: any) holds against any value on the right.
    pub(super) fn holds(&self, cx: &mut Context, subject: &Operand) -> bool {
        let (mut left, all) = subject.values(cx);
        if !self.every && !all {
            left.truncate(1);
        }
        let right = match &self.against {
            Against::Variable(operand) => operand.values(cx).0,
            Against::Constant(value) => vec![value.clone()],
            // The pattern stands for itself.
            Against::Pattern(_) => vec![Value::Null],
        };
        for subject in &left {
            for against in &right {
                match self.compare(subject, against) {
                    Ok(true) => return true,
                    Ok(false) => {}
                    Err(Mismatch) => {
                        cx.log(
                            Level::Error,
                            "avp_check: a string and an integer to compare",
                        );
                    }
                }
            }
        }
        false
    }

    fn compare(&self, left: &Value, right: &Value) -> Result<bool, Mismatch> {
        match (left, right) {
            (Value::Str(text), Value::Null) => match &self.against {
                Against::Pattern(pattern) => Ok(pattern.is_match(text)),
                _ => Err(Mismatch),
            },
            (Value::Str(left), Value::Str(right)) => Ok(self.compare_text(left, right)),
            (Value::Int(left), Value::Int(right)) => Ok(self.compare_numbers(*left, *right)),
            _ => Err(Mismatch),
        }
    }

    fn compare_text(&self, left: &Bytes, right: &Bytes) -> bool {
        let same = if self.any_case {
            left.eq_ignore_ascii_case(right)
        } else {
            left == right
        };
        match self.operator {
            Operator::Equal => same,
            Operator::NotEqual => !same,
            Operator::Regex => {
                Pattern::new(right, Case::Insensitive).is_ok_and(|pattern| pattern.is_match(left))
            }
            Operator::Glob => glob_matches(right, left),
            Operator::And | Operator::Or | Operator::Xor => false,
            // Which of two comes first never depends on case.
            operator => operator.fits(left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase())),
        }
    }

    fn compare_numbers(&self, left: i64, right: i64) -> bool {
        match self.operator {
            Operator::And => left & right != 0,
            Operator::Or => left | right != 0,
            Operator::Xor => left ^ right != 0,
            Operator::Regex | Operator::Glob => false,
            operator => operator.fits(left.cmp(&right)),
        }
    }
}

impl Operator {
    fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Regex | Self::Glob | Self::And | Self::Or | Self::Xor => false,
        }
    }
}
