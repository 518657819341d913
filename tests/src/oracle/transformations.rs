//! Expressions of transformations: each with ordinary, odd and wrong arguments, on texts that show
//! its edges and on parts of the message.

use super::coverage::Exports;
use super::{Audience, Form, Group, Row};

/// A transformation and what it is tried with.
pub(crate) struct Case {
    /// Class and name.
    pub(crate) name: &'static str,
    /// What stands behind the name within the braces.
    arguments: &'static [&'static str],
    /// What it is applied to.
    on: &'static [&'static [&'static str]],
}

/// No arguments, or those that should not be there.
const NONE: &[&str] = &["", ",", ",x"];

/// Texts of all kinds, set in the configuration's prelude.
const TEXTS: &[&str] = &[
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
const SOME: &[&str] = &[
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
const CODED: &[&str] = &[
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
const LINES: &[&str] = &[
    "var(lines)",
    "var(nl)",
    "var(hello)",
    "var(e)",
    "avp(u)",
    "rb",
    "mb",
];
/// URIs of all kinds.
const URIS: &[&str] = &[
    "var(u1)", "var(u2)", "var(u3)", "var(u4)", "var(u5)", "var(u6)", "var(u7)", "var(u8)",
    "var(u9)", "var(u10)", "var(u11)", "var(u12)", "var(u13)", "var(na3)", "var(e)", "var(i)",
    "avp(u)",
];
/// URIs of the message.
const MESSAGE_URIS: &[&str] = &[
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
const ADDRESSES: &[&str] = &[
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
const MESSAGE_ADDRESSES: &[&str] = &[
    "hdr(From)",
    "hdr(To)",
    "hdr(Contact)",
    "hdr(Route)",
    "hdr(P-Asserted-Identity)",
    "hdr(Diversion)",
    "ct",
];
/// Parameter lists.
const PARAMS: &[&str] = &[
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
const MESSAGE_PARAMS: &[&str] = &[
    "hdr(Via)",
    "hdr(X-Params)",
    "hdr(Contact)",
    "hdr(Content-Type)",
    "ru",
    "rU",
];
/// Sockets.
const SOCKETS: &[&str] = &[
    "var(so1)", "var(so2)", "var(so3)", "var(u1)", "var(e)", "var(i)", "avp(u)", "Ru", "fs",
    "snd(buf)",
];
/// Aliases.
const ALIASES: &[&str] = &[
    "var(al1)", "var(al2)", "var(u1)", "var(u6)", "var(u4)", "var(e)", "var(i)", "avp(u)",
];
/// Paths with queries.
const URLS: &[&str] = &[
    "var(url)",
    "var(u1)",
    "var(hello)",
    "var(e)",
    "var(i)",
    "avp(u)",
    "hu",
];
/// Values for JSON and the like.
const VALUES: &[&str] = &[
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
const NUMBER_ARGUMENT: &[&str] = &[
    ",0", ",1", ",2", ",5", ",100", ",-1", ",-100", ",$var(i)", ",$var(s)", ",$avp(u)", ",$var(n)",
    ",", "", ",x", ",1,2", ", 2",
];
const CHARACTER_ARGUMENT: &[&str] = &[
    ",a", ",o", ",l", ",z", ",b", ", ", ",%", ",$var(s)", ",$avp(u)", ",$var(i)", ",ab", ",", "",
    ",\\,", ",/",
];
const NAME_ARGUMENT: &[&str] = &[
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

const fn case(
    name: &'static str,
    arguments: &'static [&'static str],
    on: &'static [&'static [&'static str]],
) -> Case {
    Case {
        name,
        arguments,
        on,
    }
}

/// The table.
pub(crate) static CASES: &[Case] = &[
    case("s.len", NONE, &[TEXTS]),
    case("s.int", NONE, &[TEXTS]),
    case("s.md5", NONE, &[TEXTS]),
    case("s.sha256", NONE, &[TEXTS]),
    case("s.sha384", NONE, &[TEXTS]),
    case("s.sha512", NONE, &[TEXTS]),
    case("s.tolower", NONE, &[TEXTS]),
    case("s.toupper", NONE, &[TEXTS]),
    case("s.trim", NONE, &[TEXTS]),
    case("s.ltrim", NONE, &[TEXTS]),
    case("s.rtrim", NONE, &[TEXTS]),
    case("s.rmws", NONE, &[TEXTS]),
    case("s.numeric", NONE, &[TEXTS]),
    case("s.unquote", NONE, &[TEXTS]),
    case("s.unbracket", NONE, &[TEXTS]),
    case("s.escape.common", NONE, &[TEXTS]),
    case("s.escape.user", NONE, &[TEXTS]),
    case("s.escape.param", NONE, &[TEXTS]),
    case("s.escape.csv", NONE, &[TEXTS]),
    case("s.unescape.common", NONE, &[TEXTS]),
    case("s.unescape.user", NONE, &[TEXTS]),
    case("s.unescape.param", NONE, &[TEXTS]),
    case("s.urlencode.param", NONE, &[TEXTS]),
    case("s.urldecode.param", NONE, &[TEXTS]),
    case("s.encode.7bit", NONE, &[TEXTS]),
    case("s.decode.7bit", NONE, &[CODED]),
    case("s.encode.hexa", NONE, &[TEXTS]),
    case("s.decode.hexa", NONE, &[CODED]),
    case("s.encode.base58", NONE, &[TEXTS]),
    case("s.decode.base58", NONE, &[CODED]),
    case("s.encode.base64", NONE, &[TEXTS]),
    case("s.decode.base64", NONE, &[CODED]),
    case("s.encode.base64t", NONE, &[TEXTS]),
    case("s.decode.base64t", NONE, &[CODED]),
    case("s.encode.base64url", NONE, &[TEXTS]),
    case("s.decode.base64url", NONE, &[CODED]),
    case("s.encode.base64urlt", NONE, &[TEXTS]),
    case("s.decode.base64urlt", NONE, &[CODED]),
    case(
        "s.substr",
        &[
            ",0,4",
            ",-3,2",
            ",-3,0",
            ",3,99",
            ",99,1",
            ",1,$var(i)",
            ",$var(z),2",
            ",0,0",
            ",-99,2",
            ",2,-1",
            ",$var(s),1",
            ",$avp(u),1",
            ",0",
            "",
            ",,",
            ",a,b",
            ",1,",
            ", 1, 2",
        ],
        &[SOME],
    ),
    case(
        "s.select",
        &[
            ",0,,",
            ",1,,",
            ",-1,,",
            ",-2,,",
            ",9,,",
            ",-9,,",
            ",0,;",
            ",1,o",
            ",0, ",
            ",$var(z),,",
            ",$var(s),,",
            ",$avp(u),,",
            ",0",
            ",0,",
            "",
            ",x,,",
            ",0,ab",
            ",1,\\n",
        ],
        &[SOME],
    ),
    case("s.strip", NUMBER_ARGUMENT, &[SOME]),
    case("s.striptail", NUMBER_ARGUMENT, &[SOME]),
    case("s.stripto", CHARACTER_ARGUMENT, &[SOME]),
    case(
        "s.prefixes",
        &[
            "", ",3", ",0", ",-1", ",100", ",$var(i)", ",$var(s)", ",$avp(u)", ",", ",x",
        ],
        &[SOME],
    ),
    case(
        "s.prefixes.quoted",
        &[
            "", ",3", ",0", ",-1", ",100", ",$var(i)", ",$var(s)", ",$avp(u)", ",", ",x",
        ],
        &[SOME],
    ),
    case(
        "s.replace",
        &[
            ",l,L",
            ",o,",
            ",,x",
            ",abc,$var(i)",
            ",$var(s),x",
            ",l,$avp(u)",
            ",$avp(u),x",
            ",Hello World,x",
            ",zz,y",
            ",a,aa",
            "",
            ",a",
            ",a,b,c",
            ",a\\,b,x",
        ],
        &[SOME],
    ),
    case(
        "s.rm",
        &[
            ",l",
            ",o",
            ",zz",
            ",$var(s)",
            ",$avp(u)",
            ",$var(i)",
            ",Hello World",
            ",",
            "",
            ",l,o",
        ],
        &[SOME],
    ),
    case("s.count", CHARACTER_ARGUMENT, &[SOME]),
    case("s.before", CHARACTER_ARGUMENT, &[SOME]),
    case("s.after", CHARACTER_ARGUMENT, &[SOME]),
    case("s.rbefore", CHARACTER_ARGUMENT, &[SOME]),
    case("s.rafter", CHARACTER_ARGUMENT, &[SOME]),
    case(
        "s.fmtlines",
        &[
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
        ],
        &[SOME],
    ),
    case(
        "s.fmtlinet",
        &[
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
        ],
        &[SOME],
    ),
    case(
        "s.ftime",
        &[
            ",%Y",
            ",%Y-%m-%d",
            ",%%",
            ",x",
            ",%H:%M:%S",
            ",$var(s)",
            ",",
            "",
        ],
        &[&[
            "var(i)",
            "var(z)",
            "var(j)",
            "var(big)",
            "var(n)",
            "var(num)",
            "var(s)",
            "var(e)",
            "avp(u)",
            "var(bigs)",
        ]],
    ),
    case(
        "s.corehash",
        &[
            "", ",0", ",1", ",8", ",256", ",100", ",$var(i)", ",$var(s)", ",$avp(u)", ",-1", ",x",
            ",",
        ],
        &[SOME],
    ),
    case("uri.user", NONE, &[URIS]),
    case("uri.host", NONE, &[URIS]),
    case("uri.domain", NONE, &[URIS]),
    case("uri.port", NONE, &[URIS]),
    case("uri.passwd", NONE, &[URIS]),
    case("uri.params", NONE, &[URIS]),
    case("uri.headers", NONE, &[URIS]),
    case("uri.transport", NONE, &[URIS]),
    case("uri.ttl", NONE, &[URIS]),
    case("uri.uparam", NONE, &[URIS]),
    case("uri.maddr", NONE, &[URIS]),
    case("uri.method", NONE, &[URIS]),
    case("uri.lr", NONE, &[URIS]),
    case("uri.r2", NONE, &[URIS]),
    case("uri.scheme", NONE, &[URIS]),
    case("uri.tosocket", NONE, &[URIS]),
    case("uri.duri", NONE, &[URIS]),
    case("uri.saor", NONE, &[URIS]),
    case("uri.suri", NONE, &[URIS]),
    case("uri.param", NAME_ARGUMENT, &[URIS]),
    case("nameaddr.name", NONE, &[ADDRESSES]),
    case("nameaddr.uri", NONE, &[ADDRESSES]),
    case("nameaddr.len", NONE, &[ADDRESSES]),
    case("tobody.uri", NONE, &[ADDRESSES]),
    case("tobody.tag", NONE, &[ADDRESSES]),
    case("tobody.display", NONE, &[ADDRESSES]),
    case("tobody.params", NONE, &[ADDRESSES]),
    case("tobody.user", NONE, &[ADDRESSES]),
    case("tobody.host", NONE, &[ADDRESSES]),
    case(
        "param.count",
        &["", ",,", ",;", ",&", ",", ",$var(s)"],
        &[PARAMS],
    ),
    case(
        "param.value",
        &[
            ",a", ",b", ",c", ",d", ",none", ",a,,", ",b,,", ",$var(s)", ",$avp(u)", ",$var(i)",
            ",", "", ",a,ab", ",A", ", a",
        ],
        &[PARAMS],
    ),
    case(
        "param.in",
        &[
            ",a", ",b", ",c", ",d", ",none", ",a,,", ",b,,", ",$var(s)", ",$avp(u)", ",$var(i)",
            ",", "", ",a,ab", ",A",
        ],
        &[PARAMS],
    ),
    case(
        "param.valueat",
        &[
            ",0", ",1", ",-1", ",9", ",-9", ",0,,", ",1,,", ",$var(z)", ",$var(s)", ",$avp(u)",
            ",x", ",", "",
        ],
        &[PARAMS],
    ),
    case(
        "param.name",
        &[
            ",0", ",1", ",-1", ",9", ",-9", ",0,,", ",1,,", ",$var(z)", ",$var(s)", ",$avp(u)",
            ",x", ",", "",
        ],
        &[PARAMS],
    ),
    case("line.at", NUMBER_ARGUMENT, &[LINES]),
    case(
        "line.sw",
        &[
            ",l", ",l2", ",x", ",Via", ",v", ",$var(s)", ",$avp(u)", ",$var(i)", ",", "",
        ],
        &[LINES],
    ),
    case("line.count", NONE, &[LINES]),
    case(
        "re.subst",
        &[
            ",/l/L/",
            ",/l/L/g",
            ",/L/x/i",
            ",/L/x/gi",
            ",/^(.*)$/<\\1>/",
            ",/(H)(e)/\\2\\1/",
            ",/x*/-/g",
            ",/nomatch/x/",
            ",/o$/x/s",
            ",/[/x/",
            ",/a",
            ",",
            "",
            ",/b/$var(i)/",
            ",#l#L#",
            ",/l/$rU/g",
            ",/\\./x/",
        ],
        &[SOME],
    ),
    case("sock.host", NONE, &[SOCKETS]),
    case("sock.port", NONE, &[SOCKETS]),
    case("sock.proto", NONE, &[SOCKETS]),
    case("sock.touri", NONE, &[SOCKETS]),
    case("urialias.encode", NONE, &[ALIASES]),
    case("urialias.decode", NONE, &[ALIASES]),
    case("url.path", NONE, &[URLS]),
    case("url.querystring", NONE, &[URLS]),
    case("val.n0", NONE, &[VALUES]),
    case("val.ne", NONE, &[VALUES]),
    case("val.json", NONE, &[VALUES]),
    case("val.jsonqe", NONE, &[VALUES]),
];

/// Classes whose transformations are also applied to the message, and to which parts of it.
const ON_MESSAGE: &[(&str, &[&str])] = &[
    ("uri.", MESSAGE_URIS),
    ("nameaddr.", MESSAGE_ADDRESSES),
    ("tobody.", MESSAGE_ADDRESSES),
    ("param.", MESSAGE_PARAMS),
    ("line.", &["rb", "msg(hdrs)", "msg(fline)"]),
    ("s.", &["rU", "fn", "rb", "hdr(X-Params)", "ua"]),
    ("val.", &["fn", "rU", "ua"]),
];

/// Chains, and what is not a transformation.
const CHAINS: &[&str] = &[
    "$(var(hello){s.toupper}{s.len})",
    "$(var(hello){s.substr,0,5}{s.md5})",
    "$(var(hello){s.len}{s.len})",
    "$(var(u1){uri.params}{param.value,x})",
    "$(var(u1){uri.params}{param.value,x}{s.int})",
    "$(var(na1){nameaddr.uri}{uri.user})",
    "$(var(na1){nameaddr.uri}{uri.host}{s.toupper})",
    "$(var(hello){s.encode.hexa}{s.decode.hexa})",
    "$(var(odd){s.encode.base64}{s.decode.base64})",
    "$(var(odd){s.encode.base64url}{s.decode.base64url})",
    "$(var(odd){s.encode.base64urlt}{s.decode.base64urlt})",
    "$(var(odd){s.encode.base64t}{s.decode.base64t})",
    "$(var(odd){s.escape.param}{s.unescape.param})",
    "$(var(odd){s.escape.user}{s.unescape.user})",
    "$(var(odd){s.escape.common}{s.unescape.common})",
    "$(var(odd){s.urlencode.param}{s.urldecode.param})",
    "$(var(hello){s.encode.base58}{s.decode.base58})",
    "$(var(csv){s.select,1,,}{s.toupper})",
    "$(avp(u){s.len}{s.len})",
    "$(avp(u){s.toupper}{s.len})",
    "$(var(csv){s.select,9,,}{s.len})",
    "$(var(hello){s.nosuch})",
    "$(var(hello){nosuch.len})",
    "$(var(hello){s.len)",
    "$(var(hello)s.len})",
    "$(var(hello){s.len}x)",
    "$(var(hello){})",
    "$(var(hello){s})",
    "$(var(hello){s.})",
    "$(var(hello){ s.len })",
    "$(var(hello){s.LEN})",
    "$(var(hello) {s.len})",
    "$(var(hello){s.len} {s.len})",
    "$(hdr(X-List)[1]{s.len})",
    "$(hdr(X-List)[-1]{s.toupper})",
    "$(hdr(X-List)[*]{s.len})",
    "$(hdr(X-List)[9]{s.len})",
    "$(hdr(X-List){s.select,0,,})",
    "$(hdr(Via)[1]{param.value,branch})",
    "$(hdr(Contact){nameaddr.uri}{uri.host})",
    "$(fu{uri.user}{s.len})",
    "$(ru{uri.params}{param.count})",
    "$(rb{line.at,0}{s.len})",
    "$(mb{line.count})",
    "$(mb{s.len})",
    "$(mb{line.at,0}{s.select,0, })",
    "$(rb{line.sw,m=}{s.select,1, })",
    "$(cs{s.len})",
    "$(ml{s.len})",
    "$(si{s.replace,.,-})",
    "$(tU{s.substr,0,1}{s.toupper})",
    "$(rd{s.count,.})",
    "$(ct{nameaddr.uri}{uri.user})",
    "$(var(long){s.fmtlines,20,2}{line.count})",
    "$(var(hello){s.substr,$(var(csv){s.len}),2})",
    "$(var(hello){s.strip,$var(i)}{s.len})",
    "$(var(hello){re.subst,/(.*) (.*)/\\2 \\1/}{s.toupper})",
    "$(_s($var(s)-$var(i)){s.toupper})",
    "$(_s(a,b){s.select,1,,})",
    "$(avp(s){s.len})",
    "$(avp(i){s.len})",
    "$(null{s.len})",
    "$(true{s.len})",
];

/// The groups: on fixed texts, and on the messages.
pub(crate) fn groups(exported: &Exports) -> Vec<Group> {
    let mut texts = Vec::new();
    let mut fields = Vec::new();
    for case in CASES
        .iter()
        .filter(|c| exported.transformations.contains(c.name))
    {
        let class = ON_MESSAGE
            .iter()
            .find(|(class, _)| case.name.starts_with(class));
        for (index, arguments) in case.arguments.iter().enumerate() {
            for input in case.on.iter().copied().flatten() {
                texts.push(apply(case.name, arguments, input));
                // Wrong arguments are refused whatever they are applied to.
                if case.arguments == NONE && index > 0 {
                    break;
                }
            }
            // On the messages, the first arguments show enough.
            let parts = class.map_or(&[][..], |(_, parts)| parts);
            let usual = if case.arguments == NONE { 1 } else { 3 };
            if index < usual {
                fields.extend(parts.iter().map(|part| apply(case.name, arguments, part)));
            }
        }
    }
    fields.extend(CHAINS.iter().map(|chain| Row::new(Form::Variable, *chain)));
    vec![
        Group::new("transformations", Audience::Few, texts),
        Group::new("transformed_fields", Audience::Every, fields),
    ]
}

fn apply(name: &str, arguments: &str, input: &str) -> Row {
    Row::new(Form::Variable, format!("$({input}{{{name}{arguments}}})"))
}
