//! `{s.md5}` and its kin: digests in hexadecimal, and the hash that names slots of tables.

use md5::Md5;
use script::value::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::on_text;
use crate::context::Context;
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
    let size = how
        .int(cx, 0)
        .and_then(|n| u32::try_from(n).ok())
        .unwrap_or(0);
    on_text(&value, |text| {
        Some(core_hash(&text, size).to_string().into_bytes())
    })
}

/// The hash by which Kamailio finds the slot of a text; a size of 0 gives the whole hash.
///
/// Operators compare its values with those of other nodes, so it must be the same one.
#[must_use]
pub(crate) fn core_hash(text: &[u8], size: u32) -> u32 {
    let word = |bytes: &[u8]| bytes.iter().fold(0u32, |v, b| v << 8 | u32::from(*b));
    let mix = |hash: u32, v: u32| hash.wrapping_add(v ^ v >> 3);
    let mut chunks = text.chunks_exact(4);
    let hash = chunks
        .by_ref()
        .fold(0, |hash, chunk| mix(hash, word(chunk)));
    let hash = mix(hash, word(chunks.remainder()));
    let hash = hash
        .wrapping_add(hash >> 11)
        .wrapping_add(hash >> 13)
        .wrapping_add(hash >> 23);
    if size == 0 { hash } else { hash & (size - 1) }
}
