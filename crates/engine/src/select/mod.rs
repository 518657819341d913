//! Selects, `@path.of.names` and `$sel(path)`: another way to name parts of a message (Kamailio
//! selects cookbook 5.6).

mod address;
mod message;
mod names;
mod uri;

use script::value::Value;

use crate::cfg_vars::{CfgValue, CfgVar};
use crate::context::Context;
use crate::module::Variable;
use crate::variable::PvName;

pub use names::NAMES;

use address::Address;
use message::Part;
use uri::UriSelect;

/// A resolved select.
pub enum Select {
    /// `cfg_get.group.name`.
    Cfg(CfgVar),
    /// Something of the message.
    Message(MessageSelect),
    /// Something of a module.
    Module(&'static Variable, PvName),
}

/// A select that reads the message.
pub struct MessageSelect(Kind);

enum Kind {
    Address(Address),
    Uri(UriSelect),
    Part(Part),
}

impl Select {
    /// Its value for a message.
    pub fn read(&self, cx: &mut Context) -> Value {
        match self {
            Self::Cfg(var) => match var.value() {
                CfgValue::Int(n) => Value::Int(n),
                CfgValue::Text(t) => Value::Str(t),
            },
            Self::Module(row, name) => (row.read)(cx, name),
            Self::Message(MessageSelect(Kind::Address(a))) => a.read(cx),
            Self::Message(MessageSelect(Kind::Uri(u))) => u.read(cx),
            Self::Message(MessageSelect(Kind::Part(p))) => p.read(cx),
        }
    }

    /// Parses a path that reads the message; `None` when there is no such select.
    #[must_use]
    pub(crate) fn of_message(path: &str) -> Option<Self> {
        let steps: Vec<Step<'_>> = path.split('.').map(Step::parse).collect::<Option<_>>()?;
        let kind = Address::parse(&steps)
            .map(Kind::Address)
            .or_else(|| UriSelect::parse(&steps).map(Kind::Uri))
            .or_else(|| Part::parse(&steps).map(Kind::Part))?;
        Some(Self::Message(MessageSelect(kind)))
    }
}

/// A name in a path, with what stands in brackets behind it.
struct Step<'t> {
    name: &'t str,
    index: Option<&'t str>,
}

impl<'t> Step<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        match text.split_once('[') {
            None => Some(Self {
                name: text,
                index: None,
            }),
            Some((name, rest)) => Some(Self {
                name,
                index: Some(rest.strip_suffix(']')?.trim_matches('"')),
            }),
        }
    }

    /// A name without brackets.
    fn plain(&self) -> Option<&'t str> {
        self.index.is_none().then_some(self.name)
    }
}
