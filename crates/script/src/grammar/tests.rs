//! Tests of the grammar.

use std::path::{Path, PathBuf};

use crate::ast::{Expr, ExprKind, Item, Spanned, StmtKind};
use crate::diagnostic::{render_concise, render_full, render_json};
use crate::parse::{Parsed, parse_file, parse_text};
use crate::preprocess::Options;
use crate::source::{MemoryLoader, SystemLoader};

fn parse(text: &str) -> Parsed {
    parse_text(
        Path::new("test.cfg"),
        text.to_owned(),
        &MemoryLoader::default(),
        &Options::default(),
    )
}

const STOCK: &str = "/etc/kamailio/kamailio.cfg";

#[test]
fn the_stock_configuration_parses_with_each_define() {
    if !Path::new(STOCK).exists() {
        return;
    }
    let all = [
        "WITH_DEBUG",
        "WITH_MYSQL",
        "WITH_AUTH",
        "WITH_IPAUTH",
        "WITH_USRLOCDB",
        "WITH_PRESENCE",
        "WITH_MSGREBUILD",
        "WITH_NAT",
        "WITH_NATSIPPING",
        "WITH_RTPENGINE",
        "WITH_PSTN",
        "WITH_ALIASDB",
        "WITH_SPEEDDIAL",
        "WITH_MULTIDOMAIN",
        "WITH_TLS",
        "WITH_JSONRPC",
        "WITH_ANTIFLOOD",
        "WITH_BLOCK3XX",
        "WITH_BLOCK401407",
        "WITH_VOICEMAIL",
        "WITH_ACCDB",
    ];
    let with_database = all.iter().filter(|name| **name != "WITH_MYSQL");
    let mut sets: Vec<Vec<&str>> = with_database
        .map(|name| vec![*name, "WITH_MYSQL"])
        .collect();
    sets.push(Vec::new());
    sets.push(all.to_vec());
    for set in sets {
        let options = Options {
            defines: set.iter().map(|name| ((*name).to_owned(), None)).collect(),
            ..Options::default()
        };
        let parsed = parse_file(&PathBuf::from(STOCK), &SystemLoader, &options);
        assert!(
            parsed.diagnostics.is_empty(),
            "{set:?}\n{}",
            render_full(&parsed.diagnostics, &parsed.source, false)
        );
        let blocks = parsed
            .config
            .items
            .iter()
            .filter(|item| matches!(item, Item::Block(_)))
            .count();
        assert!(blocks >= 17, "{blocks} blocks");
    }
}

