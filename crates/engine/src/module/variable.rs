//! Rows of pseudo-variables.

use script::status::Status;
use script::value::Value;
use script::view::View;

use crate::catalog::NameScope;
use crate::context::Context;
use crate::variable::{ParsedName, PvName};

/// A pseudo-variable class.
#[derive(Clone, Copy)]
pub struct Variable {
    /// Name after `$`: `rU`, `avp`, `hdr`.
    pub name: &'static str,
    /// Whether and how an inner name `(…)` is taken.
    pub inner: Inner,
    /// Reads it; `None`: by copying what `show` shows.
    pub read: Option<Read>,
    /// Shows it where it stands, for those who only look; `None`: it has to be read for that, too.
    pub show: Option<Show>,
    /// Gives its value away, right before it is written; `None`: it is read.
    pub take: Option<Read>,
    /// Writes it; `None`: read-only. False: the value cannot be written.
    pub write: Option<fn(&mut Context, &PvName, Value) -> bool>,
    /// The number of a class whose values are text and number at once: operators that want a
    /// number take it (`$pr` is `udp`, and 1).
    pub number: Option<fn(&mut Context, &PvName) -> Option<i64>>,
    /// What a text that holds it shows, where that is not the value: `$sdp(sess_version)` may be
    /// 12 and show `0012`.
    pub in_text: Option<fn(&mut Context, &PvName) -> Value>,
    /// Whether null shows as nothing in a text, not as `<null>`.
    pub is_silent: bool,
    /// Whether it shows the message as it came in, whatever the script did since.
    pub is_of_message: bool,
    /// What it is, for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

/// Makes a variable's value.
pub type Read = fn(&mut Context, &PvName) -> Value;

/// Shows a variable's value where it stands.
pub type Show = for<'a> fn(&'a mut Context, &'a PvName) -> View<'a>;

/// How a variable class takes an inner name.
#[derive(Clone, Copy)]
pub enum Inner {
    /// No name: `$ru`.
    None,
    /// A name is required: `$hdr(From)`. It may hold variables, computed at each use.
    Required,
    /// A name may be given: `$T(…)`.
    Optional,
    /// A fixed set of names.
    OneOf(&'static [&'static str]),
    /// The module parses the name at load: returns its own key or what is wrong. The key is found
    /// in [`PvName::parsed`].
    Parsed(fn(&mut NameScope<'_, '_>, &str) -> Result<ParsedName, String>),
}

impl Variable {
    /// A read-only row without an inner name.
    #[must_use]
    pub const fn new(name: &'static str, read: Read, doc: &'static str) -> Self {
        Self {
            name,
            inner: Inner::None,
            read: Some(read),
            show: None,
            take: None,
            write: None,
            number: None,
            in_text: None,
            is_silent: false,
            is_of_message: false,
            doc,
            status: Status::Full,
        }
    }

    /// The row with an inner name.
    #[must_use]
    pub const fn named(mut self, inner: Inner) -> Self {
        self.inner = inner;
        self
    }

    /// A read-only row without an inner name, whose value can be seen where it stands.
    #[must_use]
    pub const fn showing(name: &'static str, show: Show, doc: &'static str) -> Self {
        Self {
            name,
            inner: Inner::None,
            read: None,
            show: Some(show),
            take: None,
            write: None,
            number: None,
            in_text: None,
            is_silent: false,
            is_of_message: false,
            doc,
            status: Status::Full,
        }
    }

    /// The value, to keep.
    pub fn value(&self, cx: &mut Context, name: &PvName) -> Value {
        match (self.read, self.show) {
            (Some(read), _) => read(cx, name),
            (None, Some(show)) => show(cx, name).to_value(),
            (None, None) => Value::Null,
        }
    }

    /// Looks at the value where it stands, if it can be seen there.
    pub fn look<T>(&self, cx: &mut Context, name: &PvName, with: impl FnOnce(View<'_>) -> T) -> T {
        match self.show {
            Some(show) => with(show(cx, name)),
            None => with(self.value(cx, name).view()),
        }
    }

    /// The row with a way to look at the value without reading it.
    #[must_use]
    pub const fn shown(mut self, show: Show) -> Self {
        self.show = Some(show);
        self
    }

    /// The row with a way to give the value away, for a text that grows where it is.
    #[must_use]
    pub const fn taken(mut self, take: Read) -> Self {
        self.take = Some(take);
        self
    }

    /// The row of a class whose values are numbers as well.
    #[must_use]
    pub const fn numbered(mut self, number: fn(&mut Context, &PvName) -> Option<i64>) -> Self {
        self.number = Some(number);
        self
    }

    /// The row of a class that has a form of its own within texts.
    #[must_use]
    pub const fn in_text(mut self, in_text: fn(&mut Context, &PvName) -> Value) -> Self {
        self.in_text = Some(in_text);
        self
    }

    /// The row of a class whose null shows as nothing.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// The row of a class that shows the message as it came in: changes that wait until it is
    /// printed do not show, and nothing else is looked at.
    #[must_use]
    pub const fn of_message(mut self) -> Self {
        self.is_of_message = true;
        self
    }

    /// The row with a write side.
    #[must_use]
    pub const fn writable(mut self, write: fn(&mut Context, &PvName, Value) -> bool) -> Self {
        self.write = Some(write);
        self
    }

    /// The row with another status than full.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}
