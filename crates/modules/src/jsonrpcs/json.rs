//! JSON as Kamailio reads and writes it: texts are bytes, members are separated by tabs.

use bytes::Bytes;
use engine::rpc::RpcValue;

/// Values inside values that a document may have.
const MAX_DEPTH: usize = 32;

/// A document is no JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoJson;

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Bytes),
    List(Vec<Json>),
    Object(Vec<(Bytes, Json)>),
}

impl Json {
    /// Reads the value at the front of a text; what follows it does not matter.
    pub(super) fn parse(text: &[u8]) -> Result<Self, NoJson> {
        let mut reader = Reader { text, at: 0 };
        reader.value(0)
    }

    /// A member of an object.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
                .map(|(_, v)| v),
            _ => None,
        }
    }

    /// The bytes of a text.
    pub(super) fn text(&self) -> Option<&Bytes> {
        match self {
            Self::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The value as an argument or answer of a method; true is 1.
    pub(super) fn into_rpc(self) -> RpcValue {
        match self {
            Self::Null => RpcValue::Null,
            Self::Bool(b) => RpcValue::Int(i64::from(b)),
            Self::Int(n) => RpcValue::Int(n),
            Self::Double(d) => RpcValue::Double(d),
            Self::Text(t) => RpcValue::Text(t),
            Self::List(items) => RpcValue::List(items.into_iter().map(Self::into_rpc).collect()),
            Self::Object(members) => RpcValue::Struct(
                members
                    .into_iter()
                    .map(|(n, v)| (String::from_utf8_lossy(&n).into_owned(), v.into_rpc()))
                    .collect(),
            ),
        }
    }

    /// A method's answer as a value.
    pub(super) fn of_rpc(value: RpcValue) -> Self {
        match value {
            RpcValue::Null => Self::Null,
            RpcValue::Int(n) => Self::Int(n),
            RpcValue::Double(d) => Self::Double(d),
            RpcValue::Text(t) => Self::Text(t),
            RpcValue::List(items) => Self::List(items.into_iter().map(Self::of_rpc).collect()),
            RpcValue::Struct(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(n, v)| (Bytes::from(n), Self::of_rpc(v)))
                    .collect(),
            ),
        }
    }

    /// Writes the value: on one line, or with a line for each member.
    pub(super) fn print(&self, pretty: bool) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(pretty.then_some(0), &mut out);
        out
    }

    fn write(&self, depth: Option<usize>, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
            Self::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
            Self::Double(d) => write_double(*d, out),
            Self::Text(t) => write_text(t, out),
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.extend_from_slice(if depth.is_some() { b", " } else { b"," });
                    }
                    item.write(depth.map(|d| d + 1), out);
                }
                out.push(b']');
            }
            Self::Object(members) => write_object(members, depth, out),
        }
    }
}

fn write_object(members: &[(Bytes, Json)], depth: Option<usize>, out: &mut Vec<u8>) {
    let line = |tabs: usize, out: &mut Vec<u8>| {
        out.push(b'\n');
        out.resize(out.len() + tabs, b'\t');
    };
    out.push(b'{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if let Some(depth) = depth {
            line(depth + 1, out);
        }
        write_text(name, out);
        out.push(b':');
        if depth.is_some() {
            out.push(b'\t');
        }
        value.write(depth.map(|d| d + 1), out);
    }
    if let Some(depth) = depth {
        line(depth, out);
    }
    out.push(b'}');
}

/// Whole numbers without a point, others with six digits; JSON has no infinity.
fn write_double(d: f64, out: &mut Vec<u8>) {
    let text = if !d.is_finite() {
        "null".to_owned()
    } else if d.fract() == 0.0 && d.abs() < 1e60 {
        format!("{d:.0}")
    } else if d.abs() < 1e-6 || d.abs() > 1e9 {
        exponential(d)
    } else {
        format!("{d:.6}")
    };
    out.extend_from_slice(text.as_bytes());
}

