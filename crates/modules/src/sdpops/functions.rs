//! Script functions of sdpops.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};
use memchr::memmem;
use script::value::Value;
use sip::{Edits, Message};

use super::codecs::{self, Presence};
use super::description::{Description, NotSdp, Stream, lines};
use super::edit;

/// There is nothing to look at, or the answer is no in a way of its own.
const NOTHING: Outcome = Outcome::Return(-2);

const CODECS: &[Arg] = &[Arg::text("list"), Arg::text("media")];
const LIST: &[Arg] = &[Arg::text("list")];
const KIND: &[Arg] = &[Arg::text("type")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::anywhere(
        "sdp_remove_codecs_by_id",
        CODECS,
        1,
        |cx, a| on_codecs(cx, a, By::Id, edit::remove_codecs),
        "Removes payload types from all streams, or those of a type of media.",
    ),
    Function::anywhere(
        "sdp_remove_codecs_by_name",
        CODECS,
        1,
        |cx, a| on_codecs(cx, a, By::Name, edit::remove_codecs),
        "Removes codecs from all streams, or those of a type of media.",
    ),
    Function::anywhere(
        "sdp_keep_codecs_by_id",
        CODECS,
        1,
        |cx, a| on_codecs(cx, a, By::Id, edit::keep_codecs),
        "Removes all payload types but these.",
    ),
    Function::anywhere(
        "sdp_keep_codecs_by_name",
        CODECS,
        1,
        |cx, a| on_codecs(cx, a, By::Name, edit::keep_codecs),
        "Removes all codecs but these.",
    ),
    Function::anywhere(
        "sdp_remove_line_by_prefix",
        &[Arg::text("prefix"), Arg::text("media")],
        1,
        remove_lines,
        "Removes the lines that begin with a text.",
    ),
    Function::anywhere(
        "sdp_remove_media",
        KIND,
        1,
        |cx, a| remove_streams(cx, a, |s, buf, t| is(s.kind.get(buf), t)),
        "Removes the streams of a type of media.",
    ),
    Function::anywhere(
        "sdp_remove_transport",
        KIND,
        1,
        |cx, a| remove_streams(cx, a, |s, buf, t| is(s.transport.get(buf), t)),
        "Removes the streams of a transport.",
    ),
    Function::anywhere(
        "sdp_with_media",
        KIND,
        1,
        |cx, a| any_stream(cx, a, |s, buf, t| is(s.kind.get(buf), t)),
        "Whether there is a stream of a type of media.",
    ),
    Function::anywhere(
        "sdp_with_active_media",
        KIND,
        1,
        |cx, a| {
            any_stream(cx, a, |s, buf, t| {
                is(s.kind.get(buf), t) && s.is_active(buf)
            })
        },
        "Whether there is a stream of a type of media that is not switched off.",
    ),
    Function::anywhere(
        "sdp_with_transport",
        KIND,
        1,
        |cx, a| any_stream(cx, a, |s, buf, t| is(s.transport.get(buf), t)),
        "Whether there is a stream of a transport.",
    ),
    Function::anywhere(
        "sdp_with_transport_like",
        KIND,
        1,
        |cx, a| {
            any_stream(cx, a, |s, buf, t| {
                memmem::find(s.transport.get(buf), t).is_some()
            })
        },
        "Whether there is a stream whose transport contains a text.",
    ),
    Function::anywhere(
        "sdp_with_codecs_by_id",
        LIST,
        1,
        |cx, a| with_codecs(cx, a, By::Id),
        "Whether one of the payload types is there: 1 in each stream, 2 in some.",
    ),
    Function::anywhere(
        "sdp_with_codecs_by_name",
        LIST,
        1,
        |cx, a| with_codecs(cx, a, By::Name),
        "Whether one of the codecs is there: 1 in each stream, 2 in some.",
    ),
    Function::anywhere(
        "sdp_transport",
        &[Arg::variable("result")],
        1,
        transport,
        "Stores the transport that all streams have; -2: they differ.",
    ),
    Function::anywhere(
        "sdp_print",
        &[Arg::int("level")],
        1,
        print,
        "Logs what the session description says.",
    ),
    Function::anywhere(
        "sdp_get",
        &[Arg::variable("result")],
        1,
        get,
        "Stores the session description; -2: there is no body.",
    ),
    Function::anywhere(
        "sdp_content",
        &[Arg::text("sloppy")],
        0,
        content,
        "Whether the body is, or holds, SDP; with an argument only its type is looked at.",
    ),
    Function::anywhere(
        "sdp_with_ice",
        &[],
        0,
        with_ice,
        "Whether there are ICE candidates.",
    ),
    Function::anywhere(
        "sdp_get_line_startswith",
        &[Arg::variable("result"), Arg::text("prefix")],
        2,
        line_starting,
        "Stores the first line that begins with a text; -2: there is no body.",
    )
    .constant(),
    Function::anywhere(
        "sdp_get_address_family",
        &[],
        0,
        address_family,
        "4 or 6, by the address of the session.",
    ),
];

