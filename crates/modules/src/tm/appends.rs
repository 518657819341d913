//! `tw_append`: named lists of what `t_write_req` and `t_write_unix` tell beside what they always
//! do.
//!
//! `name: element; element…`, an element being `[title=]hdr[Name]`, `[title=]avp[name]` or
//! `msg[body]`.

use bytes::Bytes;
use engine::Context;
use engine::context::{AvpKey, AvpName};
use engine::core::Setup;
use engine::module::{InitError, ParamText};

/// The parameter.
const PARAM: &str = "tw_append";

/// A list.
#[derive(Debug, PartialEq)]
pub(crate) struct Append {
    name: String,
    lines: Vec<Line>,
    /// The message's body is wanted.
    pub(crate) has_body: bool,
}

/// A line `title: value`; there is none without a value.
#[derive(Debug, PartialEq)]
struct Line {
    title: Bytes,
    from: From,
}

/// Where a line's value comes from.
#[derive(Debug, PartialEq)]
enum From {
    /// The first header of this name.
    Header(Bytes),
    /// An AVP.
    Avp(AvpKey),
}

/// Why a text is no list.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum BadAppend {
    #[error("`name: type[value]; …` is expected")]
    Form,
    #[error("the types are hdr, avp and msg")]
    Type,
    #[error("of a message, only the body can be told")]
    Part,
    #[error("this names no AVP")]
    Avp,
    #[error("a name can be given once")]
    Twice,
}

/// Reads the lists that the configuration gives.
pub(crate) fn read(setup: &Setup<'_>) -> Result<Vec<Append>, InitError> {
    let mut lists: Vec<Append> = Vec::new();
    for given in setup.params.list(PARAM) {
        let ParamText::Text(text) = given else {
            continue;
        };
        if text.is_empty() {
            continue;
        }
        let added = parse(text).and_then(|list| match find(&lists, &list.name) {
            Some(_) => Err(BadAppend::Twice),
            None => Ok(list),
        });
        lists.push(added.map_err(|error| InitError::of_param(PARAM, error.to_string()))?);
    }
    Ok(lists)
}

/// The place of the list of this name.
pub(crate) fn find(lists: &[Append], name: &str) -> Option<usize> {
    lists
        .iter()
        .position(|list| list.name.eq_ignore_ascii_case(name))
}

fn parse(text: &[u8]) -> Result<Append, BadAppend> {
    let text = std::str::from_utf8(text).map_err(|_| BadAppend::Form)?;
    let (name, elements) = text.split_once(':').ok_or(BadAppend::Form)?;
    let mut list = Append {
        name: word(name)?.to_owned(),
        lines: Vec::new(),
        has_body: false,
    };
    for element in elements.split(';') {
        list.add(element.trim())?;
    }
    Ok(list)
}

/// One word, with white space around it.
fn word(text: &str) -> Result<&str, BadAppend> {
    let word = text.trim();
    if word.is_empty() || word.contains(char::is_whitespace) {
        return Err(BadAppend::Form);
    }
    Ok(word)
}

impl Append {
    fn add(&mut self, element: &str) -> Result<(), BadAppend> {
        let (left, value) = element
            .strip_suffix(']')
            .and_then(|element| element.split_once('['))
            .ok_or(BadAppend::Form)?;
        let (title, kind) = match left.split_once('=') {
            Some((title, kind)) => (Some(word(title)?), kind.trim_start()),
            None => (None, left),
        };
        if value.contains(|c: char| c.is_whitespace() || matches!(c, '[' | ']')) || value.is_empty()
        {
            return Err(BadAppend::Form);
        }
        let (usual, from) = match kind.to_ascii_lowercase().as_str() {
            "hdr" => (
                value,
                From::Header(Bytes::copy_from_slice(value.as_bytes())),
            ),
            "avp" => avp(value)?,
            "msg" if value.eq_ignore_ascii_case("body") => {
                self.has_body = true;
                return Ok(());
            }
            "msg" => return Err(BadAppend::Part),
            kind if kind.contains(char::is_whitespace) => return Err(BadAppend::Form),
            _ => return Err(BadAppend::Type),
        };
        let title = Bytes::copy_from_slice(title.unwrap_or(usual).as_bytes());
        self.lines.push(Line { title, from });
        Ok(())
    }

