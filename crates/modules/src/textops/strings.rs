//! Lists written as text.

/// Whether an item of a list, without white space around it, passes a test.
pub(super) fn any_item(list: &[u8], separator: u8, test: impl Fn(&[u8]) -> bool) -> bool {
    list.split(|c| *c == separator)
        .any(|item| test(sip::chars::trim(item)))
}
