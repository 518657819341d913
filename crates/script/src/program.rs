//! A compiled configuration: flat code, side tables and the table of routes. Immutable, shared.

use std::sync::Arc;

use ahash::AHashMap;
use bytes::Bytes;

use crate::ast::{BlockKind, Span};
use crate::host::{Comparison, Host, RouteId};
use crate::regex::Pattern;
use crate::source::SourceMap;
use crate::value::Value;
use crate::view::View;

/// Index of an instruction.
pub(crate) type Address = u32;

/// What a whole configuration compiles to.
///
/// Instructions are small and refer to side tables; the place of each instruction in the source is
/// in a table of its own, so that tracing and messages cost nothing until they are wanted.
pub struct Program<H: Host> {
    pub(crate) code: Vec<Op>,
    pub(crate) spans: Vec<Span>,
    pub(crate) constants: Vec<Value>,
    pub(crate) calls: Vec<CallSite<H::Call>>,
    pub(crate) variables: Vec<H::Variable>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) tests: Vec<EqualTest>,
    pub(crate) fused: Fused,
    pub(crate) switches: Vec<Switch>,
    pub(crate) routes: Vec<Route>,
    pub(crate) index: RouteIndex,
    /// The text that the spans of the program are places of.
    pub(crate) source: Arc<SourceMap>,
}

/// A function call with what is fixed about it.
#[derive(Clone)]
pub(crate) struct CallSite<C> {
    /// The host's resolved call.
    pub(crate) call: C,
    /// How many values on top of the stack are its computed arguments.
    pub(crate) dynamic: u32,
}

/// `variable == constant`, the most frequent condition.
#[derive(Clone)]
pub(crate) struct EqualTest {
    pub(crate) variable: u32,
    pub(crate) constant: Value,
    /// The constant as a string, for a variable that holds one.
    pub(crate) text: Bytes,
    pub(crate) negated: bool,
}

impl EqualTest {
    /// Whether a variable's value passes; see [`View::equals`].
    #[inline]
    pub(crate) fn passes(&self, value: View<'_>) -> bool {
        match value {
            View::Str(text) => *text == *self.text,
            other => other.equals(self.constant.view()),
        }
    }
}

/// The operands of fused instructions.
#[derive(Clone, Default)]
pub(crate) struct Fused {
    pub(crate) compares: Vec<IntTest>,
    pub(crate) matches: Vec<MatchTest>,
    pub(crate) appends: Vec<Append>,
}

/// `variable = variable + right`.
#[derive(Clone)]
pub(crate) struct Append {
    /// The variable as it is read.
    pub(crate) read: u32,
    /// The same as it is written.
    pub(crate) write: u32,
    pub(crate) right: Right,
    /// Joined as texts, whatever the variable holds.
    pub(crate) joins: bool,
}

/// What is appended: a constant or a variable.
#[derive(Clone, Copy)]
pub(crate) enum Right {
    Constant(u32),
    Variable(u32),
}

/// `variable op integer` as a condition.
#[derive(Clone)]
pub(crate) struct IntTest {
    pub(crate) variable: u32,
    pub(crate) op: IntOp,
    pub(crate) constant: i32,
    /// Jumps when the comparison yields this.
    pub(crate) jumps_if: bool,
}

/// `variable =~ regex` as a condition.
#[derive(Clone)]
pub(crate) struct MatchTest {
    pub(crate) variable: u32,
    pub(crate) pattern: u32,
    /// Jumps when the regex matches, or when it does not.
    pub(crate) jumps_if: bool,
}

/// A block of the configuration.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) kind: BlockKind,
    /// Empty for blocks without a name.
    pub(crate) name: String,
    /// [`GONE`] when the program has no such block any more.
    pub(crate) entry: Address,
    pub(crate) span: Span,
}

/// The entry of a block that an earlier program had: its index is not given again.
pub(crate) const GONE: Address = Address::MAX;

/// Blocks by kind and name. Blocks without a name have the empty one.
#[derive(Clone, Debug, Default)]
pub(crate) struct RouteIndex {
    /// Blocks without a name, which each message asks for.
    unnamed: [Option<RouteId>; BlockKind::COUNT],
    by_name: [AHashMap<String, RouteId>; BlockKind::COUNT],
}

impl RouteIndex {
    pub(crate) fn find(&self, kind: BlockKind, name: &str) -> Option<RouteId> {
        if name.is_empty() {
            return self.unnamed[kind as usize];
        }
        self.by_name[kind as usize].get(name).copied()
    }

