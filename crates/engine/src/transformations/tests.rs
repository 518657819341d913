//! Helpers whose values Kamailio 5.6.3 confirms; whole expressions are tested in module pv.

use super::digest::core_slot;

#[test]
fn core_slot_is_kamailios() {
    for (text, size, hash) in [
        ("Hello World", 0, 2_764_307_758),
        ("Hello World", 16, 14),
        ("Hello World", 1000, 294),
        ("abcabc", 1000, 581),
        ("12", 16, 11),
    ] {
        assert_eq!(core_slot(text.as_bytes(), size), hash, "{text}");
    }
}
