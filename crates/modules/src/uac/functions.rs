//! Script functions of uac.

use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::auth::{self, Passwords};
use super::params::{Side, Uac};
use super::registrations;
use super::replace::{self, Replacement};
use super::{request, restore};

const REPLACE: &[Arg] = &[Arg::text("display"), Arg::text("uri")];
const OUTGOING: Routes = Routes::REQUEST.and(Routes::BRANCH);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "uac_auth",
        &[Arg::int("mode")],
        0,
        Routes::FAILURE,
        uac_auth,
        "Adds credentials that answer the challenge of the failed branch; mode 1: passwords are hashes (HA1).",
    ),
    Function::new(
        "uac_auth_mode",
        &[Arg::int("vmode")],
        1,
        Routes::FAILURE,
        uac_auth,
        "As uac_auth.",
    ),
    registrations::UAC_REG_DISABLE,
    registrations::UAC_REG_ENABLE,
    registrations::UAC_REG_LOOKUP,
    registrations::UAC_REG_LOOKUP_URI,
    registrations::UAC_REG_REFRESH,
    registrations::UAC_REG_REQUEST_TO,
    registrations::UAC_REG_STATUS,
    Function::new(
        "uac_replace_from",
        REPLACE,
        1,
        OUTGOING,
        |cx, args| replaced(cx, args, Side::From),
        "Replaces display name and URI of From, or its URI alone; an empty URI stays.",
    ),
    Function::new(
        "uac_replace_to",
        REPLACE,
        1,
        OUTGOING,
        |cx, args| replaced(cx, args, Side::To),
        "Replaces display name and URI of To, or its URI alone; an empty URI stays.",
    ),
    Function::anywhere(
        "uac_req_send",
        &[],
        0,
        uac_req_send,
        "Sends the request that $uac_req describes.",
    ),
    Function::new(
        "uac_restore_from",
        &[],
        0,
        Routes::REQUEST,
        |cx, args| restored(cx, args, Side::From),
        "Restores From of a later request, To of one in the other direction, by what its Route keeps.",
    ),
    Function::new(
        "uac_restore_to",
        &[],
        0,
        Routes::REQUEST,
        |cx, args| restored(cx, args, Side::To),
        "Restores To of a later request, From of one in the other direction, by what its Route keeps.",
    ),
];

fn failed(cx: &mut Context, what: &str, error: &dyn std::fmt::Display) -> Outcome {
    cx.log(Level::Error, &format!("{what}: {error}"));
    FALSE
}

fn uac_auth(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let passwords = match args.int(cx, 0) {
        Some(mode) if mode & 1 != 0 => Passwords::Ha1,
        _ => Passwords::Plain,
    };
    match auth::authorize(args.state::<Uac>(), cx, passwords) {
        Ok(()) => TRUE,
        Err(error) => failed(cx, "uac_auth", &error),
    }
}

fn replaced(cx: &mut Context, args: &Args<'_>, side: Side) -> Outcome {
    let with = if args.len() > 1 {
        Replacement {
            display: Some(args.text(cx, 0)),
            uri: args.text(cx, 1),
        }
    } else {
        Replacement {
            display: None,
            uri: args.text(cx, 0),
        }
    };
    match replace::replace(args.state::<Uac>(), cx, side, &with) {
        Ok(()) => TRUE,
        Err(error) => failed(cx, "uac_replace", &error),
    }
}

fn restored(cx: &mut Context, args: &Args<'_>, side: Side) -> Outcome {
    match restore::turn(args.state::<Uac>(), cx, side) {
        Ok(()) => TRUE,
        Err(restore::RestoreError::NotKept) => FALSE,
        Err(error) => failed(cx, "uac_restore", &error),
    }
}

fn uac_req_send(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match request::send(args.state::<Uac>(), cx) {
        Ok(()) => TRUE,
        Err(error) => failed(cx, "uac_req_send", &error),
    }
}
