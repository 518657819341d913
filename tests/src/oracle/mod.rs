//! The expression oracle: thousands of expressions, evaluated by both servers on the same messages.
//!
//! Tables ([`operators`], [`keywords`], [`transformations`], [`variables`], [`selects`], [`assignments`]) give the expressions in
//! [`Group`]s; [`config`] writes a configuration that evaluates a group in a [`scene`]; [`messages`]
//! has the messages; [`play`] starts a server with the one, sends it the others and reads from its log what
//! every expression gave.

pub mod assignments;
pub mod config;
pub mod coverage;
pub mod keywords;
pub mod messages;
pub mod operators;
pub mod play;
pub mod refused;
pub mod scene;
pub mod selects;
pub mod statements;
pub mod transformations;
pub mod variables;

use std::collections::HashSet;

use scene::Scene;

/// How an expression is looked at.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Form {
    /// Assigned: is it null, a number or a text, and which?
    Value,
    /// As a condition: true or false?
    Condition,
    /// A variable: assigned, and printed within a text.
    Variable,
    /// A text with variables in it, printed.
    Text,
    /// An assignment: what its target is then, and what leaves when the message is forwarded.
    Assignment,
}

/// An expression.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Row {
    /// How it is looked at.
    pub form: Form,
    /// As a configuration has it.
    pub source: String,
}

impl Row {
    /// A row.
    pub fn new(form: Form, source: impl Into<String>) -> Self {
        let source = source.into();
        Self { form, source }
    }

    /// What reports call it.
    #[must_use]
    pub fn label(&self) -> String {
        match self.form {
            Form::Condition => format!("if ({})", self.source),
            Form::Value | Form::Variable | Form::Assignment => self.source.clone(),
            Form::Text => format!("\"{}\"", self.source),
        }
    }
}

/// How many messages are for what does not depend on the message.
const FEW: usize = 2;

/// Which messages a group is evaluated on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience {
    /// All of them.
    Every,
    /// Two: what is evaluated does not depend on the message.
    Few,
    /// Each row has messages of its own, which it may change.
    Alone,
}

/// Expressions that are evaluated by one server pair.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name in reports and in `known_differences.toml`.
    pub name: &'static str,
    /// Its messages.
    pub audience: Audience,
    /// Where it is evaluated.
    pub scenes: &'static [Scene],
    /// Its expressions.
    pub rows: Vec<Row>,
    /// What must have a value somewhere.
    pub valued: Vec<Valued>,
}

/// Something of which at least one row has a value, for some message in some scene.
#[derive(Clone, Debug)]
pub struct Valued {
    /// Its name in reports.
    pub name: &'static str,
    /// Why it has none, if so.
    pub never: Option<&'static str>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Group {
    /// The messages it is evaluated on.
    #[must_use]
    pub fn messages(&self) -> &'static [messages::Message] {
        match self.audience {
            Audience::Every => messages::MESSAGES,
            Audience::Few => &messages::MESSAGES[..FEW],
            Audience::Alone => messages::CHANGED,
        }
    }

    /// A group; a row that stands in it twice is taken once.
    pub(crate) fn new(name: &'static str, audience: Audience, mut rows: Vec<Row>) -> Self {
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(row.clone()));
        Self {
            name,
            audience,
            scenes: &[Scene::Arrived],
            rows,
            valued: Vec::new(),
        }
    }
}

/// All groups; `exported` are the names of `ferrosip --exports`.
#[must_use]
pub fn groups(exported: &coverage::Exports) -> Vec<Group> {
    let mut groups = operators::groups();
    groups.push(keywords::group());
    groups.extend(transformations::groups(exported));
    groups.extend(variables::groups(exported));
    groups.extend(selects::groups(exported));
    groups.push(assignments::group(exported));
    groups
}
