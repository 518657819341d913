//! `{s.encode.…}` and `{s.decode.…}`.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::on_text;
use crate::transformation::Transformation;

pub(super) const ROWS: &[Transformation] = &[
    Transformation::new(
        "s",
        "encode.hexa",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(hex(&t))),
        "In hexadecimal.",
    ),
    Transformation::new(
        "s",
        "decode.hexa",
        (0, 0),
        |_, v, _| on_text(&v, |t| unhex(&t)),
        "From hexadecimal.",
    ),
    Transformation::new(
        "s",
        "encode.base64",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(STANDARD.encode(t).into())),
        "In base64.",
    ),
    Transformation::new(
        "s",
        "decode.base64",
        (0, 0),
        |_, v, _| {
            on_text(&v, |t| {
                (t.len() % 4 == 0).then(|| decode64(&t, &STANDARD))?
            })
        },
        "From base64; without its padding it is none.",
    ),
    Transformation::new(
        "s",
        "encode.base64t",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(STANDARD_BARE.encode(t).into())),
        "In base64 without padding.",
    ),
    Transformation::new(
        "s",
        "decode.base64t",
        (0, 0),
        |_, v, _| on_text(&v, |t| decode64(&t, &STANDARD)),
        "From base64 without padding.",
    ),
    Transformation::new(
        "s",
        "encode.base64url",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(URL.encode(t).into())),
        "In base64 for URLs.",
    ),
    Transformation::new(
        "s",
        "decode.base64url",
        (0, 0),
        |_, v, _| on_text(&v, |t| decode64_url(&t)),
        "From base64 for URLs.",
    ),
    Transformation::new(
        "s",
        "encode.base64urlt",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(URL_BARE.encode(t).into())),
        "In base64 for URLs without padding.",
    ),
    Transformation::new(
        "s",
        "decode.base64urlt",
        (0, 0),
        |_, v, _| on_text(&v, |t| decode64_url(&t)),
        "From base64 for URLs without padding.",
    ),
    Transformation::new(
        "s",
        "encode.base58",
        (0, 0),
        |_, v, _| on_text(&v, |t| to_base58(&t)),
        "In base58.",
    ),
    Transformation::new(
        "s",
        "decode.base58",
        (0, 0),
        |_, v, _| on_text(&v, |t| from_base58(&t)),
        "From base58.",
    ),
    Transformation::new(
        "s",
        "encode.7bit",
        (0, 0),
        |_, v, _| on_text(&v, |t| Some(to_7bit(&t))),
        "Packed to 7 bits a character, in hexadecimal (SMS).",
    ),
    Transformation::new(
        "s",
        "decode.7bit",
        (0, 0),
        |_, v, _| on_text(&v, |t| from_7bit(&t)),
        "From 7 bits a character in hexadecimal (SMS).",
    ),
];

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD_BARE: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT.with_encode_padding(false));
const URL_BARE: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT.with_encode_padding(false));

/// Base58 needs a division of the whole number for each digit: only for short texts.
const LONGEST_BASE58: usize = 1024;

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn decode64(text: &[u8], engine: &GeneralPurpose) -> Option<Vec<u8>> {
    engine.decode(text).ok()
}

/// Of nothing there is nothing to decode.
fn decode64_url(text: &[u8]) -> Option<Vec<u8>> {
    (!text.is_empty()).then(|| decode64(text, &URL))?
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .collect()
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    // A digit without a second one is left out.
    text.chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

fn to_base58(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > LONGEST_BASE58 {
        return None;
    }
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    digits.extend(std::iter::repeat_n(0, zeros));
    Some(
        digits
            .iter()
            .rev()
            .map(|d| BASE58[usize::from(*d)])
            .collect(),
    )
}

fn from_base58(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > LONGEST_BASE58 * 2 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for c in text {
        let mut carry = BASE58.iter().position(|d| d == c)? as u32;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    let zeros = text.iter().take_while(|c| **c == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

/// Upper-case hexadecimal, as in SMS payloads.
fn to_7bit(text: &[u8]) -> Vec<u8> {
    let (mut packed, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
    for byte in text {
        // A character with an eighth bit runs into the next one.
        held |= u32::from(*byte) << bits;
        bits += 7;
        while bits >= 8 {
            packed.push((held & 0xff) as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        packed.push((held & 0xff) as u8);
    }
    hex(&packed).to_ascii_uppercase()
}

fn from_7bit(text: &[u8]) -> Option<Vec<u8>> {
    let packed = unhex(text)?;
    let (mut out, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
    for byte in packed {
        held |= u32::from(byte) << bits;
        bits += 8;
        while bits >= 7 {
            out.push((held & 0x7f) as u8);
            held >>= 7;
            bits -= 7;
        }
    }
    // Seven left-over bits of padding are no character.
    if out.last() == Some(&0) {
        out.pop();
    }
    Some(out)
}
