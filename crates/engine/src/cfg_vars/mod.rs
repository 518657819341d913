//! Run-time configuration values: `group.name`, read by `@cfg_get`, changed by `cfg.set` RPCs.
//!
//! A module declares its changeable values at load and keeps a [`CfgInt`] or [`CfgText`]; reading
//! one is an atomic load, so that hot paths may.

mod core_table;
mod core_vars;
mod history;
mod pending;
mod selected;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ahash::AHashMap;
use arc_swap::ArcSwap;
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};

pub use core_table::View;
pub(crate) use core_vars::CoreCfg;
pub use core_vars::facility;
pub use history::Version;
pub use pending::{Change, Place};
pub use selected::{Selected, value_for};

/// An integer that can change while the server runs.
#[derive(Clone, Debug)]
pub struct CfgInt(Arc<AtomicI64>);

impl CfgInt {
    /// The value now.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Changes it.
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// A text that can change while the server runs.
#[derive(Clone, Debug)]
pub struct CfgText(Arc<ArcSwap<Bytes>>);

impl CfgText {
    /// The value now.
    #[must_use]
    pub fn get(&self) -> Bytes {
        Bytes::clone(&self.0.load())
    }

    /// Changes it.
    pub fn set(&self, value: Bytes) {
        self.0.store(Arc::new(value));
    }
}

/// A value of either type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CfgValue {
    /// Integer.
    Int(i64),
    /// Text.
    Text(Bytes),
}

/// A declared variable.
#[derive(Clone)]
pub struct CfgVar {
    /// Group.
    pub group: String,
    /// Name in the group.
    pub name: String,
    /// What it is, for `cfg.help`.
    pub description: String,
    /// Smallest and largest integer, when limited.
    pub range: Option<(i64, i64)>,
    /// What operators may do with it.
    pub view: View,
    /// What it may be, when that is more than a type and a range.
    fits: Option<fn(&CfgValue) -> bool>,
    slot: Slot,
}

#[derive(Clone)]
enum Slot {
    Int(CfgInt, i64),
    Text(CfgText, Bytes),
}

impl Slot {
    /// The same value, if the other's type is the same, which counts as its first one.
    fn with_initial_of(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Int(value, _), Self::Int(_, first)) => Self::Int(value, *first),
            (Self::Text(value, _), Self::Text(_, first)) => Self::Text(value, first.clone()),
            (_, other) => other.clone(),
        }
    }
}

/// Why a change is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CfgError {
    /// No such variable.
    #[error("no such configuration variable")]
    Unknown,
    /// Wrong type.
    #[error("wrong type of value")]
    Type,
    /// Outside its limits.
    #[error("value out of range")]
    Range,
    /// Not one of the values that it may have.
    #[error("the variable cannot have this value")]
    Unfit,
    /// Fixed at start.
    #[error("the variable can only be set at start")]
    ReadOnly,
    /// Too many changes wait.
    #[error("too many changes wait for a commit")]
    TooMany,
    /// No such instance of the group.
    #[error("no such group instance")]
    NoInstance,
}

/// Variables in the order of their declaration, and their places by group and name.
#[derive(Default)]
struct Declared {
    list: Vec<CfgVar>,
    places: AHashMap<String, AHashMap<String, usize>>,
}

impl Declared {
    fn place(&self, group: &str, name: &str) -> Option<usize> {
        self.places.get(group)?.get(name).copied()
    }

    fn add(&mut self, var: CfgVar) {
        let names = self.places.entry(var.group.clone()).or_default();
        names.insert(var.name.clone(), self.list.len());
        self.list.push(var);
    }
}

/// All variables.
#[derive(Default)]
pub struct CfgVars {
    vars: RwLock<Declared>,
    pending: Mutex<pending::Pending>,
    changes: history::History,
    watchers: RwLock<Vec<(String, Watcher)>>,
}

/// Called when a value of a group has changed.
pub type Watcher = Box<dyn Fn() + Send + Sync>;

