//! Variables inside text, found without resolving them.

/// Longer names are not looked for: each is searched for its end.
const MAX_NAME: usize = 1024;

/// A variable of a class with a name, such as `$var(x)` or `$(avp(x)[0]{s.len})`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Mention<'t> {
    /// `var`.
    pub(super) class: &'t [u8],
    /// `x`, without quotes and the old type prefixes.
    pub(super) name: &'t [u8],
}

/// Calls `visit` with every `$class(name)` and `$(class(name)…)` of a text, also those inside
/// others.
pub(super) fn mentions<'t>(text: &'t [u8], visit: &mut dyn FnMut(Mention<'t>)) {
    for at in memchr::memchr_iter(b'$', text) {
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix(b"(").unwrap_or(rest);
        let length = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        let (class, after) = rest.split_at(length);
        let Some(inner) = after.strip_prefix(b"(") else {
            continue;
        };
        let Some(end) = closing(&inner[..inner.len().min(MAX_NAME)]) else {
            continue;
        };
        if !class.is_empty() {
            visit(Mention {
                class,
                name: bare(&inner[..end]),
            });
        }
    }
}

/// Where the parenthesis closes whose inside `text` begins with.
fn closing(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate() {
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
fn bare(name: &[u8]) -> &[u8] {
    let mut name = name.trim_ascii();
    while let [b'"' | b'\'', rest @ ..] | [rest @ .., b'"' | b'\''] = name {
        name = rest;
    }
    name.strip_prefix(b"s:")
        .or_else(|| name.strip_prefix(b"i:"))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_text() {
        let mut found = Vec::new();
        let text = b"a $var(x) $(avp(s:y)[0]{s.len}) $ru $$ $hdr($var('z')) $(";
        mentions(text, &mut |one| found.push((one.class, one.name)));
        let expected: [(&[u8], &[u8]); 4] = [
            (b"var", b"x"),
            (b"avp", b"y"),
            (b"hdr", b"$var('z')"),
            (b"var", b"z"),
        ];
        assert_eq!(found, expected);
    }
}
