//! Lists of attributes in parameters of modules, `name=a;size=3;`.

use sip::chars::trim;

/// A piece without `=`, or with nothing before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an attribute is written name=value")]
pub struct NoAttribute;

/// The attributes of a list with their values. A `;` may end the list.
pub(crate) fn pairs(text: &[u8]) -> impl Iterator<Item = Result<(&[u8], &[u8]), NoAttribute>> {
    let text = trim(text);
    let text = text.strip_suffix(b";").unwrap_or(text);
    let is_empty = trim(text).is_empty();
    text.split(|b| *b == b';')
        .filter(move |_| !is_empty)
        .map(|piece| {
            let equals = memchr::memchr(b'=', piece).ok_or(NoAttribute)?;
            match trim(&piece[..equals]) {
                b"" => Err(NoAttribute),
                name => Ok((name, trim(&piece[equals + 1..]))),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists() {
        let read = |text: &'static str| -> Result<Vec<_>, _> { pairs(text.as_bytes()).collect() };
        let two = vec![(&b"name"[..], &b"a"[..]), (b"size", b"3")];
        assert_eq!(read("name=a;size=3"), Ok(two.clone()));
        assert_eq!(read(" name = a ; size=3; "), Ok(two));
        assert_eq!(read(" "), Ok(Vec::new()));
        assert_eq!(read("name=a;;size=3"), Err(NoAttribute));
        assert_eq!(read("=a"), Err(NoAttribute));
        assert_eq!(read("name"), Err(NoAttribute));
        assert_eq!(read("name="), Ok(vec![(&b"name"[..], &b""[..])]));
    }
}
