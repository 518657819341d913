//! The reserved words of the language, from which the grammar works.

use std::sync::LazyLock;

use ahash::AHashMap;

use crate::status::Status;

/// What a keyword is used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeywordKind {
    /// A value of the message or its transport: `src_ip`.
    Operand,
    /// A constant that stands for a name: `UDP`, `INET6`.
    Constant,
    /// A constant that stands for a number: `yes`.
    Number(i64),
    /// An operator.
    Operator,
    /// Begins or parts a statement.
    Statement,
    /// An attribute of a socket or a parameter.
    Attribute,
    /// A form of literal or lexical element.
    Literal,
    /// A form of assignment or variable.
    Form,
    /// What a parameter of the core takes, and nothing else.
    ParamValue,
    /// A word that a parameter of the core takes, and that may name other things as well.
    PlainWord,
}

/// A reserved word or a fixed form of the language.
#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    /// As written.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// What it is used for.
    pub kind: KeywordKind,
    /// How far it is implemented.
    pub status: Status,
    /// What it means.
    pub doc: &'static str,
}

const fn keyword(
    name: &'static str,
    aliases: &'static [&'static str],
    kind: KeywordKind,
    doc: &'static str,
) -> Keyword {
    Keyword {
        name,
        aliases,
        kind,
        status: Status::Full,
        doc,
    }
}

use KeywordKind::{
    Attribute, Constant, Form, Literal, Number, Operand, Operator, ParamValue, PlainWord, Statement,
};

