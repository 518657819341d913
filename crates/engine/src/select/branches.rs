//! The destination set: `@branch.uri[1].host`, `@branch.count`.

use bytes::Bytes;
use script::value::Value;

use super::path::{self, Step};
use super::text::AddressPart;
use super::uri::UriPart;
use crate::context::{Branch, Context};
use crate::reply::q_text;

/// What is shown of a branch.
enum Part {
    Uri(UriPart),
    NextHop(UriPart),
    Preference,
    /// `<uri>;q=0.5`, or the URI alone.
    UriAndPreference(Option<AddressPart>),
}

/// Something of the destination set.
pub(super) enum BranchSelect {
    /// How many branches were added.
    Count,
    /// Of one branch, or of all with commas between.
    Of(BranchPart),
}

/// A part of a branch, and which.
pub(super) struct BranchPart {
    part: Part,
    index: Option<i64>,
}

impl BranchSelect {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let (first, rest) = path::split(steps)?;
        if first != "branch" {
            return None;
        }
        let (what, rest) = path::split(rest)?;
        if what == "count" && rest.is_empty() {
            return Some(Self::Count);
        }
        let (index, rest) = path::index(rest);
        let part = match (what, rest) {
            ("uri", rest) => Part::Uri(UriPart::parse(rest)?),
            ("dst_uri", rest) => Part::NextHop(UriPart::parse(rest)?),
            ("q", []) => Part::Preference,
            ("uriq", []) => Part::UriAndPreference(None),
            ("uriq", rest) => Part::UriAndPreference(Some(AddressPart::parse(rest)?)),
            _ => return None,
        };
        Some(Self::Of(BranchPart { part, index }))
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        match self {
            Self::Count => {
                let count = cx.branches.as_slice().len();
                Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
            }
            Self::Of(part) => part.read(cx),
        }
    }
}

impl BranchPart {
    fn read(&self, cx: &Context) -> Value {
        let branches = cx.branches.as_slice();
        let Some(index) = self.index else {
            // The list of all is no URI.
            if branches.is_empty() || !self.is_whole() {
                return Value::Null;
            }
            let all: Vec<Bytes> = branches
                .iter()
                .map(|branch| self.text(branch).unwrap_or_default())
                .collect();
            return Value::Str(all.join(&b","[..]).into());
        };
        let found = usize::try_from(index).ok().and_then(|i| branches.get(i));
        let Some(text) = found.and_then(|branch| self.text(branch)) else {
            return Value::Null;
        };
        match &self.part {
            Part::Uri(part) | Part::NextHop(part) => part.of(cx, &text),
            Part::UriAndPreference(Some(part)) => part.of(cx, &text),
            Part::UriAndPreference(None) | Part::Preference => Value::Str(text),
        }
    }

    fn text(&self, branch: &Branch) -> Option<Bytes> {
        let q = branch.q.map(q_text);
        match &self.part {
            Part::Uri(_) => branch.uri.clone(),
            Part::NextHop(_) => branch.dst_uri.clone(),
            Part::Preference => q.map(Bytes::from),
            Part::UriAndPreference(_) => {
                let uri = branch.uri.as_ref()?;
                let Some(q) = q else {
                    return Some(uri.clone());
                };
                Some([b"<", &uri[..], b">;q=", q.as_bytes()].concat().into())
            }
        }
    }

    fn is_whole(&self) -> bool {
        match &self.part {
            Part::Uri(part) | Part::NextHop(part) => matches!(part, UriPart::Whole),
            Part::Preference => true,
            Part::UriAndPreference(part) => part.is_none(),
        }
    }
}
