//! The table of textops' script functions.

use engine::module::{Arg, Function, Routes};

use super::{body, headers, search, strings, subst};
use crate::textops::method;
use crate::textops::subst::parse_arg;

/// A regular expression to which line ends are special.
const fn pattern(name: &'static str) -> Arg {
    Arg::parsed(name, search::pattern_arg)
}

/// A regular expression that may hold variables.
const fn format_pattern(name: &'static str) -> Arg {
    Arg::parsed(name, search::format_pattern_arg)
}

/// `/pattern/replacement/flags`.
const EXPRESSION: Arg = Arg::parsed("expression", parse_arg);

/// Routes of functions that change what is sent.
const OUTGOING: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH);

const HEADER: &[Arg] = &[Arg::text("header")];
const NAME: &[Arg] = &[Arg::text("name")];
const HEADER_PLACE: &[Arg] = &[Arg::text("header"), Arg::text("name")];
const PATTERN: &[Arg] = &[Arg::text("pattern")];
const PATTERNS: &[Arg] = &[Arg::text("match"), Arg::text("skip")];
const TWO: &[Arg] = &[Arg::text("text"), Arg::text("other")];
const LIST: &[Arg] = &[
    Arg::text("subject"),
    Arg::text("list"),
    Arg::text("separator"),
];

