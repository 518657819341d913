//! What Kamailio calls a statement: the number and name of its action.

use engine::action;

/// An action's number and name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Action {
    pub(super) number: u32,
    pub(super) name: String,
}

const LEAVE: u32 = 2;
const ASSIGN: u32 = 63;

/// The action that a statement of the configuration is.
pub(super) fn action(text: &[u8]) -> Action {
    let word_end = text
        .iter()
        .position(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        .unwrap_or(text.len());
    let word = String::from_utf8_lossy(text.get(..word_end).unwrap_or_default());
    let rest = text.get(word_end..).unwrap_or_default().trim_ascii_start();
    let is_call = rest.first() == Some(&b'(');
    if let Some((number, name)) = action::of_word(&word) {
        return Action {
            number,
            name: name.to_owned(),
        };
    }
    if matches!(&*word, "return" | "exit" | "drop" | "break" | "continue") {
        return Action {
            number: LEAVE,
            name: word.into_owned(),
        };
    }
    if is_call && !word.is_empty() {
        return Action {
            number: action::of_module(parameters(rest)),
            name: word.into_owned(),
        };
    }
    Action {
        number: ASSIGN,
        name: "assign".to_owned(),
    }
}

/// How many parameters stand in the parentheses at the front.
fn parameters(text: &[u8]) -> usize {
    let (mut depth, mut quote, mut commas, mut any) = (0_u32, None, 0, false);
    let mut escaped = false;
    for byte in text {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(q), b) if q == *b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => {
                quote = Some(*byte);
                any = true;
            }
            (None, b'(') => {
                any |= depth > 0;
                depth += 1;
            }
            (None, b')') if depth == 1 => break,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b',') if depth == 1 => commas += 1,
            (None, b) => any |= !b.is_ascii_whitespace(),
        }
    }
    if any { commas + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_of_kamailio() {
        let shown = |text: &str| {
            let action = action(text.as_bytes());
            (action.number, action.name)
        };
        for (text, number, name) in [
            ("if (is_method(\"A\")) {", 16, "if"),
            ("xlog(\"L_INFO\",\"hello, (you)\\n\");", 26, "xlog"),
            ("append_hf(\"X: y\\r\\n\");", 25, "append_hf"),
            ("t_relay();", 24, "t_relay"),
            ("t_relay( )", 24, "t_relay"),
            ("$var(x) = 1 + 2;", 63, "assign"),
            ("setflag(3)", 39, "setflag"),
            ("route(SUB);", 5, "route"),
            ("return(1);", 2, "return"),
            ("exit;", 2, "exit"),
            ("rewritehost(\"a.b\")", 7, "sethost"),
            ("while ($var(x) > 2) {", 23, "while"),
            ("f(g(1,2), \"a\\\"),\", x)", 27, "f"),
        ] {
            assert_eq!(shown(text), (number, name.to_owned()), "{text}");
        }
        assert_eq!(shown("").0, ASSIGN);
    }
}
