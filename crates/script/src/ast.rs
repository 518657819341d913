//! The tree that the grammar yields: what the operator wrote, before any name is looked up.
//!
//! Every node that can be wrong carries a [`Span`] into the expanded text (after preprocessing);
//! the source map turns a span into file, line and column. The tree knows no SIP: functions,
//! variables, selects and core keywords are names that the embedding resolves.

use bytes::Bytes;

/// A byte range of the expanded configuration text.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value with the place it was written at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

/// A name as written.
pub type Name = Spanned<String>;

/// A whole configuration: its items in file order.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Parameters, modules and blocks in the order they were written: order matters, because a
    /// module must be loaded before its parameters are set.
    pub items: Vec<Item>,
}

/// A top-level element.
#[derive(Clone, Debug)]
pub enum Item {
    /// `name = value` of the core, for example `children = 8` or `listen = udp:127.0.0.1:5060`.
    CoreParam(CoreParam),
    /// `group.name = value desc "…"`: a custom global parameter.
    CustomParam(CustomParam),
    /// `loadmodule "name"` (with or without `.so`, with or without a path).
    LoadModule(Name),
    /// `loadpath "…"` or `mpath=…`: accepted for Kamailio's sake.
    LoadPath(Name),
    /// `modparam("module|other", "name", value)`.
    ModParam(ModParam),
    /// A route block.
    Block(Block),
}

/// `name = value [value …]` of the core.
#[derive(Clone, Debug)]
pub struct CoreParam {
    /// The parameter's name as written (aliases are resolved later).
    pub name: Name,
    /// Its value; list-like parameters (`alias`, `listen`, `socket`) may hold several.
    pub values: Vec<Spanned<ParamValue>>,
    /// The whole statement.
    pub span: Span,
}

/// A parameter's value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParamValue {
    /// An integer, also one written as `yes`, `no`, `on`, `off`, `LOG_…`, hexadecimal or octal.
    Int(i64),
    /// A quoted string.
    Str(Bytes),
    /// A bare word that is no number: `LOG_LOCAL0`, `udp`, a host name, an address.
    Word(String),
    /// `[proto:]host[:port] [advertise host[:port]] [name "…"]` of `listen` and `alias`.
    Listen(ListenValue),
}

/// The parts of a `listen` or `alias` value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListenValue {
    /// `udp`, `tcp`, `tls`, `sctp`, `ws`, `wss`; none means every transport.
    pub proto: Option<String>,
    /// Host name, interface name or address (an IPv6 address with its brackets).
    pub host: String,
    /// The port; none means the transport's default.
    pub port: Option<u16>,
    /// `advertise host[:port]`.
    pub advertise: Option<(String, Option<u16>)>,
    /// `name "…"`.
    pub name: Option<String>,
    /// `virtual`: a floating address.
    pub is_virtual: bool,
}

/// `group.name = value desc "…"`.
#[derive(Clone, Debug)]
pub struct CustomParam {
    /// The group.
    pub group: Name,
    /// `group[instance].name`: a value for one instance of the group.
    pub instance: Option<i64>,
    /// The name in the group.
    pub name: Name,
    /// Its first value: an integer or a string.
    pub value: Spanned<ParamValue>,
    /// `desc "…"`.
    pub description: Option<String>,
}

/// `modparam("module|other", "name", value)`.
#[derive(Clone, Debug)]
pub struct ModParam {
    /// One module, several separated by `|`, or a regular expression over module names.
    pub modules: Name,
    /// The parameter.
    pub name: Name,
    /// Integer or string.
    pub value: Spanned<ParamValue>,
    /// The whole statement.
    pub span: Span,
}

/// What a block is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BlockKind {
    /// `request_route` or unnamed `route`.
    Request,
    /// `reply_route` or unnamed `onreply_route`.
    Reply,
    /// `route[name]`, run by `route(name)`.
    Route,
    /// `branch_route[name]`.
    Branch,
    /// `failure_route[name]`.
    Failure,
    /// `onreply_route[name]`.
    OnReply,
    /// `onsend_route`.
    OnSend,
    /// `event_route[group:name]`.
    Event,
}

impl BlockKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::Event as usize + 1;
}

/// A route block.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is for.
    pub kind: BlockKind,
    /// Its name; none for `request_route`, `reply_route`, `onsend_route`.
    pub name: Option<Name>,
    /// Its statements.
    pub body: Vec<Stmt>,
    /// The heading (`route[NAME]`), for messages.
    pub span: Span,
}

