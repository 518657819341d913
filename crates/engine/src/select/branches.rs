//! The destination set: `@branch.uri[1].host`, `@branch.count`.

use bytes::Bytes;
use script::value::Value;

use super::Step;
use super::text::TextPart;
use super::uri::UriPart;
use crate::context::{Branch, Context};
use crate::reply::q_text;

/// What is shown of a branch.
#[derive(Clone)]
enum Of {
    Uri(UriPart),
    NextHop(UriPart),
    Preference,
    /// `<uri>;q=0.5`.
    UriAndPreference(TextPart),
}

/// Something of the destination set.
#[derive(Clone)]
pub(super) enum BranchSelect {
    /// How many branches were added.
    Count,
    /// Of one branch, or of all with commas between.
    Part { of: Which, index: Option<i64> },
}

/// Hides the kinds.
#[derive(Clone)]
pub(super) struct Which(Of);

impl BranchSelect {
    pub(super) fn parse(steps: &[Step<'_>]) -> Option<Self> {
        let [first, what, rest @ ..] = steps else {
            return None;
        };
        if first.plain()? != "branch" {
            return None;
        }
        let of = match (what.name, rest) {
            ("count", []) if what.index.is_none() => return Some(Self::Count),
            ("uri", rest) => Of::Uri(UriPart::parse(rest)?),
            ("dst_uri", rest) => Of::NextHop(UriPart::parse(rest)?),
            ("q", []) => Of::Preference,
            ("uriq", rest) => Of::UriAndPreference(TextPart::parse(rest)?),
            _ => return None,
        };
        let index = match what.index {
            Some(index) => Some(index.parse().ok()?),
            None => None,
        };
        let of = Which(of);
        Some(Self::Part { of, index })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        let branches = cx.branches.as_slice();
        match self {
            Self::Count => Value::Int(i64::try_from(branches.len()).unwrap_or(i64::MAX)),
            Self::Part {
                of,
                index: Some(index),
            } => {
                let found = usize::try_from(*index).ok().and_then(|i| branches.get(i));
                let text = found.and_then(|branch| of.text(branch));
                text.map_or(Value::Null, |text| of.part(cx, &text))
            }
            // The list of all is no URI.
            Self::Part { of, index: None } if !of.is_whole() => Value::Null,
            Self::Part { of, index: None } if branches.is_empty() => {
                let _ = of;
                Value::Null
            }
            Self::Part { of, index: None } => {
                let all: Vec<Bytes> = branches
                    .iter()
                    .map(|branch| of.text(branch).unwrap_or_default())
                    .collect();
                Value::Str(all.join(&b","[..]).into())
            }
        }
    }
}

impl Which {
    fn text(&self, branch: &Branch) -> Option<Bytes> {
        let q = branch.q.map(q_text);
        match &self.0 {
            Of::Uri(_) => branch.uri.clone(),
            Of::NextHop(_) => branch.dst_uri.clone(),
            Of::Preference => q.map(Bytes::from),
            Of::UriAndPreference(_) => {
                let mut text = b"<".to_vec();
                text.extend_from_slice(branch.uri.as_deref()?);
                text.push(b'>');
                if let Some(q) = q {
                    text.extend_from_slice(b";q=");
                    text.extend_from_slice(q.as_bytes());
                }
                Some(text.into())
            }
        }
    }

    fn is_whole(&self) -> bool {
        match &self.0 {
            Of::Uri(part) | Of::NextHop(part) => matches!(part, UriPart::Whole),
            Of::Preference => true,
            Of::UriAndPreference(part) => matches!(part, TextPart::Whole),
        }
    }

    fn part(&self, cx: &Context, text: &Bytes) -> Value {
        match &self.0 {
            Of::Uri(part) | Of::NextHop(part) => part.of(cx, text),
            Of::Preference => Value::Str(text.clone()),
            Of::UriAndPreference(part) => part.of(cx, text),
        }
    }
}
