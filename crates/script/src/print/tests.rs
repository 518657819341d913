//! What is printed parses to the same tree.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use proptest::prelude::*;

use super::print;
use crate::ast::{
    BinaryOp, Block, BlockKind, Case, CaseLabel, Choice, Config, CoreParam, CustomParam, Expr,
    ExprKind, Item, ListenValue, ModParam, ParamValue, Span, Spanned, Stmt, StmtKind, UnaryOp,
};
use crate::parse::{Parsed, parse_text};
use crate::preprocess::Options;
use crate::source::MemoryLoader;

fn parse(text: Vec<u8>) -> Parsed {
    let path = Path::new("test.cfg");
    parse_text(path, text, &MemoryLoader::default(), &Options::default())
}

/// A tree without its places.
fn shape(config: &Config) -> String {
    let text = format!("{config:?}");
    let mut parts = text.split("Span { start: ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}

fn assert_same(config: &Config) {
    let text = print(config);
    let again = parse(text.clone());
    let text = String::from_utf8_lossy(&text);
    assert!(!again.has_errors(), "{text}\n{:#?}", again.diagnostics);
    assert_eq!(shape(config), shape(&again.config), "{text}");
}

fn at<T>(node: T) -> Spanned<T> {
    let span = Span::default();
    Spanned { node, span }
}

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

const BINARY: [BinaryOp; 22] = [
    BinaryOp::Or,
    BinaryOp::And,
    BinaryOp::BitOr,
    BinaryOp::BitXor,
    BinaryOp::BitAnd,
    BinaryOp::ShiftLeft,
    BinaryOp::ShiftRight,
    BinaryOp::Equal,
    BinaryOp::NotEqual,
    BinaryOp::StrEqual,
    BinaryOp::StrNotEqual,
    BinaryOp::IntEqual,
    BinaryOp::IntNotEqual,
    BinaryOp::Less,
    BinaryOp::LessEqual,
    BinaryOp::Greater,
    BinaryOp::GreaterEqual,
    BinaryOp::Match,
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::Multiply,
    BinaryOp::Modulo,
];

const UNARY: [UnaryOp; 8] = [
    UnaryOp::Not,
    UnaryOp::BitNot,
    UnaryOp::Minus,
    UnaryOp::CastInt,
    UnaryOp::CastStr,
    UnaryOp::Defined,
    UnaryOp::StrLen,
    UnaryOp::StrEmpty,
];

fn string() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..12).prop_map(Bytes::from)
}

fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,6}x".prop_map(|word| format!("x_{word}"))
}

fn variable() -> impl Strategy<Value = Expr> {
    prop::sample::select(vec![
        "$ru",
        "$rU",
        "$var(x)",
        "$(avp(a)[*])",
        "$(hdr(Via)[0]{s.len})",
        "$?",
        "$shv(a=>$rU)",
        "$null",
        "$T_req($hdr(X))",
    ])
    .prop_map(|text| at(ExprKind::Variable(text.to_owned())))
}