/// A statement with its place.
pub type Stmt = Spanned<StmtKind>;

/// A statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StmtKind {
    /// `if (…) … else …`.
    If {
        /// The condition.
        condition: Expr,
        /// Run when it holds.
        then: Vec<Stmt>,
        /// Run when it does not.
        otherwise: Vec<Stmt>,
    },
    /// `while (…) …`.
    While {
        /// The condition.
        condition: Expr,
        /// The loop's statements.
        body: Vec<Stmt>,
    },
    /// `switch (…) { case …: … default: … }`; cases fall through.
    Switch {
        /// What is compared.
        subject: Expr,
        /// The cases in order.
        cases: Vec<Case>,
    },
    /// `break`.
    Break,
    /// `continue`, where the grammar takes it.
    Continue,
    /// `return [expr]`.
    Return(Option<Expr>),
    /// `exit [expr]`.
    Exit(Option<Expr>),
    /// `drop [expr]`.
    Drop(Option<Expr>),
    /// `target = value` and its kin.
    Assign {
        /// What is written to.
        target: Expr,
        /// What is written.
        value: Expr,
    },
    /// An expression for its effect: a function or a route call.
    Expr(Expr),
    /// `{ … }`.
    Block(Vec<Stmt>),
}

/// One arm of a `switch`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Case {
    /// What it matches.
    pub label: CaseLabel,
    /// Its statements, up to the next label.
    pub body: Vec<Stmt>,
    /// The label's place.
    pub span: Span,
}

/// What a `case` matches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CaseLabel {
    /// `case expr:` with a constant expression.
    Value(Expr),
    /// `case /expr:` with a constant expression, the pattern.
    Regex(Expr),
    /// `default:`.
    Default,
}

/// An expression with its place.
pub type Expr = Spanned<ExprKind>;

/// An expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExprKind {
    /// An integer.
    Int(i64),
    /// A string in either quote style, escapes resolved; adjacent literals are joined.
    Str(Bytes),
    /// A pseudo-variable as written, with `$`: `$ru`, `$avp(x)`, `$(hdr(Via)[0]{s.len})`.
    Variable(String),
    /// A select as written, with `@`: `@via.host`.
    Select(String),
    /// A core keyword that stands for a value: `src_ip`, `uri`, `method`, `status`, `myself`,
    /// `proto`, `af`, `msg:len`, `UDP`, `INET6`, `max_len` …
    Keyword(String),
    /// An address or network literal: `10.0.0.0/8`, `::1`, `1.2.3.4/255.255.0.0`.
    Ip(String),
    /// `name(arg, …)`: a core or module function. Core functions that are written without
    /// parentheses have none.
    Call {
        /// The function.
        name: Name,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `route(expr)`.
    Route(Box<Expr>),
    /// `target = value` in parentheses or as a condition: writes and yields whether that worked.
    Assign {
        /// What is written to.
        target: Box<Expr>,
        /// What is written.
        value: Box<Expr>,
    },
    /// `selval(condition, value, other)`: one of two values.
    Choice(Box<Choice>),
    /// An operator with one operand.
    Unary(UnaryOp, Box<Expr>),
    /// An operator with two operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
}

/// The parts of `selval(condition, value, other)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// What decides.
    pub condition: Expr,
    /// The value when the condition holds.
    pub then: Expr,
    /// The value when it does not.
    pub otherwise: Expr,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UnaryOp {
    /// `!`.
    Not,
    /// `~`.
    BitNot,
    /// `-`.
    Minus,
    /// `+`.
    Plus,
    /// `(int)`.
    CastInt,
    /// `(str)`.
    CastStr,
    /// `defined`.
    Defined,
    /// `strlen`.
    StrLen,
    /// `strempty`.
    StrEmpty,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BinaryOp {
    /// `||`, `or`.
    Or,
    /// `&&`, `and`.
    And,
    /// `|`.
    BitOr,
    /// `^`.
    BitXor,
    /// `&`.
    BitAnd,
    /// `<<`.
    ShiftLeft,
    /// `>>`.
    ShiftRight,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `eq`: compared as strings.
    StrEqual,
    /// `ne`: compared as strings.
    StrNotEqual,
    /// `ieq`: compared as integers.
    IntEqual,
    /// `ine`: compared as integers.
    IntNotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `=~`.
    Match,
    /// `!~`.
    NotMatch,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`, `mod`.
    Modulo,
}