/// Every reserved word and fixed form that the front end understands.
pub const KEYWORDS: &[Keyword] = &[
    keyword("af", &[], Operand, "address family of the received message"),
    keyword("dst_ip", &[], Operand, "local address it was received on"),
    keyword("dst_port", &[], Operand, "local port it was received on"),
    keyword("from_uri", &[], Operand, "URI of the From header"),
    keyword("method", &[], Operand, "SIP method"),
    keyword("msg:len", &[], Operand, "size of the message"),
    keyword("proto", &[], Operand, "transport it was received over"),
    keyword("status", &[], Operand, "reply code"),
    keyword(
        "snd_af",
        &["to_af"],
        Operand,
        "address family it is sent with (onsend_route)",
    ),
    keyword(
        "snd_ip",
        &[],
        Operand,
        "local address it is sent from (onsend_route)",
    ),
    keyword(
        "snd_port",
        &[],
        Operand,
        "local port it is sent from (onsend_route)",
    ),
    keyword(
        "snd_proto",
        &["to_proto"],
        Operand,
        "transport it is sent over (onsend_route)",
    ),
    keyword("src_ip", &[], Operand, "source address"),
    keyword("src_port", &[], Operand, "source port"),
    keyword(
        "to_ip",
        &[],
        Operand,
        "address it is sent to (onsend_route)",
    ),
    keyword("to_port", &[], Operand, "port it is sent to (onsend_route)"),
    keyword("to_uri", &[], Operand, "URI of the To header"),
    keyword("uri", &[], Operand, "request URI"),
    keyword(
        "uri:host",
        &[],
        Operand,
        "host of the request URI, as argument of forward()",
    ),
    keyword(
        "uri:port",
        &[],
        Operand,
        "port of the request URI, as argument of forward()",
    ),
    keyword("myself", &[], Operand, "any local address or alias"),
    keyword("INET", &["inet", "ipv4", "IPv4", "IPV4"], Number(2), "IPv4"),
    keyword(
        "INET6",
        &["inet6", "ipv6", "IPv6", "IPV6"],
        Number(10),
        "IPv6",
    ),
    keyword("SCTP", &["sctp"], Constant, "transport"),
    keyword("TCP", &["tcp"], Constant, "transport"),
    keyword("TLS", &["tls"], Constant, "transport"),
    keyword("UDP", &["udp"], Constant, "transport"),
    keyword("WS", &["ws"], Constant, "transport"),
    keyword("WSS", &["wss"], Constant, "transport"),
    keyword("yes", &["true", "on", "enable"], Number(1), "1"),
    keyword("no", &["false", "off", "disable"], Number(0), "0"),
    keyword(
        "desc",
        &["descr", "description"],
        Attribute,
        "explains a custom parameter",
    ),
    keyword(
        "advertise",
        &["ADVERTISE"],
        Attribute,
        "address to announce for a socket",
    ),
    keyword("name", &["NAME"], Attribute, "name of a socket"),
    keyword(
        "virtual",
        &[],
        Attribute,
        "a socket whose address may be absent",
    ),
    keyword("#", &[], Literal, "comment to the end of the line"),
    keyword("//", &[], Literal, "comment to the end of the line"),
    keyword("/* */", &[], Literal, "comment; may be nested"),
    keyword("'text'", &[], Literal, "string without escapes"),
    keyword(
        "\"text\"",
        &[],
        Literal,
        "string with escapes; neighbours are joined",
    ),
    keyword("0xHEX", &[], Literal, "hexadecimal number"),
    keyword("0OCT", &[], Literal, "octal number"),
    keyword("BINb", &[], Literal, "binary number"),
    keyword("decimal", &[], Literal, "number of 32 bits"),
    keyword("\\", &[], Literal, "joins lines"),
    keyword("\\n", &[], Literal, "escape: new line"),
    keyword("\\r", &[], Literal, "escape: carriage return"),
    keyword("\\a", &[], Literal, "escape: bell"),
    keyword("\\t", &[], Literal, "escape: tab"),
    keyword("\\\"", &[], Literal, "escape: quote"),
    keyword("\\\\", &[], Literal, "escape: backslash"),
    keyword("\\xHH", &[], Literal, "escape: byte in hexadecimal"),
    keyword("\\OOO", &[], Literal, "escape: byte in octal"),
    keyword("\\<newline>", &[], Literal, "escape: nothing"),
    keyword("==", &[], Operator, "equal"),
    keyword("!=", &[], Operator, "not equal"),
    keyword("=~", &[], Operator, "matches the regular expression"),
    keyword("<", &[], Operator, "less"),
    keyword(">", &[], Operator, "greater"),
    keyword("<=", &[], Operator, "less or equal"),
    keyword(">=", &[], Operator, "greater or equal"),
    keyword("&&", &["and"], Operator, "both"),
    keyword("||", &["or"], Operator, "either"),
    keyword("!", &["not"], Operator, "logical not"),
    keyword("+", &[], Operator, "add or join"),
    keyword("-", &[], Operator, "subtract or negate"),
    keyword("*", &[], Operator, "multiply"),
    keyword("/", &[], Operator, "divide"),
    keyword("mod", &[], Operator, "remainder"),
    keyword("|", &[], Operator, "bitwise or"),
    keyword("&", &[], Operator, "bitwise and"),
    keyword("^", &[], Operator, "bitwise exclusive or"),
    keyword("~", &[], Operator, "bitwise not"),
    keyword("<<", &[], Operator, "shift left"),
    keyword(">>", &[], Operator, "shift right"),
    keyword("eq", &[], Operator, "equal as strings"),
    keyword("ne", &[], Operator, "not equal as strings"),
    keyword("ieq", &[], Operator, "equal as integers"),
    keyword("ine", &[], Operator, "not equal as integers"),
    keyword("(int)", &[], Operator, "cast to integer"),
    keyword("(str)", &[], Operator, "cast to string"),
    keyword("defined", &[], Operator, "has a value"),
    keyword("strlen", &[], Operator, "length of a string"),
    keyword("strempty", &[], Operator, "is the empty string"),
    keyword("selval", &[], Operator, "one of two values"),
    keyword("( )", &[], Operator, "grouping"),
    keyword(
        "if",
        &[],
        Statement,
        "runs statements when the condition holds",
    ),
    keyword("else", &[], Statement, "runs statements when it does not"),
    keyword("else if", &[], Statement, "a further condition"),
    keyword("switch", &[], Statement, "chooses by value"),
    keyword("case", &[], Statement, "a value of a switch"),
    keyword("case /", &[], Statement, "a regular expression of a switch"),
    keyword("default", &[], Statement, "any other value of a switch"),
    keyword("while", &[], Statement, "repeats statements"),
    keyword("break", &[], Statement, "leaves a switch or loop"),
    keyword("return", &[], Statement, "leaves the route block"),
    keyword("exit", &[], Statement, "ends the script"),
    keyword(
        "drop",
        &[],
        Statement,
        "ends the script and drops the message",
    ),
    keyword("route(NAME)", &[], Statement, "runs a route block"),
    keyword("{ }", &[], Statement, "groups statements"),
    keyword(";", &[], Statement, "ends a statement"),
    keyword("=", &[], Form, "assignment"),
    keyword("lvalue $pv", &[], Form, "assignment to a variable"),
    keyword(
        "lvalue $(pv[*])",
        &[],
        Form,
        "assignment that replaces all values",
    ),
    keyword("= $null", &[], Form, "assignment that deletes"),
    keyword("name = value", &[], Form, "core parameter"),
    keyword(
        "group.name = value desc \"text\"",
        &[],
        Form,
        "custom parameter",
    ),
    keyword(
        "(assign)",
        &[],
        Form,
        "assignment in parentheses as an expression: 1 when it worked",
    ),
    keyword(
        "LOG_AUTH",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_AUTHPRIV",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_CRON",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_DAEMON",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_FTP",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_KERN",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL0",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL1",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL2",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL3",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL4",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL5",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL6",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LOCAL7",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_LPR",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_MAIL",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_NEWS",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_SYSLOG",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_USER",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword(
        "LOG_UUCP",
        &[],
        PlainWord,
        "facility of the system log, for log_facility",
    ),
    keyword("IPTOS_LOWDELAY", &[], PlainWord, "type of service, for tos"),
    keyword(
        "IPTOS_THROUGHPUT",
        &[],
        PlainWord,
        "type of service, for tos",
    ),
    keyword(
        "IPTOS_RELIABILITY",
        &[],
        PlainWord,
        "type of service, for tos",
    ),
    keyword("IPTOS_MINCOST", &[], PlainWord, "type of service, for tos"),
    keyword("IPTOS_LOWCOST", &[], PlainWord, "type of service, for tos"),
    keyword(
        "SSLv23",
        &["sslv23", "SSLV23"],
        ParamValue,
        "protocol, for tls_method",
    ),
    keyword(
        "SSLv2",
        &["sslv2", "SSLV2"],
        ParamValue,
        "protocol, for tls_method",
    ),
    keyword(
        "SSLv3",
        &["sslv3", "SSLV3"],
        ParamValue,
        "protocol, for tls_method",
    ),
    keyword(
        "TLSv1",
        &["tlsv1", "TLSV1"],
        ParamValue,
        "protocol, for tls_method",
    ),
    keyword(
        "L_ALERT",
        &[],
        PlainWord,
        "log level -5, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_BUG",
        &[],
        PlainWord,
        "log level -4, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_CRIT2",
        &[],
        PlainWord,
        "log level -3, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_CRIT",
        &[],
        PlainWord,
        "log level -2, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_ERR",
        &[],
        PlainWord,
        "log level -1, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_WARN",
        &[],
        PlainWord,
        "log level 0, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_NOTICE",
        &[],
        PlainWord,
        "log level 1, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_INFO",
        &[],
        PlainWord,
        "log level 2, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "L_DBG",
        &[],
        PlainWord,
        "log level 3, in quotes as argument of xlog and its kin",
    ),
    keyword(
        "max_len",
        &[],
        ParamValue,
        "reserved: stands nowhere, in Kamailio neither",
    ),
    keyword(
        "+=",
        &[],
        Form,
        "reserved: no assignment, in Kamailio neither",
    ),
    keyword(
        "lvalue %avp / $avp (SER style)",
        &[],
        Form,
        "assignment that replaces all values of an attribute",
    ),
    keyword(
        "#!KAMAILIO",
        &["//!KAMAILIO"],
        Form,
        "line of its own: from here on `$name` is a variable",
    ),
    keyword("#!OPENSER", &[], Form, "same as #!KAMAILIO"),
    keyword(
        "#!SER",
        &[],
        Form,
        "line of its own: from here on `$name` is an attribute",
    ),
    keyword(
        "#!MAXCOMPAT",
        &[],
        Form,
        "line of its own: from here on `$name` is a variable, or else an attribute",
    ),
    keyword("#!ALL", &[], Form, "same as #!MAXCOMPAT"),
    keyword("%attr", &[], Form, "attribute: the AVP of that name"),
    keyword(
        "$f. $t. $fr. $tr. $fu. $tu. $fd. $td. $g.",
        &[],
        Form,
        "classes of attributes",
    ),
    keyword("$null", &[], Form, "no value"),
    keyword("$name", &[], Form, "variable"),
    keyword("$(name)", &[], Form, "variable"),
    keyword("$name(arg)", &[], Form, "variable of a class"),
    keyword("$(name(arg))", &[], Form, "variable of a class"),
    keyword("$(name[idx])", &[], Form, "one of several values"),
    keyword(
        "$(name{tr.x})",
        &[],
        Form,
        "variable through transformations",
    ),
    keyword("@select", &[], Form, "select"),
    keyword("$?", &[], Form, "last return code"),
    keyword("$retcode", &[], Form, "last return code"),
];

/// The keywords by name and alias.
static BY_WORD: LazyLock<AHashMap<&'static str, &'static Keyword>> = LazyLock::new(|| {
    let words = |keyword: &'static Keyword| {
        std::iter::once(keyword.name)
            .chain(keyword.aliases.iter().copied())
            .map(move |word| (word, keyword))
    };
    KEYWORDS.iter().flat_map(words).collect()
});

/// The keyword that a word is, by name or alias.
pub fn find(word: &str) -> Option<&'static Keyword> {
    BY_WORD.get(word).copied()
}
