//! Expressions of pseudo-variables: every one that ferrosip exports, with every form of its name.

mod fields;
mod forms;
mod texts;
mod volatile;

pub(crate) use fields::BRANCH_FIELDS;
use forms::FORMS;
use volatile::VOLATILE;

use super::coverage::Exports;
use super::{Audience, Form, Group, Row};

/// Variables that mean something elsewhere, with where they are compared.
const ELSEWHERE: &[(&str, &str)] = &[(
    "uuid",
    "Debian has the module in a package of its own, absent here",
)];

/// For these Kamailio looks its transaction up, which changes what other variables yield.
const LAST: &[&str] = &["$T(id_index_n)", "$T(id_label_n)"];

/// The variables with a form in a table, then the others as they are.
pub(crate) fn groups(exported: &Exports) -> Vec<Group> {
    let mut rows = Vec::new();
    for (_, name) in &exported.variables {
        let name = name.as_str();
        if ELSEWHERE.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let is_branch = name == "branch" || name == "sbranch";
        if is_branch {
            let fields = BRANCH_FIELDS.iter();
            let fields = fields.map(|field| format!("${name}({field})"));
            rows.extend(fields.map(|form| Row::new(Form::Variable, form)));
        }
        let volatile = VOLATILE.iter().find(|(known, _)| *known == name);
        let forms = FORMS.iter().find(|(known, _)| *known == name);
        match (forms, volatile) {
            (None, None) if is_branch => {}
            (None, None) => rows.extend(plain(name)),
            _ => {
                let forms = forms.map_or(&[][..], |(_, forms)| forms);
                let volatile = volatile.map_or(&[][..], |(_, tests)| tests);
                rows.extend(
                    forms
                        .iter()
                        .map(|form| Row::new(Form::Variable, format!("${form}"))),
                );
                rows.extend(
                    volatile
                        .iter()
                        .map(|test| Row::new(Form::Value, format!("${test}"))),
                );
            }
        }
    }
    rows.sort_by_key(|row| LAST.contains(&row.source.as_str()));
    vec![
        Group::new("variables", Audience::Every, rows),
        Group::new("texts", Audience::Every, texts::rows()),
    ]
}

/// A variable without parentheses: its value, and how it compares.
fn plain(name: &str) -> Vec<Row> {
    vec![
        Row::new(Form::Variable, format!("${name}")),
        Row::new(Form::Condition, format!("${name}")),
        Row::new(Form::Value, format!("${name} == $null")),
        Row::new(Form::Value, format!("${name} == \"\"")),
        Row::new(Form::Value, format!("strlen(${name})")),
    ]
}
