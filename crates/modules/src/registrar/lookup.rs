//! `lookup()` and its relatives: where the contacts of an address of record become the
//! destinations of a request.

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, Registration};
use engine::log::Level;
use sip::UriRef;

use super::methods;
use super::pack::first_uri;
use super::reply::bare_instance;
use super::settings::Registrar;
use super::xavp;
use crate::usrloc::api::{
    Contact, Table, UnixTime, from_reversed_hex, has_lost_connection, unix_now,
};

/// Why there are no destinations. The numbers are what `lookup` returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Miss {
    /// Nobody is registered.
    NotFound = -1,
    /// No registered phone takes this method.
    MethodNotSupported = -2,
    /// The URI cannot be used.
    BadUri = -3,
}

/// Which contacts a URI means.
#[derive(Debug, Default)]
pub(super) struct Target {
    pub(super) aor: Vec<u8>,
    /// Only the phone with this instance (a public GRUU).
    instance: Option<Bytes>,
    /// Only the contact with this unique id (a temporary GRUU).
    ruid: Option<Bytes>,
}

/// Finds out what a URI means (RFC 5627 section 5.1).
pub(super) fn target(registrar: &Registrar, table: &Table, uri: &[u8]) -> Result<Target, Miss> {
    let aor = registrar.aor(uri).map_err(|_| Miss::BadUri)?;
    let parsed = UriRef::parse(uri).map_err(|_| Miss::BadUri)?;
    let gr = if registrar.gruu {
        parsed.param(b"gr")
    } else {
        None
    };
    match gr {
        None => Ok(Target {
            aor,
            ..Target::default()
        }),
        Some(b"") => temporary(table, parsed.user()),
        Some(instance) => Ok(Target {
            aor,
            instance: Some(Bytes::copy_from_slice(instance)),
            ruid: None,
        }),
    }
}

/// `<unique id>-<hash of the AoR>` names the contact.
fn temporary(table: &Table, user: &[u8]) -> Result<Target, Miss> {
    let dash = user.iter().rposition(|c| *c == b'-');
    let (ruid, hash) = user.split_at(dash.ok_or(Miss::BadUri)?);
    let hash = from_reversed_hex(&hash[1..]).and_then(|h| u32::try_from(h).ok());
    let hash = hash.ok_or(Miss::BadUri)?;
    let aor = table.find_ruid(hash, ruid).ok_or(Miss::NotFound)?;
    Ok(Target {
        aor: aor.to_vec(),
        instance: None,
        ruid: Some(Bytes::copy_from_slice(ruid)),
    })
}

/// Keep only contacts whose branch flags `$xavp(cfg=>rlf_bflags)` names.
const FILTER_FLAGS: i64 = 1;

/// Keep only contacts whose connection, if they were registered by one, is open.
const FILTER_OPEN: i64 = 2;

/// The contacts to try, in order.
pub(super) fn contacts(
    registrar: &Registrar,
    cx: &Context,
    table: &Table,
    target: &Target,
) -> Result<Vec<Contact>, Miss> {
    let now = unix_now(&cx.core);
    let expired_too = registrar.live.use_expired_contacts.get() != 0;
    let wanted_flags = (registrar.lookup_filter_mode & FILTER_FLAGS != 0)
        .then(|| xavp::get_int(cx, registrar.xavp_cfg.as_ref(), b"rlf_bflags"))
        .flatten();
    let open_only =
        registrar.usrloc.options.handle_lost_tcp || registrar.lookup_filter_mode & FILTER_OPEN != 0;
    let record = table.lock(&target.aor);
    let mut found: Vec<Contact> = record
        .contacts()
        .iter()
        .filter(|c| (expired_too || c.is_valid(now)) && is_meant(target, c))
        .filter(|c| !(open_only && has_lost_connection(&cx.core, c)))
        .filter(|c| wanted_flags.is_none_or(|f| i64::from(c.branch_flags) & f != 0))
        .cloned()
        .collect();
    drop(record);
    if found.is_empty() {
        return Err(Miss::NotFound);
    }
    let is_initial = cx.msg.to_tag().is_none();
    if registrar.method_filtering && is_initial {
        let method = methods::bit(cx.msg.method());
        found.retain(|c| c.methods & method != 0);
        if found.is_empty() {
            return Err(Miss::MethodNotSupported);
        }
    }
    Ok(found)
}

fn is_meant(target: &Target, contact: &Contact) -> bool {
    let instance = target
        .instance
        .as_ref()
        .is_none_or(|i| bare_instance(contact.instance_bytes()) == i);
    let ruid = target
        .ruid
        .as_ref()
        .is_none_or(|r| contact.ruid_bytes() == r);
    instance && ruid
}

/// Finds the contacts of a URI.
fn find(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
    uri: &[u8],
) -> Result<Vec<Contact>, Miss> {
    let found =
        target(registrar, table, uri).and_then(|target| contacts(registrar, cx, table, &target));
    if matches!(found, Err(Miss::BadUri)) {
        let shown = uri.escape_ascii();
        cx.log(Level::Error, &format!("lookup: `{shown}` cannot be used"));
    }
    found
}

