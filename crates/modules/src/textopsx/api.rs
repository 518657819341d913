//! What other modules may use: shell patterns.

/// Whether a shell pattern (`*`, `?`, `[…]`) fits the whole text.
#[must_use]
pub fn glob_matches(pattern: &[u8], text: &[u8]) -> bool {
    super::fnmatch::matches(pattern, text)
}
