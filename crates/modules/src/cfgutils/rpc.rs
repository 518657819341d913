//! RPC methods.

use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};

use super::Cfgutils;
use super::config_hash::Verdict;

/// All methods.
pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "cfgutils.check_config_hash",
        doc: "Tells whether the file of hash_file is as it was at start.",
        run: check_config_hash,
    },
    Rpc {
        name: "cfgutils.get_config_hash",
        doc: "The hash that the file of hash_file had at start.",
        run: get_config_hash,
    },
    Rpc {
        name: "cfgutils.get_gflags",
        doc: "The mask of the global flags that are set.",
        run: get_gflags,
    },
    Rpc {
        name: "cfgutils.is_gflag",
        doc: "Whether all global flags of a mask are set: mask.",
        run: is_gflag,
    },
    Rpc {
        name: "cfgutils.rand_get_prob",
        doc: "The percentage with which rand_event() is true.",
        run: rand_get_prob,
    },
    Rpc {
        name: "cfgutils.rand_reset_prob",
        doc: "Gives rand_event() its initial percentage again.",
        run: rand_reset_prob,
    },
    Rpc {
        name: "cfgutils.rand_set_prob",
        doc: "Changes the percentage with which rand_event() is true: percentage.",
        run: rand_set_prob,
    },
    Rpc {
        name: "cfgutils.reset_gflag",
        doc: "Clears the global flags of a mask: mask.",
        run: reset_gflag,
    },
    Rpc {
        name: "cfgutils.set_gflag",
        doc: "Sets the global flags of a mask: mask.",
        run: set_gflag,
    },
];

fn number(call: &RpcCall<'_>) -> Result<i64, RpcFault> {
    call.want_int(0)
        .map_err(|_| RpcFault::new(500, "Invalid Parameters"))
}

/// The low 32 bits of the argument, whatever their sign.
fn mask(call: &RpcCall<'_>) -> Result<u32, RpcFault> {
    Ok(number(call)? as u32)
}

fn say(text: impl Into<RpcValue>) -> RpcResult {
    Ok(vec![text.into()])
}

fn check_config_hash(call: &RpcCall<'_>) -> RpcResult {
    match call.state::<Cfgutils>()?.hash.check() {
        Verdict::Same => say("Identical hash"),
        Verdict::NoFile => Err(RpcFault::new(500, "No hash file")),
        Verdict::Changed => say("Different hash"),
        Verdict::Unreadable => Err(RpcFault::new(500, "Failed to hash the file")),
    }
}

fn get_config_hash(call: &RpcCall<'_>) -> RpcResult {
    // Without a file Kamailio answers an empty text, which is no fault.
    say(call.state::<Cfgutils>()?.hash.kept().unwrap_or_default())
}

fn get_gflags(call: &RpcCall<'_>) -> RpcResult {
    let mask = call.state::<Cfgutils>()?.flags.mask();
    say(format!("0x{mask:X} ({mask})"))
}

fn is_gflag(call: &RpcCall<'_>) -> RpcResult {
    let has = call.state::<Cfgutils>()?.flags.has(mask(call)?);
    say(if has { "TRUE" } else { "FALSE" })
}

fn set_gflag(call: &RpcCall<'_>) -> RpcResult {
    call.state::<Cfgutils>()?.flags.set(mask(call)?);
    Ok(Vec::new())
}

fn reset_gflag(call: &RpcCall<'_>) -> RpcResult {
    call.state::<Cfgutils>()?.flags.clear(mask(call)?);
    Ok(Vec::new())
}

fn rand_get_prob(call: &RpcCall<'_>) -> RpcResult {
    let percent = call.state::<Cfgutils>()?.chance.percent();
    say(format!("actual probability: {percent} percent"))
}

fn rand_reset_prob(call: &RpcCall<'_>) -> RpcResult {
    call.state::<Cfgutils>()?.chance.reset();
    Ok(Vec::new())
}

fn rand_set_prob(call: &RpcCall<'_>) -> RpcResult {
    let percent = number(call)?;
    call.state::<Cfgutils>()?
        .chance
        .set(percent)
        .map_err(|_| RpcFault::new(500, "Invalid Percent"))?;
    Ok(Vec::new())
}