impl CfgVars {
    /// Declares an integer. A second declaration of the same name gives the same value.
    pub fn int(
        &self,
        group: &str,
        name: &str,
        value: i64,
        range: Option<(i64, i64)>,
        description: &str,
    ) -> CfgInt {
        if let Some(Slot::Int(existing, _)) = self.find(group, name).map(|v| v.slot) {
            return existing;
        }
        let handle = CfgInt(Arc::new(AtomicI64::new(value)));
        self.add(
            group,
            name,
            description,
            range,
            Slot::Int(handle.clone(), value),
        );
        handle
    }

    /// Declares a text.
    pub fn text(&self, group: &str, name: &str, value: Bytes, description: &str) -> CfgText {
        if let Some(Slot::Text(existing, _)) = self.find(group, name).map(|v| v.slot) {
            return existing;
        }
        let handle = CfgText(Arc::new(ArcSwap::from_pointee(value.clone())));
        self.add(
            group,
            name,
            description,
            None,
            Slot::Text(handle.clone(), value),
        );
        handle
    }

    /// Says what operators may do with a variable that is declared.
    pub fn restrict(&self, group: &str, name: &str, view: View) {
        let mut vars = self.vars.write();
        let place = vars.place(group, name);
        if let Some(var) = place.and_then(|place| vars.list.get_mut(place)) {
            var.view = view;
        }
    }

    /// Lets a variable that is declared have some values only.
    pub fn limit(&self, group: &str, name: &str, fits: fn(&CfgValue) -> bool) {
        let mut vars = self.vars.write();
        let place = vars.place(group, name);
        if let Some(var) = place.and_then(|place| vars.list.get_mut(place)) {
            var.fits = Some(fits);
        }
    }

    fn add(
        &self,
        group: &str,
        name: &str,
        description: &str,
        range: Option<(i64, i64)>,
        slot: Slot,
    ) {
        self.vars.write().add(CfgVar {
            group: group.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            range,
            view: View::Open,
            fits: None,
            slot,
        });
    }

    /// A variable.
    #[must_use]
    pub fn find(&self, group: &str, name: &str) -> Option<CfgVar> {
        let vars = self.vars.read();
        vars.list.get(vars.place(group, name)?).cloned()
    }

    /// The value of a variable.
    #[must_use]
    pub fn value(&self, group: &str, name: &str) -> Option<CfgValue> {
        Some(self.find(group, name)?.value())
    }

    /// Changes a variable.
    ///
    /// # Errors
    /// When it does not exist, has another type or limits, or is fixed.
    pub fn set(&self, group: &str, name: &str, value: &CfgValue) -> Result<(), CfgError> {
        let var = self.find(group, name).ok_or(CfgError::Unknown)?;
        var.check(value)?;
        self.change(&var, value);
        Ok(())
    }

    /// The variables as another configuration would have them: `custom` in the place of those that
    /// `is_gone` names, the rest shared. A custom variable of the same name and type is the same.
    pub(crate) fn with_custom(&self, custom: &Self, is_gone: impl Fn(&str, &str) -> bool) -> Self {
        let known = |var: CfgVar| match self.find(&var.group, &var.name) {
            Some(own) => CfgVar {
                slot: own.slot.with_initial_of(&var.slot),
                ..var
            },
            None => var,
        };
        let mut vars = Declared::default();
        for var in custom.all().into_iter().map(known) {
            vars.add(var);
        }
        for var in self.all() {
            let is_known = vars.place(&var.group, &var.name).is_some();
            if !is_known && !is_gone(&var.group, &var.name) {
                vars.add(var);
            }
        }
        Self {
            vars: RwLock::new(vars),
            ..Self::default()
        }
    }

    /// Takes over what [`CfgVars::with_custom`] made.
    pub(crate) fn adopt(&self, other: Self) {
        *self.vars.write() = other.vars.into_inner();
    }

    /// Every variable in the order of declaration.
    #[must_use]
    pub fn all(&self) -> Vec<CfgVar> {
        self.vars.read().list.clone()
    }
}

