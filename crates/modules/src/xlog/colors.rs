//! `$C(xy)` and `log_colors`: terminal colours by two letters, foreground and background.

use engine::catalog::NameScope;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Inner, Variable};
use engine::variable::{ParsedName, PvName};
use script::value::Value;

use super::params::Xlog;

pub(super) static VARIABLES: &[Variable] = &[Variable::new(
    "C",
    read,
    "Escape sequence of a colour; nothing unless the log goes to a terminal or force_color is set.",
)
.named(Inner::Parsed(parse))];

/// The letters of colours in the order of their numbers; `x` is the terminal's own.
const LETTERS: &[u8] = b"srgybpcw?x";

fn number(letter: u8) -> Option<usize> {
    LETTERS
        .iter()
        .position(|l| *l == letter && letter.is_ascii_lowercase())
}

/// The middle of the escape sequence, `0;31;49` of `rx`. A capital foreground is bright.
pub(super) fn code(letters: &[u8]) -> Option<String> {
    let &[front, back] = letters else {
        return None;
    };
    let bright = u8::from(front.is_ascii_uppercase());
    let front = 30 + number(front.to_ascii_lowercase())?;
    let back = 40 + number(back)?;
    Some(format!("{bright};{front};{back}"))
}

/// `L_ERR=cr;L_WARN=px`: levels with the middles of their escape sequences.
pub(super) fn levels(text: &str) -> Result<Vec<(Level, String)>, String> {
    let pieces = text.split(';').filter(|p| !p.trim().is_empty());
    let all = pieces.map(|piece| {
        let (level, letters) = piece.split_once('=')?;
        Some((
            Level::from_name(level.trim())?,
            code(letters.trim().as_bytes())?,
        ))
    });
    let all: Option<Vec<_>> = all.collect();
    all.ok_or_else(|| format!("`{text}` is not LEVEL=colours"))
}

fn parse(_: &mut NameScope<'_, '_>, name: &str) -> Result<ParsedName, String> {
    match code(name.trim().as_bytes()) {
        Some(code) => Ok(ParsedName::data(Value::Str(format!("\x1b[{code}m").into()))),
        None => Err(format!("`{name}` is no pair of colours")),
    }
}

fn read(cx: &mut Context, name: &PvName) -> Value {
    let forced = name.state::<Xlog>().is_some_and(|x| x.force_color);
    if !forced && !cx.core.settings.log_stderror {
        return Value::Str(bytes::Bytes::new());
    }
    name.data::<Value>().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Kamailio 5.6.3 shows them.
    #[test]
    fn pairs_of_letters() {
        let of = |letters: &str| code(letters.as_bytes());
        assert_eq!(of("xx").as_deref(), Some("0;39;49"));
        assert_eq!(of("gy").as_deref(), Some("0;32;43"));
        assert_eq!(of("Gw").as_deref(), Some("1;32;47"));
        assert_eq!(of("ws").as_deref(), Some("0;37;40"));
        for wrong in ["xR", "SB", "zx", "r", "rxx", "?x", ""] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(
            levels("L_ERR=cr; L_WARN=px"),
            Ok(vec![
                (Level::Error, "0;36;41".to_owned()),
                (Level::Warning, "0;35;49".to_owned())
            ])
        );
        assert!(levels("L_ERR").is_err());
    }
}