/// As C's `%e` writes a number.
fn exponential(d: f64) -> String {
    let text = format!("{d:.6e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..32 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(|b| *b <= b' ') {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), NoJson> {
        if self.peek() != Some(byte) {
            return Err(NoJson);
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Json, NoJson> {
        if depth > MAX_DEPTH {
            return Err(NoJson);
        }
        match self.peek().ok_or(NoJson)? {
            b'"' => self.string().map(Json::Text),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, NoJson> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let words: [(&[u8], Json); 3] = [
            (b"null", Json::Null),
            (b"true", Json::Bool(true)),
            (b"false", Json::Bool(false)),
        ];
        let (word, value) = words
            .into_iter()
            .find(|(word, _)| rest.starts_with(word))
            .ok_or(NoJson)?;
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Json, NoJson> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let len = rest
            .iter()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let text = std::str::from_utf8(rest.get(..len).unwrap_or_default()).map_err(|_| NoJson)?;
        self.at += len;
        if let Ok(n) = text.parse() {
            return Ok(Json::Int(n));
        }
        text.parse().map(Json::Double).map_err(|_| NoJson)
    }

    fn list(&mut self, depth: usize) -> Result<Json, NoJson> {
        self.expect(b'[')?;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.expect(b']')?;
        Ok(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Result<Json, NoJson> {
        self.expect(b'{')?;
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(NoJson);
            }
            let name = self.string()?;
            self.expect(b':')?;
            members.push((name, self.value(depth + 1)?));
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.expect(b'}')?;
        Ok(Json::Object(members))
    }

    fn string(&mut self) -> Result<Bytes, NoJson> {
        self.expect(b'"')?;
        let mut out = Vec::new();
        loop {
            let byte = *self.text.get(self.at).ok_or(NoJson)?;
            self.at += 1;
            match byte {
                b'"' => return Ok(out.into()),
                b'\\' => self.escape(&mut out)?,
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), NoJson> {
        let byte = *self.text.get(self.at).ok_or(NoJson)?;
        self.at += 1;
        out.push(match byte {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let c = self.unicode()?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            other => other,
        });
        Ok(())
    }

    /// The character of `\uXXXX`, or of two that form a pair.
    fn unicode(&mut self) -> Result<char, NoJson> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.text.get(self.at..self.at + 2) != Some(b"\\u") {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.at += 2;
        let second = self.hex()?;
        let low = second.wrapping_sub(0xdc00);
        let joined = (low < 0x400).then(|| 0x1_0000 + ((first - 0xd800) << 10) + low);
        Ok(joined
            .and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, NoJson> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(NoJson)?;
        self.at += 4;
        let digits = std::str::from_utf8(digits).map_err(|_| NoJson)?;
        u32::from_str_radix(digits, 16).map_err(|_| NoJson)
    }
}

/// Where the value that begins a text ends, by its brackets; `None` while it is unfinished.
pub(super) fn end_of_value(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn written_as_kamailio_writes() {
        let text = br#"{"a":[1,{"b":null}],"c":{},"d":"x\"y\\z\n\t\u00e9/\u0001","e":-0.5}"#;
        let json = Json::parse(text).unwrap();
        let pretty = "{\n\t\"a\":\t[1, {\n\t\t\t\"b\":\tnull\n\t\t}],\n\t\"c\":\t{\n\t},\n\t\
                      \"d\":\t\"x\\\"y\\\\z\\n\\t\u{e9}/\\u0001\",\n\t\"e\":\t-0.500000\n}";
        assert_eq!(json.print(true), pretty.as_bytes());
        let plain = "{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":\"x\\\"y\\\\z\\n\\t\u{e9}/\\u0001\",\"e\":-0.500000}";
        assert_eq!(json.print(false), plain.as_bytes());
    }

    #[test]
    fn bytes_pass() {
        let json = Json::parse(b"[\"\xff\xfe\"] trailing").unwrap();
        assert_eq!(json.print(false), b"[\"\xff\xfe\"]");
        assert_eq!(
            Json::parse(b"\"\\ud83d\\ude00\""),
            Ok(Json::Text("😀".into()))
        );
        for bad in ["", "{bad", "[1", "{\"a\"}", "\"x", "\"\\u12\"", "nul", "-"] {
            assert_eq!(Json::parse(bad.as_bytes()), Err(NoJson), "{bad}");
        }
        assert_eq!(Json::parse("[".repeat(100_000).as_bytes()), Err(NoJson));
    }

    #[test]
    fn ends_are_found_by_brackets() {
        assert_eq!(end_of_value(b"{\"a\":\"}\\\"\"} rest"), Some(11));
        assert_eq!(end_of_value(b"{\"a\":[1]"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text: Vec<u8>) {
            let _ = end_of_value(&text);
            if let Ok(json) = Json::parse(&text) {
                let _ = json.print(true);
            }
        }

        #[test]
        fn texts_survive(text: Vec<u8>) {
            let json = Json::Text(text.into());
            prop_assert_eq!(Json::parse(&json.print(true)), Ok(json));
        }
    }
}