/// `src_ip == …`: operands that stand on the left of a comparison only.
fn comparison() -> impl Strategy<Value = Expr> {
    let addresses = prop::sample::select(vec!["10.0.0.0/8", "1.2.3.4", "::1", "2001:db8::/32"]);
    let keyword = |word: &str| boxed(at(ExprKind::Keyword(word.to_owned())));
    let equality = prop::sample::select(vec![BinaryOp::Equal, BinaryOp::NotEqual]);
    prop_oneof![
        (equality.clone(), addresses).prop_map(move |(op, text)| {
            let right = boxed(at(ExprKind::Ip(text.to_owned())));
            at(ExprKind::Binary(op, keyword("src_ip"), right))
        }),
        (equality.clone(), string()).prop_map(move |(op, text)| {
            let right = boxed(at(ExprKind::Str(text)));
            at(ExprKind::Binary(op, keyword("method"), right))
        }),
        equality
            .prop_map(move |op| { at(ExprKind::Binary(op, keyword("uri"), keyword("myself"))) }),
        any::<u16>().prop_map(move |port| {
            let right = boxed(at(ExprKind::Int(i64::from(port))));
            at(ExprKind::Binary(BinaryOp::Less, keyword("src_port"), right))
        }),
    ]
}

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(|n| at(ExprKind::Int(i64::from(n)))),
        string().prop_map(|text| at(ExprKind::Str(text))),
        variable(),
        Just(at(ExprKind::Select("@via[1].host".to_owned()))),
        comparison(),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let binary = prop::sample::select(BINARY.to_vec());
        let unary = prop::sample::select(UNARY.to_vec());
        prop_oneof![
            4 => (binary, inner.clone(), inner.clone())
                .prop_map(|(op, l, r)| at(ExprKind::Binary(op, boxed(l), boxed(r)))),
            // Division of a literal by one is division all the same.
            1 => (inner.clone(), inner.clone())
                .prop_map(|(l, r)| at(ExprKind::Binary(BinaryOp::Divide, boxed(l), boxed(r)))),
            2 => (unary, inner.clone()).prop_map(|(op, e)| at(ExprKind::Unary(op, boxed(e)))),
            2 => (word(), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(name, args)| at(ExprKind::Call { name: at(name), args })),
            1 => inner.clone().prop_map(|e| at(ExprKind::Route(boxed(e)))),
            1 => (variable(), inner.clone()).prop_map(|(target, value)| {
                at(ExprKind::Assign { target: boxed(target), value: boxed(value) })
            }),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(condition, then, otherwise)| {
                at(ExprKind::Choice(Box::new(Choice { condition, then, otherwise })))
            }),
        ]
    })
}

fn case(body: impl Strategy<Value = Vec<Stmt>>) -> impl Strategy<Value = Case> {
    let label = prop_oneof![
        expression().prop_map(CaseLabel::Value),
        expression().prop_map(CaseLabel::Regex),
        Just(CaseLabel::Default),
    ];
    (label, body).prop_map(|(label, body)| Case {
        label,
        body,
        span: Span::default(),
    })
}

fn statement() -> impl Strategy<Value = Stmt> {
    let leaf = prop_oneof![
        Just(StmtKind::Break),
        prop::option::of(expression()).prop_map(StmtKind::Return),
        prop::option::of(expression()).prop_map(StmtKind::Exit),
        prop::option::of(expression()).prop_map(StmtKind::Drop),
        (variable(), expression()).prop_map(|(target, value)| StmtKind::Assign { target, value }),
        (word(), prop::collection::vec(expression(), 0..4)).prop_map(|(name, args)| {
            let name = at(name);
            StmtKind::Expr(at(ExprKind::Call { name, args }))
        }),
        expression().prop_map(|name| StmtKind::Expr(at(ExprKind::Route(boxed(name))))),
    ]
    .prop_map(at);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (expression(), list(), list()).prop_map(|(condition, then, otherwise)| {
                at(StmtKind::If {
                    condition,
                    then,
                    otherwise,
                })
            }),
            (expression(), list())
                .prop_map(|(condition, body)| at(StmtKind::While { condition, body })),
            (expression(), prop::collection::vec(case(list()), 0..4))
                .prop_map(|(subject, cases)| at(StmtKind::Switch { subject, cases })),
        ]
    })
}

fn value() -> impl Strategy<Value = ParamValue> {
    prop_oneof![
        (0..i32::MAX).prop_map(|n| ParamValue::Int(i64::from(n))),
        string().prop_map(ParamValue::Str),
    ]
}

/// One or two sockets, which share their attributes.
fn sockets() -> impl Strategy<Value = Vec<ParamValue>> {
    prop::collection::vec(listen(), 1..3).prop_map(|mut values| {
        let first = values[0].clone();
        for value in &mut values {
            value.advertise.clone_from(&first.advertise);
            value.name.clone_from(&first.name);
            value.is_virtual = first.is_virtual;
        }
        values.into_iter().map(ParamValue::Listen).collect()
    })
}

