//! What transformations are applied to: variables of the prelude, and parts of the message.

/// Texts of all kinds, set in the configuration's prelude.
pub(super) const TEXTS: &[&str] = &[
    "var(hello)",
    "var(pad)",
    "var(csv)",
    "var(quoted)",
    "var(single)",
    "var(angle)",
    "var(odd)",
    "var(pct)",
    "var(lines)",
    "var(space)",
    "var(long)",
    "var(num)",
    "var(utf)",
    "var(i)",
    "var(j)",
    "var(z)",
    "var(n)",
    "var(s)",
    "var(e)",
    "var(bad)",
    "var(h)",
    "var(m)",
    "avp(u)",
    "var(never)",
    "avp(i)",
    "rU",
    "null",
];
/// A few of them, where there are many arguments.
pub(super) const SOME: &[&str] = &[
    "var(hello)",
    "var(csv)",
    "var(lines)",
    "var(odd)",
    "var(i)",
    "var(s)",
    "var(e)",
    "avp(u)",
    "rU",
];
/// Encoded texts.
pub(super) const CODED: &[&str] = &[
    "var(b64)",
    "var(b64t)",
    "var(b64u)",
    "var(b58)",
    "var(hex)",
    "var(hello)",
    "var(bad)",
    "var(e)",
    "var(num)",
    "var(i)",
    "avp(u)",
    "var(space)",
    "var(odd)",
    "var(long)",
    "var(pct)",
];
/// Texts for lines.
pub(super) const LINES: &[&str] = &[
    "var(lines)",
    "var(nl)",
    "var(hello)",
    "var(e)",
    "avp(u)",
    "rb",
    "mb",
];
/// URIs of all kinds.
pub(super) const URIS: &[&str] = &[
    "var(u1)", "var(u2)", "var(u3)", "var(u4)", "var(u5)", "var(u6)", "var(u7)", "var(u8)",
    "var(u9)", "var(u10)", "var(u11)", "var(u12)", "var(u13)", "var(na3)", "var(e)", "var(i)",
    "avp(u)",
];
/// URIs of the message.
pub(super) const MESSAGE_URIS: &[&str] = &[
    "ru",
    "fu",
    "tu",
    "ct",
    "du",
    "ou",
    "ai",
    "pu",
    "di",
    "hdr(Contact)",
    "route_uri",
    "su",
];
/// Name and address.
pub(super) const ADDRESSES: &[&str] = &[
    "var(na1)",
    "var(na2)",
    "var(na3)",
    "var(na4)",
    "var(na5)",
    "var(u1)",
    "var(u3)",
    "var(hello)",
    "var(e)",
    "var(i)",
    "avp(u)",
];
/// Headers of the message with names and addresses.
pub(super) const MESSAGE_ADDRESSES: &[&str] = &[
    "hdr(From)",
    "hdr(To)",
    "hdr(Contact)",
    "hdr(Route)",
    "hdr(P-Asserted-Identity)",
    "hdr(Diversion)",
    "ct",
];
/// Parameter lists.
pub(super) const PARAMS: &[&str] = &[
    "var(p1)",
    "var(p2)",
    "var(p3)",
    "var(p4)",
    "var(hello)",
    "var(e)",
    "var(i)",
    "avp(u)",
    "var(u5)",
];
/// Parameter lists of the message.
pub(super) const MESSAGE_PARAMS: &[&str] = &[
    "hdr(Via)",
    "hdr(X-Params)",
    "hdr(Contact)",
    "hdr(Content-Type)",
    "ru",
    "rU",
];
/// Sockets.
pub(super) const SOCKETS: &[&str] = &[
    "var(so1)", "var(so2)", "var(so3)", "var(u1)", "var(e)", "var(i)", "avp(u)", "Ru", "fs",
    "snd(buf)",
];
/// Aliases.
pub(super) const ALIASES: &[&str] = &[
    "var(al1)", "var(al2)", "var(u1)", "var(u6)", "var(u4)", "var(e)", "var(i)", "avp(u)",
];
/// Paths with queries.
pub(super) const URLS: &[&str] = &[
    "var(url)",
    "var(u1)",
    "var(hello)",
    "var(e)",
    "var(i)",
    "avp(u)",
    "hu",
];
/// Values for JSON and the like.
pub(super) const VALUES: &[&str] = &[
    "var(odd)",
    "var(lines)",
    "var(utf)",
    "var(quoted)",
    "var(space)",
    "var(i)",
    "var(j)",
    "var(z)",
    "var(e)",
    "avp(u)",
    "avp(i)",
    "null",
    "rU",
    "fn",
    "rb",
];
