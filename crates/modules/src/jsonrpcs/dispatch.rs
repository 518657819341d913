//! From a request document to an answer document.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use engine::Core;
use engine::rpc::{Caller, RpcFault, RpcReply, RpcResult, RpcValue};

use super::arrays;
use super::json::{Json, NoJson};

/// An answer, with what HTTP and scripts see of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) code: i64,
    pub(super) reason: String,
    pub(super) body: Bytes,
}

/// An answer, or what it will be.
pub(super) enum Dispatched {
    Now(Answer),
    Later(Pin<Box<dyn Future<Output = Answer> + Send>>),
}

/// The answer to a document that is JSON, and the pipe that it asks the answer to go to. What is
/// no call of version 2.0 gets an empty result.
pub(super) fn answer(
    core: &Arc<Core>,
    caller: &Caller,
    text: &[u8],
    pretty: bool,
) -> Result<(Dispatched, Option<Bytes>), NoJson> {
    let document = Json::parse(text)?;
    let is_call = document.member("jsonrpc").and_then(Json::text) == Some(&"2.0".into());
    let method = document.member("method").and_then(Json::text);
    let pipe = document.member("reply_name").and_then(Json::text).cloned();
    let id = document.member("id").map(echoed_id);
    let dispatched = match method {
        Some(method) if is_call => {
            let method = String::from_utf8_lossy(method).into_owned();
            let args = arguments(document.member("params"));
            match core.rpcs.call_from(core, caller, &method, &args) {
                RpcReply::Now(result) => {
                    Dispatched::Now(finish(shape(&method, result), id, pretty))
                }
                RpcReply::Later(later) => Dispatched::Later(Box::pin(async move {
                    finish(shape(&method, later.await), id, pretty)
                })),
            }
        }
        _ => Dispatched::Now(finish(Ok(Json::Object(Vec::new())), id, pretty)),
    };
    Ok((dispatched, pipe))
}

/// The document of an answer.
fn finish(result: Result<Json, RpcFault>, id: Option<Json>, pretty: bool) -> Answer {
    let mut members = vec![(Bytes::from("jsonrpc"), Json::Text("2.0".into()))];
    let mut answer = Answer {
        code: 200,
        reason: "OK".to_owned(),
        body: Bytes::new(),
    };
    match result {
        Ok(result) => members.push(("result".into(), result)),
        Err(fault) => {
            members.push(("error".into(), error(&fault)));
            answer.code = fault.code;
            answer.reason = fault.reason;
        }
    }
    if let Some(id) = id {
        members.push(("id".into(), id));
    }
    answer.body = Json::Object(members).print(pretty).into();
    answer
}

/// A list in order, or an object's values; their names do not matter.
fn arguments(params: Option<&Json>) -> Vec<RpcValue> {
    match params {
        Some(Json::List(items)) => items.iter().cloned().map(Json::into_rpc).collect(),
        Some(Json::Object(members)) => {
            let values = members.iter().map(|(_, v)| v.clone());
            values.map(Json::into_rpc).collect()
        }
        _ => Vec::new(),
    }
}

/// All values for methods that answer lists, else the last one.
fn shape(method: &str, result: RpcResult) -> Result<Json, RpcFault> {
    let mut values = result?;
    if arrays::is_list(method) {
        return Ok(Json::List(values.into_iter().map(Json::of_rpc).collect()));
    }
    let last = values.pop().map(Json::of_rpc);
    Ok(last.unwrap_or_else(|| Json::Object(Vec::new())))
}

fn error(fault: &RpcFault) -> Json {
    Json::Object(vec![
        ("code".into(), Json::Int(fault.code)),
        ("message".into(), Json::Text(fault.reason.clone().into())),
    ])
}

/// Texts and numbers come back; true is 1, anything else 0.
fn echoed_id(id: &Json) -> Json {
    match id {
        Json::Text(_) | Json::Int(_) | Json::Double(_) => id.clone(),
        Json::Bool(true) => Json::Int(1),
        _ => Json::Int(0),
    }
}