fn listen() -> impl Strategy<Value = ListenValue> {
    let host = || prop::sample::select(vec!["10.0.0.1", "[::1]", "eth0", "a-b.example.org"]);
    let proto = prop::sample::select(vec!["udp", "tcp", "tls", "sctp"]);
    let port = || prop::option::of(1..u16::MAX);
    (
        prop::option::of(proto),
        host(),
        port(),
        prop::option::of((host(), port())),
        prop::option::of(word()),
        any::<bool>(),
    )
        .prop_map(
            |(proto, host, port, advertise, name, is_virtual)| ListenValue {
                proto: proto.map(str::to_owned),
                host: host.to_owned(),
                port,
                advertise: advertise.map(|(host, port)| (host.to_owned(), port)),
                name,
                is_virtual,
            },
        )
}

fn core_param(name: &str, values: Vec<ParamValue>) -> Item {
    Item::CoreParam(CoreParam {
        name: at(name.to_owned()),
        values: values.into_iter().map(at).collect(),
        span: Span::default(),
    })
}

fn block() -> impl Strategy<Value = Block> {
    let unnamed = prop::sample::select(vec![
        BlockKind::Request,
        BlockKind::Reply,
        BlockKind::OnSend,
        BlockKind::Failure,
    ]);
    let named = prop::sample::select(vec![
        BlockKind::Route,
        BlockKind::Branch,
        BlockKind::Failure,
        BlockKind::OnReply,
    ]);
    let heading = prop_oneof![
        unnamed.prop_map(|kind| (kind, None)),
        (named, "[ -~]{1,9}").prop_map(|(kind, name)| (kind, Some(format!("{name}x")))),
        (word(), word())
            .prop_map(|(group, name)| (BlockKind::Event, Some(format!("{group}:{name}")))),
    ];
    (heading, prop::collection::vec(statement(), 0..5)).prop_map(|((kind, name), body)| Block {
        kind,
        name: name.map(at),
        body,
        span: Span::default(),
    })
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        6 => block().prop_map(Item::Block),
        1 => value().prop_map(|value| core_param("children", vec![value])),
        1 => word().prop_map(|word| core_param("log_facility", vec![ParamValue::Word(word)])),
        1 => sockets().prop_map(|values| core_param("listen", values)),
        1 => word().prop_map(|word| core_param("avpflags", vec![ParamValue::Word(word)])),
        1 => Just(core_param("cfgengine", vec![ParamValue::Str("native".into())])),
        1 => (word(), prop::option::of(0..9_i64), word(), value(), prop::option::of(word()))
            .prop_map(|(group, instance, name, value, description)| {
                Item::CustomParam(CustomParam {
                    group: at(group),
                    instance,
                    name: at(name),
                    value: at(value),
                    description,
                })
            }),
        1 => word().prop_map(|name| Item::LoadModule(at(name))),
        1 => word().prop_map(|name| Item::LoadPath(at(name))),
        1 => (word(), word(), value()).prop_map(|(modules, name, value)| {
            Item::ModParam(ModParam {
                modules: at(modules),
                name: at(name),
                value: at(value),
                span: Span::default(),
            })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_tree_is_read_as_it_was_printed(items in prop::collection::vec(item(), 1..5)) {
        assert_same(&Config { items });
    }
}

#[test]
fn flags_are_read_as_they_were_printed() {
    let parsed = parse(b"flags A:3, B\nrequest_route { setflag(B); setflag(4); }".to_vec());
    assert_same(&parsed.config);
}

#[test]
fn configurations_are_read_as_they_were_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/configs");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the configurations of the acceptance tests")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "cfg"))
        .collect();
    assert!(files.len() > 10);
    files.push("/etc/kamailio/kamailio.cfg".into());
    for file in files {
        // Only the last of them may be missing.
        let Ok(text) = std::fs::read(&file) else {
            continue;
        };
        let parsed = parse(text);
        if !parsed.has_errors() {
            assert_same(&parsed.config);
        }
    }
}

#[test]
fn an_alias_that_needs_quotes_is_printed_alike_again() {
    let once = print(&parse(b"alias=a.example.".to_vec()).config);
    assert_eq!(print(&parse(once.clone()).config), once);
}
