//! Whatever the tree, the machine neither panics nor hangs.

use bytes::Bytes;
use proptest::prelude::*;

use super::toy::{Toy, ToyCatalog};
use crate::ast::{
    BinaryOp, Block, BlockKind, Case, CaseLabel, Config, Expr, ExprKind, Item, Span, Spanned, Stmt,
    StmtKind, UnaryOp,
};
use crate::compile::compile;
use crate::vm::{How, Limits, Step, Vm};

const UNARY: [UnaryOp; 9] = [
    UnaryOp::Not,
    UnaryOp::BitNot,
    UnaryOp::Minus,
    UnaryOp::Plus,
    UnaryOp::CastInt,
    UnaryOp::CastStr,
    UnaryOp::Defined,
    UnaryOp::StrLen,
    UnaryOp::StrEmpty,
];

const BINARY: [BinaryOp; 25] = [
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
    BinaryOp::NotMatch,
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::Multiply,
    BinaryOp::Divide,
    BinaryOp::Modulo,
    BinaryOp::Add,
];

fn plain<T>(node: T) -> Spanned<T> {
    Spanned {
        node,
        span: Span::default(),
    }
}

fn call(name: &str, args: Vec<Expr>) -> ExprKind {
    ExprKind::Call {
        name: plain(name.to_owned()),
        args,
    }
}

fn variable() -> impl Strategy<Value = Expr> {
    prop::sample::select(vec![
        "$var(i)", "$var(s)", "$var(z)", "$avp(u)", "$rc", "$null",
    ])
    .prop_map(|name| plain(ExprKind::Variable(name.to_owned())))
}

fn route() -> impl Strategy<Value = Expr> {
    prop::sample::select(vec!["A", "B"]).prop_map(|name| {
        let name = plain(ExprKind::Str(Bytes::from_static(name.as_bytes())));
        plain(ExprKind::Route(Box::new(name)))
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| plain(ExprKind::Int(number))),
        (-2i64..3).prop_map(|number| plain(ExprKind::Int(number))),
        "[a-c0-9.*]{0,3}".prop_map(|text| plain(ExprKind::Str(text.into()))),
        variable(),
        variable(),
        route(),
        (-1i64..3).prop_map(|code| plain(call("code", vec![plain(ExprKind::Int(code))]))),
        (-1i64..3).prop_map(|code| plain(call("wait", vec![plain(ExprKind::Int(code))]))),
        Just(plain(ExprKind::Keyword("uri".to_owned()))),
        Just(plain(ExprKind::Keyword("myself".to_owned()))),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (prop::sample::select(UNARY.to_vec()), inner.clone())
                .prop_map(|(op, operand)| plain(ExprKind::Unary(op, Box::new(operand)))),
            (
                prop::sample::select(BINARY.to_vec()),
                inner.clone(),
                inner.clone()
            )
                .prop_map(|(op, left, right)| plain(ExprKind::Binary(
                    op,
                    Box::new(left),
                    Box::new(right)
                ))),
            inner
                .clone()
                .prop_map(|argument| plain(call("log", vec![argument]))),
            inner.prop_map(|name| plain(ExprKind::Route(Box::new(name)))),
        ]
    })
}

fn statements() -> impl Strategy<Value = Vec<Stmt>> {
    let leaf = prop_oneof![
        Just(plain(StmtKind::Break)),
        prop::option::of(expr()).prop_map(|code| plain(StmtKind::Return(code))),
        prop::option::of(expr()).prop_map(|code| plain(StmtKind::Exit(code))),
        prop::option::of(expr()).prop_map(|code| plain(StmtKind::Drop(code))),
        (variable(), expr()).prop_map(|(target, value)| plain(StmtKind::Assign { target, value })),
        (variable(), expr()).prop_map(|(target, value)| plain(StmtKind::Assign { target, value })),
        route().prop_map(|call| plain(StmtKind::Expr(call))),
        expr().prop_map(|expr| plain(StmtKind::Expr(expr))),
    ];
    let statement = leaf.prop_recursive(3, 24, 4, |inner| {
        let body = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (expr(), body(), body()).prop_map(|(condition, then, otherwise)| plain(StmtKind::If {
                condition,
                then,
                otherwise
            })),
            (expr(), body())
                .prop_map(|(condition, body)| plain(StmtKind::While { condition, body })),
            (
                expr(),
                prop::collection::vec((0i64..4, body()), 0..3),
                body()
            )
                .prop_map(|(subject, cases, default)| switch(subject, cases, default)),
            body().prop_map(|body| plain(StmtKind::Block(body))),
        ]
    });
    prop::collection::vec(statement, 0..6)
}

fn switch(subject: Expr, cases: Vec<(i64, Vec<Stmt>)>, default: Vec<Stmt>) -> Stmt {
    let case = |label, body| Case {
        label,
        body,
        span: Span::default(),
    };
    let mut all: Vec<Case> = cases
        .into_iter()
        .map(|(number, body)| case(CaseLabel::Value(plain(ExprKind::Int(number))), body))
        .collect();
    all.push(case(CaseLabel::Default, default));
    plain(StmtKind::Switch {
        subject,
        cases: all,
    })
}

fn block(kind: BlockKind, name: Option<&str>, body: Vec<Stmt>) -> Item {
    Item::Block(Block {
        kind,
        name: name.map(|name| plain(name.to_owned())),
        body,
        span: Span::default(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The machine runs what is compiled even when the compiler complains: no tree may break it.
    #[test]
    fn any_tree_compiles_and_ends(
        main in statements(),
        first in statements(),
        second in statements(),
    ) {
        let config = Config {
            items: vec![
                block(BlockKind::Request, None, main),
                block(BlockKind::Route, Some("A"), first),
                block(BlockKind::Route, Some("B"), second),
            ],
        };
        let (program, problems) = compile(&config, &mut ToyCatalog);
        let is_sound = problems.iter().all(|problem| problem.problem.is_warning);
        let mut host = Toy::with_oracle_variables();
        let limits = Limits { max_while_loops: 10, max_steps: 2000, ..Limits::default() };
        let mut vm = Vm::new(limits);
        vm.start(program.request_route().expect("declared"));
        let mut waits = 0;
        let ended = loop {
            match vm.resume(&program, &mut host) {
                Step::Done(ended) => break ended,
                // One expression makes few calls, and each turn and route costs a step.
                Step::Wait(_) => waits += 1,
            }
            prop_assert!(waits < 200_000);
        };
        if is_sound && ended.how == How::Return {
            prop_assert!(vm.stack.is_empty(), "values are left on the stack");
        }
    }
}