/// `lookup()`: the best contact becomes the request URI, the others branches.
pub(super) fn lookup(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
    uri: &[u8],
) -> Result<(), Miss> {
    let found = find(registrar, cx, table, uri)?;
    let now = unix_now(&cx.core);
    let (first, rest) = found.split_first().ok_or(Miss::NotFound)?;
    describe(registrar, cx, first, now);
    let mut branch = as_branch(registrar, cx, first);
    branch.flags |= cx.target.flags;
    cx.target = branch;
    let mut tried = 1;
    if registrar.live.append_branches.get() != 0 {
        tried += append(registrar, cx, rest);
    }
    xavp::restore(cx, found.iter().take(tried));
    Ok(())
}

/// `lookup_to_dset()`: all contacts become branches.
pub(super) fn lookup_to_dset(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
    uri: &[u8],
) -> Result<(), Miss> {
    let found = find(registrar, cx, table, uri)?;
    let now = unix_now(&cx.core);
    if let Some(first) = found.first() {
        describe(registrar, cx, first, now);
    }
    let added = append(registrar, cx, &found);
    xavp::restore(cx, found.iter().take(added));
    Ok(())
}

/// `lookup_branches()`: looks up the request URI, then every branch that is nothing but a URI.
pub(super) fn lookup_branches(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
) -> Result<(), Miss> {
    let uri = cx.request_uri();
    let before = cx.branches.len();
    lookup(registrar, cx, table, &uri)?;
    for index in 0..before {
        let Some(branch) = cx.branches.as_slice().get(index) else {
            break;
        };
        let Some(uri) = branch.uri.clone().filter(|_| is_plain(branch)) else {
            continue;
        };
        let Ok(found) = find(registrar, cx, table, &uri) else {
            continue;
        };
        let Some((first, rest)) = found.split_first() else {
            continue;
        };
        let replacement = as_branch(registrar, cx, first);
        if let Some(slot) = cx.branches.as_mut_slice().get_mut(index) {
            *slot = replacement;
        }
        if registrar.live.append_branches.get() != 0 {
            append(registrar, cx, rest);
        }
    }
    Ok(())
}

fn is_plain(branch: &Branch) -> bool {
    branch.dst_uri.is_none()
        && branch.path.is_none()
        && branch.registration().ruid.is_none()
        && branch.registration().instance.is_none()
}

/// Adds contacts as branches; says how many found room.
fn append(registrar: &Registrar, cx: &mut Context, contacts: &[Contact]) -> usize {
    for (index, contact) in contacts.iter().enumerate() {
        let branch = as_branch(registrar, cx, contact);
        // The main target is one of the destinations.
        let is_full = cx.branches.len() + 1 >= cx.core.settings.max_branches;
        if is_full || !cx.branches.push(branch) {
            cx.log(Level::Error, "lookup: too many branches, contacts left out");
            return index;
        }
    }
    contacts.len()
}

/// A contact as destination.
fn as_branch(registrar: &Registrar, cx: &Context, contact: &Contact) -> Branch {
    let some = |text: Bytes| (!text.is_empty()).then_some(text);
    let path = some(contact.path()).and_then(|p| usable_path(registrar, cx, p));
    let dst_uri = match &path {
        Some(path) => first_uri(path).map(|uri| path.slice_ref(uri)),
        None => some(contact.received()),
    };
    Branch {
        uri: Some(contact.uri()),
        dst_uri,
        path,
        socket: contact.socket,
        q: contact.q,
        flags: contact.branch_flags,
        connection: contact.connection,
        ..Branch::default()
    }
    .registered(Registration {
        instance: some(contact.instance()),
        reg_id: contact.reg_id,
        ruid: some(contact.ruid()),
        user_agent: some(contact.user_agent()),
    })
}

/// The path without its first hop when that is this server and `path_check_local` is set.
fn usable_path(registrar: &Registrar, cx: &Context, path: Bytes) -> Option<Bytes> {
    if !registrar.path.check_local {
        return Some(path);
    }
    let is_local = first_uri(&path)
        .and_then(|uri| UriRef::parse(uri).ok())
        .is_some_and(|uri| cx.core.sockets.is_myself(uri.host(), uri.port(), None));
    if !is_local {
        return Some(path);
    }
    let whole = sip::Span::of(0, path.len());
    let (_, stop) = sip::header::NameAddr::parse_element(&path, whole).ok()?;
    let rest = sip::chars::trim(path.get(stop + 1..)?);
    (!rest.is_empty()).then(|| path.slice_ref(rest))
}

fn describe(registrar: &Registrar, cx: &mut Context, contact: &Contact, now: UnixTime) {
    if let Some(class) = &registrar.xavp_rcd {
        xavp::describe(cx, class, registrar.xavp_rcd_mask, contact, now);
    }
}
