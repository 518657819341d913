//! Reading and lowering the number.

use engine::Context;
use sip::{Edit, HeaderKind, Span};

/// Marks our edit.
const TAG: u32 = Edit::IN_PLACE | 0x4d46;

/// What Max-Forwards holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Left {
    /// No such header.
    Absent,
    /// No number, or one that is too large.
    Malformed,
    /// So many hops, and where the digits stand.
    Hops(u32, Span),
}

/// The number as it stands after earlier calls for the same message.
#[derive(Clone, Copy, Debug)]
struct Lowered(u32);

/// The number of hops left.
pub(super) fn left(cx: &Context) -> Left {
    let Some(header) = cx.msg.first(HeaderKind::MaxForwards) else {
        return Left::Absent;
    };
    let text = cx.msg.text(header.value);
    if text.is_empty() {
        return Left::Hops(0, header.value);
    }
    let Some(number) = sip::chars::decimal(text) else {
        return Left::Malformed;
    };
    match cx.extensions.get::<Lowered>() {
        Some(Lowered(lowered)) => Left::Hops(*lowered, header.value),
        None => Left::Hops(number, header.value),
    }
}

/// Writes a number in the place of the old one.
pub(super) fn set(cx: &mut Context, number: u32, place: Span) {
    // It is less than what stands there: there is room.
    let mut text = vec![b' '; place.len as usize];
    let mut rest = number;
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    cx.edits.remove_tag(TAG);
    cx.edits.replace_tagged(place, text.into(), TAG);
    cx.extensions.insert(Lowered(number));
}

/// Adds the header.
pub(super) fn add(cx: &mut Context, number: i64) {
    let line = format!("Max-Forwards: {number}\r\n");
    cx.edits.insert_after(cx.msg.headers_start(), line.into());
}
