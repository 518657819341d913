//! Arguments of script functions: fixed up once at load, read at each call.

use std::any::Any;

use bytes::Bytes;
use script::host::RouteId;
use script::regex::Pattern;
use script::value::Value;

use crate::context::Context;
use crate::format::Format;
use crate::module::{Function, State};
use crate::variable::{ParsedName, Readable};

/// A resolved function call.
#[derive(Clone)]
pub struct Call {
    /// The row of the function.
    pub function: &'static Function,
    /// The state of its module.
    pub state: State,
    /// Who speaks in log lines while it runs.
    pub module: &'static str,
    /// Whether it is a core function: these leave `$rc` alone.
    pub is_core: bool,
    /// Its arguments.
    pub args: Box<[Fixed]>,
    /// Where it stands in the configuration.
    pub span: script::ast::Span,
}

/// An argument after load.
#[derive(Clone)]
pub enum Fixed {
    /// A constant integer.
    Int(i64),
    /// A constant text.
    Text(Bytes),
    /// Text with variables in it.
    Format(Format),
    /// A variable to read or write.
    Variable(Readable),
    /// A compiled regular expression, with its source.
    Regex(Pattern, Bytes),
    /// A route block, with its name.
    Route(RouteId, Bytes),
    /// What the module's own parser made of a text, with the text.
    Parsed(ParsedName, Bytes),
    /// The value at this index of the call's computed values.
    Dynamic(usize),
}

/// What a function gets to see of its arguments.
pub struct Args<'a> {
    call: &'a Call,
    dynamic: &'a [Value],
}

impl<'a> Args<'a> {
    /// The arguments of a call.
    #[must_use]
    pub fn new(call: &'a Call, dynamic: &'a [Value]) -> Self {
        Self { call, dynamic }
    }

    /// The state of the function's module.
    ///
    /// # Panics
    /// When `T` is not the type that the module's `init` returned: a mistake in the module that
    /// its first call shows.
    #[must_use]
    pub fn state<T: Any + Send + Sync>(&self) -> &'a T {
        self.call
            .state
            .downcast_ref()
            .expect("a module asks for the state that its init made")
    }

    /// Where the call stands in the configuration.
    #[must_use]
    pub fn span(&self) -> script::ast::Span {
        self.call.span
    }

    /// How many arguments were given.
    #[must_use]
    pub fn len(&self) -> usize {
        self.call.args.len()
    }

    /// Whether none was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.call.args.is_empty()
    }

    /// An argument as fixed up; `None` when it was not given.
    #[must_use]
    pub fn fixed(&self, index: usize) -> Option<&'a Fixed> {
        self.call.args.get(index)
    }

    /// An argument's value; [`Value::Null`] when it was not given.
    pub fn value(&self, cx: &mut Context, index: usize) -> Value {
        match self.fixed(index) {
            None => Value::Null,
            Some(Fixed::Int(n)) => Value::Int(*n),
            Some(
                Fixed::Text(t) | Fixed::Regex(_, t) | Fixed::Route(_, t) | Fixed::Parsed(_, t),
            ) => Value::Str(t.clone()),
            Some(Fixed::Format(f)) => Value::Str(f.text(cx)),
            Some(Fixed::Variable(v)) => v.read(cx),
            Some(Fixed::Dynamic(i)) => self.dynamic.get(*i).cloned().unwrap_or_default(),
        }
    }

    /// An argument as text; empty when it was not given or is null.
    pub fn text(&self, cx: &mut Context, index: usize) -> Bytes {
        match self.value(cx, index) {
            Value::Str(t) => t,
            Value::Int(n) => n.to_string().into(),
            Value::Null => Bytes::new(),
        }
    }

    /// An argument as an integer; `None` when it was not given or holds none.
    pub fn int(&self, cx: &mut Context, index: usize) -> Option<i64> {
        match self.value(cx, index) {
            Value::Int(n) => Some(n),
            Value::Str(t) => std::str::from_utf8(&t).ok()?.trim().parse().ok(),
            Value::Null => None,
        }
    }

    /// What the module's own parser made of an argument; `None` when a variable stands in its place.
    #[must_use]
    pub fn parsed<T: Any>(&self, index: usize) -> Option<&'a T> {
        match self.fixed(index) {
            Some(Fixed::Parsed(parsed, _)) => parsed.data.as_ref()?.downcast_ref(),
            _ => None,
        }
    }

    /// The variable that an argument names.
    #[must_use]
    pub fn variable(&self, index: usize) -> Option<&'a Readable> {
        match self.fixed(index) {
            Some(Fixed::Variable(v)) => Some(v),
            _ => None,
        }
    }
}
