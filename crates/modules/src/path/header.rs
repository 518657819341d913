//! Writing Path headers: as templates, because they name the socket that the request leaves by.

use std::sync::Arc;

use engine::Context;
use engine::template::{Template, When, write_address};
use sip::{Edit, HeaderKind};

use super::params::{Format, Settings};
use crate::nathelper::api::{source_alias, source_uri};

/// Marks our edits.
const TAG: u32 = Edit::TEMPLATE | 0x5041;

/// What a Path header says beyond the address.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Path<'a> {
    /// User of the URI; empty: none.
    pub(super) user: &'a [u8],
    /// Further parameters of the URI; empty: none.
    pub(super) params: &'a [u8],
    /// Tell where the request came from.
    pub(super) received: bool,
}

/// The request came by no socket of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the request's socket is unknown")]
pub(super) struct NoSocket;

/// Adds the header, before the Path headers that are there, else at the end.
pub(super) fn add(settings: &Settings, cx: &mut Context, path: Path<'_>) -> Result<(), NoSocket> {
    let core = Arc::clone(&cx.core);
    let socket = core.sockets.by_id(cx.received.socket).ok_or(NoSocket)?;
    let mut start = b"Path: <sip:".to_vec();
    if !path.user.is_empty() {
        start.extend_from_slice(path.user);
        start.push(b'@');
    }
    let tail = tail(settings, cx, path);
    let mut template = Template::new(socket);
    template
        .text(When::Always, &start)
        .out_address(When::Always, settings.sockname)
        .text(When::Always, &tail);
    if settings.double {
        let mut address = Vec::new();
        write_address(&mut address, socket, settings.sockname);
        template
            .text(When::Always, &start)
            .text(When::Always, &address)
            .text(When::Always, &tail);
    }
    let at = cx
        .msg
        .first(HeaderKind::Path)
        .map_or(cx.msg.headers_end(), |h| h.whole.start());
    cx.edits.insert_after_tagged(at, template.finish(), TAG);
    Ok(())
}

/// Everything behind the address.
fn tail(settings: &Settings, cx: &Context, path: Path<'_>) -> Vec<u8> {
    let mut tail = b";lr".to_vec();
    if path.received {
        tail.push(b';');
        tail.extend_from_slice(&settings.received_name);
        tail.push(b'=');
        let source = match settings.format {
            Format::Uri => source_uri(&cx.received)
                .replace(';', "%3B")
                .replace("transport=", "transport%3D"),
            Format::Alias => source_alias(&cx.received),
        };
        tail.extend_from_slice(source.as_bytes());
    }
    if !path.params.is_empty() {
        tail.push(b';');
        tail.extend_from_slice(path.params);
    }
    if settings.double {
        tail.extend_from_slice(b";r2=on");
    }
    tail.extend_from_slice(b">\r\n");
    tail
}
