//! Lines as JSON documents: `--log-engine=json[:flags]`.

use std::io::Write as _;

use super::line::Body;

/// The letters behind `json:`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct JsonFlags {
    /// `a`: names begin with `kamailio.`.
    pub prefixed_names: bool,
    /// `c`: the Call-ID has a field.
    pub call_id: bool,
    /// `j`: prefix and text are objects; text in braces is taken as it is.
    pub objects: bool,
    /// `M`: the text ends before its line end.
    pub strip_line_end: bool,
    /// `N`: no line end after a document.
    pub no_line_end: bool,
    /// `p`: a prefix that begins with a comma is a list of further fields.
    pub prefix_fields: bool,
    /// `U`: fields of the Common Event Expression.
    pub cee: bool,
}

impl JsonFlags {
    /// Letters that are none of ours do not matter, as in Kamailio.
    #[must_use]
    pub fn parse(letters: &str) -> Self {
        let mut flags = Self::default();
        for letter in letters.chars() {
            match letter {
                'a' => flags.prefixed_names = true,
                'A' => flags.prefixed_names = false,
                'c' => flags.call_id = true,
                'j' => flags.objects = true,
                'M' => flags.strip_line_end = true,
                'N' => flags.no_line_end = true,
                'p' => flags.prefix_fields = true,
                'U' => flags.cee = true,
                _ => {}
            }
        }
        flags
    }
}

/// What a document says beside the line itself.
pub(super) struct Place<'a> {
    pub(super) worker: u16,
    pub(super) pid: u32,
    pub(super) ident: &'a str,
    pub(super) host: &'a str,
    /// Time since 1970.
    pub(super) time: std::time::Duration,
}

/// One document.
pub(super) fn document(flags: JsonFlags, place: &Place<'_>, body: &Body<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.message.len() + body.prefix.len() + 192);
    if flags.cee {
        cee(&mut out, flags, place, body);
    } else {
        plain(&mut out, flags, place, body);
    }
    if !flags.no_line_end {
        out.push(b'\n');
    }
    out
}

fn module(source: &str) -> &str {
    match source {
        engine::log::CORE => "core",
        engine::log::SCRIPT | "" => "xlog",
        module => module,
    }
}

/// Kamailio names the place in its own source; ours is none of the reader's business.
fn plain(out: &mut Vec<u8>, flags: JsonFlags, place: &Place<'_>, body: &Body<'_>) {
    let k = if flags.prefixed_names {
        "kamailio."
    } else {
        ""
    };
    let (worker, pid, level) = (place.worker, place.pid, body.word());
    // Writing into a vector cannot fail.
    let _ = write!(
        out,
        "{{ \"{k}idx\": {worker}, \"{k}pid\": {pid}, \"{k}level\": \"{level}\", \"{k}module\": \"{}\", \
         \"{k}file\": \"\", \"{k}line\": 0, \"{k}function\": \"\"",
        module(body.source)
    );
    if flags.call_id {
        let _ = write!(out, ", \"{k}callid\": ");
        quoted(out, body.call_id);
    }
    let is_list = flags.prefix_fields && matches!(body.prefix.first(), None | Some(b','));
    if is_list {
        out.extend_from_slice(body.prefix);
    } else {
        let _ = write!(out, ", \"{k}logprefix\": ");
        value(out, flags, body.prefix);
    }
    let _ = write!(out, ", \"{k}message\": ");
    value(out, flags, text(flags, body));
    out.extend_from_slice(b" }");
}