impl CfgVar {
    /// Whether the variable may have this value.
    ///
    /// # Errors
    /// It is fixed, or the value has another type or lies outside the limits.
    pub fn check(&self, value: &CfgValue) -> Result<(), CfgError> {
        if self.view == View::Fixed {
            return Err(CfgError::ReadOnly);
        }
        if self.fits.is_some_and(|fits| !fits(value)) {
            return Err(CfgError::Unfit);
        }
        match (&self.slot, value) {
            (Slot::Int(..), CfgValue::Int(n)) => match self.range {
                Some((low, high)) if *n < low || *n > high => Err(CfgError::Range),
                _ => Ok(()),
            },
            (Slot::Text(..), CfgValue::Text(_)) => Ok(()),
            _ => Err(CfgError::Type),
        }
    }

    /// The value in the variable's type: a number as text, a text that is a number as number.
    ///
    /// # Errors
    /// The text is no number.
    pub fn convert(&self, value: CfgValue) -> Result<CfgValue, CfgError> {
        match (&self.slot, value) {
            (Slot::Int(..), CfgValue::Text(text)) => std::str::from_utf8(&text)
                .ok()
                .and_then(|t| t.trim().parse().ok())
                .map(CfgValue::Int)
                .ok_or(CfgError::Type),
            (Slot::Text(..), CfgValue::Int(n)) => Ok(CfgValue::Text(n.to_string().into())),
            (_, value) => Ok(value),
        }
    }

    /// Whether operators cannot read it.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.view == View::Hidden
    }

    /// Whether it is an integer; else it is a text.
    #[must_use]
    pub fn is_int(&self) -> bool {
        matches!(self.slot, Slot::Int(..))
    }

    fn store(&self, value: &CfgValue) {
        match (&self.slot, value) {
            (Slot::Int(slot, _), CfgValue::Int(n)) => slot.set(*n),
            (Slot::Text(slot, _), CfgValue::Text(t)) => slot.set(t.clone()),
            _ => {}
        }
    }

    /// Its value now.
    #[must_use]
    pub fn value(&self) -> CfgValue {
        match &self.slot {
            Slot::Int(slot, _) => CfgValue::Int(slot.get()),
            Slot::Text(slot, _) => CfgValue::Text(slot.get()),
        }
    }

    /// The value it had at load.
    #[must_use]
    pub fn initial(&self) -> CfgValue {
        match &self.slot {
            Slot::Int(_, n) => CfgValue::Int(*n),
            Slot::Text(_, t) => CfgValue::Text(t.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_the_holder() {
        let vars = CfgVars::default();
        let timer = vars.int(
            "tm",
            "fr_timer",
            30_000,
            Some((0, 100_000)),
            "final response timer",
        );
        assert_eq!(vars.set("tm", "fr_timer", &CfgValue::Int(5)), Ok(()));
        assert_eq!(timer.get(), 5);
        assert_eq!(
            vars.set("tm", "fr_timer", &CfgValue::Int(-1)),
            Err(CfgError::Range)
        );
        assert_eq!(
            vars.set("tm", "fr_timer", &CfgValue::Text("x".into())),
            Err(CfgError::Type)
        );
        assert_eq!(
            vars.set("tm", "none", &CfgValue::Int(1)),
            Err(CfgError::Unknown)
        );
        vars.restrict("tm", "fr_timer", View::Fixed);
        assert_eq!(
            vars.set("tm", "fr_timer", &CfgValue::Int(1)),
            Err(CfgError::ReadOnly)
        );
        let name = vars.text("pstn", "gw_ip", "".into(), "");
        vars.set("pstn", "gw_ip", &CfgValue::Text("10.0.0.1".into()))
            .unwrap();
        assert_eq!(name.get(), "10.0.0.1");
        assert_eq!(
            vars.find("pstn", "gw_ip").unwrap().initial(),
            CfgValue::Text("".into())
        );
    }
}
