//! `$uac_req(attribute)`: the request that `uac_req_send()` makes.

use bytes::Bytes;
use engine::Context;
use engine::log::Level;
use engine::module::{Inner, Variable};
use engine::variable::PvName;
use script::value::Value;

/// The attributes in the order of [`Attribute`].
const NAMES: &[&str] = &[
    "all", "ruri", "turi", "furi", "hdrs", "body", "ouri", "sock", "auser", "apasswd", "method",
    "callid", "evparam", "flags", "evroute", "evcode", "evtype",
];

/// The number of `sock`, which nothing clears.
const SOCK: u64 = 7;
/// The number of `flags`.
const FLAGS: u64 = 13;

/// All variables.
pub(super) static TABLE: &[Variable] = &[Variable::new(
    "uac_req",
    read,
    "An attribute of the request that uac_req_send() makes; all set to null clears it but for sock, auser and apasswd.",
)
.named(Inner::OneOf(NAMES))
.in_text(text)
.writable(write)];

/// The attributes, kept with the message.
#[derive(Clone, Debug, Default)]
pub(super) struct UacRequest {
    /// Request URI.
    pub(super) ruri: Option<Bytes>,
    /// URI of To.
    pub(super) turi: Option<Bytes>,
    /// URI of From.
    pub(super) furi: Option<Bytes>,
    /// Further header lines.
    pub(super) hdrs: Option<Bytes>,
    /// Body.
    pub(super) body: Option<Bytes>,
    /// Next hop.
    pub(super) ouri: Option<Bytes>,
    /// Socket to send from.
    pub(super) sock: Option<Bytes>,
    /// User for challenges.
    pub(super) auser: Option<Bytes>,
    /// Password for challenges.
    pub(super) apasswd: Option<Bytes>,
    /// Method.
    pub(super) method: Option<Bytes>,
    /// Call-ID.
    pub(super) callid: Option<Bytes>,
    /// A text for the event route.
    pub(super) evparam: Option<Bytes>,
    /// 1: the password is a hash.
    pub(super) flags: i64,
    /// When `event_route[uac:reply]` runs.
    pub(super) evroute: i64,
    /// Status of the reply.
    pub(super) evcode: i64,
    /// 1: a reply; 2: none came.
    pub(super) evtype: i64,
}

impl UacRequest {
    fn text(&mut self, key: u64) -> Option<&mut Option<Bytes>> {
        Some(match key {
            1 => &mut self.ruri,
            2 => &mut self.turi,
            3 => &mut self.furi,
            4 => &mut self.hdrs,
            5 => &mut self.body,
            6 => &mut self.ouri,
            SOCK => &mut self.sock,
            8 => &mut self.auser,
            9 => &mut self.apasswd,
            10 => &mut self.method,
            11 => &mut self.callid,
            12 => &mut self.evparam,
            _ => return None,
        })
    }

    /// How long a text may be.
    fn limit(key: u64) -> usize {
        match key {
            // hdrs
            4 => 2047,
            // body
            5 => usize::MAX,
            // auser, callid, evparam
            8 | 11 | 12 => 127,
            // apasswd
            9 => 63,
            // method
            10 => 31,
            // URIs and the socket
            _ => 1023,
        }
    }

    fn number(&mut self, key: u64) -> Option<&mut i64> {
        Some(match key {
            FLAGS => &mut self.flags,
            14 => &mut self.evroute,
            15 => &mut self.evcode,
            16 => &mut self.evtype,
            _ => return None,
        })
    }
}

fn read(cx: &mut Context, name: &PvName) -> Value {
    let request = cx.extensions.get_or_default::<UacRequest>();
    let key = name.parsed.key;
    if let Some(text) = request.text(key) {
        return text.clone().map_or(Value::Null, Value::Str);
    }
    // `all` reads as the flags.
    let key = if key == 0 { FLAGS } else { key };
    Value::Int(request.number(key).map_or(0, |number| *number))
}

/// Numbers show without a sign.
fn text(cx: &mut Context, name: &PvName) -> Value {
    match read(cx, name) {
        Value::Int(number) => Value::Int(i64::from(script::value::wrap(number) as u32)),
        value => value,
    }
}

fn write(cx: &mut Context, name: &PvName, value: Value) -> bool {
    let key = name.parsed.key;
    let request = cx.extensions.get_or_default::<UacRequest>();
    if key == 0 {
        if value == Value::Null {
            *request = UacRequest {
                sock: request.sock.take(),
                auser: request.auser.take(),
                apasswd: request.apasswd.take(),
                ..UacRequest::default()
            };
        }
        return true;
    }
    if let Some(text) = request.text(key) {
        *text = match value {
            Value::Null if key == SOCK => return true,
            Value::Null => None,
            Value::Str(text) if text.is_empty() => None,
            Value::Str(text) if text.len() > UacRequest::limit(key) => {
                cx.log(Level::Error, "the text is too long for $uac_req(…)");
                return false;
            }
            Value::Str(text) => Some(text),
            Value::Int(_) => return false,
        };
        return true;
    }
    match (request.number(key), value) {
        (Some(number), Value::Int(value)) => *number = value,
        (Some(number), Value::Null) => *number = 0,
        _ => return false,
    }
    true
}
