//! How much memory a call takes that nobody has answered yet: a bound that only shrinks.

use micro::{INVITE, Rig};

/// How many calls are measured together.
const CALLS: u32 = 64;

/// Bytes asked for beyond the message.
const BOUND: i64 = 3_800;

/// The `number`th INVITE: as long as the others, of a call of its own.
fn invite(number: u32) -> Vec<u8> {
    let text = String::from_utf8_lossy(INVITE);
    text.replace("nashds8", &format!("n{number:06}"))
        .replace("a84b4c76e66710", &format!("a84b4c76{number:06}"))
        .replace("bob@biloxi.example.com", "bob@192.0.2.4")
        .into_bytes()
}

/// 4 KB and its message, with what the allocator adds when it rounds up: about a tenth.
#[test]
fn a_ringing_call_is_small() {
    let rig = Rig::new("request_route { record_route(); t_relay(); }");
    let callee = rig.callee();
    // The first ones fill tables and pools.
    (0..CALLS).for_each(|number| rig.ring(&callee, &invite(number)));
    let ringing = allocation_counter::measure(|| {
        (CALLS..2 * CALLS).for_each(|number| rig.ring(&callee, &invite(number)));
    });
    let each = ringing.bytes_current / i64::from(CALLS);
    let raw = invite(0).len() as i64;
    assert!(
        each <= BOUND + raw,
        "{each} bytes, {raw} of them the message"
    );
}
