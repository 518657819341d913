//! What other modules may use.

use engine::Context;
use engine::context::AvpKey;
use engine::variable::Readable;
use script::value::Value;
use sip::Method;

use super::variables::avp::AvpRef;
use super::variables::xavp;

/// The key of the AVP that a variable names; `None` when it names anything else. Index and
/// transformations do not count.
pub fn avp_key(cx: &mut Context, variable: &Readable) -> Option<AvpKey> {
    let Readable::Pseudo(pseudo) = variable else {
        return None;
    };
    Some(pseudo.name.data::<AvpRef>()?.key(cx))
}

/// Whether a variable names an AVP.
#[must_use]
pub fn is_avp(variable: &Readable) -> bool {
    matches!(variable, Readable::Pseudo(p) if p.name.data::<AvpRef>().is_some())
}

/// All values of `$xavp(root=>key[*])`, the newest first, and none of `$xavp(root)`; `None` for any
/// other variable.
pub fn xavp_values(cx: &mut Context, variable: &Readable) -> Option<Vec<Value>> {
    let Readable::Pseudo(pseudo) = variable else {
        return None;
    };
    xavp::values(cx, &pseudo.name)
}

/// Kamailio's number of a method: one bit each, so that masks can be made of them.
#[must_use]
pub fn method_id(method: Method) -> i64 {
    match method {
        Method::Invite => 1,
        Method::Cancel => 2,
        Method::Ack => 4,
        Method::Bye => 8,
        Method::Info => 16,
        Method::Register => 32,
        Method::Subscribe => 64,
        Method::Notify => 128,
        Method::Message => 256,
        Method::Options => 512,
        Method::Prack => 1024,
        Method::Update => 2048,
        Method::Refer => 4096,
        Method::Publish => 8192,
        Method::Kdmq => 16_384,
        Method::Get => 32_768,
        Method::Post => 65_536,
        Method::Put => 131_072,
        Method::Delete => 262_144,
        Method::Other => 524_288,
    }
}
