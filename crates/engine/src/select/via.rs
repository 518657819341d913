//! Via elements: `@via[2].host`.

use script::value::Value;
use sip::header::Via;
use sip::{HeaderKind, Span};

use super::path::{self, Last, Step};
use crate::context::Context;

/// A part of an element of the Vias.
pub(super) struct ViaSelect {
    /// Counted from 1; less than 0 for the last.
    index: i64,
    part: ViaPart,
}

enum ViaPart {
    Whole,
    Name,
    Version,
    Transport,
    Host,
    Port,
    Comment,
    Param(String),
}

impl ViaSelect {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let (first, rest) = path::split(steps)?;
        if !matches!(first, "via" | "v") {
            return None;
        }
        let (index, rest) = path::index(rest);
        Some(Self {
            index: index.unwrap_or(1),
            part: ViaPart::parse(rest)?,
        })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        find(cx, self.index).map_or(Value::Null, |via| self.part.of(cx, &via))
    }
}

impl ViaPart {
    fn parse(steps: &[Step]) -> Option<Self> {
        let word = match path::last(steps)? {
            Last::Whole => return Some(Self::Whole),
            Last::Param(name) => return Some(Self::Param(name.to_owned())),
            Last::Word(word) => word,
        };
        Some(match word {
            "name" => Self::Name,
            "version" => Self::Version,
            "transport" => Self::Transport,
            "host" => Self::Host,
            "port" => Self::Port,
            "comment" => Self::Comment,
            name @ ("branch" | "received" | "rport" | "i" | "alias") => {
                Self::Param(name.to_owned())
            }
            _ => return None,
        })
    }

    fn of(&self, cx: &Context, via: &Via) -> Value {
        let span = match self {
            Self::Whole => Some(via.whole),
            Self::Name => Some(via.protocol()),
            Self::Version => Some(via.version),
            Self::Transport => Some(via.transport),
            Self::Host => Some(via.host),
            Self::Port => Some(via.port_span),
            Self::Comment => comment(cx, via),
            Self::Param(name) => {
                let found = via.params.find(cx.msg.raw(), name.as_bytes());
                found.and_then(|p| p.value)
            }
        };
        match span {
            Some(span) if !span.is_empty() => Value::Str(cx.msg.slice(span)),
            _ => Value::Null,
        }
    }
}

fn comment(cx: &Context, via: &Via) -> Option<Span> {
    let mut headers = cx.msg.all(HeaderKind::Via);
    let header = headers.find(|h| h.value.end() >= via.whole.end())?;
    via.comment(cx.msg.raw(), header.value.end())
}

/// Every negative number stands for the last, as in Kamailio.
fn find(cx: &Context, index: i64) -> Option<Via> {
    match index {
        0 => None,
        1.. => cx.msg.vias().nth(usize::try_from(index - 1).ok()?)?.ok(),
        _ => cx.msg.vias().filter_map(Result::ok).last(),
    }
}
