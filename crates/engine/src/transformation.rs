//! Transformations, `{class.name,arg,…}`: the contract of their rows.

use bytes::Bytes;
use script::value::Value;

use crate::context::Context;
use crate::module::Status;
use crate::variable::{ParsedName, Readable};

/// A transformation.
pub struct Transformation {
    /// `s`, `uri`, `param`, …
    pub class: &'static str,
    /// `len`, `substr`, …
    pub name: &'static str,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments.
    pub max: usize,
    /// How its arguments are written.
    pub syntax: Syntax,
    /// Runs it.
    pub run: fn(&mut Context, Value, &Transform) -> Value,
    /// What it does, for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

/// How a transformation's arguments are written.
#[derive(Clone, Copy)]
pub enum Syntax {
    /// Separated by commas; each may be a variable.
    Commas,
    /// Everything after the first comma, given to a parser of its own at load.
    Raw(fn(&str) -> Result<ParsedName, String>),
}

/// A transformation with its arguments.
pub struct Transform {
    /// Its row.
    pub row: &'static Transformation,
    /// Arguments of comma syntax.
    pub args: Box<[TransformArg]>,
    /// Result of a raw parser.
    pub parsed: ParsedName,
}

/// An argument of a transformation.
pub enum TransformArg {
    /// Text as written.
    Text(Bytes),
    /// A number.
    Int(i64),
    /// A variable.
    Variable(Readable),
}

impl Transform {
    /// Runs the transformation on a value.
    pub fn apply(&self, cx: &mut Context, value: Value) -> Value {
        (self.row.run)(cx, value, self)
    }

    /// An argument's value; null when it was not given.
    pub fn arg(&self, cx: &mut Context, index: usize) -> Value {
        match self.args.get(index) {
            None => Value::Null,
            Some(TransformArg::Text(t)) => Value::Str(t.clone()),
            Some(TransformArg::Int(n)) => Value::Int(*n),
            Some(TransformArg::Variable(v)) => v.read(cx),
        }
    }
}
