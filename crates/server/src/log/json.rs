//! Lines as JSON documents: `--log-engine=json[:flags]`.

use std::borrow::Cow;
use std::io::Write as _;

use super::line::Body;

/// The letters behind `json:`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct JsonFlags {
    /// `a`: names begin with `kamailio.`.
    pub prefixed_names: bool,
    /// `A`: the name of the message does not, even so.
    pub bare_message: bool,
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
                'A' => flags.bare_message = true,
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
pub(super) struct Process<'a> {
    pub(super) worker: u16,
    pub(super) pid: u32,
    pub(super) ident: &'a str,
    pub(super) host: &'a str,
    /// Time since 1970.
    pub(super) time: std::time::Duration,
}

/// Whether the script says the text, with or without a line end. What the program says is a line.
fn is_spoken_by_script(body: &Body<'_>) -> bool {
    matches!(body.0.source, "" | engine::log::SCRIPT)
}

/// One document.
pub(super) fn document(flags: JsonFlags, process: &Process<'_>, body: &Body<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.0.message.len() + body.0.prefix.len() + 192);
    if flags.cee {
        cee(&mut out, flags, process, body);
    } else {
        plain(&mut out, flags, process, body);
    }
    if !flags.no_line_end {
        out.push(b'\n');
    }
    out
}

/// A document of Kamailio's own shape. Without `c` Kamailio ends the name of the function with a quote
/// too many when names have a prefix; ours is JSON in any case.
fn plain(out: &mut Vec<u8>, flags: JsonFlags, process: &Process<'_>, body: &Body<'_>) {
    let k = if flags.prefixed_names {
        "kamailio."
    } else {
        ""
    };
    let (worker, pid, level) = (process.worker, process.pid, body.word());
    let (module, at) = (body.0.module, body.0.place.position());
    // Writing into a vector cannot fail.
    let _ = write!(
        out,
        "{{ \"{k}idx\": {worker}, \"{k}pid\": {pid}, \"{k}level\": \"{level}\", \"{k}module\": \"{module}\", \
         \"{k}file\": "
    );
    quoted(out, at.file.as_bytes());
    let _ = write!(out, ", \"{k}line\": {}, \"{k}function\": ", at.line);
    quoted(out, at.function.as_bytes());
    if flags.call_id {
        let _ = write!(out, ", \"{k}callid\": ");
        quoted(out, body.0.call_id);
    }
    let is_list = flags.prefix_fields && matches!(body.0.prefix.first(), None | Some(b','));
    if is_list {
        out.extend_from_slice(body.0.prefix);
    } else {
        let _ = write!(out, ", \"{k}logprefix\": ");
        value(out, flags, body.0.prefix);
    }
    let k = if flags.bare_message { "" } else { k };
    let _ = write!(out, ", \"{k}message\": ");
    value(out, flags, &text(flags, body));
    out.extend_from_slice(b" }");
}

/// The core profile of CEE, as Kamailio fills it: without prefix and Call-ID.
fn cee(out: &mut Vec<u8>, flags: JsonFlags, process: &Process<'_>, body: &Body<'_>) {
    let seconds = i64::try_from(process.time.as_secs()).unwrap_or(i64::MAX);
    let time = engine::calendar::DateTime::of_unix(seconds);
    let _ = write!(
        out,
        "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z\",\"proc\":{{\"id\":\"{}\",\"tid\":{}}},\
         \"pri\":\"{}\",\"subsys\":\"{}\",\"file\":{{\"name\":",
        time.year,
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second,
        process.time.subsec_nanos(),
        process.pid,
        process.worker,
        body.word(),
        body.0.module
    );
    let at = body.0.place.position();
    quoted(out, at.file.as_bytes());
    let _ = write!(out, ",\"line\":{}}},\"native\":{{\"function\":", at.line);
    quoted(out, at.function.as_bytes());
    out.extend_from_slice(b"},\"msg\":");
    quoted(out, &text(flags, body));
    for (name, text) in [
        ("pname", process.ident),
        ("appname", process.ident),
        ("hostname", process.host),
    ] {
        let _ = write!(out, ",\"{name}\":");
        quoted(out, text.as_bytes());
    }
    out.push(b'}');
}

/// The text with the line end that Kamailio's own lines have.
fn text<'b>(flags: JsonFlags, body: &Body<'b>) -> Cow<'b, [u8]> {
    let text = body.0.message;
    match text.strip_suffix(b"\n") {
        Some(stripped) if flags.strip_line_end => Cow::Borrowed(stripped),
        None if !flags.strip_line_end && !is_spoken_by_script(body) => {
            Cow::Owned([text, b"\n"].concat())
        }
        _ => Cow::Borrowed(text),
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
    use engine::log::{Level, Place};
    use engine::services::LogLine;
    use std::panic::Location;

    const PROCESS: Process<'static> = Process {
        worker: 1,
        pid: 47,
        ident: "kamailio",
        host: "vm",
        time: std::time::Duration::new(1_795_415_511, 324_498_621),
    };

    fn shown(letters: &str, prefix: &[u8], message: &[u8]) -> String {
        let line = LogLine {
            level: Level::Error,
            facility: None,
            prefix,
            source: engine::log::SCRIPT,
            module: "xlog",
            place: Place::Source(Location::caller()),
            label: None,
            call_id: b"x",
            message,
        };
        let document = document(JsonFlags::parse(letters), &PROCESS, &Body(&line));
        let text = String::from_utf8(document).unwrap();
        // A line that moves with the test.
        let (before, after) = text.split_once("line\":").unwrap();
        let rest = after.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        format!("{before}line\":N{rest}")
    }

    /// Pinned to what Kamailio 5.6.3 writes, but for the place in its source.
    #[test]
    fn documents_look_like_kamailios() {
        let head = "{ \"idx\": 1, \"pid\": 47, \"level\": \"ERROR\", \"module\": \"xlog\", \"file\": \"server/log/json.rs\", \"line\":N, \"function\": \"json\"";
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
            "{\"time\":\"2026-11-23T06:31:51.324498621Z\",\"proc\":{\"id\":\"47\",\"tid\":1},\"pri\":\"ERROR\",\"subsys\":\"xlog\",\"file\":{\"name\":\"server/log/json.rs\",\"line\":N},\"native\":{\"function\":\"json\"},\"msg\":\"x\",\"pname\":\"kamailio\",\"appname\":\"kamailio\",\"hostname\":\"vm\"}\n"
        );
    }
}
