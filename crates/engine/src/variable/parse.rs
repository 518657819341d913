//! Parsing of `$name`, `$name(inner)`, `$(name(inner)[index]{transformation}…)` and of text that
//! holds variables.

use std::sync::Arc;

use bytes::Bytes;

use super::{Index, InnerName, ParsedName, Pseudo, PvName, Readable};
use crate::catalog::{NameScope, Names, parse_inner};
use crate::format::{Format, Part};
use crate::module::{Inner, State, Variable};
use crate::transformation::{Syntax, Transform, TransformArg};
use crate::transformations::arguments;

/// The classes that take an index; Kamailio refuses one behind any other.
const INDEXED: &[&str] = &[
    "ai", "avp", "branch", "hdr", "hfl", "pU", "pd", "pn", "pu", "ulc",
];

/// How deep variables may stand in variables' names.
const MAX_NESTING: usize = 8;

impl Names<'_> {
    /// Parses one variable that fills `text`.
    ///
    /// # Errors
    /// What is wrong, for the operator.
    pub(crate) fn pseudo(&mut self, text: &str) -> Result<Readable, String> {
        let text = text.trim();
        match self.pseudo_prefix(text, 0)? {
            (variable, "") => Ok(variable),
            (_, rest) => Err(format!(
                "`{rest}` is left over after the variable in `{text}`"
            )),
        }
    }

    /// Parses text with variables in it; `$$` stands for `$`.
    ///
    /// # Errors
    /// What is wrong, for the operator.
    pub(crate) fn format(&mut self, text: &str) -> Result<Format, String> {
        self.format_at(text, 0)
    }

    pub(crate) fn format_at(&mut self, mut text: &str, depth: usize) -> Result<Format, String> {
        if depth > MAX_NESTING {
            return Err("variables are nested too deeply".to_owned());
        }
        let mut parts = Vec::new();
        let mut plain = String::new();
        while let Some(at) = text.find('$') {
            plain.push_str(&text[..at]);
            let rest = &text[at..];
            if let Some(after) = rest.strip_prefix("$$") {
                plain.push('$');
                text = after;
                continue;
            }
            // A lone `$`, as at the end of a regular expression, stands for itself.
            let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '(' | '{' | '?' | '_');
            if !rest[1..].starts_with(begins) {
                plain.push('$');
                text = &rest[1..];
                continue;
            }
            let (variable, after) = self.pseudo_prefix(rest, depth)?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain).into()));
            }
            parts.push(Part::Variable(variable));
            text = after;
        }
        plain.push_str(text);
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into()));
        }
        Ok(Format::new(parts))
    }

    /// Parses the variable at the start of `text`; returns it with what follows.
    fn pseudo_prefix<'t>(
        &mut self,
        text: &'t str,
        depth: usize,
    ) -> Result<(Readable, &'t str), String> {
        if depth > MAX_NESTING {
            return Err("variables are nested too deeply".to_owned());
        }
        let Some(rest) = text.strip_prefix('$') else {
            return Err(format!("`{text}` is no pseudo-variable"));
        };
        if rest.starts_with('(') {
            let end = closing(rest, b'(', b')')
                .ok_or_else(|| format!("`{text}` has no closing parenthesis"))?;
            let variable = self.in_parentheses(&rest[1..end], depth)?;
            return Ok((variable, &rest[end + 1..]));
        }
        let length = class_length(rest);
        let (class, after) = rest.split_at(length);
        if class.is_empty() {
            return Err(format!("`{text}` is no pseudo-variable"));
        }
        let (row, state) = self.row(class)?;
        if after.starts_with('(') {
            let end = closing(after, b'(', b')')
                .ok_or_else(|| format!("`{text}` has no closing parenthesis"))?;
            let name = self.name(row, state, Some(&after[1..end]), Index::None, depth)?;
            return Ok((pseudo(row, name, Vec::new()), &after[end + 1..]));
        }
        let name = self.name(row, state, None, Index::None, depth)?;
        Ok((pseudo(row, name, Vec::new()), after))
    }

    /// `name(inner)[index]{tr}{tr}`: what stands in `$(…)`. White space may stand
    /// behind transformations only.
    fn in_parentheses(&mut self, text: &str, depth: usize) -> Result<Readable, String> {
        let length = class_length(text);
        let (class, mut rest) = text.split_at(length);
        let (row, state) = self.row(class)?;
        let mut inner = None;
        if rest.starts_with('(') {
            let end = closing(rest, b'(', b')')
                .ok_or_else(|| format!("`$({text})` has no closing parenthesis"))?;
            inner = Some(&rest[1..end]);
            rest = &rest[end + 1..];
        }
        let mut index = Index::None;
        if rest.starts_with('[') && !INDEXED.contains(&class) {
            return Err(format!("${class} takes no index"));
        }
        if rest.starts_with('[') {
            let end = closing(rest, b'[', b']')
                .ok_or_else(|| format!("`$({text})` has no closing bracket"))?;
            index = self.index(&rest[1..end], depth)?;
            rest = &rest[end + 1..];
        }
        let mut transforms = Vec::new();
        while rest.starts_with('{') {
            let end = closing(rest, b'{', b'}')
                .ok_or_else(|| format!("`$({text})` has no closing brace"))?;
            transforms.push(self.transform(&rest[1..end], depth)?);
            rest = rest[end + 1..].trim_start();
        }
        if !rest.is_empty() {
            return Err(format!("`{rest}` is left over in `$({text})`"));
        }
        let name = self.name(row, state, inner, index, depth)?;
        Ok(pseudo(row, name, transforms))
    }

    fn row(&self, class: &str) -> Result<(&'static Variable, crate::module::State), String> {
        self.variable_row(class).ok_or_else(|| {
            let elsewhere = self
                .all
                .iter()
                .find(|m| m.variables.iter().any(|v| v.name == class));
            if let Some(module) = elsewhere {
                return format!(
                    "${class} is a variable of module {}, which is not loaded",
                    module.name
                );
            }
            let known = self
                .loaded
                .iter()
                .flat_map(|m| m.variables.iter().map(|v| v.name));
            let near = self
                .near(class, known)
                .map_or(String::new(), |n| format!(", did you mean `${n}`?"));
            format!("unknown pseudo-variable ${class}{near}")
        })
    }

    fn name(
        &mut self,
        row: &'static Variable,
        state: crate::module::State,
        inner: Option<&str>,
        index: Index,
        depth: usize,
    ) -> Result<PvName, String> {
        let parsed: ParsedName = parse_inner(self, row, &state, inner, depth)?;
        let inner = match inner {
            None => InnerName::None,
            Some(text)
                if text.contains('$')
                    && !matches!(row.inner, Inner::Parsed(_) | Inner::OneOf(_)) =>
            {
                InnerName::Format(self.format_at(text, depth + 1)?)
            }
            Some(text) => InnerName::Text(Bytes::copy_from_slice(text.as_bytes())),
        };
        Ok(PvName {
            inner,
            parsed,
            index,
            state,
        })
    }

    fn index(&mut self, text: &str, depth: usize) -> Result<Index, String> {
        if text == "*" {
            return Ok(Index::All);
        }
        if text.starts_with('$') {
            return match self.pseudo_prefix(text, depth + 1)? {
                (variable, "") => Ok(Index::Variable(Box::new(variable))),
                _ => Err(format!("bad index `[{text}]`")),
            };
        }
        text.parse()
            .map(Index::At)
            .map_err(|_| format!("bad index `[{text}]`"))
    }

    fn transform(&mut self, text: &str, depth: usize) -> Result<Transform, String> {
        let (path, raw) = match text.split_once(',') {
            Some((path, raw)) => (path, Some(raw)),
            None => (text, None),
        };
        let path = path.trim_end();
        let found = path
            .split_once('.')
            .and_then(|(class, name)| self.transformation(class, name));
        let Some(row) = found else {
            let names: Vec<String> = self
                .transformations
                .iter()
                .flat_map(|t| t.iter())
                .map(|t| format!("{}.{}", t.class, t.name))
                .collect();
            let near = script::diagnostic::nearest(path, names.iter().map(String::as_str))
                .map_or(String::new(), |n| format!(", did you mean {{{n}}}?"));
            return Err(format!("unknown transformation {{{path}}}{near}"));
        };
        match row.syntax {
            Syntax::Raw(parse) => {
                let state: State = Arc::new(());
                let mut scope = NameScope {
                    names: self,
                    state: &state,
                    depth: depth + 1,
                };
                let parsed = parse(&mut scope, raw.unwrap_or_default())?;
                Ok(Transform {
                    row,
                    args: Box::default(),
                    parsed,
                })
            }
            Syntax::Commas => {
                arguments::check(row.class, row.name, raw)?;
                let mut args = Vec::new();
                for piece in raw.map(|r| pieces(r, row.max)).unwrap_or_default() {
                    args.push(self.transform_arg(piece, depth)?);
                }
                if args.len() < row.min || args.len() > row.max {
                    return Err(format!(
                        "{{{path}}} takes {} to {} parameters, {} given",
                        row.min,
                        row.max,
                        args.len()
                    ));
                }
                Ok(Transform {
                    row,
                    args: args.into(),
                    parsed: ParsedName::default(),
                })
            }
        }
    }

    fn transform_arg(&mut self, text: &str, depth: usize) -> Result<TransformArg, String> {
        if text.trim_start().starts_with('$') {
            return match self.pseudo_prefix(text.trim(), depth + 1)? {
                (variable, "") => Ok(TransformArg::Variable(variable)),
                _ => Err(format!("bad parameter `{text}` of a transformation")),
            };
        }
        Ok(match text.trim().parse::<i64>() {
            // `007` is text that happens to be digits.
            Ok(n) if n.to_string() == text.trim() => TransformArg::Int(n),
            _ => TransformArg::Text(Bytes::copy_from_slice(text.as_bytes())),
        })
    }
}

fn pseudo(row: &'static Variable, name: PvName, transforms: Vec<Transform>) -> Readable {
    let reads_number = matches!(&transforms[..], [only] if only.row.takes_number);
    Readable::Pseudo(Box::new(Pseudo {
        row,
        name,
        transforms: transforms.into(),
        reads_number: reads_number && row.number.is_some(),
    }))
}

/// How long the name of a class at the start of `text` is. Dots belong to it: a few names have one
/// (`ruri.user`), and `$rU.` is a name that nobody has.
fn class_length(text: &str) -> usize {
    if text.starts_with('?') {
        return 1;
    }
    text.bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        .count()
}

/// Where the bracket that opens at the start of `text` closes.
fn closing(text: &str, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Splits at commas that stand outside of parentheses and braces, into at most `most` pieces.
fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut depth = 0i32;
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth -= 1,
            b',' if depth == 0 && pieces.len() + 1 < most => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}