    pub(crate) fn insert(&mut self, kind: BlockKind, name: &str, route: RouteId) {
        if name.is_empty() {
            self.unnamed[kind as usize] = Some(route);
        }
        self.by_name[kind as usize].insert(name.to_owned(), route);
    }
}

/// Where a `switch` goes.
#[derive(Clone)]
pub(crate) struct Switch {
    pub(crate) cases: Cases,
    pub(crate) default: Address,
}

/// The labels of a `switch`; Kamailio does not mix integers with strings.
#[derive(Clone)]
pub(crate) enum Cases {
    /// Sorted by value.
    Int(Vec<(i32, Address)>),
    /// Sorted by text.
    Str(Vec<(Bytes, Address)>),
    /// In the order of the source, because a regex may match what a later string equals.
    Ordered(Vec<(Label, Address)>),
}

/// A label of a `switch` with regexes.
#[derive(Clone)]
pub(crate) enum Label {
    Str(Bytes),
    Regex(Pattern),
}

/// Operators on two integers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IntOp {
    Add,
    Subtract,
    Multiply,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Division and its remainder: the operators that can fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DivideOp {
    Quotient,
    Remainder,
}

/// An instruction. "Pushes" and "pops" speak of the value stack, which is empty (for the running
/// route) between statements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    /// Pushes an integer.
    Int(i32),
    /// Pushes a constant.
    Constant(u32),
    /// Pushes a variable's value.
    Read(u32),
    /// Pushes a variable that is text and number at once: its number when an integer is on top of
    /// the stack, else its text.
    ReadAsLeft { text: u32, number: u32 },
    /// Replaces the top by an integer.
    ToInt,
    /// Replaces a null on the top by the empty string.
    NullToStr,
    /// Replaces the top by a string.
    ToStr,
    /// Replaces the top, the code of a call, by 1 (positive) or 0.
    CodeToBool,
    /// Replaces the top by 1 (not zero) or 0.
    ToBool,
    /// `!`.
    Not,
    /// `~`.
    BitNot,
    /// `-` with one operand.
    Minus,
    /// `defined`.
    Defined,
    /// `strlen`.
    StrLen,
    /// `strempty`.
    StrEmpty,
    /// Pops two, pushes `left op right`.
    Int2(IntOp),
    /// Like `Int2`; on division by zero goes to the statement's way out.
    Divide(DivideOp, Address),
    /// `+` whose left operand's kind is known at run time only.
    Plus,
    /// `+` of strings.
    Join,
    /// `==` (or `!=`) of kinds known at run time only.
    Equal { negated: bool },
    /// `eq`, `ne`.
    TextEqual { negated: bool },
    /// `=~` with a constant regex.
    Match { pattern: u32, negated: bool },
    /// `=~` of an operand of the core with a constant regex: none matches what is not there.
    MatchPresent { pattern: u32 },
    /// `=~` with a regex from a value; on a bad one goes to the statement's way out.
    MatchDynamic { negated: bool, failed: Address },
    /// Compares two variables of which one is special; falls back to their values.
    CompareSpecial {
        left: u32,
        right: u32,
        how: Comparison,
        negated: bool,
    },
    /// Compares a special variable with a constant.
    CompareLiteral {
        left: u32,
        constant: u32,
        negated: bool,
    },
    /// Writes a variable with what another one holds, and pushes the code of that if asked to.
    Copy { from: u32, to: u32, push: bool },
    /// Pops and discards.
    Pop,
    /// Goes on elsewhere.
    Jump(Address),
    /// Goes back to a loop's head: paid from the step budget.
    JumpBack(Address),
    /// Pops; jumps unless it is a condition that holds (positive).
    JumpUnless(Address),
    /// Pops; jumps if zero (an operand of `&&`).
    JumpZero(Address),
    /// Pops; jumps if not zero (an operand of `||`).
    JumpNonZero(Address),
    /// Jumps unless the comparison holds.
    EqualUnless(u32, Address),
    /// Does what the four instructions from here on do: a variable compared with an integer, and a
    /// jump.
    FusedCompare(u32, Address),
    /// Does what the three instructions from here on do: a variable matched, and a jump.
    FusedMatch(u32, Address),
    /// Does what the three instructions from here on do: a variable and an integer, and `+` or an
    /// operator on integers.
    FusedInt2 {
        variable: u32,
        constant: i32,
        op: Option<IntOp>,
    },
    /// Does what the three instructions from here on do: a constant, a variable, joined.
    FusedJoin { constant: u32, variable: u32 },
    /// Does what the four instructions from here on do: something is added to a variable.
    FusedAppend(u32),
    /// Calls a function as a statement.
    Call(u32),
    /// Calls a function and pushes its code.
    CallPush(u32),
    /// Calls a function and jumps unless its code is positive.
    CallUnless(u32, Address),
    /// Calls a function and jumps if its code is positive.
    CallIf(u32, Address),
    /// Runs a route as a statement; `depth` is how many blocks surround the call.
    Route { route: RouteId, depth: u16 },
    /// Runs a route and pushes its code.
    RoutePush { route: RouteId, depth: u16 },
    /// Runs a route among other calls of one expression: `return 0` ends the script only if no
    /// later call of that expression runs (see `CheckExit`).
    RouteSoft { route: RouteId, depth: u16 },
    /// Pops a name and runs that route as a statement.
    RouteNamed { depth: u16 },
    /// Pops a name, runs that route and pushes its code.
    RouteNamedPush { depth: u16 },
    /// Ends the script if a `RouteSoft` of this expression said so.
    CheckExit,
    /// Pops and writes to a variable.
    Write(u32),
    /// Pops, writes to a variable and pushes 1, or -1 when it could not be written.
    WritePush(u32),
    /// Sets the code with which the block ends if it ends here.
    Last(i32),
    /// A loop begins.
    LoopEnter,
    /// Counts a turn of the loop; leaves it when the limit is reached.
    LoopTurn(Address),
    /// A loop ends.
    LoopLeave,
    /// Pops and jumps by value.
    Switch(u32),
    /// Ends the block with the last statement's code.
    End,
    /// `break` outside of loops and switches: ends the block with 0, but not the script.
    EndBroken,
    /// Pops; `return` with that code.
    Return,
    /// `return` with a constant.
    ReturnConst(i32),
    /// Pops; `exit` with that code.
    Exit,
    /// `exit` with a constant.
    ExitConst(i32),
    /// Pops; `drop` with that code.
    Drop,
    /// `drop` with a constant.
    DropConst(i32),
    /// Tells the host which statement comes; only in programs compiled for tracing.
    Trace,
}

