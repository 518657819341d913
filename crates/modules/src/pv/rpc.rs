//! `pv.shvGet`, `pv.shvSet`.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};
use script::value::Value;

use super::PvState;

pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "pv.shvGet",
        doc: "The value of a shared variable, or of all.",
        run: get,
    },
    Rpc {
        name: "pv.shvSet",
        doc: "Sets a shared variable: name, `int` or `str`, value.",
        run: set,
    },
];

fn shown(value: Value) -> RpcValue {
    match value {
        Value::Int(n) => RpcValue::Int(n),
        Value::Str(t) => RpcValue::Text(t),
        Value::Null => RpcValue::Null,
    }
}

fn row(name: &[u8], value: Value) -> RpcValue {
    let kind = match value {
        Value::Int(_) => "int",
        _ => "string",
    };
    RpcValue::Struct(vec![
        (
            "name".to_owned(),
            String::from_utf8_lossy(name).into_owned().into(),
        ),
        ("type".to_owned(), kind.into()),
        ("value".to_owned(), shown(value)),
    ])
}

fn get(call: &RpcCall<'_>) -> RpcResult {
    let shared = &call.state::<PvState>()?.shared;
    match call.text(0) {
        Some(name) => match shared.get(&name) {
            Some(value) => Ok(vec![row(&name, value)]),
            None => Err(RpcFault::new(404, "Variable not found")),
        },
        None => {
            let all = shared.all();
            Ok(all.into_iter().map(|(n, v)| row(&n, v)).collect())
        }
    }
}

fn set(call: &RpcCall<'_>) -> RpcResult {
    let shared = &call.state::<PvState>()?.shared;
    let (Some(name), Some(kind)) = (call.text(0), call.text(1)) else {
        return Err(RpcFault::new(500, "Not enough parameters"));
    };
    let value = match &kind[..] {
        b"int" => call.int(2).map(Value::Int),
        b"str" | b"string" => call.text(2).map(Value::Str),
        _ => return Err(RpcFault::new(500, "Unknown type")),
    };
    match value {
        Some(value) => {
            shared.set(&name, value);
            Ok(vec!["Ok. Variable set to new value.".into()])
        }
        None => Err(RpcFault::new(500, "Value has the wrong type")),
    }
}
