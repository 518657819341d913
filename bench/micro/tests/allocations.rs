//! How often a message allocates on its way: a bound that only shrinks.

use micro::{INVITE, Rig};

/// Allocations while a message is handled, the simulated network's own included.
fn allocations(rig: &Rig, message: &[u8]) -> u64 {
    allocation_counter::measure(|| rig.receive(message)).count_total
}

/// The `number`th INVITE: as long as the others, with a transaction of its own.
fn invite(number: u8) -> Vec<u8> {
    let text = String::from_utf8_lossy(INVITE);
    text.replace("nashds8", &format!("nash{number:03}"))
        .replace("bob@biloxi.example.com", "bob@192.0.2.4")
        .into_bytes()
}

#[test]
fn a_relayed_invite_allocates_little() {
    let rig = Rig::new("request_route { record_route(); t_relay(); }");
    // The first ones fill tables and pools.
    (0..4).for_each(|number| rig.receive(&invite(number)));
    let seen = allocations(&rig, &invite(5));
    assert!(seen <= 41, "{seen} allocations");
}

#[test]
fn a_stateless_reply_allocates_little() {
    let rig = Rig::new("request_route { sl_send_reply(\"200\", \"OK\"); }");
    (0..4).for_each(|number| rig.receive(&invite(number)));
    let seen = allocations(&rig, &invite(5));
    assert!(seen <= 6, "{seen} allocations");
}
