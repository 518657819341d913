//! Variables as scripts name them, resolved at load: pseudo-variables with inner name, index and
//! transformations, selects, core keywords, addresses.

mod parse;

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use script::value::Value;
use script::view::View;

use crate::context::Context;
use crate::format::Format;
use crate::keyword::Keyword;
use crate::module::{self, State};
use crate::net::Network;
use crate::select::Select;
use crate::transformation::Transform;

/// Anything that stands for a value in a script.
#[derive(Clone)]
pub enum Readable {
    /// `$…`.
    Pseudo(Box<Pseudo>),
    /// `@…`.
    Select(Box<Select>),
    /// `src_ip`, `uri`, …
    Keyword(Keyword),
    /// An address or network.
    Network(Network),
}

/// A resolved pseudo-variable.
#[derive(Clone)]
pub struct Pseudo {
    /// The row of its class.
    pub row: &'static module::Variable,
    /// Inner name and index.
    pub name: PvName,
    /// `{class.name,…}` in order.
    pub transforms: Box<[Transform]>,
    /// Its class's number is read, not its text.
    pub reads_number: bool,
}

/// The inner name, index and module state of a pseudo-variable.
#[derive(Clone)]
pub struct PvName {
    /// What stands in the parentheses.
    pub inner: InnerName,
    /// What the class's own parser made of the inner name.
    pub parsed: ParsedName,
    /// `[…]`.
    pub index: Index,
    /// State of the module that has the variable.
    pub state: State,
}

/// An inner name as written.
#[derive(Clone)]
pub enum InnerName {
    /// None.
    None,
    /// Constant text.
    Text(Bytes),
    /// Text with variables.
    Format(Format),
}

/// A name parsed at load.
#[derive(Clone, Default)]
pub struct ParsedName {
    /// A small key: an enum's number, an interned name.
    pub key: u64,
    /// Anything larger.
    pub data: Option<Arc<dyn Any + Send + Sync>>,
}

impl ParsedName {
    /// Just a key.
    #[must_use]
    pub fn key(key: u64) -> Self {
        Self { key, data: None }
    }

    /// Just data.
    #[must_use]
    pub fn data<T: Any + Send + Sync>(data: T) -> Self {
        Self {
            key: 0,
            data: Some(Arc::new(data)),
        }
    }
}

/// An index in brackets.
#[derive(Clone)]
pub enum Index {
    /// None written.
    None,
    /// A number; negative counts from the end.
    At(i64),
    /// `[*]`: all.
    All,
    /// A variable.
    Variable(Box<Readable>),
}

/// An index with its variable read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IndexValue {
    /// None written.
    None,
    /// A number; negative counts from the end (-1 is the last).
    At(i64),
    /// All.
    All,
}

impl IndexValue {
    /// The position in a list of `len` items; without an index the first.
    #[must_use]
    pub fn position(self, len: usize) -> Option<usize> {
        match self {
            Self::None => (len > 0).then_some(0),
            Self::At(n) if n >= 0 => usize::try_from(n).ok().filter(|n| *n < len),
            Self::At(n) => len.checked_sub(usize::try_from(n.unsigned_abs()).ok()?),
            Self::All => None,
        }
    }
}

impl PvName {
    /// The inner name as text; empty when there is none.
    pub fn text(&self, cx: &mut Context) -> Bytes {
        match &self.inner {
            InnerName::None => Bytes::new(),
            InnerName::Text(t) => t.clone(),
            InnerName::Format(f) => f.text(cx),
        }
    }

    /// The index with its variable read; a variable that holds no integer counts as 0.
    pub fn index(&self, cx: &mut Context) -> IndexValue {
        match &self.index {
            Index::None => IndexValue::None,
            Index::At(n) => IndexValue::At(*n),
            Index::All => IndexValue::All,
            Index::Variable(v) => IndexValue::At(v.number(cx).unwrap_or(0)),
        }
    }

    /// Whether inner name and index are the same for each message.
    fn is_constant(&self) -> bool {
        !matches!(self.inner, InnerName::Format(_)) && !matches!(self.index, Index::Variable(_))
    }

    /// The data that the class's parser made.
    #[must_use]
    pub fn data<T: Any>(&self) -> Option<&T> {
        self.parsed.data.as_ref()?.downcast_ref()
    }

    /// The module's state.
    #[must_use]
    pub fn state<T: Any>(&self) -> Option<&T> {
        (*self.state).downcast_ref()
    }
}

impl Readable {
    /// Its value; what is not there is null.
    pub fn read(&self, cx: &mut Context) -> Value {
        match self {
            Self::Pseudo(p) => p.read(cx),
            // `@path` of nothing is an empty text; `$sel(path)` is null.
            Self::Select(s) => Value::Str(s.read(cx).to_bytes()),
            Self::Keyword(k) => k.read(cx),
            Self::Network(n) => Value::Str(n.to_string().into()),
        }
    }

