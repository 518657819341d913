//! Script functions of siputils: the table and the ones on messages.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use sip::{HeaderKind, Method, UriRef};

use super::hop::{self, Mode};
use super::params::SipUtils;
use super::{charging, on_contacts, on_uris, rpid, uris};
use crate::auth::api::{Kind, authorized};
use crate::sl::api::Sl;

pub(super) fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

/// Date is too old.
const OUTDATED: Outcome = Outcome::Return(-4);

const RPID: &[Arg] = &[Arg::literal("prefix"), Arg::literal("suffix")];
const TEXT: &[Arg] = &[Arg::text("text")];
const TWO: &[Arg] = &[Arg::text("first"), Arg::text("second")];
const PARAM: &[Arg] = &[Arg::text("name")];

/// While the request is looked at first.
const REQUEST: Routes = Routes::REQUEST;
/// While a request is on its way out.
const OUTGOING: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::anywhere(
        "has_totag",
        &[],
        0,
        |cx, _| truth(cx.msg.to_tag().is_some()),
        "Whether the To header has a tag.",
    ),
    Function::anywhere(
        "is_request",
        &[],
        0,
        |cx, _| truth(cx.msg.is_request()),
        "Whether the message is a request.",
    ),
    Function::anywhere(
        "is_reply",
        &[],
        0,
        |cx, _| truth(cx.msg.is_reply()),
        "Whether the message is a reply.",
    ),
    Function::anywhere(
        "is_first_hop",
        &[Arg::int("mode")],
        0,
        |cx, args| {
            let mode = match args.int(cx, 0) {
                Some(1) => Mode::RouteOnly,
                _ => Mode::NoLoop,
            };
            truth(hop::is_first(cx, mode))
        },
        "Whether we are the first server that the message passes; mode 1 takes a reply's Record-Route for it alone.",
    ),
    Function::anywhere(
        "options_reply",
        &[],
        0,
        options_reply,
        "Answers an OPTIONS to the server itself with its capabilities.",
    )
    .within(REQUEST),
    Function::anywhere(
        "is_supported",
        &[Arg::text("option")],
        1,
        is_supported,
        "Whether Supported lists an option.",
    )
    .constant(),
    Function::anywhere(
        "cmp_hdr_name",
        TWO,
        2,
        cmp_hdr_name,
        "Whether two header names mean the same header. -2: both unknown and different.",
    ),
    Function::anywhere(
        "uri_param",
        &[Arg::text("name"), Arg::text("value")],
        1,
        on_uris::uri_param,
        "Whether the request URI has a parameter without a value, or with this value.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "uri_param_any",
        PARAM,
        1,
        on_uris::uri_param_any,
        "Whether the request URI has a parameter.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "uri_param_rm",
        PARAM,
        1,
        on_uris::uri_param_rm,
        "Removes a parameter from the request URI.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "add_uri_param",
        &[Arg::text("param")],
        1,
        on_uris::add_uri_param,
        "Adds a parameter to the request URI.",
    )
    .within(REQUEST),
    Function::anywhere(
        "get_uri_param",
        &[Arg::text("name"), Arg::variable("target")],
        2,
        on_uris::get_uri_param,
        "Stores the value of a parameter of the request URI.",
    )
    .within(REQUEST.and(Routes::LOCAL)),
    Function::anywhere(
        "tel2sip",
        &[Arg::text("uri"), Arg::text("host"), Arg::variable("target")],
        3,
        on_uris::tel2sip,
        "Stores a tel URI as a sip URI. 2: it is none.",
    )
    .constant()
    .within(OUTGOING.and(Routes::ONREPLY))
    .constant(),
    Function::anywhere(
        "is_uri",
        TEXT,
        1,
        on_uris::is_uri,
        "Whether a text is a URI.",
    ),
    Function::anywhere(
        "is_gruu",
        &[Arg::text("uri")],
        0,
        on_uris::is_gruu,
        "Whether a URI is a GRUU. 1: public; 2: temporary.",
    ),
    Function::anywhere(
        "cmp_uri",
        TWO,
        2,
        on_uris::cmp_uri,
        "Whether two URIs are equal (RFC 3261). -2: one is no URI.",
    ),
    Function::anywhere(
        "cmp_aor",
        TWO,
        2,
        on_uris::cmp_aor,
        "Whether two URIs have the same scheme, user, host and port.",
    ),
    Function::anywhere(
        "is_e164",
        TEXT,
        1,
        on_uris::is_e164,
        "Whether a text is a number with `+`.",
    )
    .within(REQUEST.and(Routes::FAILURE).and(Routes::LOCAL)),
    Function::anywhere(
        "is_uri_user_e164",
        TEXT,
        1,
        on_uris::is_uri_user_e164,
        "Whether a URI's user is a number with `+`.",
    ),
    Function::anywhere(
        "is_tel_number",
        TEXT,
        1,
        on_uris::is_tel_number,
        "Whether a text is a number, perhaps with `+`.",
    ),
    Function::anywhere(
        "is_numeric",
        TEXT,
        1,
        on_uris::is_numeric,
        "Whether a text is all digits.",
    ),
    Function::anywhere(
        "is_alphanum",
        TEXT,
        1,
        on_uris::is_alphanum,
        "Whether a text is all letters and digits.",
    ),
    Function::anywhere(
        "is_alphanumex",
        &[Arg::text("text"), Arg::text("others")],
        2,
        on_uris::is_alphanumex,
        "Whether a text is all letters, digits and other given characters.",
    ),
    Function::anywhere(
        "contact_param_encode",
        &[Arg::text("name"), Arg::text("address")],
        2,
        on_contacts::param_encode,
        "Puts each contact's URI into a parameter of an address.",
    )
    .within(REQUEST.and(Routes::ONREPLY)),
    Function::anywhere(
        "contact_param_decode",
        PARAM,
        1,
        on_contacts::param_decode,
        "Restores each contact's URI from a parameter.",
    )
    .within(REQUEST.and(Routes::ONREPLY)),
    Function::anywhere(
        "contact_param_decode_ruri",
        PARAM,
        1,
        on_contacts::param_decode_ruri,
        "Restores the request URI from a parameter.",
    )
    .within(REQUEST),
    Function::anywhere(
        "contact_param_rm",
        PARAM,
        1,
        on_contacts::param_rm,
        "Removes a parameter from each contact's URI.",
    )
    .within(REQUEST.and(Routes::ONREPLY)),
    Function::anywhere(
        "encode_contact",
        &[Arg::text("prefix"), Arg::text("address")],
        2,
        on_contacts::encode,
        "Puts each contact's URI into the user part at an address.",
    )
    .within(REQUEST.and(Routes::ONREPLY)),
    Function::anywhere(
        "decode_contact",
        &[],
        0,
        on_contacts::decode_ruri,
        "Restores the request URI from its user part.",
    )
    .within(REQUEST),
    Function::anywhere(
        "decode_contact_header",
        &[],
        0,
        on_contacts::decode,
        "Restores each contact's URI from its user part.",
    )
    .within(REQUEST.and(Routes::FAILURE).and(Routes::ONREPLY)),
    Function::anywhere(
        "set_uri_user",
        &[Arg::variable("uri"), Arg::readable("user")],
        2,
        |cx, args| on_uris::set_part(cx, args, uris::with_user),
        "Gives the URI in a variable another user; an empty one removes it.",
    ),
    Function::anywhere(
        "set_uri_host",
        &[Arg::variable("uri"), Arg::readable("host")],
        2,
        |cx, args| on_uris::set_part(cx, args, uris::with_host),
        "Gives the URI in a variable another host.",
    ),
    Function::exact(
        "append_rpid_hf",
        &[],
        rpid::append,
        "Adds Remote-Party-ID with the identity that rpid_avp holds.",
    )
    .within(OUTGOING),
    Function::exact(
        "append_rpid_hf",
        RPID,
        rpid::append,
        "As without arguments, with this text before and after it.",
    )
    .within(OUTGOING),
    Function::anywhere(
        "is_rpid_user_e164",
        &[],
        0,
        rpid::is_user_e164,
        "Whether the identity that rpid_avp holds has a number with `+` as user.",
    )
    .within(REQUEST),
    Function::anywhere(
        "is_user",
        &[Arg::literal("username")],
        1,
        is_user,
        "Whether credentials of this user were checked and found right.",
    )
    .within(REQUEST.and(Routes::LOCAL)),
    Function::anywhere(
        "sip_p_charging_vector",
        &[Arg::text("flags")],
        1,
        charging::manage,
        "P-Charging-Vector: r removes it, g makes one unless there is one, f does both.",
    ),
    Function::anywhere(
        "hdr_date_check",
        &[Arg::int("seconds")],
        1,
        hdr_date_check,
        "Whether Date is at most so many seconds old. -4: it is older.",
    ),
];

