//! RPC methods.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

use super::api::Pike;
use super::tree::Leaf;

/// All methods.
pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "pike.list",
        doc: "As pike.top.",
        run: top,
    },
    Rpc {
        name: "pike.top",
        doc: "Addresses that send requests: ALL, HOT (the default: over the limit) or WARM.",
        run: top,
    },
];

fn top(call: &RpcCall<'_>) -> RpcResult {
    let pike: &Pike = call.state()?;
    let filter = call.text(0).unwrap_or_else(|| "HOT".into());
    let wanted: fn(&Leaf) -> bool = if filter.eq_ignore_ascii_case(b"ALL") {
        |_| true
    } else if filter.eq_ignore_ascii_case(b"HOT") {
        |leaf| leaf.is_hot
    } else if filter.eq_ignore_ascii_case(b"WARM") {
        // Warm are nodes that grow, and those are no leaves: there is nothing to list.
        |_| false
    } else {
        return Err(RpcFault::new(500, "Bad argument. Select: ALL, HOT or WARM"));
    };
    let rows: Vec<RpcValue> = pike
        .tree
        .leaves(pike.now())
        .iter()
        .filter(|leaf| wanted(leaf))
        .map(row)
        .collect();
    let count = rows.len() as i64;
    Ok(vec![RpcValue::Struct(vec![
        (
            "max_hits".to_owned(),
            RpcValue::Int(i64::from(pike.tree.density())),
        ),
        ("list".to_owned(), RpcValue::List(rows)),
        ("number_of_rows".to_owned(), RpcValue::Int(count)),
    ])])
}

fn row(leaf: &Leaf) -> RpcValue {
    let status = if leaf.is_hot { "HOT" } else { "" };
    RpcValue::Struct(vec![
        ("ip_addr".to_owned(), leaf.address.to_string().into()),
        (
            "leaf_hits_prev".to_owned(),
            RpcValue::Int(i64::from(leaf.before)),
        ),
        (
            "leaf_hits_curr".to_owned(),
            RpcValue::Int(i64::from(leaf.current)),
        ),
        ("expires".to_owned(), RpcValue::Int(leaf.expires as i64)),
        ("status".to_owned(), status.into()),
    ])
}
