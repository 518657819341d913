//! Every expression of `resources/expressions.tsv` gives what Kamailio 5.6.3 gives.

use super::parse;
use super::toy::{Toy, ToyCatalog};
use crate::ast::{Block, BlockKind, Config, ExprKind, Item, Span, Spanned, Stmt, StmtKind};
use crate::compile::compile;
use crate::value::Value;
use crate::vm::{Limits, Step, Vm};

/// Routes that the expressions call.
const ROUTES: &str = r#"
    route[P5] { return 5; }
    route[M5] { return -5; }
    route[R1] { return; }
    route[FALL] { $var(q) = 1; }
    route[FALLF] { is_method("INVITE"); }
    route[FALLT] { is_method("OPTIONS"); }
"#;

#[test]
fn expressions_give_what_kamailio_gives() {
    let table = include_str!("../../../resources/expressions.tsv");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [mode, source, expected] = columns[..] else {
            panic!("bad row {line:?}");
        };
        count += 1;
        let found = evaluate(mode, source);
        if found != expected {
            wrong.push(format!("{mode} {source}: {found}, not {expected}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Runs `$avp(r) = source` or `if (source) $avp(r) = 1`.
fn evaluate(mode: &str, source: &str) -> String {
    let is_condition = mode == "C";
    let expr = parse::expression(source);
    let assign = |value| -> Stmt {
        plain(StmtKind::Assign {
            target: plain(ExprKind::Variable("$avp(r)".to_owned())),
            value,
        })
    };
    let statement = if is_condition {
        plain(StmtKind::If {
            condition: expr,
            then: vec![assign(plain(ExprKind::Int(1)))],
            otherwise: Vec::new(),
        })
    } else {
        assign(expr)
    };
    let mut config: Config = parse::config(ROUTES);
    config.items.push(Item::Block(Block {
        kind: BlockKind::Request,
        name: None,
        body: vec![statement],
        span: Span::default(),
    }));
    let (program, problems) = compile(&config, &mut ToyCatalog);
    if problems.iter().any(|problem| !problem.problem.is_warning) {
        return "error".to_owned();
    }
    let mut host = Toy::with_oracle_variables();
    let mut vm = Vm::new(Limits::default());
    vm.start(program.request_route().expect("declared"));
    let Step::Done(_) = vm.resume(&program, &mut host) else {
        return "waits".to_owned();
    };
    match host.variables.get("$avp(r)").unwrap_or(&Value::Null) {
        Value::Null if is_condition => "false".to_owned(),
        _ if is_condition => "true".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Int(number) => format!("int:{number}"),
        Value::Str(text) => format!("str:{}", String::from_utf8_lossy(text)),
    }
}

fn plain<T>(node: T) -> Spanned<T> {
    Spanned {
        node,
        span: Span::default(),
    }
}
