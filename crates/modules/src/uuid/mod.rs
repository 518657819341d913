//! `uuid`: identifiers that no other machine makes (Kamailio's uuid module).

#[cfg(test)]
mod tests;

use engine::context::Context;
use engine::module::{Inner, Module, Variable};
use engine::services::Services;
use engine::variable::PvName;
use script::value::Value;

/// Its table.
pub static MODULE: Module = Module {
    name: "uuid",
    doc: "Identifiers that no other machine makes (RFC 4122).",
    variables: &[Variable::new(
        "uuid",
        read,
        "A new identifier: `g` as good as can be, which is random, `r` random, `t` by the time.",
    )
    .named(Inner::OneOf(KINDS))],
    ..Module::EMPTY
};

/// What the inner name may be; `t` and `s`, its safe form, are by the time.
const KINDS: &[&str] = &["g", "r", "t", "s"];

fn read(cx: &mut Context, name: &PvName) -> Value {
    let services = &cx.core.services;
    let id = match name.parsed.key {
        0 | 1 => random(services),
        _ => by_time(services),
    };
    Value::Str(spell(id).into())
}

/// Version 4.
fn random(services: &Services) -> u128 {
    let id = u128::from(services.random.next()) << 64 | u128::from(services.random.next());
    stamp(id, 4)
}

/// Version 1: hundreds of nanoseconds since the Gregorian calendar began. Sequence and node are
/// random, so that no machine's address is told and no two of one moment are the same.
fn by_time(services: &Services) -> u128 {
    const SINCE_1582: u128 = 0x01B2_1DD2_1381_4000;
    /// Marks a node that is no network card.
    const MULTICAST: u128 = 1 << 40;
    let ticks = services.clock.unix().as_nanos() / 100 + SINCE_1582;
    let (low, middle, high) = (
        ticks & 0xffff_ffff,
        ticks >> 32 & 0xffff,
        ticks >> 48 & 0x0fff,
    );
    let rest = u128::from(services.random.next()) | MULTICAST;
    stamp(low << 96 | middle << 80 | high << 64 | rest, 1)
}

/// Puts version and variant in their places.
fn stamp(id: u128, version: u128) -> u128 {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    id & !VERSION & !VARIANT | version << 76 | 0b10 << 62
}

fn spell(id: u128) -> String {
    let digits = format!("{id:032x}");
    let parts = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    parts.join("-")
}
