//! binrpc: the binary protocol between Kamailio's `ctl` module and `kamcmd`.
//!
//! ```text
//! packet:  A1 | kind (4 bits), length size - 1 (2), cookie size - 1 (2) | length | cookie | body
//! value:   long (1 bit), size (3), type (4) | content of `size` bytes
//!          long values: the size says how many bytes hold the length
//! ```
//!
//! Numbers are big-endian with leading zero bytes left out; texts end with a zero byte that counts.
//! Doubles are thousandths in an integer. Structures are bracketed by marks, their members named by
//! values of type 5. Learned from the traffic between the two programs.

use bytes::Bytes;

use super::{RpcFault, RpcValue};

/// First byte of every packet: magic and version.
const MARK: u8 = 0xa1;
/// Structures inside structures that a request may have.
const MAX_DEPTH: usize = 16;
/// Values that a request may have.
const MAX_VALUES: usize = 4096;

const LONG: u8 = 0x80;
const INT: u8 = 0;
const TEXT: u8 = 1;
const DOUBLE: u8 = 2;
const STRUCT: u8 = 3;
const ARRAY: u8 = 4;
const NAME: u8 = 5;
const BYTES: u8 = 6;

/// What a packet is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A call: the method's name and its arguments.
    Request,
    /// A successful answer.
    Reply,
    /// A code and a reason.
    Fault,
}

/// The front of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// What it is; `None`: a kind that does not exist.
    pub kind: Option<Kind>,
    /// Links an answer to its request.
    pub cookie: u32,
    /// Where the body begins.
    pub body: usize,
    /// Where the packet ends.
    pub end: usize,
}

/// Why bytes are no packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// The packet ends too early.
    #[error("end of packet encountered")]
    End,
    /// A value is not what stands to reason here.
    #[error("record doesn't match type")]
    Type,
    /// The front is no binrpc.
    #[error("corrupted packet")]
    Corrupted,
}

/// Reads the front of a packet; `None` when more bytes are needed.
///
/// # Errors
/// The bytes are no binrpc.
pub fn header(buffer: &[u8]) -> Result<Option<Header>, DecodeError> {
    match buffer.first() {
        None => return Ok(None),
        Some(&MARK) => {}
        Some(_) => return Err(DecodeError::Corrupted),
    }
    let Some(flags) = buffer.get(1) else {
        return Ok(None);
    };
    let length_end = 2 + usize::from(flags >> 2 & 3) + 1;
    let body = length_end + usize::from(flags & 3) + 1;
    let (Some(length), Some(cookie)) = (buffer.get(2..length_end), buffer.get(length_end..body))
    else {
        return Ok(None);
    };
    Ok(Some(Header {
        kind: match flags >> 4 {
            0 => Some(Kind::Request),
            1 => Some(Kind::Reply),
            3 => Some(Kind::Fault),
            _ => None,
        },
        cookie: number(cookie),
        body,
        end: body.saturating_add(number(length) as usize),
    }))
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |n, b| n << 8 | u32::from(*b))
}

/// Reads the method's name and its arguments from a request's body. Arguments behind one that
/// cannot be read are left out: a method that does not want them runs, as in Kamailio.
///
/// # Errors
/// There is no method name.
pub fn call(body: &[u8]) -> Result<(String, Vec<RpcValue>), DecodeError> {
    let mut reader = Reader {
        rest: body,
        left: MAX_VALUES,
    };
    let method = match reader.value(0)? {
        RpcValue::Text(name) => String::from_utf8_lossy(&name).into_owned(),
        _ => return Err(DecodeError::Type),
    };
    let mut args = Vec::new();
    while let Ok(value) = reader.value(0) {
        args.push(value);
    }
    Ok((method, args))
}

/// Reads all values of a body.
///
/// # Errors
/// Where a value is cut off or impossible.
pub fn values(body: &[u8]) -> Result<Vec<RpcValue>, DecodeError> {
    let mut reader = Reader {
        rest: body,
        left: usize::MAX,
    };
    let mut values = Vec::new();
    while !reader.rest.is_empty() {
        values.push(reader.value(0)?);
    }
    Ok(values)
}

