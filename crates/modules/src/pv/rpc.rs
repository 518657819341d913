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
            let all = shared.all().into_iter();
            let rows = all.map(|(n, v)| ("shv".to_owned(), row(&n, v))).collect();
            let items = RpcValue::Struct(rows);
            Ok(vec![RpcValue::Struct(vec![("items".to_owned(), items)])])
        }
    }
}

fn set(call: &RpcCall<'_>) -> RpcResult {
    let shared = &call.state::<PvState>()?.shared;
    let missing = |what| {
        let text = format!("Missing parameter {what} (Parameters: varname type value)");
        Err(RpcFault::new(500, text))
    };
    let Some(name) = call.text(0) else {
        return missing("varname");
    };
    let Some(kind) = call.text(1) else {
        return missing("type");
    };
    let value = match &kind[..] {
        // A text that is no number counts as 0.
        b"int" => call
            .int(2)
            .or_else(|| call.text(2).map(|_| 0))
            .map(Value::Int),
        b"str" | b"string" => call.text(2).map(Value::Str),
        _ => {
            let text = "Unknown parameter type (Types: int or str)";
            return Err(RpcFault::new(500, text));
        }
    };
    let Some(value) = value else {
        return missing("value");
    };
    if shared.get(&name).is_none() {
        return Err(RpcFault::new(404, "Variable not found"));
    }
    shared.set(&name, value);
    Ok(vec!["Ok. Variable set to new value.".into()])
}
