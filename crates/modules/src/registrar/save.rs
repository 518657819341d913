//! `save()`: takes a REGISTER (RFC 3261 section 10.3).

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::log::Level;
use sip::Message;
use sip::header::Contact;

use super::error::Refusal;
use super::expiry;
use super::pack::{self, Common};
use super::reply::{Prepared, contact_line};
use super::request::{self, Wish};
use super::settings::Registrar;
use super::xavp;
use crate::usrloc::api::{
    AorGuard, ContactInfo, Found, Table, UnixTime, Wanted, find, find_flow, unix_now,
};

/// Flags of `save`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SaveFlags(pub(super) i64);

impl SaveFlags {
    const NO_REPLY: i64 = 0x02;
    const ONE_CONTACT: i64 = 0x04;
    const EXACT_EXPIRES: i64 = 0x08;
    const PREPARE_REPLY: i64 = 0x10;

    fn has(self, flag: i64) -> bool {
        self.0 & flag != 0
    }
}

/// What `save` did; the numbers are what it returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Done {
    Inserted = 1,
    Updated = 2,
    Removed = 3,
    Shown = 4,
}

/// A registration that was taken.
struct Taken {
    done: Done,
    contacts: Option<Bytes>,
    /// It has a path, which the client does not know of. Kamailio stores the contacts and refuses
    /// all the same.
    has_unwanted_path: bool,
}

impl Taken {
    fn reply(self, registrar: &Registrar, cx: &Context) -> Prepared {
        if self.has_unwanted_path {
            registrar.rejected.increment();
            Prepared::refused(registrar, cx, Refusal::PathUnsupported, self.contacts)
        } else {
            registrar.accepted.increment();
            Prepared::accepted(registrar, cx, self.contacts)
        }
    }
}

/// A refusal together with the contacts that the reply to it lists.
struct Refused {
    refusal: Refusal,
    contacts: Option<Bytes>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            contacts: None,
        }
    }
}

/// Takes a registration into a table, replies, and says what the script gets.
pub(super) fn save(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
    flags: SaveFlags,
    uri: Option<&[u8]>,
) -> i64 {
    let (code, reply) = match take(registrar, cx, table, flags, uri) {
        Ok(taken) => (taken.done as i64, taken.reply(registrar, cx)),
        Err(Refused { refusal, contacts }) => {
            registrar.rejected.increment();
            cx.log(Level::Warning, &format!("registration refused: {refusal}"));
            let reply = Prepared::refused(registrar, cx, refusal, contacts);
            (refusal.return_code(), reply)
        }
    };
    if flags.has(SaveFlags::NO_REPLY) {
        if flags.has(SaveFlags::PREPARE_REPLY) {
            cx.reply_headers.extend(reply.lines);
        } else {
            cx.extensions.insert(reply);
        }
    } else if cx.msg.is_request() && !reply.send(registrar, cx) {
        return -1;
    }
    code
}

fn take(
    registrar: &Registrar,
    cx: &mut Context,
    table: &Table,
    flags: SaveFlags,
    uri: Option<&[u8]>,
) -> Result<Taken, Refused> {
    let msg = Arc::clone(&cx.msg);
    let wish = request::read(registrar, &msg)?;
    let aor = match uri {
        Some(uri) => registrar.aor(uri)?,
        None => registrar.aor(to_uri(&msg)?)?,
    };
    let now = unix_now(&cx.core);
    let has_unwanted_path =
        matches!(wish, Wish::Change(_)) && pack::has_unwanted_path(registrar, cx);
    let mut record = table.lock(&aor);
    let done = match wish {
        Wish::Fetch => Ok(Done::Shown),
        Wish::RemoveAll => {
            record.remove_where(|_| true);
            Ok(Done::Removed)
        }
        Wish::Change(contacts) => {
            // The contacts of a first registration stand beside each other, as in Kamailio.
            let alone = flags.has(SaveFlags::ONE_CONTACT) && !record.contacts().is_empty();
            let mut change = Change {
                registrar,
                flags,
                alone,
                now,
                msg: &msg,
                record: &mut record,
            };
            change.run(cx, &contacts)
        }
    };
    let shown = contact_line(registrar, cx, &record, &aor, now);
    describe_last(registrar, cx, &record, now);
    match done {
        Ok(done) => Ok(Taken {
            done,
            contacts: shown,
            has_unwanted_path,
        }),
        Err(refusal) => Err(Refused {
            refusal,
            contacts: shown,
        }),
    }
}

fn to_uri(msg: &Message) -> Result<&[u8], Refusal> {
    match msg.to() {
        Some(Ok(to)) => Ok(msg.text(to.uri)),
        _ => Err(Refusal::NoTo),
    }
}

/// Tells the script of the last contact listed, as Kamailio does.
fn describe_last(registrar: &Registrar, cx: &mut Context, record: &AorGuard<'_>, now: UnixTime) {
    let Some(class) = &registrar.xavp_rcd else {
        return;
    };
    let last = record.contacts().iter().rev().find(|c| c.is_valid(now));
    if let Some(contact) = last {
        xavp::describe(cx, class, registrar.xavp_rcd_mask, contact, now);
    }
}

