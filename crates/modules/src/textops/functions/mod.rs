//! Script functions of textops: the table.

mod headers;
mod strings;

use engine::Context;
use engine::arguments::Args;
use engine::module::{Arg, ArgKind, FALSE, Function, Outcome, Routes, Status, TRUE};

const fn row(
    name: &'static str,
    args: &'static [Arg],
    required: usize,
    run: fn(&mut Context, &Args<'_>) -> Outcome,
    doc: &'static str,
) -> Function {
    Function {
        name,
        args,
        required,
        routes: Routes::ANY,
        run,
        doc,
        status: Status::Full,
    }
}

/// The same row, allowed only in some routes.
const fn within(routes: Routes, mut row: Function) -> Function {
    row.routes = routes;
    row
}

const fn text(name: &'static str) -> Arg {
    Arg {
        name,
        kind: ArgKind::Text,
    }
}

const fn int(name: &'static str) -> Arg {
    Arg {
        name,
        kind: ArgKind::Int,
    }
}

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

/// Routes of functions that change what is sent.
const OUTGOING: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH);

const HEADER: &[Arg] = &[text("header")];
const NAME: &[Arg] = &[text("name")];
const HEADER_PLACE: &[Arg] = &[text("header"), text("name")];
const PATTERN: &[Arg] = &[text("pattern")];
const PATTERNS: &[Arg] = &[text("match"), text("skip")];
const TWO: &[Arg] = &[text("text"), text("other")];
const LIST: &[Arg] = &[text("subject"), text("list"), text("separator")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    row(
        "is_method",
        NAME,
        1,
        headers::is_method,
        "Whether the method (of CSeq in a reply) is one of `A|B`.",
    ),
    row(
        "append_hf",
        HEADER_PLACE,
        1,
        headers::append_hf,
        "Adds a header line (with its CRLF) behind all, or behind the last of a name.",
    ),
    row(
        "insert_hf",
        HEADER_PLACE,
        1,
        headers::insert_hf,
        "Adds a header line (with its CRLF) before all, or before the first of a name.",
    ),
    within(
        OUTGOING,
        row(
            "append_urihf",
            &[text("prefix"), text("suffix")],
            2,
            headers::append_urihf,
            "Adds a header line made of the request URI between two texts.",
        ),
    ),
    row(
        "remove_hf",
        NAME,
        1,
        headers::remove_hf,
        "Removes all headers of a name.",
    ),
    row(
        "remove_hf_pv",
        NAME,
        1,
        headers::remove_hf,
        "Same as remove_hf.",
    ),
    row(
        "remove_hf_re",
        PATTERN,
        1,
        headers::remove_hf_re,
        "Removes all headers whose names match.",
    ),
    row(
        "remove_hf_re_pv",
        PATTERN,
        1,
        headers::remove_hf_re,
        "Same as remove_hf_re.",
    ),
    row(
        "remove_hf_exp",
        PATTERNS,
        2,
        headers::remove_hf_exp,
        "Removes all headers whose names match the first and not the second pattern.",
    ),
    row(
        "remove_hf_exp_pv",
        PATTERNS,
        2,
        headers::remove_hf_exp,
        "Same as remove_hf_exp.",
    ),
    row(
        "remove_hf_idx",
        &[text("name"), int("index")],
        2,
        headers::remove_hf_idx,
        "Removes the header at an index among those of a name. 2: there is none.",
    ),
    row(
        "remove_hf_match",
        &[text("name"), text("operator"), text("value")],
        3,
        headers::remove_hf_match,
        "Removes headers of a name by value: eq, ne, in, re. -2: none.",
    ),
    row(
        "is_present_hf",
        NAME,
        1,
        headers::is_present_hf,
        "Whether there is a header of this name.",
    ),
    row(
        "is_present_hf_pv",
        NAME,
        1,
        headers::is_present_hf,
        "Same as is_present_hf.",
    ),
    row(
        "is_present_hf_re",
        PATTERN,
        1,
        headers::is_present_hf_re,
        "Whether there is a header whose name matches.",
    ),
    row(
        "is_present_hf_re_pv",
        PATTERN,
        1,
        headers::is_present_hf_re,
        "Same as is_present_hf_re.",
    ),
    within(
        OUTGOING,
        row(
            "append_to_reply",
            HEADER,
            1,
            headers::append_to_reply,
            "Adds a header line (with its CRLF) to replies that we make to this request.",
        ),
    ),
    within(
        OUTGOING,
        row(
            "append_time",
            &[],
            0,
            headers::append_time,
            "Adds a Date header to replies that we make to this request.",
        ),
    ),
    row(
        "append_time_to_request",
        &[],
        0,
        headers::append_time_to_request,
        "Adds a Date header to the message, behind the first Via.",
    ),
    row(
        "starts_with",
        TWO,
        2,
        strings::starts_with,
        "Whether a text starts with another.",
    ),
    row(
        "ends_with",
        TWO,
        2,
        strings::ends_with,
        "Whether a text ends with another.",
    ),
    row(
        "cmp_str",
        TWO,
        2,
        strings::cmp_str,
        "Compares two texts. 1: equal; -1: the first is greater; -2: it is less.",
    ),
    row(
        "cmp_istr",
        TWO,
        2,
        strings::cmp_istr,
        "As cmp_str, without regard to case.",
    ),
    row(
        "str_find",
        TWO,
        2,
        strings::str_find,
        "The place, from 1, of one text in another.",
    ),
    row(
        "str_ifind",
        TWO,
        2,
        strings::str_ifind,
        "As str_find, without regard to case.",
    ),
    row(
        "in_list",
        LIST,
        3,
        strings::in_list,
        "Whether a text is an item of a list.",
    ),
    row(
        "in_list_prefix",
        LIST,
        3,
        strings::in_list_prefix,
        "Whether an item of a list is a prefix of a text.",
    ),
];