fn options_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if cx.msg.method() != Method::Options || !cx.msg.is_request() {
        cx.log(Level::Error, "options_reply answers OPTIONS only");
        return FALSE;
    }
    let uri = cx.request_uri();
    match UriRef::parse(&uri) {
        Ok(uri) if uri.user().is_empty() => {}
        Ok(_) => {
            cx.log(Level::Error, "options_reply: the request URI has a user");
            return FALSE;
        }
        Err(error) => {
            cx.log(Level::Error, &format!("options_reply: {error}"));
            return FALSE;
        }
    }
    let headers = [args.state::<SipUtils>().options_headers.clone()];
    let sl = cx.core.modules.get::<Sl>();
    truth(match sl {
        Some(sl) => sl.reply(cx, 200, b"OK", &headers),
        None => engine::reply::send_stateless(cx, 200, b"OK", &headers).is_ok(),
    })
}

fn is_user(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let wanted = args.text(cx, 0);
    match authorized(cx, Kind::Server) {
        Some(by) => truth(by.user == wanted),
        None => {
            cx.log(Level::Error, "is_user: no credentials were checked before");
            FALSE
        }
    }
}

fn hdr_date_check(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let slack = args.int(cx, 0).unwrap_or(0);
    let date = cx
        .msg
        .value(HeaderKind::Date)
        .and_then(sip::date::parse_rfc1123)
        .and_then(|date| i64::try_from(date).ok());
    let Some(date) = date else {
        cx.log(Level::Error, "there is no Date header with a proper date");
        return FALSE;
    };
    let now = i64::try_from(cx.core.services.clock.unix().as_secs()).unwrap_or(i64::MAX);
    if date.saturating_add(slack) < now {
        OUTDATED
    } else {
        TRUE
    }
}

fn is_supported(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let option = args.text(cx, 0);
    let mut listed = cx
        .msg
        .all(HeaderKind::Supported)
        .flat_map(|h| cx.msg.text(h.value).split(|c| *c == b','));
    truth(listed.any(|o| sip::chars::trim(o).eq_ignore_ascii_case(&option)))
}

fn cmp_hdr_name(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (a, b) = (args.text(cx, 0), args.text(cx, 1));
    match (HeaderKind::from_name(&a), HeaderKind::from_name(&b)) {
        (HeaderKind::Other, HeaderKind::Other) if a.eq_ignore_ascii_case(&b) => TRUE,
        (HeaderKind::Other, HeaderKind::Other) => Outcome::Return(-2),
        (a, b) => truth(a == b),
    }
}