impl<H: Host> Program<H> {
    /// The block of a kind with a name. Blocks without a name are found by the empty name.
    #[must_use]
    pub fn find(&self, kind: BlockKind, name: &str) -> Option<RouteId> {
        self.index.find(kind, name)
    }

    /// `request_route`.
    #[must_use]
    pub fn request_route(&self) -> Option<RouteId> {
        self.find(BlockKind::Request, "")
    }

    /// `reply_route`.
    #[must_use]
    pub fn reply_route(&self) -> Option<RouteId> {
        self.find(BlockKind::Reply, "")
    }

    /// `onsend_route`.
    #[must_use]
    pub fn onsend_route(&self) -> Option<RouteId> {
        self.find(BlockKind::OnSend, "")
    }

    /// `event_route[name]`.
    #[must_use]
    pub fn event_route(&self, name: &str) -> Option<RouteId> {
        self.find(BlockKind::Event, name)
    }

    /// A block's name; empty when it has none or does not exist.
    #[must_use]
    pub fn name(&self, route: RouteId) -> &str {
        self.route(route).map_or("", |route| route.name.as_str())
    }

    /// A block's kind.
    #[must_use]
    pub fn kind(&self, route: RouteId) -> Option<BlockKind> {
        self.route(route).map(|route| route.kind)
    }

    /// Where a block's heading stands.
    #[must_use]
    pub fn span(&self, route: RouteId) -> Option<Span> {
        self.route(route).map(|route| route.span)
    }

    /// All blocks in the order of their indices.
    pub fn routes(&self) -> impl Iterator<Item = RouteId> + '_ {
        let ids =
            (0..self.routes.len()).filter_map(|index| u32::try_from(index).ok().map(RouteId::at));
        ids.filter(|id| self.route(*id).is_some())
    }

    /// The same program, whose spans are places of this text.
    #[must_use]
    pub fn with_source(mut self, source: Arc<SourceMap>) -> Self {
        self.source = source;
        self
    }

    /// The text that the program was compiled from.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceMap> {
        &self.source
    }

    /// All resolved function calls of the program.
    pub fn calls(&self) -> impl Iterator<Item = &H::Call> {
        self.calls.iter().map(|site| &site.call)
    }

    /// The number of instructions, for statistics and tests.
    #[must_use]
    pub fn instructions(&self) -> usize {
        self.code.len()
    }

    pub(crate) fn route(&self, route: RouteId) -> Option<&Route> {
        let route = self.routes.get(route.index() as usize);
        route.filter(|route| route.entry != GONE)
    }
}
