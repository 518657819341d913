//! Selects.

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::module::SelectRow;
use engine::select::path::{self, Step};
use engine::select::text::TextPart;
use engine::select::{Select, Unresolved};
use script::value::Value;

use super::contact;

/// All selects.
pub(super) static TABLE: &[SelectRow] = &[SelectRow::new(
    "nathelper",
    parse,
    &["nathelper.rewrite_contact[%i]{|.nameaddr{ADDRESS}}"],
    "A contact with the address and port that the message came from.",
)];

fn parse(_: &mut NameScope<'_, '_>, steps: &[Step]) -> Result<Select, Unresolved> {
    let part = match path::split(steps) {
        Some(("rewrite_contact", [Step::Index(index), part @ ..])) => {
            let part = TextPart::parse(part)
                .filter(|p| !matches!(p, TextPart::Param(_) | TextPart::Beyond));
            part.map(|part| (*index, part))
        }
        _ => None,
    };
    let (index, part) = part.ok_or(Unresolved::Unknown)?;
    Ok(Select::new(move |cx| match rewritten(cx, index) {
        Some(contact) => part.of(cx, &contact),
        None => Value::Null,
    }))
}

/// The contact of a number, counted from 1.
fn rewritten(cx: &Context, index: i64) -> Option<Bytes> {
    let number = usize::try_from(index.checked_sub(1)?).ok()?;
    contact::with_source(cx, number)
}
