//! Headers by name: `@msg.header.x_a[1]`, `@hf_value.x_a[2].uri.host`.

use bytes::Bytes;
use script::value::Value;
use sip::Span;

use super::Step;
use super::text::{TextPart, param, split};
use crate::context::Context;

/// Something of a header that is named.
#[derive(Clone)]
pub(super) enum HeaderSelect {
    /// All headers as they stand.
    All,
    /// A header of a name.
    Whole(Named, WholePart),
    /// An element of the lists that the headers of a name hold.
    Element(Named, ElementPart),
    /// Whether one of the elements is this.
    Exists(Named, String),
}

/// A header's name, and which of several.
#[derive(Clone)]
pub(super) struct Named {
    name: String,
    index: Option<i64>,
}

/// What is shown of a header.
#[derive(Clone)]
pub(super) enum WholePart {
    Text(TextPart),
    /// A parameter of the whole value.
    Param(String),
}

/// What is shown of an element.
#[derive(Clone)]
pub(super) enum ElementPart {
    Text(TextPart),
    /// The name without its quotes.
    BareName,
    /// A parameter.
    Param(String),
}

impl Named {
    /// `x_a` stands for `x-a`.
    fn parse(step: &Step<'_>) -> Option<Self> {
        let index = match step.index {
            Some(index) => Some(index.parse().ok()?),
            None => None,
        };
        let name = step.name.replace('_', "-");
        Some(Self { name, index })
    }

    fn values<'c>(&'c self, cx: &'c Context) -> impl Iterator<Item = Bytes> + 'c {
        let all = cx.msg.all_named(self.name.as_bytes());
        all.map(|header| cx.msg.slice(header.value))
    }

    /// The elements of all headers of the name.
    fn elements(&self, cx: &Context) -> Vec<Bytes> {
        self.values(cx)
            .flat_map(|value| split(&value, b','))
            .collect()
    }
}

impl HeaderSelect {
    pub(super) fn parse(steps: &[Step<'_>], has_fields: bool) -> Option<Self> {
        let (first, rest) = steps.split_first()?;
        match (first.plain()?, rest) {
            ("msg" | "message", [h, rest @ ..]) if matches!(h.plain(), Some("h" | "header")) => {
                match rest {
                    [] => Some(Self::All),
                    [name, rest @ ..] => Some(Self::Whole(Named::parse(name)?, whole(rest)?)),
                }
            }
            ("hf_value", [name, rest @ ..]) if has_fields => {
                Some(Self::Element(Named::parse(name)?, element(rest)?))
            }
            ("hf_value2", [name]) if has_fields => {
                let part = WholePart::Text(TextPart::Whole);
                Some(Self::Whole(Named::parse(name)?, part))
            }
            ("hf_value_exists", [name, wanted]) if has_fields => {
                let wanted = wanted.plain()?.to_owned();
                Some(Self::Exists(Named::parse(name)?, wanted))
            }
            _ => None,
        }
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        match self {
            Self::All => {
                let span = Span::of(cx.msg.headers_start(), cx.msg.headers_end());
                Value::Str(cx.msg.slice(span))
            }
            Self::Whole(named, part) => {
                let values: Vec<Bytes> = named.values(cx).collect();
                // Numbers count from 1; any that is less stands for the last.
                let found = match named.index.unwrap_or(1) {
                    index @ 1.. => usize::try_from(index - 1).ok().and_then(|i| values.get(i)),
                    _ => values.last(),
                };
                match (found, part) {
                    (None, _) => Value::Null,
                    (Some(value), WholePart::Text(part)) => part.of(cx, value),
                    // A name in quotes ends the search.
                    (Some(value), WholePart::Param(_)) if value.first() == Some(&b'"') => {
                        Value::Null
                    }
                    (Some(value), WholePart::Param(name)) => param(value, name),
                }
            }
            Self::Element(named, part) => {
                let all = named.elements(cx);
                if let (None, ElementPart::Text(TextPart::Whole)) = (named.index, part)
                    && !all.is_empty()
                {
                    return Value::Str(all.join(&b","[..]).into());
                }
                let found = element_at(&all, named.index.unwrap_or(1));
                found.map_or(Value::Null, |text| part.of(cx, text))
            }
            Self::Exists(named, wanted) => {
                let all = named.elements(cx);
                let exists = |e: &Bytes| e.eq_ignore_ascii_case(wanted.as_bytes());
                Value::from(all.iter().any(exists))
            }
        }
    }
}

impl ElementPart {
    fn of(&self, cx: &Context, text: &Bytes) -> Value {
        match self {
            Self::Text(part) => part.of(cx, text),
            Self::Param(name) => param(text, name),
            Self::BareName => match TextPart::Name.of(cx, text) {
                Value::Str(name) => {
                    let bare = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\""));
                    Value::Str(bare.map_or_else(|| name.clone(), |bare| name.slice_ref(bare)))
                }
                other => other,
            },
        }
    }
}

/// `nameaddr.…` or `params.x`.
fn whole(steps: &[Step<'_>]) -> Option<WholePart> {
    match steps {
        [] => Some(WholePart::Text(TextPart::Whole)),
        [params, name] if params.plain() == Some("params") => {
            Some(WholePart::Param(name.plain()?.to_owned()))
        }
        steps => nameaddr(steps).map(WholePart::Text),
    }
}

/// `nameaddr.…` or `uri…`, `name`, `p.x`.
fn element(steps: &[Step<'_>]) -> Option<ElementPart> {
    match steps {
        [] => Some(ElementPart::Text(TextPart::Whole)),
        [name] if name.plain() == Some("name") => Some(ElementPart::BareName),
        [uri, ..] if uri.plain() == Some("uri") => TextPart::parse(steps).map(ElementPart::Text),
        [p, name] if matches!(p.plain(), Some("p" | "param" | "params")) => {
            Some(ElementPart::Param(name.plain()?.to_owned()))
        }
        steps => nameaddr(steps).map(ElementPart::Text),
    }
}

fn nameaddr(steps: &[Step<'_>]) -> Option<TextPart> {
    match steps {
        [first, rest @ ..] if first.plain() == Some("nameaddr") && !rest.is_empty() => {
            TextPart::parse(rest)
        }
        _ => None,
    }
}

/// Counted from 1, or from -1 at the end; 0 is the first too.
fn element_at(list: &[Bytes], index: i64) -> Option<&Bytes> {
    let position = match index {
        0 => 0,
        1.. => usize::try_from(index - 1).ok()?,
        _ => list
            .len()
            .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    list.get(position)
}