/// A change of the contacts of a record.
struct Change<'r, 'd> {
    registrar: &'r Registrar,
    flags: SaveFlags,
    /// A contact displaces all others.
    alone: bool,
    now: UnixTime,
    msg: &'r Message,
    record: &'r mut AorGuard<'d>,
}

impl Change<'_, '_> {
    fn run(&mut self, cx: &mut Context, contacts: &[&Contact]) -> Result<Done, Refusal> {
        let exact = self.flags.has(SaveFlags::EXACT_EXPIRES);
        let mut wanted = Vec::with_capacity(contacts.len());
        for contact in contacts {
            let lifetime = expiry::lifetime(self.registrar, cx, contact, exact)?;
            wanted.push((*contact, lifetime));
        }
        let common = Common::read(self.registrar, cx)?;
        self.check_room(cx, &common, &wanted)?;
        let mut done = Done::Inserted;
        for (contact, lifetime) in wanted {
            let buf = self.msg.raw();
            let info = common.info(self.registrar, buf, contact, lifetime, self.now)?;
            let (step, is_last) = self.apply(&info, lifetime)?;
            done = step.unwrap_or(done);
            if is_last {
                break;
            }
        }
        Ok(done)
    }

    /// Adds, refreshes or removes one contact. Says what was done, and whether the rest of the
    /// request is left aside, as Kamailio does when the contact displaced others.
    fn apply(
        &mut self,
        info: &ContactInfo<'_>,
        lifetime: u32,
    ) -> Result<(Option<Done>, bool), Refusal> {
        let alone = self.alone;
        match (self.find(info), lifetime) {
            (Found::OutOfOrder, _) => Err(Refusal::BadCSeq),
            (Found::Repeated(_), _) | (Found::New, 0) => Ok((None, false)),
            (Found::At(position), 0) => {
                self.record.remove(position);
                Ok((Some(Done::Removed), false))
            }
            (Found::New, _) => {
                let ruid = self.registrar.usrloc.new_ruid();
                self.record.insert(&ContactInfo {
                    ruid: ruid.as_bytes(),
                    ..info.clone()
                });
                if alone {
                    self.record
                        .remove_where(|c| c.ruid_bytes() != ruid.as_bytes());
                }
                Ok((Some(Done::Inserted), alone))
            }
            (Found::At(position), _) => {
                let old = &self.record.contacts()[position];
                let ruid = old.ruid();
                // A phone that started anew: what its former life left behind is dead.
                let restarted = !info.instance.is_empty() && old.call_id_bytes() != info.call_id;
                self.record.update(position, info);
                if alone {
                    self.record.remove_where(|c| c.ruid_bytes() != ruid);
                } else if restarted {
                    self.record.remove_where(|c| {
                        c.ruid_bytes() != ruid && c.instance_bytes() == info.instance
                    });
                }
                Ok((Some(Done::Updated), alone || restarted))
            }
        }
    }

    fn find(&self, info: &ContactInfo<'_>) -> Found {
        let options = &self.registrar.usrloc.options;
        let wanted = Wanted {
            uri: info.uri,
            call_id: info.call_id,
            path: info.path,
            cseq: info.cseq,
        };
        let contacts = self.record.contacts();
        if info.instance.is_empty() {
            let mode = options.matching_mode;
            find(contacts, &wanted, mode, options.cseq_delay, self.now)
        } else {
            let (instance, reg_id) = (info.instance, info.reg_id);
            find_flow(
                contacts,
                &wanted,
                instance,
                reg_id,
                options.cseq_delay,
                self.now,
            )
        }
    }

    /// Whether the record may have as many contacts as it would after the change.
    fn check_room(
        &self,
        cx: &Context,
        common: &Common,
        wanted: &[(&Contact, u32)],
    ) -> Result<(), Refusal> {
        let class = self.registrar.xavp_cfg.as_ref();
        let most = xavp::get_int(cx, class, b"max_contacts")
            .unwrap_or_else(|| self.registrar.live.max_contacts.get());
        if most <= 0 || self.flags.has(SaveFlags::ONE_CONTACT) {
            return Ok(());
        }
        let valid = self
            .record
            .contacts()
            .iter()
            .filter(|c| c.is_valid(self.now));
        let mut count = valid.count() as i64;
        for (contact, lifetime) in wanted {
            let buf = self.msg.raw();
            let info = common.info(self.registrar, buf, contact, *lifetime, self.now)?;
            match (self.find(&info), *lifetime) {
                (Found::OutOfOrder, _) => return Err(Refusal::BadCSeq),
                (Found::New, 1..) => count += 1,
                (Found::At(_), 0) => count -= 1,
                _ => {}
            }
        }
        if count > most {
            return Err(Refusal::TooManyContacts);
        }
        Ok(())
    }
}