struct Reader<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(DecodeError::End)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The type of the next value and its content.
    fn record(&mut self) -> Result<(u8, bool, &'a [u8]), DecodeError> {
        self.left = self.left.checked_sub(1).ok_or(DecodeError::Type)?;
        let [head] = *self.take(1)? else {
            return Err(DecodeError::End);
        };
        let (kind, size) = (head & 15, usize::from(head >> 4 & 7));
        let is_long = head & LONG != 0;
        if matches!(kind, STRUCT | ARRAY) {
            return Ok((kind, is_long, b""));
        }
        let size = if is_long {
            if size > 4 {
                return Err(DecodeError::Type);
            }
            number(self.take(size)?) as usize
        } else {
            size
        };
        Ok((kind, is_long, self.take(size)?))
    }

    fn value(&mut self, depth: usize) -> Result<RpcValue, DecodeError> {
        let record = self.record()?;
        self.finish(record, depth)
    }

    fn finish(
        &mut self,
        (kind, is_long, content): (u8, bool, &'a [u8]),
        depth: usize,
    ) -> Result<RpcValue, DecodeError> {
        match kind {
            INT => Ok(RpcValue::Int(integer(content)?)),
            DOUBLE => Ok(RpcValue::Double(integer(content)? as f64 / 1000.0)),
            TEXT => Ok(RpcValue::Text(Bytes::copy_from_slice(without_zero(
                content,
            )))),
            BYTES => Ok(RpcValue::Null),
            STRUCT if !is_long && depth < MAX_DEPTH => self.members(depth + 1),
            ARRAY if !is_long && depth < MAX_DEPTH => self.items(depth + 1),
            _ => Err(DecodeError::Type),
        }
    }

    /// The members of a structure up to its closing mark. Structures without names in it are a
    /// list.
    fn members(&mut self, depth: usize) -> Result<RpcValue, DecodeError> {
        let mut members = Vec::new();
        let mut items = Vec::new();
        loop {
            match self.record()? {
                (STRUCT, true, _) if members.is_empty() && !items.is_empty() => {
                    return Ok(RpcValue::List(items));
                }
                (STRUCT, true, _) => return Ok(RpcValue::Struct(members)),
                (STRUCT, false, _) if depth < MAX_DEPTH => items.push(self.members(depth + 1)?),
                (NAME, _, name) => {
                    let name = String::from_utf8_lossy(without_zero(name)).into_owned();
                    members.push((name, self.value(depth)?));
                }
                _ => return Err(DecodeError::Type),
            }
        }
    }

    fn items(&mut self, depth: usize) -> Result<RpcValue, DecodeError> {
        let mut items = Vec::new();
        loop {
            match self.record()? {
                (ARRAY, true, _) => return Ok(RpcValue::List(items)),
                record => items.push(self.finish(record, depth)?),
            }
        }
    }
}

/// An integer of up to 32 bits; only one of full width can be negative.
fn integer(content: &[u8]) -> Result<i64, DecodeError> {
    if content.len() > 4 {
        return Err(DecodeError::Type);
    }
    Ok(i64::from(number(content).cast_signed()))
}

fn without_zero(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\0").unwrap_or(text)
}

/// A request packet.
#[must_use]
pub fn request(cookie: u32, method: &str, args: &[RpcValue]) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, TEXT, method.as_bytes());
    for arg in args {
        value(&mut body, arg);
    }
    packet(Kind::Request, cookie, &body)
}

/// The answer to a request.
#[must_use]
pub fn reply(cookie: u32, result: &Result<Vec<RpcValue>, RpcFault>) -> Vec<u8> {
    let mut body = Vec::new();
    match result {
        Ok(values) => {
            for v in values {
                value(&mut body, v);
            }
            packet(Kind::Reply, cookie, &body)
        }
        Err(fault) => {
            value(&mut body, &RpcValue::Int(fault.code));
            text(&mut body, TEXT, fault.reason.as_bytes());
            packet(Kind::Fault, cookie, &body)
        }
    }
}

