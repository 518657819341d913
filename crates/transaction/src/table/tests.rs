//! Tests of the table: matching, handles that outlive their transaction, timers.

use super::{Entry, Table, TableFull, TableOptions};
use crate::{
    AckKey, BranchId, BranchNo, Handle, Kind, Matching, Millis, Output, Outputs, RequestKey,
    Response, Rules, Timing,
};
use crate::{Transaction, Transport};

fn table(shard_bits: u32, capacity: usize) -> Table<()> {
    Table::new(
        Millis(0),
        TableOptions {
            shard_bits,
            capacity,
            hash_keys: [1, 2, 3, 4],
        },
    )
}

fn key(table: &Table<()>, number: u32) -> RequestKey {
    let branch = format!("z9hG4bK{number}");
    let matching = Matching::Cookie {
        branch: branch.as_bytes(),
        host: b"10.0.0.1",
        port: 5060,
        method: b"INVITE",
    };
    table.request_key(format!("call-{number}").as_bytes(), matching, false)
}

fn invite(now: u64) -> Transaction<()> {
    Transaction::new(
        Millis(now),
        Kind::Invite,
        Transport::Unreliable,
        Timing::INVITE,
        Rules::default(),
        (),
    )
}

fn insert(table: &Table<()>, number: u32, now: u64) -> Handle {
    match table.find_or_insert(key(table, number), u64::from(number), || invite(now)) {
        Ok(Entry::Inserted(handle)) => handle,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_finds_its_transaction_and_no_other() {
    let table = table(3, 1000);
    let handles: Vec<Handle> = (0..500).map(|number| insert(&table, number, 0)).collect();
    for (number, handle) in (0..).zip(&handles) {
        assert_eq!(table.find(&key(&table, number)), Some(*handle));
        let again = table.find_or_insert(key(&table, number), 0, || panic!("made twice"));
        assert_eq!(again, Ok(Entry::Found(*handle)));
    }
    assert_eq!(table.find(&key(&table, 500)), None);
    assert_eq!(table.len(), 500);
}

#[test]
fn a_handle_of_a_removed_transaction_names_nothing() {
    let table = table(0, 10);
    let first = insert(&table, 1, 0);
    let id = table.branch_id(first, BranchNo(0)).unwrap();
    assert!(table.remove(first).is_some());
    assert!(table.remove(first).is_none());
    let second = insert(&table, 2, 0);
    assert_eq!(first.index(), second.index());
    assert_ne!(first, second);
    assert!(table.with(first, |_| ()).is_none());
    assert_eq!(table.find_by_branch(&id), None);
    assert_eq!(table.find(&key(&table, 1)), None);
    assert_eq!(table.find(&key(&table, 2)), Some(second));
}

#[test]
fn a_guessed_branch_parameter_finds_nothing() {
    let table = table(2, 100);
    let handle = insert(&table, 77, 0);
    let id = table.branch_id(handle, BranchNo(3)).unwrap();
    assert_eq!(table.find_by_branch(&id), Some(handle));
    assert_eq!(
        table.find_by_branch(&BranchId {
            secret: id.secret ^ 1,
            ..id
        }),
        None
    );
    let elsewhere = Handle::from_index_and_label(u32::MAX, 1);
    assert_eq!(
        table.find_by_branch(&BranchId {
            handle: elsewhere,
            ..id
        }),
        None
    );
}

#[test]
fn a_full_table_refuses_and_recovers() {
    let table = table(0, 2);
    let first = insert(&table, 1, 0);
    insert(&table, 2, 0);
    assert_eq!(
        table.find_or_insert(key(&table, 3), 0, || invite(0)),
        Err(TableFull)
    );
    assert_eq!(table.insert_local(b"x", 0, || invite(0)), Err(TableFull));
    table.remove(first);
    insert(&table, 3, 0);
}

#[test]
fn an_ack_of_a_2xx_finds_the_invite_until_it_is_gone() {
    let table = table(4, 100);
    let handle = insert(&table, 5, 0);
    let ack = |to_tag: &[u8]| table.ack_key(b"call-5", b"f", to_tag, 1);
    assert_eq!(table.find_by_ack(&ack(b"a")), None);
    table.expect_ack(handle, ack(b"a"));
    assert_eq!(table.find_by_ack(&ack(b"a")), Some(handle));
    table.expect_ack(handle, ack(b"b"));
    assert_eq!(table.find_by_ack(&ack(b"a")), None);
    assert_eq!(table.find_by_ack(&ack(b"b")), Some(handle));
    table.remove(handle);
    assert_eq!(table.find_by_ack(&ack(b"b")), None);
}

#[test]
fn due_transactions_are_reported_until_their_timers_ran() {
    let table = table(0, 10);
    let handle = insert(&table, 1, 0);
    let mut outputs = Outputs::new();
    table.with(handle, |t| {
        t.on_local_reply(Millis(0), 486, &mut outputs).unwrap()
    });
    let mut due = Vec::new();
    let expire = |now, due: &mut Vec<Handle>| {
        due.clear();
        assert!(table.expire(0, Millis(now), 100, due).complete);
    };
    expire(499, &mut due);
    assert!(due.is_empty());
    expire(512, &mut due);
    assert_eq!(due, [handle]);
    // Nobody called on_timer: it is reported again.
    expire(600, &mut due);
    assert!(due.is_empty());
    expire(1600, &mut due);
    assert_eq!(due, [handle]);
    let mut outputs = Outputs::new();
    table.with(handle, |t| t.on_timer(Millis(1600), &mut outputs));
    assert_eq!(outputs.len(), 1);
    outputs.clear();
    expire(5008, &mut due);
    table.with(handle, |t| t.on_timer(Millis(5008), &mut outputs));
    assert_eq!(outputs[..], [Output::Terminated]);
}

#[test]
fn a_pending_transaction_is_small() {
    assert!(
        size_of::<Transaction<()>>() <= 512,
        "{}",
        size_of::<Transaction<()>>()
    );
}

#[test]
fn slots_that_were_given_back_are_not_mistaken_for_new_ones() {
    let table = table(0, 1000);
    let first: Vec<Handle> = (0..500).map(|number| insert(&table, number, 0)).collect();
    for handle in &first {
        assert!(table.remove(*handle).is_some());
    }
    let again: Vec<Handle> = (0..500).map(|number| insert(&table, number, 0)).collect();
    assert!(first.iter().all(|old| table.look(*old, |_| ()).is_none()));
    assert!(again.iter().all(|new| table.look(*new, |_| ()).is_some()));
    assert_eq!(table.len(), 500);
}

#[test]
fn what_rests_is_packed_until_its_end_or_something_late() {
    let table = table(1, 10);
    let answered = |number: u32| {
        let handle = insert(&table, number, 0);
        let mut outputs = Outputs::new();
        assert!(!table.pack(handle));
        table.with(handle, |t| {
            let branch = t.add_branch(Millis(0), Transport::Unreliable, ()).unwrap();
            t.on_reply(Millis(1), branch, 200, &mut outputs);
            t.forward_reply(Millis(1), branch, 200, &mut outputs);
        });
        table.expect_ack(handle, ack_key(&table, number));
        assert!(table.pack(handle));
        handle
    };
    let [quiet, woken] = [1, 2].map(answered);
    // It is found as before, and looking at it does not wake it.
    assert_eq!(table.find(&key(&table, 1)), Some(quiet));
    assert_eq!(table.find_by_ack(&ack_key(&table, 1)), Some(quiet));
    assert_eq!(table.look(quiet, |t| t.last_status()), Some(200));
    let id = table.branch_id(quiet, BranchNo(0)).unwrap();
    assert_eq!(table.find_by_branch(&id), Some(quiet));
    let mut outputs = Outputs::new();
    table.with(woken, |t| t.on_request_retransmission(&mut outputs));
    assert_eq!(outputs[..], [Output::Respond(Response::Retransmission)]);
    assert_eq!(table.len(), 2);

    let end = Millis((Timing::INVITE.wait + 1).into());
    let mut due = Vec::new();
    let mut expire = |now: Millis| -> usize {
        (0..table.shard_count())
            .map(|shard| table.expire(shard, now, 10, &mut due).rested)
            .sum()
    };
    assert_eq!(expire(Millis(1)), 0);
    assert_eq!(expire(end + 100), 1);
    assert_eq!(due, [woken]);
    assert!(table.look(quiet, |_| ()).is_none());
    assert!(table.look(woken, |_| ()).is_some());
    assert_eq!(table.find_by_ack(&ack_key(&table, 1)), None);
    assert_eq!(table.len(), 1);
}

/// An INVITE that was answered and rests.
fn rested(table: &Table<()>, number: u32, now: u64) -> Handle {
    let handle = insert(table, number, now);
    let mut outputs = Outputs::new();
    table.with(handle, |t| {
        let branch = t
            .add_branch(Millis(now), Transport::Unreliable, ())
            .unwrap();
        t.on_reply(Millis(now), branch, 200, &mut outputs);
        t.forward_reply(Millis(now), branch, 200, &mut outputs);
    });
    table.expect_ack(handle, ack_key(table, number));
    assert!(table.pack(handle));
    handle
}

#[test]
fn many_that_rest_end_in_any_order_and_each_is_found_until_then() {
    let table = table(0, 100_000);
    let mut living: Vec<(u32, Handle)> = Vec::new();
    let mut dice = fastrand::Rng::with_seed(7);
    let mut due = Vec::new();
    for step in 0..3_000u32 {
        let now = u64::from(step) * 40;
        living.push((step, rested(&table, step, now)));
        if dice.u8(..) < 40 {
            let (_, handle) = living.swap_remove(dice.usize(..living.len()));
            assert!(table.remove(handle).is_some());
        }
        if dice.u8(..) < 40 {
            let (_, handle) = living[dice.usize(..living.len())];
            table.with(handle, |t| assert_eq!(t.last_status(), 200));
            // One that is woken long after it began to rest may stay awake.
            let _ = dice.bool() && table.pack(handle);
        }
        let expired = table.expire(0, Millis(now), usize::MAX, &mut due);
        assert!(expired.complete);
        // Who was woken and not packed again runs its timer.
        for handle in due.drain(..) {
            table.remove(handle);
        }
        living.retain(|(_, handle)| table.look(*handle, |_| ()).is_some());
        assert_eq!(living.len(), table.len());
    }
    assert!(living.len() > 50, "{}", living.len());
    for (number, handle) in living {
        assert_eq!(table.find(&key(&table, number)), Some(handle));
        assert_eq!(table.find_by_ack(&ack_key(&table, number)), Some(handle));
    }
}

#[test]
fn rests_end_in_order_however_many_are_ended_at_a_time() {
    let table = table(0, 10_000);
    let wait = u64::from(Timing::INVITE.wait);
    let all: Vec<Handle> = (0..1_000)
        .map(|number| rested(&table, number, u64::from(number)))
        .collect();
    let mut due = Vec::new();
    // Half of them are over; a sweep that is cut short goes on at the next look.
    let half = Millis(wait + 499);
    let mut ended = 0;
    loop {
        let expired = table.expire(0, half, 64, &mut due);
        assert!(expired.rested <= 64);
        ended += expired.rested;
        if expired.complete {
            break;
        }
    }
    assert_eq!(ended, 500);
    assert_eq!(table.len(), 500);
    assert!(table.look(all[499], |_| ()).is_none());
    assert!(table.look(all[500], |_| ()).is_some());
    // The next sweep is a tenth of a second later.
    assert_eq!(table.expire(0, half + 99, 1_000, &mut due).rested, 0);
    assert_eq!(table.expire(0, half + 100, 1_000, &mut due).rested, 100);
    assert_eq!(table.expire(0, half + 600, 1_000, &mut due).rested, 400);
    assert!(table.is_empty() && due.is_empty());
}

#[test]
fn who_wakes_late_stays_awake_and_ends_in_time() {
    let table = table(0, 10);
    let wait = u64::from(Timing::INVITE.wait);
    let woken = rested(&table, 1, 0);
    rested(&table, 2, 3_000);
    table.with(woken, |t| assert_eq!(t.last_status(), 200));
    // Behind the other it would rest too long.
    assert!(!table.pack(woken));
    let mut due = Vec::new();
    assert!(table.expire(0, Millis(wait - 1), 10, &mut due).complete);
    assert!(due.is_empty());
    assert!(table.expire(0, Millis(wait + 16), 10, &mut due).complete);
    assert_eq!(due, [woken]);
    assert_eq!(table.len(), 2);
}

fn ack_key(table: &Table<()>, number: u32) -> AckKey {
    let call_id = format!("call-{number}");
    table.ack_key(call_id.as_bytes(), b"f", b"t", 1)
}
