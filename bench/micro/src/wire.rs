//! Reading and writing messages.

use std::hint::black_box;

use bytes::Bytes;
use engine::context::SendOptions;
use engine::forward::{Outgoing, note_source, write_request};
use engine::socket::{ListenSocket, Proto, Received, SocketId};
use sip::{Edits, Message, Tolerance};

use crate::messages::{INVITE, OK, REGISTER};

pub(crate) fn parse_invite(times: u32) {
    parse(INVITE, times);
}

pub(crate) fn parse_register(times: u32) {
    parse(REGISTER, times);
}

pub(crate) fn parse_ok(times: u32) {
    parse(OK, times);
}

/// Finds all headers, and what is in those that matching and forwarding look at.
fn parse(text: &'static [u8], times: u32) {
    for _ in 0..times {
        let text = Bytes::from_static(black_box(text));
        // Looked at where it was made: moving it is not what is measured.
        let parsed = Message::parse(text, &Tolerance::KAMAILIO);
        let Ok(message) = &parsed else {
            panic!("not understood");
        };
        black_box((
            message.via1(),
            message.via2(),
            message.cseq(),
            message.from(),
            message.to(),
            message.call_id(),
        ));
    }
}

/// With a Via, a decreased Max-Forwards would be the script's, and `received` in the Via below.
pub(crate) fn print_invite(times: u32) {
    let text = Bytes::from_static(INVITE);
    let Ok(message) = Message::parse(text, &Tolerance::KAMAILIO) else {
        panic!("not understood");
    };
    let here = ([192, 0, 2, 1], 5060).into();
    let socket = ListenSocket::new(SocketId(0), Proto::Udp, here);
    let received = Received {
        proto: Proto::Udp,
        source: ([192, 0, 2, 77], 5062).into(),
        destination: here,
        socket: SocketId(0),
        connection: None,
    };
    for _ in 0..times {
        let mut edits = Edits::new();
        note_source(&mut edits, &message, &received, &SendOptions::default());
        let how = Outgoing {
            uri: Some(b"sip:bob@192.0.2.4"),
            socket: &socket,
            proto: Proto::Udp,
            advertised_host: None,
            advertised_port: None,
            branch: b"z9hG4bK4d1.9a1c0.0",
            rport: false,
            via_params: b"",
            path: None,
            edits: &[&edits],
        };
        let mut out = Vec::with_capacity(INVITE.len() + 256);
        write_request(&mut out, black_box(&message), &received, &how);
        black_box(out);
    }
}
