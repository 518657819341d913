//! Script functions.

use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::socket::Proto;
use script::value::Value;
use sip::UriRef;

use super::contact::{self, Unchanged};
use super::sdp::{self, Style};
use super::{Nathelper, detect, source};

const MOST: Routes = Routes::REQUEST
    .and(Routes::BRANCH)
    .and(Routes::ONREPLY)
    .and(Routes::LOCAL);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "add_contact_alias",
        &[],
        0,
        MOST,
        add_contact_alias,
        "Adds an alias parameter of the source to the contact's URI, if the contact is another \
         address.",
    )
    .constant(),
    Function::new(
        "add_contact_alias",
        &[Arg::text("ip_addr"), Arg::int("port"), Arg::text("proto")],
        3,
        MOST.and(Routes::FAILURE),
        add_contact_alias,
        "Adds an alias parameter of an address to the contact's URI.",
    )
    .constant(),
    Function::new(
        "add_rcv_param",
        &[Arg::int("flag")],
        0,
        Routes::REQUEST,
        add_rcv_param,
        "Adds a received parameter to the contacts, with 1 to their URIs.",
    ),
    Function::new(
        "fix_nated_contact",
        &[],
        0,
        MOST,
        fix_nated_contact,
        "Puts the source's address and port into the contact.",
    ),
    Function::new(
        "fix_nated_register",
        &[],
        0,
        Routes::REQUEST,
        fix_nated_register,
        "Keeps the source as a URI in received_avp, where registrar finds it.",
    ),
    Function::new(
        "fix_nated_sdp",
        &[Arg::int("flags"), Arg::text("ip_address")],
        1,
        MOST.and(Routes::FAILURE),
        fix_nated_sdp,
        "Changes the session description: 1 adds a=direction:active, 2 puts the source into c=, \
         4 adds a mark, 8 puts the source into o=.",
    )
    .constant(),
    Function::new(
        "handle_ruri_alias",
        &[Arg::int("mode")],
        0,
        Routes::REQUEST.and(Routes::BRANCH).and(Routes::LOCAL),
        handle_ruri_alias,
        "Moves the request URI's first alias, with a mode the last, to the destination; 2 when \
         there is none.",
    ),
    Function::new(
        "is_rfc1918",
        &[Arg::text("ip_address")],
        1,
        Routes::ANY,
        is_rfc1918,
        "Whether an address is a private one.",
    ),
    Function::new(
        "nat_uac_test",
        &[Arg::int("flags")],
        1,
        MOST.and(Routes::FAILURE),
        nat_uac_test,
        "Whether any of the tests named by the bits finds a sign of a NAT.",
    ),
    Function::new(
        "set_alias_to_pv",
        &[Arg::variable("target_avp")],
        1,
        Routes::ANY,
        set_alias_to_pv,
        "Writes the contact's alias as a URI to a variable.",
    ),
    Function::new(
        "set_contact_alias",
        &[Arg::int("trim")],
        0,
        MOST,
        set_contact_alias,
        "Adds an alias of the source to the contact's URI, with 1 in place of those there.",
    ),
];

/// Nothing had to be done.
const NEEDLESS: Outcome = Outcome::Return(2);

fn complain(cx: &mut Context, message: &str) {
    cx.log_bytes(Level::Error, None, "nathelper", message.as_bytes());
}

fn nat_uac_test(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let tests = args.int(cx, 0).unwrap_or(0);
    if detect::is_behind_nat(cx, args.state(), tests) {
        TRUE
    } else {
        FALSE
    }
}

fn is_rfc1918(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let host = args.text(cx, 0);
    if state.networks.contain(&host) {
        TRUE
    } else {
        FALSE
    }
}

fn fix_nated_contact(cx: &mut Context, _: &Args<'_>) -> Outcome {
    match contact::put_source(cx) {
        Ok(()) => TRUE,
        Err(_) => FALSE,
    }
}

fn set_contact_alias(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let trims = args.int(cx, 0).unwrap_or(0) != 0;
    match contact::set_alias(cx, &state.alias_name, trims) {
        Ok(()) => TRUE,
        Err(_) => FALSE,
    }
}

