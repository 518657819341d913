//! `registered()` and `unregister()`: asking and ending, without touching the message.

use bytes::Bytes;
use engine::Context;

use super::settings::Registrar;
use super::xavp;
use crate::usrloc::api::{Contact, Table, unix_now};

/// Which contacts count, by the values of `$xavp(cfg=>…)`.
const MATCH_CALL_ID: i64 = 1;
const MATCH_RECEIVED: i64 = 2;
const MATCH_CONTACT: i64 = 4;

/// What is done with the contact found.
const RESTORE_ATTRIBUTES: i64 = 1;
const SKIP_DESCRIPTION: i64 = 2;

/// Whether a URI has a valid contact, of those that the options pick.
pub(super) fn registered(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
    uri: &[u8],
    options: i64,
    actions: i64,
) -> bool {
    let Ok(aor) = registrar.aor(uri) else {
        return false;
    };
    let now = unix_now(&cx.core);
    let wanted = |option: i64, name: &[u8]| {
        (options & option != 0)
            .then(|| xavp::get_text(cx, registrar.xavp_cfg.as_ref(), name))
            .flatten()
    };
    let call_id = wanted(MATCH_CALL_ID, b"match_callid");
    let received = wanted(MATCH_RECEIVED, b"match_received");
    let address = wanted(MATCH_CONTACT, b"match_contact");
    let same = |wanted: &Option<Bytes>, is: Bytes| wanted.as_ref().is_none_or(|w| *w == is);
    let found: Option<Contact> = table
        .lock(&aor)
        .contacts()
        .iter()
        .find(|c| {
            c.is_valid(now)
                && same(&call_id, c.call_id())
                && same(&received, c.received())
                && same(&address, c.uri())
        })
        .cloned();
    let Some(contact) = found else {
        return false;
    };
    if actions & SKIP_DESCRIPTION == 0
        && let Some(class) = &registrar.xavp_rcd
    {
        xavp::describe(cx, class, registrar.xavp_rcd_mask, &contact, now);
    }
    if actions & RESTORE_ATTRIBUTES != 0 {
        xavp::restore(cx, std::iter::once(&contact));
    }
    true
}

/// Removes the contacts of a URI, or the one with a unique id. The code is what the script gets.
pub(super) fn unregister(
    registrar: &Registrar,
    table: &Table,
    uri: &[u8],
    ruid: Option<&[u8]>,
) -> i64 {
    let Ok(aor) = registrar.aor(uri) else {
        return -1;
    };
    let mut record = table.lock(&aor);
    match ruid {
        None => {
            record.remove_where(|_| true);
            1
        }
        Some(ruid) => {
            let found = record
                .contacts()
                .iter()
                .position(|c| c.ruid_bytes() == ruid);
            match found {
                Some(position) => {
                    record.remove(position);
                    1
                }
                None => -3,
            }
        }
    }
}
