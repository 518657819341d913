//! The tables as a whole: against a naive model, at scale, and their memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use proptest::prelude::*;

use super::api::{Contact, ContactInfo, EventKind, Found, Listeners, Wanted, find};
use super::domain::Domain;
use super::matching::MatchingMode;
use super::order::Order;

fn table(size: u32) -> (Domain, Arc<Listeners>) {
    let listeners = Arc::new(Listeners::default());
    let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
    let name = Bytes::from_static(b"location");
    let domain = Domain::new(
        name,
        size,
        hasher,
        Arc::clone(&listeners),
        Order::ByPreference,
    );
    (domain, listeners)
}

#[derive(Clone, Debug)]
enum Step {
    /// User, contact, lifetime, q.
    Register(u8, u8, u32, Option<u16>),
    Remove(u8, u8),
    RemoveAll(u8),
    /// Time goes on, and the timer runs.
    Pass(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let q = proptest::option::of(0u16..4);
    prop_oneof![
        6 => (0u8..12, 0u8..4, 0u32..50, q).prop_map(|(u, c, t, q)| Step::Register(u, c, t, q)),
        2 => (0u8..12, 0u8..4).prop_map(|(u, c)| Step::Remove(u, c)),
        1 => (0u8..12).prop_map(Step::RemoveAll),
        2 => (0u32..30).prop_map(Step::Pass),
    ]
}

/// What the table should hold: user and contact to the time when it expires, 0 never.
type Model = BTreeMap<u8, BTreeMap<u8, u32>>;

fn register(
    domain: &Domain,
    now: u32,
    cseq: u32,
    user: u8,
    contact: u8,
    life: u32,
    q: Option<u16>,
) {
    let (aor, uri) = (format!("user{user}"), format!("sip:c{contact}@h"));
    let mut record = domain.lock(aor.as_bytes());
    let wanted = Wanted {
        uri: uri.as_bytes(),
        call_id: b"c",
        path: b"",
        cseq,
    };
    let info = ContactInfo {
        uri: uri.as_bytes(),
        call_id: b"c",
        cseq,
        q,
        last_modified: now,
        expires: if life == 0 { 0 } else { now + life },
        ..ContactInfo::default()
    };
    match find(record.contacts(), &wanted, MatchingMode::Contact, 20, now) {
        Found::New => record.insert(&info),
        Found::At(position) => record.update(position, &info),
        other => panic!("a growing CSeq is always in order, not {other:?}"),
    }
}

fn apply(domain: &Domain, model: &mut Model, now: &mut u32, cseq: u32, step: &Step) {
    match *step {
        Step::Register(user, contact, life, q) => {
            register(domain, *now, cseq, user, contact, life, q);
            let expires = if life == 0 { 0 } else { *now + life };
            model.entry(user).or_default().insert(contact, expires);
        }
        Step::Remove(user, contact) => {
            let uri = format!("sip:c{contact}@h");
            domain
                .lock(format!("user{user}").as_bytes())
                .remove_where(|c| c.uri_bytes() == uri.as_bytes());
            if let Some(contacts) = model.get_mut(&user) {
                contacts.remove(&contact);
            }
        }
        Step::RemoveAll(user) => {
            domain
                .lock(format!("user{user}").as_bytes())
                .remove_where(|_| true);
            model.remove(&user);
        }
        Step::Pass(seconds) => {
            *now += seconds;
            domain.expire(*now);
            for contacts in model.values_mut() {
                contacts.retain(|_, expires| *expires == 0 || *expires > *now);
            }
        }
    }
    model.retain(|_, contacts| !contacts.is_empty());
}

fn held(domain: &Domain) -> Model {
    let mut all = Model::new();
    domain.each_contact(|aor, contact| {
        let user = String::from_utf8_lossy(aor)[4..].parse().unwrap();
        let uri = String::from_utf8_lossy(contact.uri_bytes()).into_owned();
        let number = uri[5..uri.len() - 2].parse().unwrap();
        let contacts = all.entry(user).or_default();
        contacts.insert(number, contact.expires);
    });
    all
}

proptest! {
    #[test]
    fn holds_what_a_naive_table_would(steps in proptest::collection::vec(step(), 1..120)) {
        let (domain, _) = table(2);
        let mut model = Model::new();
        let mut now = 1000;
        for (cseq, step) in (1..).zip(&steps) {
            apply(&domain, &mut model, &mut now, cseq, step);
            prop_assert_eq!(&held(&domain), &model);
            let contacts: usize = model.values().map(BTreeMap::len).sum();
            prop_assert_eq!(domain.users() as usize, model.len());
            prop_assert_eq!(domain.contacts() as usize, contacts);
        }
    }
}

#[test]
fn a_hundred_thousand_contacts_expire_each_in_its_second() {
    const USERS: u32 = 100_000;
    let (domain, listeners) = table(10);
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    listeners.add(
        &[EventKind::Expire],
        Box::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        }),
    );
    let start = 1_000_000;
    let info = |expires| ContactInfo {
        uri: b"sip:c@h",
        expires,
        ..ContactInfo::default()
    };
    for user in 0..USERS {
        let aor = format!("u{user}");
        domain.lock(aor.as_bytes()).insert(&info(start + 60));
        // Refreshed: its first time to be looked at is not its last.
        let mut record = domain.lock(aor.as_bytes());
        record.update(0, &info(start + 100 + user % 100));
    }
    domain.expire(start + 99);
    assert_eq!(domain.contacts(), i64::from(USERS));
    for second in 0..100 {
        domain.expire(start + 100 + second);
        let left = i64::from(USERS - (second + 1) * (USERS / 100));
        assert_eq!((domain.users(), domain.contacts()), (left, left));
    }
    assert_eq!(told.load(Ordering::Relaxed), USERS as usize);
    assert_eq!(domain.expired(), i64::from(USERS));
}

/// The aim is 500 bytes a contact besides its texts; Kamailio takes 970 in all. Two allocations
/// a contact (its texts and the record's list) and one for the AoR cost the allocator 16 bytes
/// each at most.
#[test]
fn a_contact_is_small() {
    const USERS: usize = 50_000;
    let (domain, _) = table(10);
    for user in 0..USERS {
        domain
            .lock(format!("u{user}").as_bytes())
            .insert(&ContactInfo {
                uri: b"sip:c@h",
                expires: 100 + user as u32,
                ..ContactInfo::default()
            });
    }
    let per_user = domain.overhead() / USERS + size_of::<Contact>() + 3 * 16;
    println!("{per_user} bytes a contact besides its texts");
    assert!(per_user <= 500, "{per_user} bytes");
}

#[test]
fn listeners_are_told_without_the_lock() {
    let (domain, listeners) = table(2);
    let domain = Arc::new(domain);
    let weak = Arc::downgrade(&domain);
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    listeners.add(
        &[EventKind::Insert, EventKind::Update, EventKind::Delete],
        Box::new(move |event| {
            // Would wait for ever if the record were still locked.
            if let Some(domain) = weak.upgrade() {
                let _ = domain.lock(&event.aor).contacts().len();
            }
            count.fetch_add(event.kind as usize, Ordering::Relaxed);
        }),
    );
    let info = ContactInfo {
        uri: b"sip:c@h",
        ..ContactInfo::default()
    };
    domain.lock(b"bob").insert(&info);
    domain.lock(b"bob").update(0, &info);
    domain.lock(b"bob").remove(0);
    assert_eq!(seen.load(Ordering::Relaxed), 1 + 2 + 4);
    assert_eq!((domain.users(), domain.contacts()), (0, 0));
}
