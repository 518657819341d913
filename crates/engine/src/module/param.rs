//! Rows of module parameters, and the values that a configuration gives them.

use bytes::Bytes;
use script::status::Status;

/// A module parameter.
pub struct Param {
    /// Name in `modparam`.
    pub name: &'static str,
    /// Its type and default.
    pub default: DefaultValue,
    /// Whether Kamailio looks at the value when it reads the configuration, so that its check finds
    /// a wrong one.
    pub is_read_at_once: bool,
    /// What it does, for the reference.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
}

impl Param {
    /// A row that is complete.
    #[must_use]
    pub const fn new(name: &'static str, default: DefaultValue, doc: &'static str) -> Self {
        Self {
            name,
            default,
            is_read_at_once: false,
            doc,
            status: Status::Full,
        }
    }

    /// The same row of a parameter whose value Kamailio's check looks at.
    #[must_use]
    pub const fn at_once(mut self) -> Self {
        self.is_read_at_once = true;
        self
    }

    /// A complete row of an integer.
    #[must_use]
    pub const fn int(name: &'static str, default: i64, doc: &'static str) -> Self {
        Self::new(name, DefaultValue::Int(default), doc)
    }

    /// A complete row of a string; without a default it is not set.
    #[must_use]
    pub const fn text(
        name: &'static str,
        default: Option<&'static str>,
        doc: &'static str,
    ) -> Self {
        Self::new(name, DefaultValue::Text(default), doc)
    }

    /// The same row with another status.
    #[must_use]
    pub const fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

/// A parameter's type and default value.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
    /// An integer.
    Int(i64),
    /// A string; `None`: not set.
    Text(Option<&'static str>),
    /// A string that may be given many times, each adding one.
    List,
    /// An integer or a string.
    Any,
}

/// The values of a module's parameters: what the configuration gave, else the table's default.
pub struct ParamValues {
    table: &'static [Param],
    given: Vec<(&'static str, ParamText)>,
}

/// A value given by `modparam`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParamText {
    /// An integer.
    Int(i64),
    /// A string.
    Text(Bytes),
}

impl ParamValues {
    /// No values given yet for the parameters of this table.
    #[must_use]
    pub fn new(table: &'static [Param]) -> Self {
        Self {
            table,
            given: Vec::new(),
        }
    }

    /// Takes a value from the configuration.
    ///
    /// # Errors
    /// The parameter is not in the table, or the value has the wrong type.
    pub fn give(&mut self, name: &str, value: ParamText) -> Result<(), GiveError> {
        let row = self
            .table
            .iter()
            .find(|p| p.name == name)
            .ok_or(GiveError::Unknown)?;
        match (row.default, &value) {
            (DefaultValue::Int(_), ParamText::Text(_)) => return Err(GiveError::WantsInt),
            (DefaultValue::Text(_) | DefaultValue::List, ParamText::Int(_)) => {
                return Err(GiveError::WantsText);
            }
            _ => {}
        }
        self.given.push((row.name, value));
        Ok(())
    }

    /// An integer parameter.
    #[must_use]
    pub fn int(&self, name: &str) -> i64 {
        match (self.last(name), self.default(name)) {
            (Some(ParamText::Int(n)), _) => *n,
            (_, Some(DefaultValue::Int(n))) => *n,
            _ => 0,
        }
    }

    /// A text parameter; `None` when neither given nor defaulted.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Bytes> {
        match (self.last(name), self.default(name)) {
            (Some(ParamText::Text(t)), _) => Some(t.clone()),
            (Some(ParamText::Int(n)), _) => Some(n.to_string().into()),
            (_, Some(DefaultValue::Text(Some(t)))) => Some(Bytes::from_static(t.as_bytes())),
            _ => None,
        }
    }

    /// All values given for a list parameter.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &ParamText> {
        self.given
            .iter()
            .filter(move |(n, _)| *n == name)
            .map(|(_, v)| v)
    }

    /// Everything that the configuration gave, in its order: for parameters that say what later
    /// ones mean.
    pub fn in_order(&self) -> impl Iterator<Item = (&'static str, &ParamText)> {
        self.given.iter().map(|(name, value)| (*name, value))
    }

    /// The parameters whose values differ from others of the same table.
    pub(crate) fn differing(&self, other: &Self) -> Vec<&'static str> {
        let differs = |row: &&Param| !self.list(row.name).eq(other.list(row.name));
        self.table
            .iter()
            .filter(differs)
            .map(|row| row.name)
            .collect()
    }

    /// Whether the configuration gave a value.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.last(name).is_some()
    }

    fn last(&self, name: &str) -> Option<&ParamText> {
        self.given
            .iter()
            .rev()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v)
    }

    fn default(&self, name: &str) -> Option<&DefaultValue> {
        let row = self.table.iter().find(|p| p.name == name);
        debug_assert!(
            row.is_some(),
            "parameter {name} is not in the module's table"
        );
        row.map(|p| &p.default)
    }
}

/// Why a parameter value is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GiveError {
    /// No such parameter.
    Unknown,
    /// It takes an integer.
    WantsInt,
    /// It takes a string.
    WantsText,
}