/// All functions.
pub(in crate::textops) static TABLE: &[Function] = &[
    Function::anywhere(
        "is_method",
        &[Arg::parsed("name", method::parse)],
        1,
        headers::is_method,
        "Whether the method (of CSeq in a reply) is one of `A|B`.",
    ).constant(),
    Function::anywhere(
        "append_hf",
        HEADER_PLACE,
        1,
        headers::append_hf,
        "Adds a header line (with its CRLF) behind all, or behind the last of a name.",
    ).constant(),
    Function::anywhere(
        "insert_hf",
        HEADER_PLACE,
        1,
        headers::insert_hf,
        "Adds a header line (with its CRLF) before all, or before the first of a name.",
    ).constant(),
    Function::anywhere(
        "append_urihf",
        &[Arg::text("prefix"), Arg::text("suffix")],
        2,
        headers::append_urihf,
        "Adds a header line made of the request URI between two texts.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "remove_hf",
        NAME,
        1,
        headers::remove_hf,
        "Removes all headers of a name.",
    ),
    Function::anywhere(
        "remove_hf_pv",
        NAME,
        1,
        headers::remove_hf_pv,
        "As remove_hf; always true.",
    ),
    Function::anywhere(
        "remove_hf_re",
        PATTERN,
        1,
        headers::remove_hf_re,
        "Removes all headers whose names match.",
    ),
    Function::anywhere(
        "remove_hf_re_pv",
        PATTERN,
        1,
        headers::remove_hf_re,
        "Same as remove_hf_re.",
    ),
    Function::anywhere(
        "remove_hf_exp",
        PATTERNS,
        2,
        headers::remove_hf_exp,
        "Removes all headers whose names match the first and not the second pattern.",
    ),
    Function::anywhere(
        "remove_hf_exp_pv",
        PATTERNS,
        2,
        headers::remove_hf_exp,
        "Same as remove_hf_exp.",
    ),
    Function::anywhere(
        "remove_hf_idx",
        &[Arg::text("name"), Arg::int("index")],
        2,
        headers::remove_hf_idx,
        "Removes the header at an index among those of a name. 2: there is none.",
    ),
    Function::anywhere(
        "remove_hf_match",
        &[Arg::text("name"), Arg::text("operator"), Arg::text("value")],
        3,
        headers::remove_hf_match,
        "Removes headers of a name by value: eq, ne, in, re. -2: none.",
    ),
    Function::anywhere(
        "is_present_hf",
        NAME,
        1,
        headers::is_present_hf,
        "Whether there is a header of this name.",
    ),
    Function::anywhere(
        "is_present_hf_pv",
        NAME,
        1,
        headers::is_present_hf,
        "Same as is_present_hf.",
    ),
    Function::anywhere(
        "is_present_hf_re",
        PATTERN,
        1,
        headers::is_present_hf_re,
        "Whether there is a header whose name matches.",
    ),
    Function::anywhere(
        "is_present_hf_re_pv",
        PATTERN,
        1,
        headers::is_present_hf_re,
        "Same as is_present_hf_re.",
    ),
    Function::anywhere(
        "append_to_reply",
        HEADER,
        1,
        headers::append_to_reply,
        "Adds a header line (with its CRLF) to replies that we make to this request.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "append_time",
        &[],
        0,
        headers::append_time,
        "Adds a Date header to replies that we make to this request.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "append_time_to_request",
        &[],
        0,
        headers::append_time_to_request,
        "Adds a Date header to the message, behind the first Via.",
    ),
    Function::anywhere(
        "starts_with",
        TWO,
        2,
        strings::starts_with,
        "Whether a text starts with another.",
    ),
    Function::anywhere(
        "ends_with",
        TWO,
        2,
        strings::ends_with,
        "Whether a text ends with another.",
    ),
    Function::anywhere(
        "cmp_str",
        TWO,
        2,
        strings::cmp_str,
        "Compares two texts. 1: equal; -1: the first is greater; -2: it is less.",
    ),
    Function::anywhere(
        "cmp_istr",
        TWO,
        2,
        strings::cmp_istr,
        "As cmp_str, without regard to case.",
    ),
    Function::anywhere(
        "str_find",
        TWO,
        2,
        strings::str_find,
        "The place, from 1, of one text in another.",
    ),
    Function::anywhere(
        "str_ifind",
        TWO,
        2,
        strings::str_ifind,
        "As str_find, without regard to case.",
    ),
    Function::anywhere(
        "in_list",
        LIST,
        3,
        strings::in_list,
        "Whether a text is an item of a list.",
    ),
    Function::anywhere(
        "in_list_prefix",
        LIST,
        3,
        strings::in_list_prefix,
        "Whether an item of a list is a prefix of a text.",
    ),
    Function::anywhere(
        "search",
        &[pattern("pattern")],
        1,
        search::search,
        "Whether the message matches anywhere.",
    ),
    Function::anywhere(
        "search_body",
        &[pattern("pattern")],
        1,
        search::search_body,
        "Whether the body matches anywhere.",
    ),
    Function::anywhere(
        "search_str",
        &[Arg::text("text"), format_pattern("pattern")],
        2,
        search::search_str,
        "Whether a text matches.",
    ),
    Function::anywhere(
        "search_hf",
        &[Arg::text("name"), pattern("pattern"), Arg::text("flag")],
        3,
        search::search_hf,
        "Whether the value of a header matches: of all (a), the first (f) or the last (l) of its name.",
    ).constant(),
    Function::anywhere(
        "search_append",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::search_append,
        "Writes a text behind the first match.",
    ),
    Function::anywhere(
        "search_append_body",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::search_append_body,
        "Writes a text behind the first match in the body.",
    ),
    Function::anywhere(
        "replace",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::replace,
        "Replaces the first match behind the start line.",
    ),
    Function::anywhere(
        "replace_all",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::replace_all,
        "Replaces all matches behind the start line.",
    ),
    Function::anywhere(
        "replace_hdrs",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::replace_hdrs,
        "Replaces the first match in the headers.",
    ),
    Function::anywhere(
        "replace_body",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::replace_body,
        "Replaces the first match in the body.",
    ),
    Function::anywhere(
        "replace_body_all",
        &[pattern("pattern"), Arg::literal("text")],
        2,
        search::replace_body_all,
        "Replaces all matches in the body, line by line.",
    ),
    Function::anywhere(
        "replace_body_atonce",
        &[
            Arg::parsed("pattern", search::plain_pattern_arg),
            Arg::literal("text"),
        ],
        2,
        search::replace_body_atonce,
        "Replaces all matches in the body, to which line ends are plain characters.",
    ),
    Function::anywhere(
        "replace_str",
        &[Arg::text("match"), Arg::text("text"), Arg::text("mode")],
        3,
        search::replace_str,
        "Replaces a text behind the start line: all (a) or the first (f).",
    ),
    Function::anywhere(
        "replace_hdrs_str",
        &[Arg::text("match"), Arg::text("text"), Arg::text("mode")],
        3,
        search::replace_hdrs_str,
        "As replace_str, in the headers.",
    ),
    Function::anywhere(
        "replace_body_str",
        &[Arg::text("match"), Arg::text("text"), Arg::text("mode")],
        3,
        search::replace_body_str,
        "As replace_str, in the body.",
    ),
    Function::anywhere(
        "regex_substring",
        &[
            Arg::text("text"),
            format_pattern("pattern"),
            Arg::int("index"),
            Arg::int("count"),
            Arg::variable("target"),
        ],
        5,
        search::regex_substring,
        "Stores a group of a match.",
    ).constant()
    .within(
        Routes::REQUEST
            .and(Routes::FAILURE)
            .and(Routes::BRANCH)
            .and(Routes::ONREPLY),
    ),
    Function::anywhere(
        "subst",
        &[EXPRESSION],
        1,
        subst::subst,
        "Substitutes behind the start line.",
    ).constant(),
    Function::anywhere(
        "subst_body",
        &[EXPRESSION],
        1,
        subst::subst_body,
        "Substitutes in the body.",
    ).constant(),
    Function::anywhere(
        "subst_hf",
        &[Arg::text("name"), EXPRESSION, Arg::text("flag")],
        3,
        subst::subst_hf,
        "Substitutes in the values of headers: of all (a), the first (f) or the last (l) of a name.",
    ).constant(),
    Function::anywhere(
        "subst_uri",
        &[EXPRESSION],
        1,
        subst::subst_uri,
        "Substitutes in the request URI.",
    ).constant()
    .within(
        Routes::REQUEST
            .and(Routes::FAILURE)
            .and(Routes::BRANCH)
            .and(Routes::ONREPLY),
    ),
    Function::anywhere(
        "subst_user",
        &[EXPRESSION],
        1,
        subst::subst_user,
        "Substitutes in the request URI's user.",
    ).constant()
    .within(
        Routes::REQUEST
            .and(Routes::FAILURE)
            .and(Routes::BRANCH)
            .and(Routes::ONREPLY),
    ),
    Function::anywhere(
        "has_body",
        &[Arg::text("type")],
        0,
        body::has_body,
        "Whether there is a body, of a type if one is given.",
    ).constant(),
    Function::anywhere(
        "set_body",
        &[Arg::text("body"), Arg::text("type")],
        2,
        body::set_body,
        "Puts a body in the place of the present one.",
    )
    .within(
        Routes::REQUEST
            .and(Routes::FAILURE)
            .and(Routes::BRANCH)
            .and(Routes::ONREPLY),
    ),
    Function::anywhere(
        "is_audio_on_hold",
        &[],
        0,
        body::is_audio_on_hold,
        "Whether an audio stream is on hold. 1: null address; 2: inactive or sendonly.",
    ),
    Function::anywhere(
        "is_privacy",
        &[Arg::text("type")],
        1,
        body::is_privacy,
        "Whether Privacy asks for this.",
    ).constant(),
    Function::anywhere(
        "filter_body",
        &[Arg::text("type")],
        1,
        body::filter_body,
        "Leaves only the first part of a type of a multipart body.",
    ),
    Function::anywhere(
        "get_body_part",
        &[Arg::text("type"), Arg::variable("target")],
        2,
        body::get_body_part,
        "Stores the first part of a type.",
    ).constant().within(OUTGOING.and(Routes::ONREPLY)).constant(),
    Function::anywhere(
        "get_body_part_raw",
        &[Arg::text("type"), Arg::variable("target")],
        2,
        body::get_body_part_raw,
        "Stores the first part of a type with its boundary and headers.",
    ).constant().within(OUTGOING.and(Routes::ONREPLY)).constant(),
    Function::anywhere(
        "remove_body_part",
        &[Arg::text("type")],
        1,
        body::remove_body_part,
        "Removes the first part of a type.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "append_body_part",
        &[
            Arg::text("body"),
            Arg::text("type"),
            Arg::text("disposition"),
        ],
        2,
        body::append_body_part,
        "Adds a part to a multipart body.",
    ).constant_from(3)
    .within(OUTGOING),
    Function::anywhere(
        "append_body_part_hex",
        &[
            Arg::text("hex"),
            Arg::text("type"),
            Arg::text("disposition"),
        ],
        2,
        body::append_body_part_hex,
        "Adds a part, written in hexadecimal digits, to a multipart body.",
    ).constant_from(3)
    .within(OUTGOING),
    Function::anywhere(
        "set_reply_body",
        &[Arg::text("body"), Arg::text("type")],
        2,
        body::set_reply_body,
        "Gives our own replies to the request a body; false when they have one.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "set_body_multipart",
        &[Arg::text("body"), Arg::text("type"), Arg::text("boundary")],
        0,
        body::set_body_multipart,
        "Makes the body, or a new one, the first part of a multipart body.",
    ).constant_from(3)
    .within(OUTGOING),
];
