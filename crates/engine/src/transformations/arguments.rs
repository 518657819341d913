//! Which arguments transformations take: what Kamailio refuses when it reads a configuration is
//! refused here as well. Transformations that are not named here take any text.

/// What an argument may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number or a variable.
    Number,
    /// A number that is not negative, or a variable.
    Count,
    /// Text without a comma, or a variable.
    Text,
    /// One character that is no comma.
    Separator,
    /// Any one character, or a variable.
    AnySeparator,
    /// Any one character, perhaps as `\\n`, and white space behind it.
    Selector,
}

/// The arguments of a transformation.
struct Shape {
    kinds: &'static [Kind],
    /// How many of them must be given.
    required: usize,
}

fn shape(class: &str, name: &str) -> Option<Shape> {
    use Kind::{AnySeparator, Count, Number, Selector, Separator, Text};
    let (required, kinds): (usize, &[Kind]) = match (class, name) {
        ("s", "substr") => (2, &[Number, Count]),
        ("s", "strip" | "striptail") | ("line", "at") => (1, &[Number]),
        ("s", "stripto" | "rm") => (1, &[Text]),
        ("s", "replace") => (2, &[Text, Text]),
        ("s", "prefixes" | "prefixes.quoted" | "corehash") => (0, &[Number]),
        ("s", "select") => (2, &[Number, Selector]),
        ("s", "fmtlines" | "fmtlinet") => (2, &[Count, Count]),
        ("param", "count") => (0, &[AnySeparator]),
        ("param", "value" | "in") => (1, &[Text, Separator]),
        ("param", "valueat" | "name") => (1, &[Number, Separator]),
        _ => return None,
    };
    Some(Shape { kinds, required })
}

/// Checks what stands behind the first comma.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(class: &str, name: &str, arguments: Option<&str>) -> Result<(), String> {
    let Some(shape) = shape(class, name) else {
        return Ok(());
    };
    let mut rest = arguments;
    for (index, kind) in shape.kinds.iter().enumerate() {
        let Some(text) = rest else {
            if index < shape.required {
                return Err(format!(
                    "{{{class}.{name}}} needs {} parameters",
                    shape.required
                ));
            }
            return Ok(());
        };
        let end = match kind {
            // A comma may be what separates.
            Kind::Selector | Kind::AnySeparator => text.len(),
            _ => end_of_argument(text),
        };
        let argument = &text[..end];
        if !kind.takes(argument) {
            return Err(format!(
                "parameter {} of {{{class}.{name}}} is `{argument}`: {} is needed",
                index + 1,
                kind.wanted()
            ));
        }
        rest = text.get(end + 1..);
    }
    match rest {
        None => Ok(()),
        Some(more) => Err(format!(
            "{{{class}.{name}}} has no parameter `{more}` (a comma cannot stand in the others)"
        )),
    }
}

impl Kind {
    fn takes(self, argument: &str) -> bool {
        let is_variable = argument.trim().starts_with('$');
        let number = || {
            let text = argument.trim();
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| text.starts_with('-'))
        };
        let mut characters = argument.chars();
        let is_one = characters.next().is_some() && characters.as_str().is_empty();
        match self {
            Self::Number => is_variable || number().is_some(),
            Self::Count => is_variable || number() == Some(false),
            Self::Text => true,
            Self::Separator => is_one,
            Self::AnySeparator => is_variable || is_one,
            Self::Selector => {
                let escaped = argument.strip_prefix('\\');
                let mut characters = escaped.unwrap_or(argument).chars();
                let is_right = characters.next().is_some_and(|first| {
                    escaped.is_none() || matches!(first, 'n' | 'r' | 't' | '\\')
                });
                is_right && characters.all(char::is_whitespace)
            }
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Count => "a number that is not negative",
            Self::Text => "a text",
            Self::Separator | Self::AnySeparator | Self::Selector => "one character",
        }
    }
}

/// Up to the comma that stands in no variable.
fn end_of_argument(text: &str) -> usize {
    let mut depth = 0usize;
    let end = text.bytes().position(|byte| {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        byte == b',' && depth == 0
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::check;

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn arguments() {
        let cases = [
            (
                "s.substr",
                "2,1|-2,1|-2,0| 2 , 1 |$var(i),$var(j)",
                "2|2,|,2|2,x|x,2|2,1,3|2x,1|2,-1|2,1 x",
            ),
            (
                "s.strip",
                "1|-1|+1| 1 |$var(i)|99999999999",
                "1x|0x1|1,|$var(i),2|",
            ),
            ("s.stripto", "x|xy|\\x|| x|$var(s)", "\\,|,|x,y"),
            ("s.prefixes", "1|-1|$var(i)", "1,2|x|"),
            (
                "s.select",
                "0,,|-1,,|1,;|1,; |$var(i),,|1,\\n|1,\\t ",
                "1, ;|1|1,\\,|1,\\x|1,\\|1,$var(s)|1,,x|0,|x,,",
            ),
            ("s.rm", "l|lo|", "l\\,o|l,"),
            ("s.replace", "a,b|a,|,b", "a|a\\,b,x|a,b\\,c|a,b,"),
            ("s.corehash", "5|-5|$var(i)", "5,6|x|"),
            (
                "s.fmtlines",
                "4,2|0,2|$var(i),$var(i)",
                "4|x,2|4,2,1|4,-1|-1,2",
            ),
            ("line.at", "1|-1|1 |0|$var(i)", "1,2|x|"),
            ("param.count", ";|,|$var(s)", "ab|"),
            (
                "param.value",
                "a|a,;|a,&|$var(s)|",
                "a,,|a,\\,|a, &|a,& |a,$var(s)|,|a,|a,&,",
            ),
            ("param.valueat", "1|1,&|-1|$var(i)", "1,,|1,ab|1x|x1|"),
            ("s.len", "anything,at all", ""),
        ];
        for (path, accepted, refused) in cases {
            let (class, name) = path.split_once('.').unwrap();
            for text in accepted.split('|') {
                assert_eq!(check(class, name, Some(text)), Ok(()), "{path},{text}");
            }
            for text in refused.split('|').filter(|_| !refused.is_empty()) {
                assert!(check(class, name, Some(text)).is_err(), "{path},{text}");
            }
        }
        assert!(check("s", "substr", None).is_err());
        assert_eq!(check("param", "count", None), Ok(()));
    }
}
