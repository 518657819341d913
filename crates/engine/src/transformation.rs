//! Transformations, `{class.name,arg,…}`: the contract of their rows.

use bytes::Bytes;
use script::value::Value;

use crate::catalog::NameScope;
use crate::context::Context;
use crate::module::Status;
use crate::variable::{ParsedName, Readable};

/// A transformation.
#[derive(Clone, Copy)]
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
    /// What a text that holds it shows, and a further transformation works on, where that is not
    /// the value: `{s.int}` of `+5` is 5 and shows `+5`.
    pub shown: Option<fn(&mut Context, Value, &Transform) -> Value>,
    /// Whether the number of a variable that is text and number at once is taken as it is.
    pub takes_number: bool,
    /// What it does, for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

impl Transformation {
    /// A row that takes from `min` to `max` arguments separated by commas.
    #[must_use]
    pub const fn new(
        class: &'static str,
        name: &'static str,
        args: (usize, usize),
        run: fn(&mut Context, Value, &Transform) -> Value,
        doc: &'static str,
    ) -> Self {
        Self {
            class,
            name,
            min: args.0,
            max: args.1,
            syntax: Syntax::Commas,
            run,
            shown: None,
            takes_number: false,
            doc,
            status: Status::Full,
        }
    }

    /// The row with a form of its own within texts.
    #[must_use]
    pub const fn shown_as(mut self, shown: fn(&mut Context, Value, &Transform) -> Value) -> Self {
        self.shown = Some(shown);
        self
    }

    /// The row of a transformation that leaves numbers alone.
    #[must_use]
    pub const fn taking_number(mut self) -> Self {
        self.takes_number = true;
        self
    }
}

/// How a transformation's arguments are written.
#[derive(Clone, Copy)]
pub enum Syntax {
    /// Separated by commas; each may be a variable. Commas beyond the most arguments belong to the
    /// last one, so that `{s.select,0,,}` selects between commas.
    Commas,
    /// Everything after the first comma, given to a parser of its own at load.
    Raw(fn(&mut NameScope<'_, '_>, &str) -> Result<ParsedName, String>),
}

/// A transformation with its arguments.
#[derive(Clone)]
pub struct Transform {
    /// Its row.
    pub row: &'static Transformation,
    /// Arguments of comma syntax.
    pub args: Box<[TransformArg]>,
    /// Result of a raw parser.
    pub parsed: ParsedName,
}

/// An argument of a transformation.
#[derive(Clone)]
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

    /// As [`Self::apply`], for a text or a further transformation.
    pub fn show(&self, cx: &mut Context, value: Value) -> Value {
        (self.row.shown.unwrap_or(self.row.run))(cx, value, self)
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

    /// An argument as bytes; `None` when it was not given or is null.
    pub fn text(&self, cx: &mut Context, index: usize) -> Option<Bytes> {
        // Text that looks like a number is kept as a number: `{s.count,1}` counts ones.
        match self.arg(cx, index) {
            Value::Null => None,
            value => Some(value.to_bytes()),
        }
    }

    /// As [`Self::text`], without the white space around it that does not belong to an argument: a
    /// CR does, and blanks at its end do.
    pub fn argument(&self, cx: &mut Context, index: usize) -> Option<Bytes> {
        let text = self.text(cx, index)?;
        let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n');
        let start = text.iter().position(|b| !is_blank(b)).unwrap_or(text.len());
        let end = text
            .iter()
            .rposition(|b| *b != b'\n')
            .map_or(0, |at| at + 1);
        Some(text.slice(start.min(end)..end))
    }

    /// An argument as an integer; `None` when it holds none. A variable has to hold a number: a
    /// text that looks like one does not count.
    pub fn int(&self, cx: &mut Context, index: usize) -> Option<i64> {
        match self.args.get(index)? {
            TransformArg::Int(n) => Some(*n),
            TransformArg::Text(t) => script::value::parse_int(t.trim_ascii()).map(i64::from),
            TransformArg::Variable(v) => v.number(cx),
        }
    }
}
