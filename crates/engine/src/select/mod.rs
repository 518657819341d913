//! Selects, `@path.of.names` and `$sel(path)`: another way to name parts of a message (Kamailio
//! selects cookbook 5.6). A path is a list of [steps](path::Step); each kind of select says which
//! steps it takes and what it reads, and whether what is empty is a text or nothing.

mod address;
mod branches;
mod config;
mod credentials;
pub mod headers;
mod message;
pub mod names;
pub mod path;
mod place;
mod resolve;
mod system;
pub mod text;
pub mod uri;
mod via;

use std::sync::Arc;

use script::value::Value;

use crate::cfg_vars::CfgVars;
use crate::context::Context;
use address::Address;
use branches::BranchSelect;
use credentials::Credentials;
use headers::HeaderSelect;
use message::Part;
use path::Step;
use place::Place;
pub(crate) use resolve::SelectError;
use system::SystemSelect;
use uri::UriSelect;
use via::ViaSelect;

/// A resolved select.
#[derive(Clone)]
pub struct Select(Arc<dyn Fn(&mut Context) -> Value + Send + Sync>);

/// Why a path is no select.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unresolved {
    /// No select takes these steps.
    Unknown,
    /// A select does, but what they name is not there: what is wrong.
    Wrong(String),
}

impl Select {
    /// A select that reads so.
    #[must_use]
    pub fn new(read: impl Fn(&mut Context) -> Value + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Of nothing.
    pub(crate) fn nothing() -> Self {
        Self::new(|_| Value::Null)
    }

    /// Its value for a message: a text, or null when there is none.
    pub fn read(&self, cx: &mut Context) -> Value {
        match self.read_typed(cx) {
            Value::Null => Value::Null,
            value => Value::Str(value.to_bytes()),
        }
    }

    /// As [`Self::read`], with numbers as numbers.
    pub fn read_typed(&self, cx: &mut Context) -> Value {
        (self.0)(cx)
    }
}

/// The select of the core that takes these steps.
fn of_core(steps: &[Step], cfg: &CfgVars) -> Result<Select, Unresolved> {
    if let Some(found) = config::parse(steps, cfg) {
        return found;
    }
    let found = Address::parse(steps).map(|s| Select::new(move |cx| s.read(cx)));
    found
        .or_else(|| BranchSelect::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| Credentials::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| HeaderSelect::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| Place::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| SystemSelect::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| UriSelect::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| ViaSelect::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .or_else(|| Part::parse(steps).map(|s| Select::new(move |cx| s.read(cx))))
        .ok_or(Unresolved::Unknown)
}
