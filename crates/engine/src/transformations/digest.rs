//! `{s.md5}` and its kin: digests in hexadecimal, and the hash that names slots of tables.

use md5::Md5;
use script::value::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::on_text;
use crate::context::Context;
use crate::hash::core_hash;
use crate::transformation::{Transform, Transformation};

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "s",
        "md5",
        (0, 0),
        |_, v, _| digest::<Md5>(&v),
        "MD5 in hexadecimal.",
    ),
    Transformation::new(
        "s",
        "sha256",
        (0, 0),
        |_, v, _| digest::<Sha256>(&v),
        "SHA-256 in hexadecimal.",
    ),
    Transformation::new(
        "s",
        "sha384",
        (0, 0),
        |_, v, _| digest::<Sha384>(&v),
        "SHA-384 in hexadecimal.",
    ),
    Transformation::new(
        "s",
        "sha512",
        (0, 0),
        |_, v, _| digest::<Sha512>(&v),
        "SHA-512 in hexadecimal.",
    ),
    Transformation::new(
        "s",
        "corehash",
        (0, 1),
        corehash,
        "Kamailio's hash for tables of a size.",
    ),
];

fn digest<D: Digest>(value: &Value) -> Value {
    on_text(value, |text| Some(super::encode::hex(&D::digest(&text))))
}

fn corehash(cx: &mut Context, value: Value, how: &Transform) -> Value {
    let size = match how.args.is_empty() {
        true => Some(0),
        // A negative size is a mask as well, by its bits.
        false => how.int(cx, 0).map(|size| script::value::wrap(size) as u32),
    };
    on_text(&value, |text| {
        Some(core_slot(&text, size?).to_string().into_bytes())
    })
}

/// The slot of a text in a table of a size, which is a power of two; 0 gives the whole hash.
#[must_use]
pub(super) fn core_slot(text: &[u8], size: u32) -> u32 {
    let hash = core_hash(text);
    if size == 0 { hash } else { hash & (size - 1) }
}
