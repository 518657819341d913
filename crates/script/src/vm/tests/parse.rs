//! Just enough of a parser to write the tests of the back end as text; the real one is elsewhere.

use bytes::Bytes;

use crate::ast::{
    BinaryOp, Block, BlockKind, Case, CaseLabel, Config, Expr, ExprKind, Item, Span, Spanned, Stmt,
    StmtKind, UnaryOp,
};

/// Parses blocks: `request_route { … } route[X] { … }`.
pub(crate) fn config(source: &str) -> Config {
    let mut parser = Parser { source, at: 0 };
    let mut config = Config::default();
    while parser.skip_space() {
        let start = parser.at;
        let (kind, name) = if parser.accept("request_route") {
            (BlockKind::Request, None)
        } else {
            parser.expect("route[");
            let name = parser.word().to_owned();
            parser.expect("]");
            (BlockKind::Route, Some(parser.spanned(start, name)))
        };
        let span = parser.span(start);
        let body = parser.block();
        config.items.push(Item::Block(Block {
            kind,
            name,
            body,
            span,
        }));
    }
    config
}

/// Parses one expression.
pub(crate) fn expression(source: &str) -> Expr {
    Parser { source, at: 0 }.expr(0)
}

/// Operators by binding power, longest spelling first where one begins another.
const OPERATORS: &[(&str, BinaryOp, u8)] = &[
    ("||", BinaryOp::Or, 1),
    ("or ", BinaryOp::Or, 1),
    ("&&", BinaryOp::And, 2),
    ("and ", BinaryOp::And, 2),
    ("==", BinaryOp::Equal, 6),
    ("!=", BinaryOp::NotEqual, 6),
    ("=~", BinaryOp::Match, 6),
    ("eq ", BinaryOp::StrEqual, 6),
    ("ne ", BinaryOp::StrNotEqual, 6),
    ("ieq ", BinaryOp::IntEqual, 6),
    ("ine ", BinaryOp::IntNotEqual, 6),
    ("<<", BinaryOp::ShiftLeft, 8),
    (">>", BinaryOp::ShiftRight, 8),
    ("<=", BinaryOp::LessEqual, 7),
    (">=", BinaryOp::GreaterEqual, 7),
    ("<", BinaryOp::Less, 7),
    (">", BinaryOp::Greater, 7),
    ("|", BinaryOp::BitOr, 3),
    ("^", BinaryOp::BitXor, 4),
    ("&", BinaryOp::BitAnd, 5),
    ("+", BinaryOp::Add, 9),
    ("-", BinaryOp::Subtract, 9),
    ("*", BinaryOp::Multiply, 10),
    ("/", BinaryOp::Divide, 10),
    ("mod ", BinaryOp::Modulo, 10),
];

const PREFIXES: &[(&str, UnaryOp)] = &[
    ("!", UnaryOp::Not),
    ("not ", UnaryOp::Not),
    ("~", UnaryOp::BitNot),
    ("-", UnaryOp::Minus),
    ("(int)", UnaryOp::CastInt),
    ("(str)", UnaryOp::CastStr),
    ("defined", UnaryOp::Defined),
    ("strlen", UnaryOp::StrLen),
    ("strempty", UnaryOp::StrEmpty),
];