/// How codecs are listed.
#[derive(Clone, Copy)]
enum By {
    Id,
    Name,
}

impl By {
    /// The payload types of a list; `None`: none has such a name.
    fn ids<'t>(self, buf: &'t [u8], sdp: &Description, list: &'t [u8]) -> Option<Vec<&'t [u8]>> {
        match self {
            Self::Id => Some(codecs::items(list).collect()),
            Self::Name => {
                let ids = codecs::ids_of_names(buf, sdp, list);
                (!ids.is_empty()).then_some(ids)
            }
        }
    }
}

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

/// Types of media and transports are compared whole and in any case.
fn is(text: &[u8], wanted: &[u8]) -> bool {
    text.eq_ignore_ascii_case(wanted)
}

/// The description; a body that is none is worth a line in the log.
fn description(cx: &mut Context) -> Result<(Arc<Message>, Description), NotSdp> {
    let msg = Arc::clone(&cx.msg);
    match Description::of(&msg) {
        Ok(sdp) => Ok((msg, sdp)),
        Err(error) => {
            if error != NotSdp::Empty {
                cx.log(Level::Error, &error.to_string());
            }
            Err(error)
        }
    }
}

/// The second argument, if it was given.
fn media(cx: &mut Context, args: &Args<'_>) -> Option<Bytes> {
    (args.len() > 1).then(|| args.text(cx, 1))
}

type ChangeCodecs = fn(&mut Edits, &[u8], &Description, &[&[u8]], Option<&[u8]>);

fn on_codecs(cx: &mut Context, args: &Args<'_>, by: By, change: ChangeCodecs) -> Outcome {
    let (list, kind) = (args.text(cx, 0), media(cx, args));
    let Ok((msg, sdp)) = description(cx) else {
        return FALSE;
    };
    let Some(ids) = by.ids(msg.raw(), &sdp, &list) else {
        return FALSE;
    };
    change(&mut cx.edits, msg.raw(), &sdp, &ids, kind.as_deref());
    TRUE
}

fn remove_lines(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (prefix, kind) = (args.text(cx, 0), media(cx, args));
    let Ok((msg, sdp)) = description(cx) else {
        return FALSE;
    };
    edit::remove_lines(&mut cx.edits, msg.raw(), &sdp, &prefix, kind.as_deref());
    TRUE
}

/// Says whether a stream of a buffer has what a text asks for.
type Test = fn(&Stream, &[u8], &[u8]) -> bool;

fn remove_streams(cx: &mut Context, args: &Args<'_>, test: Test) -> Outcome {
    let wanted = args.text(cx, 0);
    let Ok((msg, sdp)) = description(cx) else {
        return FALSE;
    };
    truth(edit::remove_streams(&mut cx.edits, &sdp, |s| {
        test(s, msg.raw(), &wanted)
    }))
}

fn any_stream(cx: &mut Context, args: &Args<'_>, test: Test) -> Outcome {
    let wanted = args.text(cx, 0);
    let Ok((msg, sdp)) = description(cx) else {
        return FALSE;
    };
    truth(!wanted.is_empty() && sdp.streams.iter().any(|s| test(s, msg.raw(), &wanted)))
}

