//! Lists of methods (`INVITE|ACK`).

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::format::Format;
use engine::variable::ParsedName;
use sip::{Message, Method};

/// A list of methods, in any case.
pub(super) struct Methods {
    /// Bit `n`: the `n`th method that has a name.
    named: u32,
    others: Vec<Bytes>,
}

impl Methods {
    /// Those of a text, split by `|` or `,`.
    pub(super) fn of(list: &[u8]) -> Self {
        let mut methods = Self {
            named: 0,
            others: Vec::new(),
        };
        for name in list
            .split(|c| matches!(c, b'|' | b','))
            .map(sip::chars::trim)
        {
            match Method::from_text(name) {
                Method::Other if name.is_empty() => {}
                Method::Other => methods.others.push(Bytes::copy_from_slice(name)),
                method => methods.named |= bit(method),
            }
        }
        methods
    }

    /// Whether the message's method (of CSeq in a reply) is one of them.
    pub(super) fn have(&self, msg: &Message) -> bool {
        match msg.method() {
            Method::Other => {
                let text = msg.method_text();
                self.others
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(text))
            }
            method => self.named & bit(method) != 0,
        }
    }
}

fn bit(method: Method) -> u32 {
    1 << method as u32
}

/// An argument: a list that stands in the script, or one that is computed at each call.
pub(super) enum MethodsArg {
    Fixed(Methods),
    Computed(Format),
}

/// Parses an argument.
pub(super) fn parse(scope: &mut NameScope<'_, '_>, list: &[u8]) -> Result<ParsedName, String> {
    if !list.contains(&b'$') {
        return Ok(ParsedName::data(MethodsArg::Fixed(Methods::of(list))));
    }
    let format = scope.format(&String::from_utf8_lossy(list))?;
    Ok(ParsedName::data(MethodsArg::Computed(format)))
}
