//! Where the elements of the language end: shared by the preprocessor, which must not replace
//! names inside them, and by the lexer.

/// A letter or underscore.
#[must_use]
pub(crate) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Letters, digits and the underscore.
static NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

/// White space and punctuation that begin no element.
static GAP: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b" \t\r\n\x0b\x0c(){}[];:,.=<>&|^~+-*?\\";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

/// A letter, digit or underscore.
#[must_use]
pub(crate) fn is_name(byte: u8) -> bool {
    NAME[usize::from(byte)]
}

/// The end of the run of bytes from `at` that begin no element of the language.
#[must_use]
pub(crate) fn gap_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| !GAP[usize::from(*byte)]);
    at + end.unwrap_or(rest.len())
}

/// The end of the run of white space from `at`.
#[must_use]
pub(crate) fn space_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| !is_space(*byte));
    at + end.unwrap_or(rest.len())
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// The end of the run of name characters that starts at `at`.
#[must_use]
pub(crate) fn name_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| !is_name(*byte));
    at + end.unwrap_or(rest.len())
}

/// The end of the line that `at` is on (the newline itself, or the end of the text).
#[must_use]
pub(crate) fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', text.get(at..).unwrap_or_default()).map_or(text.len(), |found| at + found)
}

/// How an element ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct End {
    /// One past its last byte.
    pub(crate) at: usize,
    /// Its closing mark was found.
    pub(crate) closed: bool,
}

/// The end of the string whose opening quote is at `at`. One that is never closed ends with its
/// line, so that what follows can still be understood.
#[must_use]
pub(crate) fn string_end(text: &[u8], at: usize) -> End {
    let quote = text.get(at).copied().unwrap_or(b'"');
    let mut position = at + 1;
    while let Some(byte) = text.get(position) {
        match byte {
            b'\\' if quote == b'"' => position += 2,
            byte if *byte == quote => {
                return End {
                    at: position + 1,
                    closed: true,
                };
            }
            _ => position += 1,
        }
    }
    End {
        at: line_end(text, at),
        closed: false,
    }
}

/// The end of the comment whose `/*` is at `at`; comments nest.
#[must_use]
pub(crate) fn block_comment_end(text: &[u8], at: usize) -> End {
    let mut depth = 0_usize;
    let mut position = at;
    while position < text.len() {
        match text.get(position..position + 2) {
            Some(b"/*") => {
                depth += 1;
                position += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                position += 2;
                if depth == 0 {
                    return End {
                        at: position,
                        closed: true,
                    };
                }
            }
            _ => position += 1,
        }
    }
    End {
        at: text.len(),
        closed: false,
    }
}

/// The end of the bracketed text whose opening `open` is at `at`. One that is never closed ends
/// with its line.
#[must_use]
pub(crate) fn bracket_end(text: &[u8], at: usize, open: u8, close: u8) -> End {
    let mut depth = 0_usize;
    for (offset, byte) in text.get(at..).unwrap_or_default().iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return End {
                    at: at + offset + 1,
                    closed: true,
                };
            }
        }
    }
    End {
        at: line_end(text, at),
        closed: false,
    }
}

/// The end of the variable whose `$` is at `at`.
#[must_use]
pub(crate) fn variable_end(text: &[u8], at: usize) -> End {
    match text.get(at + 1) {
        Some(b'(') => bracket_end(text, at + 1, b'(', b')'),
        Some(b'?') => End {
            at: at + 2,
            closed: true,
        },
        Some(byte) if is_name(*byte) => {
            let end = attribute_end(text, at);
            if text.get(end) == Some(&b'(') {
                bracket_end(text, end, b'(', b')')
            } else {
                End {
                    at: end,
                    closed: true,
                }
            }
        }
        _ => End {
            at: at + 1,
            closed: true,
        },
    }
}

/// The end of the attribute whose `%` (or `$`) is at `at`: `%name`, `%t.name`.
#[must_use]
pub(crate) fn attribute_end(text: &[u8], at: usize) -> usize {
    let end = name_end(text, at + 1);
    let has_class = is_attribute_class(text.get(at + 1..end).unwrap_or_default());
    if has_class
        && text.get(end) == Some(&b'.')
        && text.get(end + 1).is_some_and(|byte| is_name_start(*byte))
    {
        return name_end(text, end + 1);
    }
    end
}

/// The prefixes of attributes of the old style, such as `$f.name`.
pub(crate) fn is_attribute_class(name: &[u8]) -> bool {
    matches!(
        name,
        b"f" | b"t" | b"fr" | b"tr" | b"fu" | b"tu" | b"fd" | b"td" | b"g"
    )
}

/// The end of the select whose `@` is at `at`.
#[must_use]
pub(crate) fn select_end(text: &[u8], at: usize) -> End {
    let mut end = name_end(text, at + 1);
    loop {
        match text.get(end) {
            Some(b'.') if text.get(end + 1).is_some_and(|byte| is_name(*byte)) => {
                end = name_end(text, end + 1);
            }
            Some(b'[') => {
                let bracket = bracket_end(text, end, b'[', b']');
                if !bracket.closed {
                    return bracket;
                }
                end = bracket.at;
            }
            _ => {
                return End {
                    at: end,
                    closed: true,
                };
            }
        }
    }
}
