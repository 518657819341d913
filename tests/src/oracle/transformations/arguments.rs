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
/// Instead of a length, which may be left out.
pub(super) const LENGTH_ARGUMENT: &[&str] = &[
    "", ",3", ",0", ",-1", ",100", ",$var(i)", ",$var(s)", ",$avp(u)", ",", ",x",
];
/// Instead of a line's length and a number of lines.
pub(super) const LINES_ARGUMENTS: &[&str] = &[
    ",4,2",
    ",5,0",
    ",1,1",
    ",20,3",
    ",0,0",
    ",-1,2",
    ",4,-1",
    ",$var(i),$var(i)",
    ",$var(s),1",
    ",4",
    "",
];
/// Instead of an index, behind which a separator may stand.
pub(super) const INDEX_ARGUMENT: &[&str] = &[
    ",0", ",1", ",-1", ",9", ",-9", ",0,,", ",1,,", ",$var(z)", ",$var(s)", ",$avp(u)", ",x", ",",
    "",
];
