//! Arguments that several transformations are tried with.

/// No arguments, or those that should not be there.
pub(super) const NONE: &[&str] = &["", ",", ",x"];

/// Instead of a number.
pub(super) const NUMBER_ARGUMENT: &[&str] = &[
    ",0", ",1", ",2", ",5", ",100", ",-1", ",-100", ",$var(i)", ",$var(s)", ",$avp(u)", ",$var(n)",
    ",", "", ",x", ",1,2", ", 2",
];
/// Instead of a character.
pub(super) const CHARACTER_ARGUMENT: &[&str] = &[
    ",a", ",o", ",l", ",z", ",b", ", ", ",%", ",$var(s)", ",$avp(u)", ",$var(i)", ",ab", ",", "",
    ",\\,", ",/",
];
/// Instead of a name.
pub(super) const NAME_ARGUMENT: &[&str] = &[
    ",transport",
    ",x",
    ",a",
    ",b",
    ",lr",
    ",ttl",
    ",tag",
    ",none",
    ",$var(s)",
    ",$avp(u)",
    ",$var(i)",
    ",",
    "",
    ",TRANSPORT",
    ", x",
];
