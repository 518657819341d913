//! The table of textopsx's functions.

use engine::module::{Arg, Function, Routes};

use super::functions::{
    change_reply_status, exclude_hf_value, fnmatch, hf_value_exists, include_hf_value, keep_hf,
    msg_apply_changes, msg_set_buffer, remove_body, with_place, with_value,
};
use super::iterators::{self, Kind, Side};
use super::values::{self, Style};
use super::{place, walking};

const PLACE: Arg = Arg::parsed("place", place::parse_arg);

/// Routes of messages as they were received.
const RECEIVED: Routes = Routes::REQUEST.and(Routes::ONREPLY);
/// Routes of messages that will be sent.
const SENT: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::BRANCH)
    .and(Routes::ONREPLY);

const PLACE_VALUE: &[Arg] = &[PLACE, Arg::text("value")];
const NAME_VALUE: &[Arg] = &[Arg::text("name"), Arg::text("value")];

const NAME: &[Arg] = &[Arg::text("iterator")];
const NAME_TEXT: &[Arg] = &[Arg::text("iterator"), Arg::text("text")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "msg_apply_changes",
        &[],
        0,
        RECEIVED,
        msg_apply_changes,
        "Applies the changes made so far, so that reads see them.",
    ),
    Function::new(
        "msg_set_buffer",
        &[Arg::text("message")],
        1,
        RECEIVED,
        msg_set_buffer,
        "Puts a whole message in the place of the present one.",
    ),
    Function::new(
        "change_reply_status",
        &[Arg::int("code"), Arg::text("reason")],
        2,
        Routes::ONREPLY,
        change_reply_status,
        "Changes code and reason of a reply; below 300 only within its class.",
    )
    .constant(),
    Function::new(
        "change_reply_status_code",
        &[Arg::int("code")],
        1,
        Routes::ONREPLY,
        change_reply_status,
        "Changes the code of a reply; below 300 only within its class.",
    ),
    Function::new(
        "remove_body",
        &[],
        0,
        Routes::ANY,
        remove_body,
        "Removes the body; Content-Type stays.",
    ),
    Function::new(
        "keep_hf",
        &[Arg::text("pattern")],
        0,
        Routes::ANY,
        keep_hf,
        "Removes all headers but those that every message needs and those whose names match.",
    ),
    Function::new(
        "fnmatch",
        &[Arg::text("text"), Arg::text("pattern"), Arg::text("flags")],
        2,
        Routes::ANY,
        fnmatch,
        "Whether a text fits a shell pattern. Flags have no effect, as in Kamailio 5.6.",
    )
    .constant(),
    Function::new(
        "append_hf_value",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| with_value(cx, args, values::append),
        "Adds a value behind one, or a header behind all.",
    )
    .constant(),
    Function::new(
        "insert_hf_value",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| with_value(cx, args, values::insert),
        "Adds a value before one, or a header before the first of its name.",
    )
    .constant(),
    Function::new(
        "remove_hf_value",
        &[PLACE],
        1,
        SENT,
        |cx, args| with_place(cx, args, |cx, p| values::remove(cx, p, Style::List)),
        "Removes a value or a parameter of it.",
    )
    .constant(),
    Function::new(
        "remove_hf_value2",
        &[PLACE],
        1,
        SENT,
        |cx, args| with_place(cx, args, |cx, p| values::remove(cx, p, Style::Credentials)),
        "As remove_hf_value, for headers like Authorization.",
    )
    .constant(),
    Function::new(
        "assign_hf_value",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| with_value(cx, args, |cx, p, v| values::assign(cx, p, v, Style::List)),
        "Gives a value or a parameter of it another text.",
    )
    .constant(),
    Function::new(
        "assign_hf_value2",
        PLACE_VALUE,
        2,
        SENT,
        |cx, args| {
            with_value(cx, args, |cx, p, v| {
                values::assign(cx, p, v, Style::Credentials)
            })
        },
        "As assign_hf_value, for headers like Authorization.",
    )
    .constant(),
    Function::new(
        "include_hf_value",
        NAME_VALUE,
        2,
        SENT,
        include_hf_value,
        "Adds a value to a header unless it is there.",
    )
    .constant(),
    Function::new(
        "exclude_hf_value",
        NAME_VALUE,
        2,
        SENT,
        exclude_hf_value,
        "Removes a value from a header.",
    )
    .constant(),
    Function::new(
        "hf_value_exists",
        NAME_VALUE,
        2,
        SENT,
        hf_value_exists,
        "Whether a header has a value.",
    )
    .constant(),
    Function::anywhere(
        "hf_iterator_start",
        NAME,
        1,
        |cx, a| walking::start(cx, a, Kind::Headers),
        "Starts an iterator over the headers; it stands before the first. At most four at a time.",
    ),
    Function::anywhere(
        "hf_iterator_end",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Headers, iterators::end),
        "Ends an iterator over headers.",
    ),
    Function::anywhere(
        "hf_iterator_next",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Headers, iterators::next),
        "Goes to the next header; false behind the last.",
    ),
    Function::anywhere(
        "hf_iterator_prev",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Headers, iterators::previous),
        "Goes to the previous header.",
    ),
    Function::anywhere(
        "hf_iterator_rm",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Headers, iterators::remove),
        "Removes the header that the iterator stands at.",
    ),
    Function::anywhere(
        "hf_iterator_append",
        NAME_TEXT,
        2,
        |cx, a| walking::add(cx, a, Kind::Headers, Side::Behind),
        "Writes text behind the header that the iterator stands at.",
    ),
    Function::anywhere(
        "hf_iterator_insert",
        NAME_TEXT,
        2,
        |cx, a| walking::add(cx, a, Kind::Headers, Side::Before),
        "Writes text before the header that the iterator stands at.",
    ),
    Function::anywhere(
        "bl_iterator_start",
        NAME,
        1,
        |cx, a| walking::start(cx, a, Kind::Lines),
        "Starts an iterator over the lines of the body. At most four at a time.",
    ),
    Function::anywhere(
        "bl_iterator_end",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Lines, iterators::end),
        "Ends an iterator over lines.",
    ),
    Function::anywhere(
        "bl_iterator_next",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Lines, iterators::next),
        "Goes to the next line; false behind the last.",
    ),
    Function::anywhere(
        "bl_iterator_rm",
        NAME,
        1,
        |cx, a| walking::named(cx, a, Kind::Lines, iterators::remove),
        "Removes the line that the iterator stands at.",
    ),
    Function::anywhere(
        "bl_iterator_append",
        NAME_TEXT,
        2,
        |cx, a| walking::add(cx, a, Kind::Lines, Side::Behind),
        "Writes text behind the line that the iterator stands at.",
    ),
    Function::anywhere(
        "bl_iterator_insert",
        NAME_TEXT,
        2,
        |cx, a| walking::add(cx, a, Kind::Lines, Side::Before),
        "Writes text before the line that the iterator stands at.",
    ),
];
