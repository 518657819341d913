//! `tm.t_uac_start`: requests that an operator has sent.

use bytes::Bytes;
use engine::core::Core;
use engine::rpc::{RpcCall, RpcFault, RpcResult};
use sip::UriRef;

use crate::tm::rpc::whole_lines;
use crate::tm::state::Tm;
use crate::tm::uac::{self, LocalRequest, socket_named};

fn fault(reason: impl Into<String>) -> RpcFault {
    RpcFault::new(400, reason)
}

/// An argument for which `.` means that it is not given.
fn given(call: &RpcCall<'_>, index: usize) -> Option<Bytes> {
    call.text(index).filter(|t| !t.is_empty() && t != ".")
}

pub(super) fn start(call: &RpcCall<'_>) -> RpcResult {
    let request = read(call)?;
    let tm = call
        .core
        .modules
        .get::<Tm>()
        .ok_or_else(|| RpcFault::new(500, "Internal error"))?;
    uac::send(&tm, call.core, &request, Box::new(|_| {}))
        .map_err(|error| RpcFault::new(500, error.to_string()))?;
    Ok(Vec::new())
}

fn read(call: &RpcCall<'_>) -> Result<LocalRequest, RpcFault> {
    if call.args.len() < 5 {
        return Err(fault(format!(
            "too few parameters (-{}/5)",
            call.args.len()
        )));
    }
    let texts = std::array::from_fn(|index| match index {
        // Only the body may be a lone dot.
        5 => call.text(index).unwrap_or_default(),
        _ => given(call, index).unwrap_or_default(),
    });
    request_of(call.core, texts)
}

/// The request that method, URI, next hop, socket, header lines and body make; the middle two may be
/// empty.
pub(super) fn request_of(core: &Core, texts: [Bytes; 6]) -> Result<LocalRequest, RpcFault> {
    let [method, uri, next_hop, socket, headers, body] = texts;
    if method.is_empty() {
        return Err(fault("Invalid method"));
    }
    if method == "ACK" || method == "CANCEL" {
        return Err(fault("requests of this method cannot be started here"));
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
    let mut request = LocalRequest {
        method,
        uri,
        next_hop,
        socket,
        cseq: 10,
        body,
        ..LocalRequest::default()
    };
    take_headers(&mut request, &whole_lines(Some(headers)))?;
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
                let number = value.split(|c| *c == b' ').next().unwrap_or_default();
                request.cseq = sip::chars::decimal(number).ok_or_else(|| fault("Invalid CSeq"))?;
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
