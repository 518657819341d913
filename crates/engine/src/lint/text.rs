//! Variables inside text, found without resolving them.

/// A variable of a class with a name, such as `$var(x)` or `$(avp(x)[0]{s.len})`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Mention<'t> {
    /// `var`.
    pub(super) class: &'t str,
    /// `x`, without quotes and the old type prefixes.
    pub(super) name: &'t str,
}

/// Every `$class(name)` and `$(class(name)…)` of a text, also those inside others.
pub(super) fn mentions(text: &str) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('$') {
        let start = from + at;
        from = start + 1;
        let rest = &text[from..];
        let rest = rest.strip_prefix('(').unwrap_or(rest);
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let (class, after) = rest.split_at(length);
        let Some(inner) = after.strip_prefix('(') else {
            continue;
        };
        let Some(end) = closing(inner) else { continue };
        if !class.is_empty() {
            found.push(Mention {
                class,
                name: bare(&inner[..end]),
            });
        }
    }
    found
}

/// Where the parenthesis closes whose inside `text` begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A name without quotes and without `s:`, `i:`.
fn bare(name: &str) -> &str {
    let name = name.trim().trim_matches(['"', '\'']);
    name.strip_prefix("s:")
        .or_else(|| name.strip_prefix("i:"))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_text() {
        let found: Vec<(&str, &str)> =
            mentions("a $var(x) $(avp(s:y)[0]{s.len}) $ru $$ $hdr($var(z)) $(")
                .iter()
                .map(|mention| (mention.class, mention.name))
                .collect();
        assert_eq!(
            found,
            [("var", "x"), ("avp", "y"), ("hdr", "$var(z)"), ("var", "z")]
        );
    }
}
