//! The contacts of redirections as new branches.

use std::cmp::Reverse;
use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::Branch;
use engine::log::Level;
use sip::{HeaderKind, Message};

use super::filters::{self, Added, Rule};
use super::params::Settings;
use crate::acc::api::Acc;

/// The flags of new branches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flags {
    /// These.
    Fixed(u32),
    /// Those that the contact names, else these.
    OfContact(u32),
    /// These and those that the contact names.
    Joined(u32),
}

/// How many contacts are taken; `None`: all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Limits {
    pub(super) total: Option<usize>,
    pub(super) per_reply: Option<usize>,
}

/// A contact that may be followed.
struct Found {
    uri: Bytes,
    q: u16,
    /// Which of the Contact headers it stands in.
    header: usize,
    flags: u32,
}

impl Flags {
    fn of(self, named: Option<u32>) -> u32 {
        match (self, named) {
            (Self::Fixed(own), _) | (Self::OfContact(own) | Self::Joined(own), None) => own,
            (Self::OfContact(_), Some(named)) => named,
            (Self::Joined(own), Some(named)) => own | named,
        }
    }
}

/// Makes branches of the contacts of all redirections of the failed branches; how many. Each
/// becomes a record with this reason, if there is one.
pub(super) fn follow(
    settings: &Settings,
    cx: &mut Context,
    limits: Limits,
    reason: Option<&Bytes>,
) -> usize {
    let added = cx.extensions.remove::<Added>().unwrap_or_default();
    let mut count = 0;
    for reply in settings.tm.redirections(cx) {
        let left = limits.total.map(|total| total - count);
        if left == Some(0) {
            break;
        }
        let Some(mut found) = contacts(settings, cx, &reply.msg, &added) else {
            continue;
        };
        let limit = [left, limits.per_reply].into_iter().flatten().min();
        found.truncate(limit.unwrap_or(usize::MAX));
        // The best come last, as in Kamailio.
        for contact in found.into_iter().rev() {
            count += usize::from(take(settings, cx, contact, reason));
        }
    }
    cx.extensions.insert(added);
    count
}

/// The contacts of a reply that the filters let through, the best first; those of one preference
/// in their order, but of several Contact headers the last first, as Kamailio reads them.
fn contacts(
    settings: &Settings,
    cx: &mut Context,
    reply: &Arc<Message>,
    added: &Added,
) -> Option<Vec<Found>> {
    let contacts = match reply.contacts()? {
        Ok(contacts) => contacts,
        Err(error) => {
            cx.log(
                Level::Error,
                &format!("the contacts of a redirection are malformed: {error}"),
            );
            return None;
        }
    };
    let buf = reply.raw();
    let mut found = Vec::new();
    for contact in contacts.list() {
        let uri = reply.slice(contact.addr.uri);
        if !uri.contains(&b':') {
            cx.log(Level::Error, "a contact of a redirection is no URI");
            return None;
        }
        if filters::rule(&settings.filters, added, &uri) == Rule::Deny {
            continue;
        }
        let given = contact.addr.params.value(buf, b"q");
        let q = match (contact.q, given) {
            (Some(q), _) => q,
            (None, None | Some(b"")) => settings.q,
            (None, Some(_)) => {
                cx.log(Level::Error, "a contact's preference is none: left out");
                continue;
            }
        };
        let flags = contact.addr.params.value(buf, b"flags");
        let flags = settings.flags.of(flags.and_then(sip::chars::decimal));
        let header = reply
            .all(HeaderKind::Contact)
            .take_while(|h| h.whole.start() <= contact.addr.uri.start())
            .count();
        found.push(Found {
            uri,
            q,
            header,
            flags,
        });
    }
    found.sort_by_key(|contact| Reverse((contact.q, contact.header)));
    Some(found)
}

fn take(settings: &Settings, cx: &mut Context, contact: Found, reason: Option<&Bytes>) -> bool {
    let branch = Branch {
        uri: Some(contact.uri.clone()),
        q: Some(contact.q),
        flags: contact.flags,
        ..Branch::default()
    };
    if cx.branches.len() + 1 >= cx.core.settings.max_branches || !cx.branches.push(branch) {
        cx.log(Level::Error, "too many branches: a contact is left out");
        return false;
    }
    if let Some(reason) = reason
        && settings.accounts
    {
        account(cx, contact.uri, reason);
    }
    true
}

/// Writes a record about the contact: variables show it as the request URI.
fn account(cx: &mut Context, uri: Bytes, reason: &Bytes) {
    let Some(acc) = cx.core.modules.get::<Acc>() else {
        cx.log(
            Level::Error,
            "a redirection is not accounted: module acc is not loaded",
        );
        return;
    };
    let outer = cx.target.uri.replace(uri);
    acc.log_request(cx, reason);
    cx.target.uri = outer;
}
