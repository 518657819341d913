//! `tm.t_uac_start` and its kin: requests that an operator has sent.

use std::time::Duration;

use bytes::Bytes;
use engine::core::Core;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};
use sip::UriRef;

use crate::tm::dialog_target::DialogTarget;
use crate::tm::rpc::{plain_text, whole_lines};
use crate::tm::state::Tm;
use crate::tm::uac::{self, FinalAnswer, LocalRequest, socket_named};

/// How long `tm.t_uac_wait_block` waits, whatever the timers of its transaction are.
const BLOCK_TIME: Duration = Duration::from_secs(80);

fn fault(reason: impl Into<String>) -> RpcFault {
    RpcFault::new(400, reason)
}

pub(super) fn start(call: &RpcCall<'_>) -> RpcResult {
    let request = read(call)?;
    let tm = call
        .core
        .modules
        .get::<Tm>()
        .ok_or_else(|| RpcFault::new(500, "Internal error"))?;
    uac::send(&tm, call.core, &request, Box::new(|_| {})).map_err(|_| not_sent())?;
    Ok(Vec::new())
}

/// In Kamailio's words, whatever the reason.
fn not_sent() -> RpcFault {
    RpcFault::new(500, "I'm terribly sorry, server error occurred (7/RPC/UAC)")
}

/// `tm.t_uac_wait`.
pub(super) fn wait(call: &RpcCall<'_>) -> RpcResult {
    let told = ask(call)?;
    call.answer_later(async move { Ok(described(&told.await.ok_or_else(not_sent)?)) })
}

/// Status, reason, for a positive reply what the dialog's requests need, headers and body.
fn described(answer: &FinalAnswer) -> Vec<RpcValue> {
    let mut values = vec![
        RpcValue::Int(i64::from(answer.status)),
        answer.reason.clone().into(),
    ];
    let Some(reply) = &answer.reply else {
        values.resize(6, "".into());
        return values;
    };
    if (200..300).contains(&answer.status)
        && let Some(target) = DialogTarget::of(reply)
    {
        let route = target.route_header();
        values.extend([target.uri, target.next_hop, route].map(RpcValue::from));
    }
    let start = reply.start_line_span().end();
    values.push(reply.raw().slice(start..).into());
    values
}

/// `tm.t_uac_wait_block`.
pub(super) fn wait_block(call: &RpcCall<'_>) -> RpcResult {
    let told = ask(call)?;
    let limit = call.core.services.spawner.sleep(BLOCK_TIME);
    call.answer_later(async move {
        let answer = tokio::select! {
            answer = told => answer.ok_or_else(not_sent)?,
            () = limit => return Err(RpcFault::new(500, "timeout waiting for a reply")),
        };
        Ok(vec![RpcValue::Struct(vec![
            ("code".to_owned(), RpcValue::Int(i64::from(answer.status))),
            ("text".to_owned(), answer.reason.into()),
        ])])
    })
}

fn ask(
    call: &RpcCall<'_>,
) -> Result<impl Future<Output = Option<FinalAnswer>> + Send + use<>, RpcFault> {
    let request = read(call)?;
    let tm = call
        .core
        .modules
        .get::<Tm>()
        .ok_or_else(|| RpcFault::new(500, "Internal error"))?;
    uac::ask(&tm, call.core, &request).map_err(|_| not_sent())
}

fn read(call: &RpcCall<'_>) -> Result<LocalRequest, RpcFault> {
    let mut texts: [Bytes; 6] =
        std::array::from_fn(|index| plain_text(call, index).unwrap_or_default());
    if let Some(missing) = (0..5).find(|index| plain_text(call, *index).is_none()) {
        let minus = if missing > 0 { "-" } else { "" };
        return Err(fault(format!("too few parameters ({minus}{missing}/5)")));
    }
    // Next hop and socket may be left out.
    for text in &mut texts[2..4] {
        if text == "." {
            text.clear();
        }
    }
    let [method, uri, next_hop, socket, headers, body] = texts;
    let request = aimed(call.core, [method, uri, next_hop, socket])?;
    if !are_lines(&headers) {
        return Err(fault("Invalid headers"));
    }
    filled(request, headers, body)
}

