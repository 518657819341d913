//! The tables of transactions and of contacts.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use modules::usrloc::api::{ContactInfo, Table as Location};
use transaction::{
    Entry, Kind, Matching, Millis, Rules, Table, TableOptions, Timing, Transaction, Transport,
};

pub(crate) fn transaction(times: u32) {
    let options = TableOptions {
        shard_bits: 8,
        capacity: 1 << 20,
        hash_keys: [1, 2, 3, 4],
    };
    let table: Table<()> = Table::new(Millis(0), options);
    for number in 0..times {
        let branch = number.to_be_bytes();
        let key = || {
            let matching = Matching::Cookie {
                branch: &branch,
                host: b"192.0.2.101",
                port: 5060,
                method: b"INVITE",
            };
            table.request_key(&branch, matching, false)
        };
        let entry = table.find_or_insert(key(), u64::from(number), || {
            let (kind, transport) = (Kind::Invite, Transport::Unreliable);
            let timing = Timing::INVITE;
            Transaction::new(Millis(0), kind, transport, timing, Rules::default(), ())
        });
        let Ok(Entry::Inserted(handle)) = entry else {
            panic!("not new");
        };
        assert_eq!(table.find(&key()), Some(handle));
        black_box(table.remove(handle));
    }
}

fn location() -> Location {
    let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
    let name = Bytes::from_static(b"location");
    Location::new(name, 10, hasher, Arc::default(), Default::default())
}

fn add(location: &Location, number: u32) {
    let aor = aor(number);
    location.lock(&aor).insert(&ContactInfo {
        uri: b"sip:alice@192.0.2.101:5060",
        call_id: b"843817637684230@998sdasdh09",
        user_agent: b"Softphone 2.1.4",
        ruid: b"uloc-0-1-1",
        expires: 1000,
        last_modified: 1,
        cseq: 1,
        methods: u32::MAX,
        ..ContactInfo::default()
    });
}

fn aor(number: u32) -> [u8; 14] {
    let mut aor = *b"user-00000000x";
    for (place, digit) in (5..13).rev().zip(0..) {
        aor[place] = b"0123456789abcdef"[(number >> (4 * digit) & 15) as usize];
    }
    aor
}

pub(crate) fn insert(times: u32) {
    let location = location();
    (0..times).for_each(|number| add(&location, number));
}

pub(crate) fn look_up(times: u32) {
    let location = location();
    (0..10_000).for_each(|number| add(&location, number));
    for number in 0..times {
        black_box(location.lock(&aor(number % 10_000)).contacts());
    }
}

/// Contains the insertion: what expires must have been there.
pub(crate) fn expire(times: u32) {
    let location = location();
    (0..times).for_each(|number| add(&location, number));
    location.expire(2000);
    assert_eq!(location.contacts(), 0);
}
