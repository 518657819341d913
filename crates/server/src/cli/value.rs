//! The values that options take.

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
            "s" | "S" => ModParamValue::Str(value.to_owned()),
            "i" | "I" => {
                ModParamValue::Int(value.parse().map_err(|_| bad("type i takes a number"))?)
            }
            _ => return Err(bad("the type is s or i")),
        };
        Ok(Self {
            module: module.to_owned(),
            name: name.to_owned(),
            value,
        })
    }
}

/// The name of `--alias`: `[proto:]host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasSpec {
    /// `udp`, `tcp` or `tls`, if only that one.
    pub proto: Option<&'static str>,
    /// The name.
    pub host: String,
    /// The port, if only that one.
    pub port: Option<u16>,
}

impl AliasSpec {
    pub(super) fn parse(option: &'static OptionRow, text: &str) -> Result<Self, CliError> {
        Self::read(text).ok_or_else(|| CliError::BadValue {
            option,
            value: text.to_owned(),
            expected: "[proto:]host[:port]",
        })
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let proto = text.split_once(':').and_then(|(head, tail)| {
            let known = ["udp", "tcp", "tls"];
            let known = known.into_iter().find(|k| k.eq_ignore_ascii_case(head))?;
            Some((known, tail))
        });
        let rest = proto.map_or(text, |(_, tail)| tail);
        let (host, port) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (address, port) = inner.split_once(']')?;
                let port = match port {
                    "" => None,
                    port => Some(port.strip_prefix(':')?),
                };
                (format!("[{address}]"), port)
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host.to_owned(), Some(port)),
                None => (rest.to_owned(), None),
            },
        };
        if proto.is_some() && rest.is_empty() {
            return None;
        }
        let port = port.map(|port| port.parse::<u16>().ok());
        Some(Self {
            proto: proto.map(|(known, _)| known),
            host,
            port: match port {
                Some(port) => Some(port?).filter(|port| *port != 0),
                None => None,
            },
        })
    }
}

/// A decimal number as the C library reads it: blanks and a sign may lead, nothing is zero.
pub(super) fn number(option: &'static OptionRow, text: &str) -> Result<i64, CliError> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let is_number = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(number) => Ok(number),
        Err(_) if text.is_empty() => Ok(0),
        Err(_) if is_number && digits.starts_with('-') => Ok(i64::MIN),
        Err(_) if is_number => Ok(i64::MAX),
        Err(_) => Err(bad(option, text, "a number is expected")),
    }
}

/// A number for an integer of 32 bits, which keeps the low bits of a larger one.
pub(super) fn int(option: &'static OptionRow, text: &str) -> Result<i64, CliError> {
    let low = number(option, text)?.to_le_bytes();
    Ok(i64::from(i32::from_le_bytes([
        low[0], low[1], low[2], low[3],
    ])))
}

/// A size in megabytes.
pub(super) fn megabytes(option: &'static OptionRow, text: &str) -> Result<u32, CliError> {
    let size = number(option, text)?;
    u32::try_from(size).map_err(|_| bad(option, text, "a size in megabytes is expected"))
}

/// `yes`, `on` or `no`, `off`.
pub(super) fn on_off(option: &'static OptionRow, text: &str) -> Result<bool, CliError> {
    match text {
        "yes" | "on" => Ok(true),
        "no" | "off" => Ok(false),
        _ => Err(bad(option, text, "valid on, off, yes, no")),
    }
}

/// `y…`, `1…` or `n…`, `0…`: the first letter decides.
pub(super) fn yes_no(option: &'static OptionRow, text: &str) -> Result<bool, CliError> {
    match text.bytes().next() {
        Some(b'y' | b'1') => Ok(true),
        Some(b'n' | b'0') => Ok(false),
        _ => Err(bad(option, text, "y[es], 1, n[o] or 0")),
    }
}

/// One of the words that the row lists, or of `others`.
pub(super) fn one_of(
    option: &'static OptionRow,
    text: &str,
    others: &[&str],
) -> Result<(), CliError> {
    let is_listed = option.words.split(", ").any(|word| word == text);
    if is_listed || others.contains(&text) {
        return Ok(());
    }
    Err(bad(option, text, option.words))
}

fn bad(option: &'static OptionRow, value: &str, expected: &'static str) -> CliError {
    CliError::BadValue {
        option,
        value: value.to_owned(),
        expected,
    }
}
