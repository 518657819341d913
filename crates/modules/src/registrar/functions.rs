//! The script functions of registrar: arguments in, codes out.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::lookup::{self, Miss};
use super::registered;
use super::reply::Prepared;
use super::save::{SaveFlags, save as save_registration};
use super::settings::Registrar;
use super::variables::{Profile, Profiles};

const TABLE_ARG: Arg = Arg::text("table");
const URI_ARG: Arg = Arg::text("uri");
const REQUESTS: Routes = Routes::REQUEST.and(Routes::FAILURE);

/// The rows.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "save",
        &[TABLE_ARG, Arg::text("flags"), URI_ARG],
        1,
        REQUESTS.and(Routes::ONREPLY),
        save,
        "Takes a REGISTER into a table and answers it. Flags: 0x02 no reply, 0x04 one contact an AoR, 0x08 lifetimes not spread by chance, 0x10 with 0x02: the reply's headers go to whatever reply is sent. Returns 1 inserted, 2 updated, 3 removed, 4 shown, -1 refused, -2 too many contacts.",
    ).constant(),
    Function::new(
        "lookup",
        &[TABLE_ARG, URI_ARG],
        1,
        REQUESTS,
        lookup,
        "Sends a request to the contacts of the request URI, or of another URI. Returns -1 when there are none, -2 when none takes the method, -3 when the URI cannot be used.",
    ).constant(),
    Function::new(
        "lookup_to_dset",
        &[TABLE_ARG, URI_ARG],
        1,
        REQUESTS,
        lookup_to_dset,
        "As lookup, but the request URI stays and all contacts become branches.",
    ).constant(),
    Function::new(
        "lookup_branches",
        &[TABLE_ARG],
        1,
        REQUESTS,
        lookup_branches,
        "As lookup, for the request URI and all branches that are nothing but a URI.",
    ).constant(),
    Function::anywhere(
        "registered",
        &[
            TABLE_ARG,
            URI_ARG,
            Arg::int("match_option"),
            Arg::int("match_action"),
        ],
        1,
        registered,
        "Whether the request URI (To in replies), or another URI, has a contact.",
    ).constant(),
    Function::anywhere(
        "unregister",
        &[TABLE_ARG, URI_ARG, Arg::text("ruid")],
        2,
        unregister,
        "Removes the contacts of a URI, or the one with a unique id.",
    ).constant(),
    Function::new(
        "add_sock_hdr",
        &[Arg::text("header")],
        1,
        Routes::REQUEST,
        add_sock_hdr,
        "Adds a header to the request that names the socket it came in by.",
    ),
    Function::new(
        "reg_fetch_contacts",
        &[TABLE_ARG, URI_ARG, Arg::literal("profile")],
        3,
        REQUESTS,
        reg_fetch_contacts,
        "Makes the contacts of a URI readable as $ulc(profile=>…).",
    ).constant(),
    Function::new(
        "reg_free_contacts",
        &[Arg::literal("profile")],
        1,
        REQUESTS,
        reg_free_contacts,
        "Forgets what reg_fetch_contacts fetched.",
    ),
    Function::new(
        "reg_send_reply",
        &[],
        0,
        REQUESTS,
        reg_send_reply,
        "Sends the reply that save(…, \"0x02\") held back.",
    ),
];

fn save(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let flags = flags(&args.text(cx, 1));
    let uri = args.text(cx, 2);
    let table = registrar.table(cx, &name);
    let uri = (!uri.is_empty()).then_some(&*uri);
    Outcome::Return(save_registration(registrar, cx, &table, flags, uri))
}

/// Flags in decimal or hexadecimal; what is no number counts as none.
fn flags(text: &[u8]) -> SaveFlags {
    let text = std::str::from_utf8(text).unwrap_or_default().trim();
    let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    SaveFlags(number.unwrap_or(0))
}

fn found(result: Result<(), Miss>) -> Outcome {
    match result {
        Ok(()) => TRUE,
        Err(miss) => Outcome::Return(miss as i64),
    }
}

/// The URI argument, or the request URI when it was not given.
fn uri_or_request(cx: &mut Context, args: &Args<'_>) -> Bytes {
    let uri = args.text(cx, 1);
    if uri.is_empty() {
        cx.request_uri()
    } else {
        uri
    }
}

fn lookup(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let table = registrar.table(cx, &name);
    let uri = uri_or_request(cx, args);
    found(lookup::lookup(registrar, cx, &table, &uri))
}

fn lookup_to_dset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let table = registrar.table(cx, &name);
    let uri = uri_or_request(cx, args);
    found(lookup::lookup_to_dset(registrar, cx, &table, &uri))
}

fn lookup_branches(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let table = registrar.table(cx, &name);
    found(lookup::lookup_branches(registrar, cx, &table))
}

fn registered(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let mut uri = args.text(cx, 1);
    if uri.is_empty() {
        uri = match cx.msg.to() {
            Some(Ok(to)) if cx.msg.is_reply() => cx.msg.slice(to.uri),
            _ => cx.request_uri(),
        };
    }
    let options = args.int(cx, 2).unwrap_or(0);
    let actions = args.int(cx, 3).unwrap_or(0);
    let table = registrar.table(cx, &name);
    if registered::registered(registrar, cx, &table, &uri, options, actions) {
        TRUE
    } else {
        FALSE
    }
}

fn unregister(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let uri = args.text(cx, 1);
    let ruid = args.text(cx, 2);
    let table = registrar.table(cx, &name);
    let ruid = (!ruid.is_empty()).then_some(&*ruid);
    Outcome::Return(registered::unregister(registrar, &table, &uri, ruid))
}

fn add_sock_hdr(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let Some(socket) = cx.core.sockets.by_id(cx.received.socket) else {
        return FALSE;
    };
    if name.is_empty() {
        return FALSE;
    }
    let line = [&name[..], b": ", &socket.text, b"\r\n"].concat();
    cx.edits.insert_after(cx.msg.headers_end(), line.into());
    TRUE
}

fn reg_fetch_contacts(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let name = args.text(cx, 0);
    let uri = args.text(cx, 1);
    let profile = args.text(cx, 2);
    let table = registrar.table(cx, &name);
    let profiles = cx.extensions.get_or_default::<Profiles>();
    profiles.remove(&profile);
    let Ok(aor) = registrar.aor(&uri) else {
        cx.log(Level::Error, "reg_fetch_contacts: the URI cannot be used");
        return FALSE;
    };
    let record = table.lock(&aor);
    if !record.exists() {
        return FALSE;
    }
    profiles.put(Profile {
        name: profile,
        domain: table.name().clone(),
        aor: Bytes::copy_from_slice(&aor),
        contacts: record.contacts().to_vec(),
    });
    TRUE
}

fn reg_free_contacts(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let profile = args.text(cx, 0);
    if let Some(profiles) = cx.extensions.get_mut::<Profiles>() {
        profiles.remove(&profile);
    }
    TRUE
}

fn reg_send_reply(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let registrar: &Registrar = args.state();
    let kept = cx.extensions.remove::<Prepared>();
    let reply = kept.unwrap_or_else(|| Prepared::accepted(registrar, cx, None));
    if reply.send(registrar, cx) {
        TRUE
    } else {
        FALSE
    }
}
