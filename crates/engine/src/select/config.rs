//! Configuration values: `@cfg_get.core.debug`, `@cfg_selected.core`.

use script::value::Value;

use super::path::{self, Step};
use super::text::TextPart;
use super::uri::UriPart;
use super::{Select, Unresolved};
use crate::cfg_vars::{CfgValue, CfgVars, Selected, value_for};
use crate::context::Context;

/// `None` when the steps are no configuration value.
pub(super) fn parse(steps: &[Step], cfg: &CfgVars) -> Option<Result<Select, Unresolved>> {
    let (first, rest) = path::split(steps)?;
    match (first, rest) {
        ("cfg_get", [group, name, part @ ..]) => {
            let part = Part::parse(part)?;
            let (group, name) = (group.text()?, name.text()?);
            let missing = || format!("no configuration value {group}.{name}");
            let var = cfg
                .find(group, name)
                .ok_or_else(|| Unresolved::Wrong(missing()));
            // Kamailio accepts one that cannot be read, too.
            Some(var.map(|var| match var.is_hidden() {
                true => Select::nothing(),
                false => Select::new(move |cx| match value_for(cx, &var) {
                    CfgValue::Int(number) => part.of(cx, Value::Int(number)),
                    CfgValue::Text(text) => part.of(cx, Value::Str(text)),
                }),
            }))
        }
        ("cfg_selected", [group]) => {
            let group = group.text()?.to_owned();
            if !cfg.all().iter().any(|v| v.group == group) {
                let missing = format!("no configuration group {group}");
                return Some(Err(Unresolved::Wrong(missing)));
            }
            Some(Ok(Select::new(move |cx| {
                let chosen = cx.extensions.get::<Selected>().and_then(|s| s.of(&group));
                Value::Str(chosen.map_or_else(String::new, |id| id.to_string()).into())
            })))
        }
        _ => None,
    }
}

/// What is shown of a value.
enum Part {
    Text(TextPart),
    /// A part of the URI that it is.
    Uri(UriPart),
}

impl Part {
    fn parse(steps: &[Step]) -> Option<Self> {
        match path::split(steps) {
            Some(("uri", part)) if !part.is_empty() => UriPart::parse(part).map(Self::Uri),
            _ => TextPart::parse(steps).map(Self::Text),
        }
    }

    fn of(&self, cx: &Context, value: Value) -> Value {
        let text = value.to_bytes();
        match self {
            Self::Text(TextPart::Whole) => value,
            Self::Text(part) => part.of(cx, &text),
            Self::Uri(part) => part.of(cx, &text),
        }
    }
}