    /// Writes the lines that have a value in this message.
    pub(crate) fn write(&self, cx: &Context, out: &mut Vec<u8>) {
        for line in &self.lines {
            let value = match &line.from {
                From::Header(name) => {
                    let header = cx.msg.find_name(name);
                    header.map(|header| cx.msg.slice(header.value))
                }
                From::Avp(key) => {
                    let store = cx.avps.read();
                    store.and_then(|store| store.get(key, 0).map(script::value::Value::to_bytes))
                }
            };
            if let Some(value) = value {
                for part in [&line.title[..], b": ", &value, b"\n"] {
                    out.extend_from_slice(part);
                }
            }
        }
    }
}

/// An AVP, and the title that it has if no other is given: its name without marks.
fn avp(name: &str) -> Result<(&str, From), BadAppend> {
    if name.starts_with('$') {
        return Err(BadAppend::Avp);
    }
    let key = AvpKey::parse(name).map_err(|_| BadAppend::Avp)?;
    if matches!(key.name, AvpName::Id(id) if u16::try_from(id).is_err()) {
        return Err(BadAppend::Avp);
    }
    let title = name.rsplit_once(':').map_or(name, |(_, title)| title);
    Ok((title, From::Avp(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was shown to Kamailio 5.6.3.
    #[test]
    fn verdicts() {
        for good in [
            "test: a=hdr[User-Agent]",
            "test:a=hdr[User-Agent];msg[body]",
            "test : hdr[X] ; hdr[Y]",
            "test:t = hdr[X]",
            "test:t=hdr[X] ",
            "test:HDR[X]",
            "test:b=msg[body]",
            "test:avp[i:0]",
            "test:avp[f.s:10]",
            "test:avp[x]",
            "test:t-1.2=hdr[f]",
        ] {
            assert!(parse(good.as_bytes()).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("test", BadAppend::Form),
            ("test:", BadAppend::Form),
            (":hdr[X]", BadAppend::Form),
            ("te st:hdr[X]", BadAppend::Form),
            ("test: ; ", BadAppend::Form),
            ("test:hdr[X];", BadAppend::Form),
            ("test:hdr[X];;hdr[Y]", BadAppend::Form),
            ("test:hdr[X] hdr[Y]", BadAppend::Form),
            ("test:hdr[X]y", BadAppend::Form),
            ("test:hdr[]", BadAppend::Form),
            ("test:hdr[ X ]", BadAppend::Form),
            ("test:t=hdr [X]", BadAppend::Form),
            ("test:my title=hdr[X]", BadAppend::Form),
            ("test:=hdr[X]", BadAppend::Form),
            ("test:a=foo", BadAppend::Form),
            ("test:$ru", BadAppend::Form),
            ("test:t==hdr[X]", BadAppend::Type),
            ("test:foo[x]", BadAppend::Type),
            ("test:msg[header]", BadAppend::Part),
            ("test:avp[$x]", BadAppend::Avp),
            ("test:avp[i:x]", BadAppend::Avp),
            ("test:avp[i:-1]", BadAppend::Avp),
            ("test:avp[i:99999999999]", BadAppend::Avp),
        ] {
            assert_eq!(parse(bad.as_bytes()), Err(why), "{bad}");
        }
    }

    #[test]
    fn titles() {
        let list = parse(b"t: ua=hdr[User-Agent];hdr[X-y];avp[i:10];a=avp[s:n];avp[m]").unwrap();
        let titles: Vec<&[u8]> = list.lines.iter().map(|line| &line.title[..]).collect();
        assert_eq!(titles, [&b"ua"[..], b"X-y", b"10", b"a", b"m"]);
        assert!(!list.has_body);
        assert_eq!(find(&[list], "T"), Some(0));
    }
}