fn add_contact_alias(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let result = match args.len() {
        0 => contact::add_alias(cx, &state.alias_name),
        3 => {
            let host = args.text(cx, 0);
            let port = args.int(cx, 1).and_then(|p| u16::try_from(p).ok());
            let proto = args.text(cx, 2);
            let (Some(port), Some(proto)) = (port, Proto::from_name(&proto)) else {
                complain(cx, "add_contact_alias: bad port or transport");
                return FALSE;
            };
            contact::add_alias_of(cx, &state.alias_name, &host, port, proto)
        }
        _ => {
            complain(
                cx,
                "add_contact_alias takes an address, a port and a transport",
            );
            return FALSE;
        }
    };
    match result {
        Ok(()) => TRUE,
        Err(Unchanged::None | Unchanged::Needless) => NEEDLESS,
        Err(Unchanged::Broken) => {
            complain(cx, "add_contact_alias: the Contact cannot be parsed");
            FALSE
        }
    }
}

fn set_alias_to_pv(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let value = contact::alias_value(&cx.msg, &state.alias_name);
    let uri = value
        .as_deref()
        .and_then(source::uri_of_alias)
        .map(|alias| alias.uri(true));
    let (Some(uri), Some(variable)) = (uri, args.variable(0)) else {
        complain(cx, "set_alias_to_pv: the only Contact has no alias");
        return FALSE;
    };
    if variable.write(cx, Value::Str(uri.into())) {
        TRUE
    } else {
        FALSE
    }
}

fn add_rcv_param(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let to_uri = args.int(cx, 0).unwrap_or(0) != 0;
    if to_uri && cx.received.proto != Proto::Udp {
        complain(
            cx,
            "add_rcv_param: only UDP sources go into the contact's URI",
        );
        return FALSE;
    }
    contact::add_received(cx, to_uri);
    TRUE
}

fn fix_nated_register(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let uri = source::uri(&cx.received);
    match &state.received_avp {
        Some(avp) if avp.write(cx, Value::Str(uri.into())) => TRUE,
        _ => {
            complain(cx, "fix_nated_register needs the parameter received_avp");
            FALSE
        }
    }
}

fn fix_nated_sdp(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let Some(flags) = args.int(cx, 0) else {
        return FALSE;
    };
    let given = args.text(cx, 1);
    let new = if given.is_empty() {
        engine::net::AddressText::new(cx.received.source.ip()).to_string()
    } else {
        String::from_utf8_lossy(&given).into_owned()
    };
    let style = Style {
        mark: &state.mark,
        keeps_old: state.keeps_old_media_ip,
    };
    match sdp::fix(cx, flags, &new, &style) {
        Ok(true) => TRUE,
        Ok(false) => NEEDLESS,
        Err(error) => {
            complain(cx, &format!("fix_nated_sdp: {error}"));
            FALSE
        }
    }
}

fn handle_ruri_alias(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let state: &Nathelper = args.state();
    let takes_last = args.int(cx, 0).unwrap_or(0) != 0;
    let text = cx.request_uri();
    let Ok(uri) = UriRef::parse(&text) else {
        complain(cx, "handle_ruri_alias: the request URI cannot be parsed");
        return FALSE;
    };
    let mut found = None;
    let mut start = uri.uri.params.start();
    for param in uri.params_text().split(|b| *b == b';') {
        let end = start + param.len();
        // A value without the mark of an alias is somebody else's parameter.
        let value = contact::param_value(param, &state.alias_name).filter(|v| v.contains(&b'~'));
        if let Some(value) = value
            && (found.is_none() || takes_last)
        {
            found = Some((start - 1, end, value));
        }
        start = end + 1;
    }
    let Some((start, end, value)) = found else {
        return NEEDLESS;
    };
    let Some(alias) = source::uri_of_alias(value) else {
        complain(cx, "handle_ruri_alias: the alias is broken");
        return FALSE;
    };
    let rest = [&text[..start], &text[end..]].concat();
    cx.set_next_hop(alias.uri(false).into());
    cx.target.uri = Some(rest.into());
    TRUE
}
