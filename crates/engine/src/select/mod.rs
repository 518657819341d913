//! Selects, `@path.of.names` and `$sel(path)`: another way to name parts of a message (Kamailio
//! selects cookbook 5.6).

mod address;
mod branches;
mod credentials;
mod headers;
mod message;
mod names;
mod system;
mod text;
mod uri;

use script::value::Value;

use crate::cfg_vars::{CfgValue, CfgVar, Selected, value_for};
use crate::context::Context;
use crate::module::Variable;
use crate::variable::PvName;

pub use names::NAMES;

use address::Address;
use branches::BranchSelect;
use credentials::Credentials;
use headers::HeaderSelect;
use message::Part;
use system::SystemSelect;
use uri::UriSelect;

/// A resolved select.
#[derive(Clone)]
pub enum Select {
    /// `cfg_get.group.name`.
    Cfg(CfgVar),
    /// Something of the message.
    Message(MessageSelect),
    /// `cfg_selected.group`.
    Chosen(String),
    /// Something of a module.
    Module(&'static Variable, PvName),
}

/// A select that reads the message or the server.
#[derive(Clone)]
pub struct MessageSelect(Kind);

#[derive(Clone)]
enum Kind {
    Address(Address),
    Branch(BranchSelect),
    Credentials(Credentials),
    Header(HeaderSelect),
    Uri(UriSelect),
    Part(Part),
    System(SystemSelect),
}

impl Select {
    /// Its value for a message: always a text; null when there is none or it is empty.
    pub fn read(&self, cx: &mut Context) -> Value {
        match self.read_typed(cx) {
            Value::Int(number) => Value::Str(Value::Int(number).to_bytes()),
            value => value,
        }
    }

    /// As [`Self::read`], with numbers as numbers.
    pub fn read_typed(&self, cx: &mut Context) -> Value {
        match self.part(cx) {
            value if value.is_empty() && !self.keeps_empty() => Value::Null,
            value => value,
        }
    }

    fn keeps_empty(&self) -> bool {
        match self {
            Self::Message(MessageSelect(Kind::Address(a))) => a.is_contact_name(),
            Self::Message(MessageSelect(Kind::Branch(_) | Kind::Header(_))) => true,
            _ => false,
        }
    }

    fn part(&self, cx: &mut Context) -> Value {
        let kind = match self {
            Self::Cfg(var) => {
                return match value_for(cx, var) {
                    CfgValue::Int(n) => Value::Int(n),
                    CfgValue::Text(t) => Value::Str(t),
                };
            }
            Self::Chosen(group) => {
                let chosen = cx.extensions.get::<Selected>().and_then(|s| s.of(group));
                let text = chosen.map_or_else(String::new, |id| id.to_string());
                return Value::Str(text.into());
            }
            Self::Module(row, name) => return row.value(cx, name),
            Self::Message(MessageSelect(kind)) => kind,
        };
        match kind {
            Kind::Address(a) => a.read(cx),
            Kind::Branch(b) => b.read(cx),
            Kind::Credentials(c) => c.read(cx),
            Kind::Header(h) => h.read(cx),
            Kind::Uri(u) => u.read(cx),
            Kind::Part(p) => p.read(cx),
            Kind::System(s) => s.read(cx),
        }
    }

    /// Parses a path that reads the message; `None` when there is no such select. `has_fields`:
    /// module textopsx, which brings `hf_value` and its kin, is loaded.
    #[must_use]
    pub(crate) fn of_message(path: &str, has_fields: bool) -> Option<Self> {
        let steps = steps(path)?;
        let kind = Address::parse(&steps)
            .map(Kind::Address)
            .or_else(|| BranchSelect::parse(&steps).map(Kind::Branch))
            .or_else(|| Credentials::parse(&steps).map(Kind::Credentials))
            .or_else(|| HeaderSelect::parse(&steps, has_fields).map(Kind::Header))
            .or_else(|| SystemSelect::parse(&steps).map(Kind::System))
            .or_else(|| UriSelect::parse(&steps).map(Kind::Uri))
            .or_else(|| Part::parse(&steps).map(Kind::Part))?;
        Some(Self::Message(MessageSelect(kind)))
    }
}

/// A name in a path, with the number in brackets behind it.
#[derive(Clone)]
struct Step<'t> {
    name: &'t str,
    index: Option<&'t str>,
}

/// The names of a path. A name in brackets is a name like any other: `h["X-A"]` is `h.X-A`.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for text in path.split('.') {
        let (name, mut rest) = text.split_at(text.find('[').unwrap_or(text.len()));
        if name.is_empty() {
            return None;
        }
        steps.push(Step { name, index: None });
        while let Some(inner) = rest.strip_prefix('[') {
            let (inner, after) = inner.split_once(']')?;
            rest = after;
            match steps.last_mut() {
                Some(last) if last.index.is_none() && inner.parse::<i64>().is_ok() => {
                    last.index = Some(inner);
                }
                _ => steps.push(Step {
                    name: inner.trim_matches('"'),
                    index: None,
                }),
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    Some(steps)
}

impl<'t> Step<'t> {
    /// A name without brackets.
    fn plain(&self) -> Option<&'t str> {
        self.index.is_none().then_some(self.name)
    }
}
