//! The called: ring, answer, refuse or say nothing, as the dice fall; a CANCEL meets them anywhere.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::{Letter, Post};
use crate::ends::Side;
use crate::text;

/// Answers a request.
pub(super) fn answer(side: Side, message: &[u8], post: &mut Post) {
    if text::status(message).is_some() || message.starts_with(b"ACK") {
        return;
    }
    // The replies of the branches of one call have different tags.
    let tag = match message.get(7..).unwrap_or_default() {
        rest if rest.starts_with(b"sip:second") => "second",
        rest if rest.starts_with(b"sip:third") => "third",
        _ => "first",
    };
    let reply = |status: &str| {
        let mut out = Vec::with_capacity(1024);
        let contact = format!("Contact: <sip:{tag}@{}>\r\n", address(message));
        text::reply(&mut out, message, status, tag, contact.as_bytes());
        out
    };
    if message.starts_with(b"INVITE") {
        if post.dice.u32(..4) != 0 {
            post.some_time(side, reply("180 Ringing"));
        }
        let status = match post.dice.u32(..10) {
            0..=4 => "200 OK",
            5 | 6 => "486 Busy Here",
            7 => "503 Service Unavailable",
            8 => "603 Decline",
            // The server's timer ends it.
            _ => return,
        };
        decide(side, message, reply(status), post);
    } else if message.starts_with(b"CANCEL") {
        post.some_time(side, reply("200 OK"));
        let mut out = Vec::with_capacity(1024);
        text::reply(&mut out, message, "487 Request Terminated", tag, b"");
        decide(side, message, as_invite(&out), post);
    } else {
        post.some_time(side, reply("200 OK"));
    }
}

/// Sends a final reply to an INVITE unless another one is sent before.
fn decide(side: Side, request: &[u8], reply: Vec<u8>, post: &mut Post) {
    // INVITE and CANCEL share their topmost Via.
    let via = text::value(request, "Via").unwrap_or_default();
    let invite = BuildHasherDefault::<DefaultHasher>::default().hash_one(via);
    let verdict = text::status(&reply).map(|status| (invite, status));
    post.post(Letter {
        side,
        bytes: reply,
        verdict,
    });
}

/// Where a request went: host and port of its URI.
fn address(message: &[u8]) -> String {
    let line = message.split(|b| *b == b'\r').next().unwrap_or_default();
    let uri = line.split(|b| *b == b' ').nth(1).unwrap_or_default();
    let host = uri.rsplit(|b| *b == b'@').next().unwrap_or_default();
    let host = host.split(|b| *b == b';').next().unwrap_or_default();
    String::from_utf8_lossy(host).into_owned()
}

/// The reply to a CANCEL as one to its INVITE.
fn as_invite(reply: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(reply)
        .replacen(" CANCEL\r\n", " INVITE\r\n", 1)
        .into_bytes()
}