struct Parser<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip_space(&mut self) -> bool {
        self.at = self.source.len() - self.rest().trim_start().len();
        !self.rest().is_empty()
    }

    fn accept(&mut self, text: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn expect(&mut self, text: &str) {
        assert!(self.accept(text), "{text:?} expected at {:?}", self.rest());
    }

    fn span(&self, start: usize) -> Span {
        Span {
            start: start as u32,
            end: self.at as u32,
        }
    }

    fn spanned<T>(&self, start: usize, node: T) -> Spanned<T> {
        Spanned {
            node,
            span: self.span(start),
        }
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn block(&mut self) -> Vec<Stmt> {
        if !self.accept("{") {
            return vec![self.statement()];
        }
        let mut body = Vec::new();
        while !self.accept("}") {
            body.push(self.statement());
        }
        body
    }

    fn statement(&mut self) -> Stmt {
        self.skip_space();
        let start = self.at;
        let node = if self.accept("if ") {
            let condition = self.expr(0);
            let then = self.block();
            let otherwise = if self.accept("else") {
                self.block()
            } else {
                Vec::new()
            };
            StmtKind::If {
                condition,
                then,
                otherwise,
            }
        } else if self.accept("while") {
            let condition = self.expr(0);
            let body = self.block();
            StmtKind::While { condition, body }
        } else if self.accept("switch") {
            self.switch()
        } else {
            let node = self.simple_statement();
            self.expect(";");
            node
        };
        self.spanned(start, node)
    }

    fn simple_statement(&mut self) -> StmtKind {
        if self.accept("break") {
            StmtKind::Break
        } else if self.accept("continue") {
            StmtKind::Continue
        } else if self.accept("return") {
            StmtKind::Return(self.optional_expr())
        } else if self.accept("exit") {
            StmtKind::Exit(self.optional_expr())
        } else if self.accept("drop") {
            StmtKind::Drop(self.optional_expr())
        } else {
            let expr = self.expr(0);
            if self.accept("=") {
                let value = self.expr(0);
                StmtKind::Assign {
                    target: expr,
                    value,
                }
            } else {
                StmtKind::Expr(expr)
            }
        }
    }

    fn optional_expr(&mut self) -> Option<Expr> {
        self.skip_space();
        (!self.rest().starts_with(';')).then(|| self.expr(0))
    }

    fn switch(&mut self) -> StmtKind {
        let subject = self.expr(0);
        let mut cases: Vec<Case> = Vec::new();
        self.expect("{");
        while !self.accept("}") {
            let start = self.at;
            let label = if self.accept("default") {
                CaseLabel::Default
            } else if self.accept("case /") {
                let end = self.rest().find('/').expect("regex ends");
                let regex = Bytes::copy_from_slice(&self.rest().as_bytes()[..end]);
                self.at += end + 1;
                CaseLabel::Regex(Spanned {
                    node: ExprKind::Str(regex),
                    span: Span::default(),
                })
            } else if self.accept("case") {
                CaseLabel::Value(self.expr(0))
            } else {
                let statement = self.statement();
                cases.last_mut().expect("a case").body.push(statement);
                continue;
            };
            self.expect(":");
            cases.push(Case {
                label,
                body: Vec::new(),
                span: self.span(start),
            });
        }
        StmtKind::Switch { subject, cases }
    }

    fn expr(&mut self, least: u8) -> Expr {
        let mut left = self.prefix();
        loop {
            self.skip_space();
            let found = OPERATORS
                .iter()
                .find(|(text, ..)| self.rest().starts_with(text));
            let Some(&(text, op, power)) = found.filter(|(_, _, power)| *power > least) else {
                return left;
            };
            self.at += text.len();
            let right = self.expr(power);
            let start = left.span.start as usize;
            left = self.spanned(start, ExprKind::Binary(op, Box::new(left), Box::new(right)));
        }
    }

    fn prefix(&mut self) -> Expr {
        self.skip_space();
        let start = self.at;
        let prefix = PREFIXES
            .iter()
            .find(|(text, _)| self.rest().starts_with(text));
        if let Some(&(text, op)) = prefix {
            self.at += text.len();
            let operand = self.prefix();
            return self.spanned(start, ExprKind::Unary(op, Box::new(operand)));
        }
        if self.accept("(") {
            let inner = self.expr(0);
            self.expect(")");
            return inner;
        }
        let node = self.atom();
        self.spanned(start, node)
    }

    fn atom(&mut self) -> ExprKind {
        let first = self.rest().chars().next().unwrap_or(' ');
        if first == '"' || first == '\'' {
            let mut text = Vec::new();
            while self.rest().starts_with(['"', '\'']) {
                self.literal(&mut text);
                self.skip_space();
            }
            return ExprKind::Str(text.into());
        }
        if first == '$' {
            let end = self.rest().find(')').map(|end| end + 1);
            let name_end = self.rest()[1..]
                .find(|c: char| !c.is_alphanumeric())
                .map_or(self.rest().len(), |end| end + 1);
            let has_parts = self.rest()[name_end..].starts_with('(');
            let end = end.filter(|_| has_parts).unwrap_or(name_end);
            let name = self.rest()[..end].to_owned();
            self.at += end;
            return ExprKind::Variable(name);
        }
        let start = self.at;
        let word = self.word();
        if let Some(number) = number(word) {
            return ExprKind::Int(number);
        }
        let name = self.spanned(start, word.to_owned());
        if !self.accept("(") {
            return ExprKind::Keyword(word.to_owned());
        }
        let mut args = Vec::new();
        while !self.accept(")") {
            args.push(self.expr(0));
            self.accept(",");
        }
        match (word, args.len()) {
            ("route", 1) => ExprKind::Route(Box::new(args.remove(0))),
            _ => ExprKind::Call { name, args },
        }
    }

    fn literal(&mut self, text: &mut Vec<u8>) {
        let mut bytes = self.rest().bytes();
        let quote = bytes.next().expect("a quote");
        let mut length = 2;
        while let Some(byte) = bytes.next().filter(|&byte| byte != quote) {
            length += 1;
            if byte != b'\\' || quote == b'\'' {
                text.push(byte);
                continue;
            }
            length += 1;
            match bytes.next().expect("an escaped character") {
                b'n' => text.push(b'\n'),
                b't' => text.push(b'\t'),
                b'\\' => text.push(b'\\'),
                b'x' => {
                    let mut digit = || char::from(bytes.next().expect("digit")).to_digit(16);
                    let high = digit().expect("digit");
                    text.push((high * 16 + digit().expect("digit")) as u8);
                    length += 2;
                }
                other => text.extend([b'\\', other]),
            }
        }
        self.at += length;
    }
}

fn number(word: &str) -> Option<i64> {
    match word.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None if word.starts_with('0') && word.len() > 1 => i64::from_str_radix(word, 8).ok(),
        None => word.parse().ok(),
    }
}
