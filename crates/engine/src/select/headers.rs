//! Headers by name: `@msg.header.x_a[1]`.

use bytes::Bytes;
use script::value::Value;
use sip::Span;

use super::path::{self, Step};
use super::text::TextPart;
use crate::context::Context;

/// A header's name, and which of several.
pub struct Named {
    name: String,
    index: Option<i64>,
}

impl Named {
    /// A name and a number that may follow it, and the steps behind them. `x_a` stands for `x-a`.
    #[must_use]
    pub fn parse(steps: &[Step]) -> Option<(Self, &[Step])> {
        let (first, rest) = steps.split_first()?;
        let name = first.text()?.replace('_', "-");
        let (index, rest) = path::index(rest);
        Some((Self { name, index }, rest))
    }

    /// The number, if there is one.
    #[must_use]
    pub fn index(&self) -> Option<i64> {
        self.index
    }

    /// The values of all headers of the name.
    pub fn values<'c>(&'c self, cx: &'c Context) -> impl Iterator<Item = Bytes> + 'c {
        let all = cx.msg.all_named(self.name.as_bytes());
        all.map(|header| cx.msg.slice(header.value))
    }
}

/// Something of a header that is named.
pub(super) enum HeaderSelect {
    /// All headers as they stand.
    All,
    /// A header of a name.
    One(Named, TextPart),
}

impl HeaderSelect {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let [msg, header, rest @ ..] = steps else {
            return None;
        };
        if !matches!(msg.word()?, "msg" | "message") || !matches!(header.word()?, "h" | "header") {
            return None;
        }
        if rest.is_empty() {
            return Some(Self::All);
        }
        let (named, rest) = Named::parse(rest)?;
        Some(Self::One(named, TextPart::parse(rest)?))
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        match self {
            // With the empty line that ends them.
            Self::All => {
                let span = Span::of(cx.msg.headers_start(), cx.msg.body_span().start());
                Value::Str(cx.msg.slice(span))
            }
            Self::One(named, part) => {
                // Numbers count from 1; any that is less stands for the last.
                let found = match named.index.unwrap_or(1) {
                    index @ 1.. => usize::try_from(index - 1)
                        .ok()
                        .and_then(|i| named.values(cx).nth(i)),
                    _ => named.values(cx).last(),
                };
                found.map_or(Value::Null, |value| part.of(cx, &value))
            }
        }
    }
}