/// Whether a text consists of header lines, each with its end.
fn are_lines(text: &[u8]) -> bool {
    let is_line = |line: &[u8]| line.ends_with(b"\n") && line.contains(&b':');
    !text.is_empty() && text.split_inclusive(|c| *c == b'\n').all(is_line)
}

/// The request that method, URI, next hop, socket, header lines and body make; the middle two may be
/// empty.
pub(super) fn request_of(core: &Core, texts: [Bytes; 6]) -> Result<LocalRequest, RpcFault> {
    let [method, uri, next_hop, socket, headers, body] = texts;
    filled(aimed(core, [method, uri, next_hop, socket])?, headers, body)
}

/// A request for what method, URI, next hop and socket name.
fn aimed(core: &Core, texts: [Bytes; 4]) -> Result<LocalRequest, RpcFault> {
    let [method, uri, next_hop, socket] = texts;
    if method.is_empty() {
        return Err(fault("Empty method"));
    }
    check_uri(&uri, "request")?;
    let next_hop = Some(next_hop).filter(|hop| !hop.is_empty());
    if let Some(hop) = &next_hop {
        check_uri(hop, "next-hop")?;
    }
    let socket = match &socket[..] {
        b"" => None,
        text => {
            let text = String::from_utf8_lossy(text).into_owned();
            let id = socket_named(core, &text)
                .ok_or_else(|| fault(format!("No local socket for \"{text}\"")))?;
            Some(id)
        }
    };
    Ok(LocalRequest {
        method,
        uri,
        next_hop,
        socket,
        cseq: 10,
        ..LocalRequest::default()
    })
}

fn filled(
    mut request: LocalRequest,
    headers: Bytes,
    body: Bytes,
) -> Result<LocalRequest, RpcFault> {
    request.body = body;
    take_headers(&mut request, &whole_lines(Some(headers)))?;
    if request.method == "ACK" || request.method == "CANCEL" {
        return Err(fault("requests of this method cannot be started here"));
    }
    Ok(request)
}

fn check_uri(uri: &[u8], which: &str) -> Result<(), RpcFault> {
    match UriRef::parse(uri) {
        Ok(_) => Ok(()),
        Err(_) => {
            let shown = String::from_utf8_lossy(uri);
            Err(fault(format!("Invalid {which} uri \"{shown}\"")))
        }
    }
}

/// Sorts header lines into those that the request is built from and the rest.
fn take_headers(request: &mut LocalRequest, lines: &[u8]) -> Result<(), RpcFault> {
    let mut rest = Vec::with_capacity(lines.len());
    let mut has_type = false;
    for line in lines.split_inclusive(|c| *c == b'\n') {
        let colon = line.iter().position(|c| *c == b':').unwrap_or(0);
        let (name, value) = line.split_at(colon);
        let value = Bytes::copy_from_slice(value.get(1..).unwrap_or_default().trim_ascii());
        match &name.trim_ascii().to_ascii_lowercase()[..] {
            b"from" | b"f" => request.from = value,
            b"to" | b"t" => request.to = value,
            b"call-id" | b"i" => request.call_id = value,
            b"cseq" => {
                let mut words = value.split(u8::is_ascii_whitespace);
                let number = words.next().unwrap_or_default();
                request.cseq =
                    sip::chars::decimal(number).ok_or_else(|| fault("Non-numerical CSeq"))?;
                match words.find(|word| !word.is_empty()) {
                    None => return Err(fault("Invalid headers")),
                    Some(method) if method == request.method => {}
                    Some(_) => return Err(fault("CSeq method mismatch")),
                }
            }
            b"content-type" | b"c" => {
                has_type = true;
                rest.extend_from_slice(line);
            }
            _ => rest.extend_from_slice(line),
        }
    }
    if !request.body.is_empty() && !has_type {
        return Err(fault("Content-Type missing"));
    }
    if request.from.is_empty() {
        return Err(fault("From missing"));
    }
    if request.to.is_empty() {
        return Err(fault("To missing"));
    }
    request.headers = rest.into();
    Ok(())
}
