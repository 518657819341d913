//! `{url.…}`: the two halves of a URL, before and behind its first `?`.

use bytes::Bytes;
use engine::transformation::Transformation;
use script::value::Value;

/// The rows.
pub static TABLE: &[Transformation] = &[
    Transformation::new(
        "url",
        "path",
        (0, 0),
        |_, value, _| match value {
            Value::Str(url) => Value::Str(halves(&url).0),
            value => value,
        },
        "A URL before its first `?`.",
    ),
    Transformation::new(
        "url",
        "querystring",
        (0, 0),
        |_, value, _| match value {
            Value::Str(url) => Value::Str(halves(&url).1),
            value => value,
        },
        "A URL behind its first `?`; empty without one.",
    )
    .shown_as(|_, value, _| match value {
        Value::Str(url) => Value::Str(halves(&url).1),
        Value::Int(_) => Value::Str(Bytes::new()),
        Value::Null => Value::Null,
    }),
];

fn halves(url: &Bytes) -> (Bytes, Bytes) {
    match memchr::memchr(b'?', url) {
        Some(at) => (url.slice(..at), url.slice(at + 1..)),
        None => (url.clone(), Bytes::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_question_mark_parts_a_url() {
        for (url, path, query) in [
            ("/a?b?c", "/a", "b?c"),
            ("/a", "/a", ""),
            ("?q", "", "q"),
            ("/a?", "/a", ""),
            ("", "", ""),
        ] {
            let (found, rest) = halves(&Bytes::from(url));
            assert_eq!((&found[..], &rest[..]), (path.as_bytes(), query.as_bytes()));
        }
    }
}