/// A folder of resource files with their texts, sorted by name.
fn resources(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("resources")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the resource folder")
        .map(|entry| entry.expect("a resource file").path())
        .map(|path| {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            (
                name.unwrap_or_default(),
                std::fs::read_to_string(&path).expect("a readable file"),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn valid_resources_have_no_mistakes() {
    for (name, text) in resources("valid") {
        let parsed = parse(&text);
        assert!(
            parsed.diagnostics.is_empty(),
            "{name}\n{}",
            render_full(&parsed.diagnostics, &parsed.source, false)
        );
    }
}

#[test]
fn invalid_resources_have_just_their_mistakes() {
    for (name, text) in resources("invalid") {
        let expected: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# expect "))
            .collect();
        let parsed = parse(&text);
        let found: Vec<String> = parsed
            .diagnostics
            .iter()
            .map(|diagnostic| {
                let place = parsed.source.location(diagnostic.primary);
                format!("{}:{} {}", place.line, place.column, diagnostic.code)
            })
            .collect();
        assert_eq!(
            found,
            expected,
            "{name}\n{}",
            render_full(&parsed.diagnostics, &parsed.source, false)
        );
    }
}

/// An expression in prefix form with all its parentheses.
fn grouping(expr: &Expr) -> String {
    match &expr.node {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Str(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ExprKind::Variable(text)
        | ExprKind::Select(text)
        | ExprKind::Keyword(text)
        | ExprKind::Ip(text) => text.clone(),
        ExprKind::Call { name, args } => {
            let args: Vec<String> = args.iter().map(grouping).collect();
            format!("{}({})", name.node, args.join(","))
        }
        ExprKind::Route(target) => format!("route({})", grouping(target)),
        ExprKind::Choice(choice) => format!(
            "selval({},{},{})",
            grouping(&choice.condition),
            grouping(&choice.then),
            grouping(&choice.otherwise)
        ),
        ExprKind::Assign { target, value } => {
            format!("({} = {})", grouping(target), grouping(value))
        }
        ExprKind::Unary(op, operand) => format!("({op:?} {})", grouping(operand)),
        ExprKind::Binary(op, left, right) => {
            format!("({op:?} {} {})", grouping(left), grouping(right))
        }
    }
}

fn assigned(expression: &str) -> String {
    let parsed = parse(&format!("request_route {{ $var(x) = {expression}; }}"));
    let messages = render_full(&parsed.diagnostics, &parsed.source, false);
    assert!(parsed.diagnostics.is_empty(), "{expression}\n{messages}");
    let [Item::Block(block)] = &parsed.config.items[..] else {
        panic!("one block expected");
    };
    let [
        Spanned {
            node: StmtKind::Assign { value, .. },
            ..
        },
    ] = &block.body[..]
    else {
        panic!("one assignment expected");
    };
    grouping(value)
}

/// Each grouping was told apart from its alternatives by the values Kamailio 5.6.3 computes.
#[test]
fn operators_group_as_in_kamailio() {
    for (expression, expected) in [
        ("1 + 2 * 3", "(Add 1 (Multiply 2 3))"),
        ("10 - 3 - 2", "(Subtract (Subtract 10 3) 2)"),
        ("5 mod 3 * 2", "(Multiply (Modulo 5 3) 2)"),
        ("1 << 2 + 1", "(ShiftLeft 1 (Add 2 1))"),
        ("7 << 3 >> 2", "(ShiftLeft 7 (ShiftRight 3 2))"),
        ("7 >> 1 << 3", "(ShiftLeft (ShiftRight 7 1) 3)"),
        ("1 << 1 < 3", "(ShiftLeft 1 (Less 1 3))"),
        ("1 < 1 << 3", "(ShiftLeft (Less 1 1) 3)"),
        ("3 ^ 1 & 1", "(BitAnd (BitXor 3 1) 1)"),
        ("8 | 6 & 3", "(BitOr 8 (BitAnd 6 3))"),
        ("1 ^ 1 | 1", "(BitOr (BitXor 1 1) 1)"),
        ("1 & 1 << 1", "(BitAnd 1 (ShiftLeft 1 1))"),
        ("1 | 0 == 0", "(BitOr 1 (Equal 0 0))"),
        ("1 & 2 == 2", "(BitAnd 1 (Equal 2 2))"),
        ("2 == 3 < 1", "(Equal 2 (Less 3 1))"),
        ("1 == 1 == 0", "(Equal (Equal 1 1) 0)"),
        ("1 | 2 && 0", "(And (BitOr 1 2) 0)"),
        ("1 || 1 && 0", "(Or 1 (And 1 0))"),
        (
            "!$var(a) && $var(b) == $var(c) + 1",
            "(And (Not $var(a)) (Equal $var(b) (Add $var(c) 1)))",
        ),
        ("! 1 + 1", "(Add (Not 1) 1)"),
        ("- $var(a) * 3", "(Multiply (Minus $var(a)) 3)"),
        ("1 - -1", "(Subtract 1 -1)"),
        ("(int)\"5\" * 2", "(Multiply (CastInt \"5\") 2)"),
        ("(str)5 + 1", "(Add (CastStr 5) 1)"),
        ("defined $avp(x) == 0", "(Equal (Defined $avp(x)) 0)"),
        ("not 0 and 0", "(And (Not 0) 0)"),
        ("\"a\" \"b\" + \"c\"", "(Add \"ab\" \"c\")"),
        ("\"abc\" =~ \"^a\" && 0", "(And (Match \"abc\" \"^a\") 0)"),
        (
            "strlen(\"a\" + \"b\") + 1",
            "(Add (StrLen (Add \"a\" \"b\")) 1)",
        ),
        (
            "method == INVITE || uri == myself",
            "(Or (Equal method \"INVITE\") (Equal uri myself))",
        ),
        (
            "src_ip == 10.0.0.0/8 && proto != UDP",
            "(And (Equal src_ip 10.0.0.0/8) (NotEqual proto UDP))",
        ),
        (
            "src_ip == sip.example.org",
            "(Equal src_ip \"sip.example.org\")",
        ),
        ("!uri == myself && 1", "(And (Not (Equal uri myself)) 1)"),
        ("route(X) + 1", "(Add route(\"X\") 1)"),
    ] {
        assert_eq!(assigned(expression), expected, "{expression}");
    }
}

#[test]
fn hostile_nesting_is_a_mistake_and_no_crash() {
    for (open, close) in [
        ("(", ")"),
        ("!", ""),
        ("strlen(", ")"),
        ("f(", ")"),
        ("-", ""),
        ("1+", ""),
    ] {
        let text = format!(
            "request_route {{ $var(x) = {}1{}; }}",
            open.repeat(20_000),
            close.repeat(20_000)
        );
        let parsed = parse(&text);
        assert!(parsed.has_errors(), "{open}");
    }
    let text = format!("request_route {{ {} exit; }}", "if (1) { ".repeat(20_000));
    assert!(parse(&text).has_errors());
    let text = format!(
        "request_route {{ {} exit; }}",
        "if (1) exit; else ".repeat(20_000)
    );
    assert!(parse(&text).has_errors());
}

proptest::proptest! {
    #[test]
    fn any_text_is_parsed(text in "\\PC{0,200}") {
        parse(&text);
    }

    #[test]
    fn any_tokens_are_parsed(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "if", "else", "(", ")", "{", "}", ";", "\"", "'", "$x", "$(", "@a.b[", "1", "==", "=",
            "request_route", "route", "[", "]", "\n", "#!define A ", "#!ifdef A\n", "#!endif\n", "A",
            "/*", "*/", "switch", "case", ":", "default", "while", "loadmodule", "modparam", ",",
            "listen", "alias", ".", "::1", "10.0.0.1", "/", "event_route[", "include_file \"a\"",
            "flags", "#!subst \"/a/b/g\"", "-", "!", "~", "return", "\\", "src_ip",
        ]), 0..60)
    ) {
        let text = pieces.join(" ");
        let parsed = parse(&text);
        let _ = render_full(&parsed.diagnostics, &parsed.source, false);
        let _ = render_concise(&parsed.diagnostics, &parsed.source);
        let _ = render_json(&parsed.diagnostics, &parsed.source);
    }

    #[test]
    fn mutated_configurations_are_parsed(
        cut in 0..4000_usize,
        length in 0..40_usize,
        insert in "[{}()\\[\\]\"';$@#!/*a-z0-9=\n]{0,6}",
    ) {
        let mut text = include_str!("../../resources/valid/language.cfg").to_owned();
        let start = cut.min(text.len());
        let end = (start + length).min(text.len());
        text.replace_range(start..end, &insert);
        let parsed = parse(&text);
        let _ = render_full(&parsed.diagnostics, &parsed.source, false);
    }
}

/// Every message of the front end, as an operator sees it: `resources/messages.txt` holds small
/// texts, each followed by what is said of it.
#[test]
fn messages_are_what_they_were() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/messages.txt");
    let file = std::fs::read_to_string(&path).expect("a readable file");
    let mut now = String::new();
    let mut count = 0;
    for part in file.split("=== ").skip(1) {
        let text = part.split("\n--- ").next().unwrap_or_default();
        let text = text.strip_prefix('\n').unwrap_or(text);
        let parsed = parse(text);
        let said = render_full(&parsed.diagnostics, &parsed.source, false);
        now.push_str(&format!("=== \n{text}\n--- \n{said}"));
        count += 1;
    }
    assert!(count >= 60, "only {count} messages");
    if std::env::var_os("UPDATE_MESSAGES").is_some() {
        std::fs::write(&path, &now).expect("the messages can be written");
    }
    assert!(
        file == now,
        "messages changed: look at them with UPDATE_MESSAGES=1 and git diff"
    );
}

/// As in Kamailio, which numbers them itself.
#[test]
fn flags_of_avps_have_names_only() {
    let errors = |text| parse(text).diagnostics.len();
    assert_eq!(
        errors("avpflags first, \"second\"\nrequest_route { exit; }"),
        0
    );
    assert_ne!(errors("avpflags first:5\nrequest_route { exit; }"), 0);
}

/// As in Kamailio: what stands behind the last socket is said of all.
#[test]
fn sockets_of_a_line_share_what_is_said_of_them() {
    let parsed = parse(
        "listen=udp:a.example:5060 tcp:b.example advertise 192.0.2.1:5070 name \"x\"\n\
         request_route { exit; }",
    );
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let Some(crate::ast::Item::CoreParam(listen)) = parsed.config.items.first() else {
        panic!("no parameter");
    };
    let hosts = listen.values.iter().map(|value| match &value.node {
        crate::ast::ParamValue::Listen(socket) => {
            let advertised = ("192.0.2.1".to_owned(), Some(5070));
            assert_eq!(socket.advertise, Some(advertised));
            assert_eq!(socket.name.as_deref(), Some("x"));
            socket.host.as_str()
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(hosts.collect::<Vec<_>>(), ["a.example", "b.example"]);
}
