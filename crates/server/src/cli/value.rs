//! The values that options take.

use std::str::FromStr;

use super::error::CliError;
use super::row::OptionRow;

/// A preprocessor definition (`-A`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Define {
    /// The identifier.
    pub name: String,
    /// What stands behind the first `=`, quotes kept; `None` when there is no `=`.
    pub value: Option<String>,
}

impl Define {
    pub(super) fn parse(option: &'static OptionRow, text: String) -> Result<Self, CliError> {
        let define = match text.split_once('=') {
            Some((name, value)) => Self {
                name: name.to_owned(),
                value: Some(value.to_owned()),
            },
            None => Self {
                name: text.clone(),
                value: None,
            },
        };
        if define.name.is_empty() {
            return Err(CliError::BadValue {
                option,
                value: text,
                expected: "ID or ID=VALUE",
            });
        }
        Ok(define)
    }
}

/// Which preprocessor directive a command-line substitution stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubstitutionKind {
    /// `#!subst`
    Subst,
    /// `#!substdef`
    SubstDef,
    /// `#!substdefs`
    SubstDefs,
}

/// A substitution given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// The directive.
    pub kind: SubstitutionKind,
    /// Its expression, as written.
    pub expression: String,
}

/// The value of a `--modparam`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModParamValue {
    /// Type `i`.
    Int(i64),
    /// Type `s`.
    Str(String),
}

/// A module parameter given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModParam {
    /// The module.
    pub module: String,
    /// The parameter.
    pub name: String,
    /// The value.
    pub value: ModParamValue,
}

impl ModParam {
    pub(super) fn parse(option: &'static OptionRow, text: &str) -> Result<Self, CliError> {
        let bad = |expected| CliError::BadValue {
            option,
            value: text.to_owned(),
            expected,
        };
        let shape = "module:param:s:text or module:param:i:number";
        let mut parts = text.splitn(4, ':');
        let (Some(module), Some(name), Some(kind), Some(value)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad(shape));
        };
        if module.is_empty() || name.is_empty() {
            return Err(bad(shape));
        }
        let value = match kind {
            "s" => ModParamValue::Str(value.to_owned()),
            "i" => ModParamValue::Int(value.parse().map_err(|_| bad("type i takes a number"))?),
            _ => return Err(bad("the type is s or i")),
        };
        Ok(Self {
            module: module.to_owned(),
            name: name.to_owned(),
            value,
        })
    }
}

/// A decimal number.
pub(super) fn number<T: FromStr>(option: &'static OptionRow, text: &str) -> Result<T, CliError> {
    text.parse().map_err(|_| CliError::BadValue {
        option,
        value: text.to_owned(),
        expected: "a number is expected",
    })
}

/// `yes`, `on`, `1` or `no`, `off`, `0`; their first letters do where they are unambiguous.
pub(super) fn on_off(option: &'static OptionRow, text: &str) -> Result<bool, CliError> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" | "1" => Ok(true),
        "no" | "n" | "off" | "0" => Ok(false),
        _ => Err(CliError::BadValue {
            option,
            value: text.to_owned(),
            expected: "valid on, off, yes, no",
        }),
    }
}

/// One of the words that the row lists.
pub(super) fn one_of(option: &'static OptionRow, text: &str) -> Result<(), CliError> {
    if option.words.split(", ").any(|word| word == text) {
        return Ok(());
    }
    Err(CliError::BadValue {
        option,
        value: text.to_owned(),
        expected: option.words,
    })
}