fn with_codecs(cx: &mut Context, args: &Args<'_>, by: By) -> Outcome {
    let list = args.text(cx, 0);
    let Ok((msg, sdp)) = description(cx) else {
        return match by {
            By::Id => NOTHING,
            By::Name => FALSE,
        };
    };
    let ids = by.ids(msg.raw(), &sdp, &list).unwrap_or_default();
    match codecs::presence(msg.raw(), &sdp, &ids) {
        Presence::All => TRUE,
        Presence::Some => Outcome::Return(2),
        Presence::None => FALSE,
    }
}

fn store(cx: &mut Context, args: &Args<'_>, text: Bytes) -> Outcome {
    match args.variable(0) {
        Some(target) => truth(target.write(cx, Value::Str(text))),
        None => FALSE,
    }
}

fn transport(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (msg, sdp) = match description(cx) {
        Ok(found) => found,
        Err(NotSdp::Empty) => return TRUE,
        Err(_) => return FALSE,
    };
    let Some((first, rest)) = sdp.streams.split_first() else {
        return FALSE;
    };
    let common = first.transport.get(msg.raw());
    if rest.iter().any(|s| !is(s.transport.get(msg.raw()), common)) {
        return NOTHING;
    }
    store(cx, args, msg.slice(first.transport))
}

fn print(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let level = args.int(cx, 0).unwrap_or(0);
    let level = Level::from_number(level);
    let (msg, sdp) = match description(cx) {
        Ok(found) => found,
        Err(NotSdp::Empty) => return TRUE,
        Err(_) => return FALSE,
    };
    let shown = |span: sip::Span| String::from_utf8_lossy(msg.text(span)).into_owned();
    cx.log(level, &format!("SDP: version {}", shown(sdp.version)));
    for stream in &sdp.streams {
        let line = format!(
            "SDP: stream of {} on port {} over {}, formats{}",
            shown(stream.kind),
            shown(stream.port),
            shown(stream.transport),
            shown(stream.formats),
        );
        cx.log(level, &line);
    }
    TRUE
}

fn get(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match description(cx) {
        Ok((msg, sdp)) => store(cx, args, msg.slice(sdp.whole)),
        Err(NotSdp::Empty) => NOTHING,
        Err(_) => FALSE,
    }
}

fn content(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if args.is_empty() {
        return truth(Description::of(&cx.msg).is_ok());
    }
    let msg = &cx.msg;
    let Some(Ok(kind)) = msg.content_type() else {
        return FALSE;
    };
    let named = || memmem::find(msg.body(), b"application/sdp").is_some();
    let is_sdp = kind.is(msg.raw(), b"application", b"sdp")
        || (kind.is(msg.raw(), b"multipart", b"mixed") && named());
    truth(!msg.body().is_empty() && is_sdp)
}

fn with_ice(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let msg = &cx.msg;
    let Ok(sdp) = Description::of(msg) else {
        return FALSE;
    };
    let is_candidate = |text: &[u8]| text.starts_with(b"a=candidate:");
    truth(lines(msg.raw(), sdp.whole).any(|(line, _)| is_candidate(msg.text(line))))
}

fn line_starting(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let prefix = args.text(cx, 1);
    let (msg, sdp) = match description(cx) {
        Ok(found) => found,
        Err(NotSdp::Empty) => return NOTHING,
        Err(_) => return FALSE,
    };
    let found = lines(msg.raw(), sdp.whole).find(|(line, _)| msg.text(*line).starts_with(&prefix));
    match found {
        Some((line, _)) => store(cx, args, msg.slice(line)),
        None => FALSE,
    }
}

fn address_family(cx: &mut Context, _: &Args<'_>) -> Outcome {
    match description(cx).ok().and_then(|(_, sdp)| sdp.is_ipv6) {
        Some(true) => Outcome::Return(6),
        Some(false) => Outcome::Return(4),
        None => FALSE,
    }
}