fn packet(kind: Kind, cookie: u32, body: &[u8]) -> Vec<u8> {
    let length = significant(u32::try_from(body.len()).unwrap_or(u32::MAX));
    let (length, cookie) = (at_least_one(&length), significant(cookie));
    let cookie = at_least_one(&cookie);
    let kind = match kind {
        Kind::Request => 0,
        Kind::Reply => 1,
        Kind::Fault => 3,
    };
    let mut out = Vec::with_capacity(10 + body.len());
    out.push(MARK);
    out.push(kind << 4 | (length.len() as u8 - 1) << 2 | (cookie.len() as u8 - 1));
    out.extend_from_slice(length);
    out.extend_from_slice(cookie);
    out.extend_from_slice(body);
    out
}

/// The bytes of a number without leading zero bytes.
fn significant(number: u32) -> smallvec::SmallVec<[u8; 4]> {
    number
        .to_be_bytes()
        .into_iter()
        .skip_while(|b| *b == 0)
        .collect()
}

fn at_least_one(bytes: &[u8]) -> &[u8] {
    if bytes.is_empty() { &[0] } else { bytes }
}

fn value(out: &mut Vec<u8>, v: &RpcValue) {
    match v {
        RpcValue::Int(n) => int(out, INT, *n as i32),
        RpcValue::Double(d) => int(out, DOUBLE, (d * 1000.0).round() as i32),
        RpcValue::Text(t) => text(out, TEXT, t),
        RpcValue::Null => text(out, TEXT, b"<null string>"),
        RpcValue::Struct(members) => {
            out.push(STRUCT);
            write_members(out, members);
            out.push(LONG | STRUCT);
        }
        RpcValue::List(items) => list(out, items),
    }
}

fn write_members(out: &mut Vec<u8>, members: &[(String, RpcValue)]) {
    for (name, v) in members {
        text(out, NAME, name.as_bytes());
        value(out, v);
    }
}

/// Kamailio writes a list of structures as a structure: of repeated names if each has just one
/// member, else of structures without names.
fn list(out: &mut Vec<u8>, items: &[RpcValue]) {
    let is_named = |i: &RpcValue| matches!(i, RpcValue::Struct(members) if members.len() == 1);
    if items.iter().all(is_named) {
        out.push(STRUCT);
        for item in items {
            if let RpcValue::Struct(members) = item {
                write_members(out, members);
            }
        }
        out.push(LONG | STRUCT);
    } else if items.iter().all(|i| matches!(i, RpcValue::Struct(_))) {
        out.push(STRUCT);
        for item in items {
            value(out, item);
        }
        out.push(LONG | STRUCT);
    } else {
        out.push(ARRAY);
        for item in items {
            value(out, item);
        }
        out.push(LONG | ARRAY);
    }
}

/// An integer; beyond 32 bits the upper ones are lost, as in Kamailio.
fn int(out: &mut Vec<u8>, kind: u8, n: i32) {
    let bytes = significant(n.cast_unsigned());
    out.push((bytes.len() as u8) << 4 | kind);
    out.extend_from_slice(&bytes);
}