/// The core profile of CEE, as Kamailio fills it: without prefix and Call-ID.
fn cee(out: &mut Vec<u8>, flags: JsonFlags, place: &Place<'_>, body: &Body<'_>) {
    let seconds = i64::try_from(place.time.as_secs()).unwrap_or(i64::MAX);
    let time = engine::calendar::DateTime::of_unix(seconds);
    let _ = write!(
        out,
        "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z\",\"proc\":{{\"id\":\"{}\",\"tid\":{}}},\
         \"pri\":\"{}\",\"subsys\":\"{}\",\"file\":{{\"name\":\"\",\"line\":0}},\"native\":{{\"function\":\"\"}},\
         \"msg\":",
        time.year,
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second,
        place.time.subsec_nanos(),
        place.pid,
        place.worker,
        body.word(),
        module(body.source)
    );
    quoted(out, text(flags, body));
    for (name, text) in [
        ("pname", place.ident),
        ("appname", place.ident),
        ("hostname", place.host),
    ] {
        let _ = write!(out, ",\"{name}\":");
        quoted(out, text.as_bytes());
    }
    out.push(b'}');
}

fn text<'b>(flags: JsonFlags, body: &Body<'b>) -> &'b [u8] {
    match body.message.strip_suffix(b"\n") {
        Some(stripped) if flags.strip_line_end => stripped,
        _ => body.message,
    }
}

fn value(out: &mut Vec<u8>, flags: JsonFlags, text: &[u8]) {
    if !flags.objects {
        quoted(out, text);
    } else if text.starts_with(b"{") && text.ends_with(b"}") {
        out.extend_from_slice(text);
    } else {
        out.extend_from_slice(b"{ \"text\": ");
        quoted(out, text);
        out.extend_from_slice(b" }");
    }
}

fn quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..0x20 => {
                let _ = write!(out, "\\u{byte:04x}");
            }
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::log::Level;

    const PLACE: Place<'static> = Place {
        worker: 1,
        pid: 47,
        ident: "kamailio",
        host: "vm",
        time: std::time::Duration::new(1_795_415_511, 324_498_621),
    };

    fn shown(letters: &str, prefix: &[u8], message: &[u8]) -> String {
        let body = Body {
            level: Level::Error,
            label: None,
            prefix,
            source: engine::log::SCRIPT,
            call_id: b"x",
            message,
        };
        String::from_utf8(document(JsonFlags::parse(letters), &PLACE, &body)).unwrap()
    }

    /// Pinned to what Kamailio 5.6.3 writes, but for the place in its source.
    #[test]
    fn documents_look_like_kamailios() {
        let head = "{ \"idx\": 1, \"pid\": 47, \"level\": \"ERROR\", \"module\": \"xlog\", \"file\": \"\", \"line\": 0, \"function\": \"\"";
        let prefix = b"{1 OPTIONS x} ";
        assert_eq!(
            shown("", prefix, b"hello \"q\" \\ tab\t \x01 end\n"),
            format!(
                "{head}, \"logprefix\": \"{{1 OPTIONS x}} \", \"message\": \"hello \\\"q\\\" \\\\ tab\\t \\u0001 end\\n\" }}\n"
            )
        );
        assert_eq!(
            shown("McN", b"", b"two\nlines\n"),
            format!(
                "{head}, \"callid\": \"x\", \"logprefix\": \"\", \"message\": \"two\\nlines\" }}"
            )
        );
        assert_eq!(
            shown("jM", prefix, b"{ \"a\": 1 }\n"),
            format!(
                "{head}, \"logprefix\": {{ \"text\": \"{{1 OPTIONS x}} \" }}, \"message\": {{ \"a\": 1 }} }}\n"
            )
        );
        assert_eq!(
            shown("p", b", \"ua\": \"u\"", b"x"),
            format!("{head}, \"ua\": \"u\", \"message\": \"x\" }}\n")
        );
        assert!(shown("a", b"", b"x").starts_with("{ \"kamailio.idx\": 1, \"kamailio.pid\": 47,"));
        assert_eq!(
            shown("UM", prefix, b"x\n"),
            "{\"time\":\"2026-11-23T06:31:51.324498621Z\",\"proc\":{\"id\":\"47\",\"tid\":1},\"pri\":\"ERROR\",\"subsys\":\"xlog\",\"file\":{\"name\":\"\",\"line\":0},\"native\":{\"function\":\"\"},\"msg\":\"x\",\"pname\":\"kamailio\",\"appname\":\"kamailio\",\"hostname\":\"vm\"}\n"
        );
    }
}
