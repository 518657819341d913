//! Expressions of transformations: each with ordinary, odd and wrong arguments, on texts that show
//! its edges and on parts of the message.

mod arguments;
mod chains;
mod inputs;
mod strings;
mod structured;

use arguments::NONE;
use chains::CHAINS;
use inputs::{MESSAGE_ADDRESSES, MESSAGE_PARAMS, MESSAGE_URIS};

use super::coverage::Exports;
use super::{Audience, Form, Group, Row};

/// A transformation and what it is tried with.
pub(crate) struct Case {
    /// Class and name.
    pub(crate) name: &'static str,
    /// What stands behind the name within the braces.
    arguments: &'static [&'static str],
    /// What it is applied to.
    on: &'static [&'static [&'static str]],
}

const fn case(
    name: &'static str,
    arguments: &'static [&'static str],
    on: &'static [&'static [&'static str]],
) -> Case {
    Case {
        name,
        arguments,
        on,
    }
}

/// Classes whose transformations are also applied to the message, and to which parts of it.
const ON_MESSAGE: &[(&str, &[&str])] = &[
    ("uri.", MESSAGE_URIS),
    ("nameaddr.", MESSAGE_ADDRESSES),
    ("tobody.", MESSAGE_ADDRESSES),
    ("param.", MESSAGE_PARAMS),
    ("line.", &["rb", "msg(hdrs)", "msg(fline)"]),
    ("s.", &["rU", "fn", "rb", "hdr(X-Params)", "ua"]),
    ("val.", &["fn", "rU", "ua"]),
];

/// All of the tables.
pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    strings::CASES.iter().chain(structured::CASES)
}

/// The groups: on fixed texts, and on the messages.
pub(crate) fn groups(exported: &Exports) -> Vec<Group> {
    let mut texts = Vec::new();
    let mut fields = Vec::new();
    for case in cases().filter(|c| exported.transformations.contains(c.name)) {
        let class = ON_MESSAGE
            .iter()
            .find(|(class, _)| case.name.starts_with(class));
        for (index, arguments) in case.arguments.iter().enumerate() {
            for input in case.on.iter().copied().flatten() {
                texts.push(apply(case.name, arguments, input));
                // Wrong arguments are refused whatever they are applied to.
                if case.arguments == NONE && index > 0 {
                    break;
                }
            }
            // On the messages, the first arguments show enough.
            let parts = class.map_or(&[][..], |(_, parts)| parts);
            let usual = if case.arguments == NONE { 1 } else { 3 };
            if index < usual {
                fields.extend(parts.iter().map(|part| apply(case.name, arguments, part)));
            }
        }
    }
    fields.extend(CHAINS.iter().map(|chain| Row::new(Form::Variable, *chain)));
    vec![
        Group::new("transformations", Audience::Few, texts),
        Group::new("transformed_fields", Audience::Every, fields),
    ]
}

fn apply(name: &str, arguments: &str, input: &str) -> Row {
    Row::new(Form::Variable, format!("$({input}{{{name}{arguments}}})"))
}
