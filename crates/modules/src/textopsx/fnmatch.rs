//! Shell patterns, as the C library's `fnmatch` without flags matches them.

/// Whether a pattern fits the whole text.
///
/// Walks both once and goes back to the last `*` at most: quadratic, never exponential.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
            continue;
        }
        if let Some(next) = one(pattern, p, text[t]) {
            p = next;
            t += 1;
            continue;
        }
        let Some((star_p, star_t)) = star else {
            return false;
        };
        star = Some((star_p, star_t + 1));
        p = star_p + 1;
        t = star_t + 1;
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// Matches one character; where the pattern goes on.
fn one(pattern: &[u8], at: usize, c: u8) -> Option<usize> {
    match *pattern.get(at)? {
        b'?' => Some(at + 1),
        b'[' => match bracket(pattern, at + 1, c) {
            Some((end, holds)) => holds.then_some(end),
            // Without its `]` it is a plain character.
            None => (c == b'[').then_some(at + 1),
        },
        b'\\' => {
            let literal = *pattern.get(at + 1)?;
            (literal == c).then_some(at + 2)
        }
        literal => (literal == c).then_some(at + 1),
    }
}

/// A bracket expression from behind its `[`: where it ends and whether the character is in it.
fn bracket(pattern: &[u8], start: usize, c: u8) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(start), Some(b'!' | b'^'));
    let mut at = start + usize::from(negated);
    let first = at;
    let mut holds = false;
    loop {
        let low = *pattern.get(at)?;
        if low == b']' && at > first {
            return Some((at + 1, holds != negated));
        }
        if pattern.get(at + 1) == Some(&b'-') && pattern.get(at + 2).is_some_and(|c| *c != b']') {
            let high = *pattern.get(at + 2)?;
            holds |= (low..=high).contains(&c);
            at += 3;
        } else {
            holds |= low == c;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("a*", "abc", true),
            ("a?c", "abc", true),
            ("A*", "abc", false),
            ("[a-c]bc", "abc", true),
            ("[!a]bc", "abc", false),
            ("a*c", "a/c", true),
            ("abcd", "abc", false),
            ("a\\*c", "a*c", true),
            ("*", "", true),
            ("*a*b*c*", "xxaxxbxxcxx", true),
            ("*a*b*c", "xxaxxbxxcxx", false),
            ("[]x]", "]", true),
            ("[x", "[x", true),
            ("\\", "\\", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                fits,
                "{pattern} {text}"
            );
        }
    }
}