    /// Looks at its value where it stands, if it can be seen there.
    pub fn look<T>(&self, cx: &mut Context, with: impl FnOnce(View<'_>) -> T) -> T {
        match self {
            Self::Pseudo(p) if p.is_plain() => p.row.look(cx, &p.name, with),
            _ => with(self.read(cx).view()),
        }
    }

    /// Looks at what a text that holds it shows, see [`Self::shown`].
    pub fn look_shown<T>(&self, cx: &mut Context, with: impl FnOnce(View<'_>) -> T) -> T {
        match self {
            Self::Pseudo(p) if p.is_plain() && p.row.in_text.is_none() => {
                let is_silent = p.row.is_silent;
                p.row.look(cx, &p.name, |value| match value {
                    View::Null if is_silent => with(View::Str(b"")),
                    View::Null => with(View::Str(b"<null>")),
                    value => with(value),
                })
            }
            _ => with(self.shown(cx).view()),
        }
    }

    /// Its value where a number is wanted: `$pr` is `udp`, and 1. `None`: it holds a text or nothing.
    pub fn number(&self, cx: &mut Context) -> Option<i64> {
        let value = match self {
            Self::Pseudo(p) => p.numeric(cx),
            other => other.read(cx),
        };
        match value {
            Value::Int(number) => Some(number),
            Value::Str(_) | Value::Null => None,
        }
    }

    /// What a text that holds it shows: null shows as `<null>`, but a transformation of nothing,
    /// and a variable that cannot be read, as nothing.
    pub fn shown(&self, cx: &mut Context) -> Value {
        match self {
            Self::Pseudo(p) => p.shown(cx),
            other => match other.read(cx) {
                Value::Null => Value::Str(Bytes::from_static(b"<null>")),
                value => value,
            },
        }
    }

    /// Whether it shows the message as it came in, whatever the script did since.
    #[must_use]
    pub fn is_of_message(&self) -> bool {
        matches!(self, Self::Pseudo(p) if p.row.is_of_message && p.is_plain() && p.name.is_constant())
    }

    /// Whether it is one thing as a number and another as a text.
    #[must_use]
    pub fn has_number(&self) -> bool {
        matches!(self, Self::Pseudo(p) if p.row.number.is_some() && p.transforms.is_empty())
    }

    /// The variable that is its number.
    #[must_use]
    pub fn into_number(self) -> Self {
        match self {
            Self::Pseudo(mut p) => {
                p.reads_number = true;
                Self::Pseudo(p)
            }
            other => other,
        }
    }

    /// Reads what is about to be written; a class that can gives its value away.
    pub fn take(&self, cx: &mut Context) -> Value {
        match self {
            Self::Pseudo(p) if p.is_plain() => match p.row.take {
                Some(take) => take(cx, &p.name),
                None => self.read(cx),
            },
            _ => self.read(cx),
        }
    }

    /// Writes it with what another one holds: with its value, or, where that is refused, with the
    /// other form that it has, the text of a number or the number beside a text.
    pub fn copy(&self, cx: &mut Context, from: &Readable) -> bool {
        let value = from.read(cx);
        let is_text = match &value {
            Value::Int(_) => false,
            Value::Str(_) => true,
            Value::Null => return self.write(cx, Value::Null),
        };
        if self.write(cx, value) {
            return true;
        }
        match is_text {
            false => {
                let text = from.shown(cx).to_bytes();
                self.write(cx, Value::Str(text))
            }
            true => match from.has_number().then(|| from.number(cx)).flatten() {
                Some(number) => self.write(cx, Value::Int(number)),
                None => false,
            },
        }
    }

    /// Writes it; false when it cannot be written or not with this value.
    pub fn write(&self, cx: &mut Context, value: Value) -> bool {
        match self {
            Self::Pseudo(p) => p.row.write.is_some_and(|write| write(cx, &p.name, value)),
            _ => false,
        }
    }
}

impl Pseudo {
    /// Whether its class's value is its value.
    fn is_plain(&self) -> bool {
        self.transforms.is_empty() && !self.reads_number
    }

    fn read(&self, cx: &mut Context) -> Value {
        if self.reads_number {
            return self.numeric(cx);
        }
        let Some((last, rest)) = self.transforms.split_last() else {
            return self.row.value(cx, &self.name);
        };
        let value = self.text(cx);
        let value = rest.iter().fold(value, |value, how| how.show(cx, value));
        last.apply(cx, value)
    }

    /// The value as texts show it and transformations take it.
    fn text(&self, cx: &mut Context) -> Value {
        match self.row.in_text {
            Some(in_text) => in_text(cx, &self.name),
            None => self.row.value(cx, &self.name),
        }
    }

    fn numeric(&self, cx: &mut Context) -> Value {
        match self.row.number {
            Some(number) if self.reads_number || self.transforms.is_empty() => {
                number(cx, &self.name).map_or(Value::Null, Value::Int)
            }
            _ => self.read(cx),
        }
    }

    fn shown(&self, cx: &mut Context) -> Value {
        let value = self.text(cx);
        let transforms = self.transforms.iter();
        match transforms.fold(value, |value, how| how.show(cx, value)) {
            Value::Null if self.row.is_silent || !self.transforms.is_empty() => {
                Value::Str(Bytes::new())
            }
            Value::Null => Value::Str(Bytes::from_static(b"<null>")),
            value => value,
        }
    }
}