fn text(out: &mut Vec<u8>, kind: u8, text: &[u8]) {
    let size = text.len() + 1;
    if size < 8 {
        out.push((size as u8) << 4 | kind);
    } else {
        let length = significant(u32::try_from(size).unwrap_or(u32::MAX));
        out.push(LONG | (length.len() as u8) << 4 | kind);
        out.extend_from_slice(&length);
    }
    out.extend_from_slice(text);
    out.push(0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packets seen between kamcmd and Kamailio.
    #[test]
    fn packets_of_kamailio() {
        let seen = b"\xa1\x02\x33\x81\xd9\x14\x91\x0acore.echo\0Aabc\0\x10\x05\x22\x05\xdcA300\0\x20\x01\x2c\x30\x01\x11\x70\x40\xb2\xd0\x5e\0Aa.b\0\x22>\x80\x32\x0fB@";
        let head = header(seen).unwrap().unwrap();
        assert_eq!((head.kind, head.end), (Some(Kind::Request), seen.len()));
        assert_eq!(head.cookie, 0x81d914);
        let (method, args) = call(&seen[head.body..]).unwrap();
        assert_eq!(method, "core.echo");
        assert_eq!(
            args,
            [
                "abc".into(),
                5.into(),
                RpcValue::Double(1.5),
                "300".into(),
                300.into(),
                70_000.into(),
                (-1_294_967_296).into(),
                "a.b".into(),
                RpcValue::Double(16.0),
                RpcValue::Double(1000.0),
            ]
        );
        assert_eq!(request(head.cookie, &method, &args), seen);
        let fault = RpcFault::new(500, "command nope not found");
        assert_eq!(
            reply(0x2cca_4c14, &Err(fault)),
            b"\xa1\x33\x1c\x2c\xca\x4c\x14\x20\x01\xf4\x91\x17command nope not found\0"
        );
        let uptime = RpcValue::Struct(vec![("uptime".into(), 22.into())]);
        assert_eq!(
            reply(5, &Ok(vec![uptime, 0.into(), (-1).into(), "".into()])),
            b"\xa1\x10\x14\x05\x03uuptime\0\x10\x16\x83\x00\x40\xff\xff\xff\xff\x11\0"
        );
    }

    #[test]
    fn a_list_of_structures_repeats_the_name() {
        let socket = |p: &str| RpcValue::Struct(vec![("socket".into(), p.into())]);
        let list = RpcValue::List(vec![socket("udp"), socket("tcp")]);
        assert_eq!(
            reply(0, &Ok(vec![list])),
            b"\xa1\x10\x1c\x00\x03usocket\0Audp\0usocket\0Atcp\0\x83"
        );
    }

    #[test]
    fn a_list_of_larger_structures_has_no_names() {
        let row = |n: i64| RpcValue::Struct(vec![("a".into(), n.into()), ("b".into(), n.into())]);
        let list = RpcValue::List(vec![row(1), row(2)]);
        let mut out = Vec::new();
        value(&mut out, &list);
        assert_eq!(
            out,
            b"\x03\x03\x25a\0\x10\x01\x25b\0\x10\x01\x83\x03\x25a\0\x10\x02\x25b\0\x10\x02\x83\x83"
        );
        assert_eq!(values(&out).unwrap(), [list]);
    }

    #[test]
    fn what_is_no_packet() {
        assert_eq!(header(b"GET /"), Err(DecodeError::Corrupted));
        assert_eq!(header(b"\xa1\x03\x0d\x01"), Ok(None));
        assert_eq!(call(b""), Err(DecodeError::End));
        assert_eq!(call(b"\x10\x05"), Err(DecodeError::Type));
        assert_eq!(call(b"\x21x\0\xff\xff").unwrap().1, []);
        let deep = [b"\x21x\0".as_slice(), &[STRUCT, 0x25, b'n', 0].repeat(1000)].concat();
        assert_eq!(call(&deep).unwrap().1, []);
    }

    fn any_value() -> impl Strategy<Value = RpcValue> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|n| RpcValue::Int(n.into())),
            (-2_000_000..2_000_000_i32).prop_map(|n| RpcValue::Double(f64::from(n) / 1000.0)),
            proptest::collection::vec(1..=255_u8, 0..600).prop_map(|t| RpcValue::Text(t.into())),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(("[a-zA-Z_-]{1,12}", inner.clone()), 0..4)
                    .prop_map(RpcValue::Struct),
                proptest::collection::vec(inner, 0..4).prop_map(|items| {
                    let plain = RpcValue::Int(7);
                    RpcValue::List(items.into_iter().chain([plain]).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(cookie: u32, args in proptest::collection::vec(any_value(), 0..6)) {
            let packet = request(cookie, "a.b", &args);
            let head = header(&packet).unwrap().unwrap();
            prop_assert_eq!(head.cookie, cookie);
            prop_assert_eq!(head.end, packet.len());
            let (method, read) = call(&packet[head.body..]).unwrap();
            prop_assert_eq!(method, "a.b");
            prop_assert_eq!(read, args);
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = header(&bytes);
            let _ = call(&bytes);
            let _ = values(&bytes);
        }
    }
}
