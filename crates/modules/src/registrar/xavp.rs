//! XAVPs that steer registrar (`xavp_cfg`) and that it fills (`xavp_rcd`, `xavp_contact`).

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::context::{Xavp, XavpValue};
use script::value::Value;

use crate::usrloc::api::{Contact, UnixTime};

/// `$xavp(class=>name)`.
pub(super) fn get(cx: &Context, class: Option<&Bytes>, name: &[u8]) -> Option<Value> {
    let class = class?;
    let store = cx.avps.read()?;
    let outer = store.xavps.iter().find(|x| x.name == class)?;
    let XavpValue::List(inner) = &outer.value else {
        return None;
    };
    inner
        .iter()
        .find(|x| x.name == name)
        .and_then(|x| match &x.value {
            XavpValue::Plain(value) => Some(value.clone()),
            XavpValue::List(_) => None,
        })
}

/// `$xavp(class=>name)` as an integer.
pub(super) fn get_int(cx: &Context, class: Option<&Bytes>, name: &[u8]) -> Option<i64> {
    match get(cx, class, name)? {
        Value::Int(n) => Some(n),
        _ => None,
    }
}

/// `$xavp(class=>name)` as text.
pub(super) fn get_text(cx: &Context, class: Option<&Bytes>, name: &[u8]) -> Option<Bytes> {
    match get(cx, class, name)? {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

/// The newest XAVP of a class, to be kept with a contact.
pub(super) fn attributes(cx: &Context, class: Option<&Bytes>) -> Option<Arc<Xavp>> {
    let class = class?;
    let store = cx.avps.read()?;
    let found = store.xavps.iter().find(|x| x.name == class)?;
    Some(Arc::new(found.clone()))
}

/// Gives the attributes of contacts back, those of the first contact on top.
pub(super) fn restore<'a>(cx: &mut Context, contacts: impl Iterator<Item = &'a Contact>) {
    let attributes: Vec<Xavp> = contacts
        .filter_map(|c| c.attributes.as_deref().cloned())
        .collect();
    let Some(first) = attributes.first() else {
        return;
    };
    let class = first.name.clone();
    let mut store = cx.avps.write();
    store.xavps.retain(|x| x.name != class);
    store.xavps.splice(0..0, attributes);
}

/// What `xavp_rcd` leaves out, by `xavp_rcd_mask`.
const RUID: i64 = 1;
const CONTACT: i64 = 2;
const EXPIRES: i64 = 4;
const RECEIVED: i64 = 8;
const PATH: i64 = 16;

/// Tells the script of a contact through `$xavp(class=>…)`.
pub(super) fn describe(
    cx: &mut Context,
    class: &Bytes,
    mask: i64,
    contact: &Contact,
    now: UnixTime,
) {
    let mut list = Vec::with_capacity(5);
    let mut add = |bit: i64, name: &'static str, value: Value| {
        if mask & bit == 0 {
            list.push(Xavp {
                name: Bytes::from_static(name.as_bytes()),
                value: XavpValue::Plain(value),
            });
        }
    };
    add(RUID, "ruid", Value::Str(contact.ruid()));
    add(CONTACT, "contact", Value::Str(contact.uri()));
    let left = contact.expires.saturating_sub(now);
    add(EXPIRES, "expires", Value::Int(i64::from(left)));
    for (bit, name, text) in [
        (RECEIVED, "received", contact.received()),
        (PATH, "path", contact.path()),
    ] {
        if !text.is_empty() {
            add(bit, name, Value::Str(text));
        }
    }
    let mut store = cx.avps.write();
    store.xavps.retain(|x| x.name != class);
    store.xavps.insert(
        0,
        Xavp {
            name: class.clone(),
            value: XavpValue::List(list),
        },
    );
}
