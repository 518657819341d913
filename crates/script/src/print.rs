//! From the tree back to text: what is printed parses to the same tree.
//!
//! Operators stand in parentheses of their own, so that the text does not depend on precedence,
//! and every list of statements stands in braces.

use std::net::IpAddr;

use crate::ast::{
    BinaryOp, Block, BlockKind, Case, CaseLabel, Config, CoreParam, CustomParam, Expr, ExprKind,
    Item, ListenValue, ModParam, Name, ParamValue, Stmt, StmtKind, UnaryOp,
};
use crate::lexer::literal;

/// Prints a configuration.
#[must_use]
pub fn print(config: &Config) -> Vec<u8> {
    let mut printer = Printer {
        out: Vec::new(),
        depth: 0,
    };
    for item in &config.items {
        printer.item(item);
        printer.text("\n");
    }
    printer.out
}

struct Printer {
    out: Vec<u8>,
    /// Braces around the current statement.
    depth: usize,
}

impl Printer {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn quoted(&mut self, bytes: &[u8]) {
        literal::quote(bytes, &mut self.out);
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::CoreParam(param) => self.core_param(param),
            Item::CustomParam(param) => self.custom_param(param),
            Item::LoadModule(name) => self.directive("loadmodule ", name),
            Item::LoadPath(name) => self.directive("loadpath ", name),
            Item::ModParam(param) => self.mod_param(param),
            Item::Block(block) => self.block(block),
        }
    }

    fn directive(&mut self, word: &str, name: &Name) {
        self.text(word);
        self.quoted(name.node.as_bytes());
    }

    fn core_param(&mut self, param: &CoreParam) {
        let name = param.name.node.as_str();
        self.text(name);
        let is_flags = matches!(name, "flags" | "bool" | "avpflags");
        self.text(if is_flags || name == "cfgengine" {
            " "
        } else {
            " = "
        });
        for (index, value) in param.values.iter().enumerate() {
            if index > 0 {
                self.text(if is_flags { ", " } else { " " });
            }
            self.value(&value.node);
        }
        // They are said once, of all sockets; behind these an operator's parameter would be taken
        // for a further one.
        if let Some(ParamValue::Listen(last)) = param.values.last().map(|value| &value.node) {
            self.socket_attributes(last);
        }
        // An alias in quotes is a text when it is read again.
        if matches!(name, "listen" | "bind" | "alias") {
            self.text(";");
        }
    }

    fn custom_param(&mut self, param: &CustomParam) {
        self.text(&param.group.node);
        if let Some(instance) = param.instance {
            self.text(&format!("[{instance}]"));
        }
        self.text(&format!(".{} = ", param.name.node));
        self.value(&param.value.node);
        if let Some(description) = &param.description {
            self.text(" desc ");
            self.quoted(description.as_bytes());
        }
    }

    fn mod_param(&mut self, param: &ModParam) {
        self.directive("modparam(", &param.modules);
        self.directive(", ", &param.name);
        self.text(", ");
        self.value(&param.value.node);
        self.text(")");
    }

    fn value(&mut self, value: &ParamValue) {
        match value {
            ParamValue::Int(number) => self.text(&number.to_string()),
            ParamValue::Str(text) => self.quoted(text),
            ParamValue::Word(word) => self.text(word),
            ParamValue::Listen(listen) => self.listen(listen),
        }
    }

    fn listen(&mut self, listen: &ListenValue) {
        if let Some(proto) = &listen.proto {
            self.text(&format!("{proto}:"));
        }
        self.host(&listen.host);
        if let Some(port) = listen.port {
            self.text(&format!(":{port}"));
        }
    }

    fn socket_attributes(&mut self, listen: &ListenValue) {
        if let Some((host, port)) = &listen.advertise {
            self.text(" advertise ");
            self.host(host);
            if let Some(port) = port {
                self.text(&format!(":{port}"));
            }
        }
        if let Some(name) = &listen.name {
            self.text(" name ");
            self.quoted(name.as_bytes());
        }
        if listen.is_virtual {
            self.text(" virtual");
        }
    }

    /// A host that is not written like one stood in quotes.
    fn host(&mut self, host: &str) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let is_plain = host.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && host.bytes().all(is_name)
            && !host.ends_with(['.', '-']);
        let address = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        if is_plain || address.unwrap_or(host).parse::<IpAddr>().is_ok() {
            self.text(host);
        } else {
            self.quoted(host.as_bytes());
        }
    }

    fn block(&mut self, block: &Block) {
        let heading = match (block.kind, &block.name) {
            (BlockKind::Request, _) => "request_route",
            (BlockKind::Reply, _) => "reply_route",
            (BlockKind::Route, _) => "route",
            (BlockKind::Branch, _) => "branch_route",
            (BlockKind::Failure, _) => "failure_route",
            (BlockKind::OnReply, _) => "onreply_route",
            (BlockKind::OnSend, _) => "onsend_route",
            (BlockKind::Event, _) => "event_route",
        };
        self.text(heading);
        if let Some(name) = &block.name {
            self.text("[");
            if block.kind == BlockKind::Event {
                self.text(&name.node);
            } else {
                self.quoted(name.node.as_bytes());
            }
            self.text("]");
        }
        self.text(" ");
        self.braced(&block.body);
    }

    fn braced(&mut self, body: &[Stmt]) {
        self.text("{\n");
        self.depth += 1;
        self.statements(body);
        if body.is_empty() {
            self.line(";");
        }
        self.depth -= 1;
        self.line("}");
    }

    fn statements(&mut self, body: &[Stmt]) {
        for statement in body {
            self.indent();
            self.statement(statement);
            self.text("\n");
        }
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n(b'\t', self.depth));
    }

    fn line(&mut self, text: &str) {
        self.indent();
        self.text(text);
        self.text("\n");
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.node {
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.head("if", condition);
                self.braced(then);
                if !otherwise.is_empty() {
                    self.indent();
                    self.text("else ");
                    self.braced(otherwise);
                }
            }
            StmtKind::While { condition, body } => {
                self.head("while", condition);
                self.braced(body);
            }
            StmtKind::Switch { subject, cases } => {
                self.head("switch", subject);
                self.text("{\n");
                cases.iter().for_each(|case| self.case(case));
                self.line("}");
            }
            StmtKind::Break => self.text("break;"),
            StmtKind::Continue => self.text("continue;"),
            StmtKind::Return(code) => self.leave("return", code.as_ref()),
            StmtKind::Exit(code) => self.leave("exit", code.as_ref()),
            StmtKind::Drop(code) => self.leave("drop", code.as_ref()),
            StmtKind::Assign { target, value } => {
                self.expression(target);
                self.text(" = ");
                self.expression(value);
                self.text(";");
            }
            StmtKind::Expr(expr) => {
                self.expression(expr);
                self.text(";");
            }
            StmtKind::Block(body) => self.braced(body),
        }
    }

    fn head(&mut self, word: &str, condition: &Expr) {
        self.text(word);
        self.text(" (");
        self.expression(condition);
        self.text(") ");
    }

    fn leave(&mut self, word: &str, code: Option<&Expr>) {
        self.text(word);
        if let Some(code) = code {
            self.text(" ");
            self.expression(code);
        }
        self.text(";");
    }

    fn case(&mut self, case: &Case) {
        self.indent();
        match &case.label {
            CaseLabel::Value(value) => {
                self.text("case ");
                self.expression(value);
            }
            CaseLabel::Regex(regex) => {
                self.text("case /");
                self.expression(regex);
            }
            CaseLabel::Default => self.text("default"),
        }
        self.text(":\n");
        self.depth += 1;
        self.statements(&case.body);
        self.depth -= 1;
    }

    fn expression(&mut self, expr: &Expr) {
        match &expr.node {
            ExprKind::Int(number) => self.text(&number.to_string()),
            ExprKind::Str(text) => self.quoted(text),
            ExprKind::Variable(text) | ExprKind::Select(text) | ExprKind::Keyword(text) => {
                self.text(text);
            }
            ExprKind::Ip(text) => self.address(text),
            ExprKind::Call { name, args } => {
                self.text(&name.node);
                self.list(args.iter());
            }
            ExprKind::Route(name) => {
                self.text("route");
                self.list(std::iter::once(&**name));
            }
            ExprKind::Assign { target, value } => {
                self.text("(");
                self.expression(target);
                self.text(" = ");
                self.expression(value);
                self.text(")");
            }
            ExprKind::Choice(choice) => {
                self.text("selval");
                self.list([&choice.condition, &choice.then, &choice.otherwise].into_iter());
            }
            ExprKind::Unary(op, operand) => {
                self.text(unary(*op));
                self.list(std::iter::once(&**operand));
            }
            ExprKind::Binary(op, left, right) => {
                self.text("(");
                self.expression(left);
                self.text(binary(*op));
                self.expression(right);
                self.text(")");
            }
        }
    }

    /// Expressions in parentheses.
    fn list<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>) {
        self.text("(");
        for (index, part) in parts.enumerate() {
            if index > 0 {
                self.text(", ");
            }
            self.expression(part);
        }
        self.text(")");
    }

    /// An address of IPv6 stands in brackets, without the length of its network.
    fn address(&mut self, text: &str) {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        if address.contains(':') {
            self.text(&format!("[{address}]"));
        } else {
            self.text(address);
        }
        if let Some(length) = length {
            self.text(&format!("/{length}"));
        }
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Not => "!",
        UnaryOp::BitNot => "~",
        UnaryOp::Minus => "-",
        UnaryOp::Plus => "+",
        UnaryOp::CastInt => "(int)",
        UnaryOp::CastStr => "(str)",
        UnaryOp::Defined => "defined ",
        UnaryOp::StrLen => "strlen",
        UnaryOp::StrEmpty => "strempty",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => " || ",
        BinaryOp::And => " && ",
        BinaryOp::BitOr => " | ",
        BinaryOp::BitXor => " ^ ",
        BinaryOp::BitAnd => " & ",
        BinaryOp::ShiftLeft => " << ",
        BinaryOp::ShiftRight => " >> ",
        BinaryOp::Equal => " == ",
        BinaryOp::NotEqual => " != ",
        BinaryOp::StrEqual => " eq ",
        BinaryOp::StrNotEqual => " ne ",
        BinaryOp::IntEqual => " ieq ",
        BinaryOp::IntNotEqual => " ine ",
        BinaryOp::Less => " < ",
        BinaryOp::LessEqual => " <= ",
        BinaryOp::Greater => " > ",
        BinaryOp::GreaterEqual => " >= ",
        BinaryOp::Match => " =~ ",
        BinaryOp::NotMatch => " !~ ",
        BinaryOp::Add => " + ",
        BinaryOp::Subtract => " - ",
        BinaryOp::Multiply => " * ",
        BinaryOp::Divide => " / ",
        BinaryOp::Modulo => " mod ",
    }
}

#[cfg(test)]
mod tests;
