//! What each directive does.

use bytes::Bytes;

use super::directives::{self, Action, Directive};
use super::subst::{self, Parts, Subst, SubstError};
use super::{Dialect, Input, Options, Preprocessor};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lexer::{literal, scan};
use crate::source::Origin;

/// Whether text starts with `#!word` or with `!!` and a known word: a lone `!!` is an operator.
pub(super) fn starts(text: &[u8]) -> bool {
    match text.get(..2) {
        Some(b"#!") => text.get(2).is_some_and(|byte| scan::is_name_start(*byte)),
        Some(b"!!") => directives::find(&word(text)).is_some(),
        _ => false,
    }
}

/// Whether text starts with `//!` and the name of a dialect.
pub(super) fn starts_dialect(text: &[u8]) -> bool {
    text.starts_with(b"//!")
        && directives::find(&word(&text[1..]))
            .is_some_and(|found| matches!(found.action, Action::Dialect(_)))
}

fn is_line_end(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), None | Some(b'\n'))
}

/// Whether text starts with a directive that counts even in a part that is not taken.
pub(super) fn starts_condition(text: &[u8]) -> bool {
    starts(text) && directives::find(&word(text)).is_some_and(|found| is_condition(found.action))
}

fn word(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[2..scan::name_end(text, 2)]).into_owned()
}

/// A directive as it stands in a file.
struct Line<'t> {
    /// The keyword.
    origin: Origin,
    /// What follows the keyword, with joined lines.
    argument: Vec<u8>,
    /// Where that stands.
    argument_origin: Origin,
    input: Input<'t>,
    /// Where the keyword ends.
    keyword_end: usize,
    /// Where the line ends.
    end: usize,
}

impl Preprocessor<'_> {
    /// Handles the directive at `at`; the answer is where the text goes on.
    pub(super) fn directive(&mut self, input: Input<'_>, at: usize) -> usize {
        let word = word(&input.text[at..]);
        let keyword_end = scan::name_end(input.text, at + 2);
        let origin = input.origin(at, keyword_end);
        let end = logical_line_end(input.text, keyword_end);
        let Some(directive) = directives::find(&word) else {
            self.unknown_directive(&word, origin);
            return scan::line_end(input.text, at);
        };
        let raw = &input.text[keyword_end..end];
        let lead = raw
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let line = Line {
            origin,
            argument: join_lines(raw.trim_ascii()),
            argument_origin: input.origin(
                keyword_end + lead,
                keyword_end + lead + raw.trim_ascii().len(),
            ),
            input,
            keyword_end,
            end,
        };
        if matches!(directive.action, Action::Else | Action::EndIf) && !line.argument.is_empty() {
            self.ignored_directive(directive, &line);
            return scan::line_end(input.text, at);
        }
        if matches!(directive.action, Action::Dialect(_)) && !is_line_end(input.text, keyword_end) {
            self.ignored_directive(directive, &line);
            return scan::line_end(input.text, at);
        }
        if self.conditions.is_skipping() && !is_condition(directive.action) {
            return scan::line_end(input.text, at);
        }
        let before = self.out.text.len();
        let end = self.act(directive, &line);
        // The line structure stays, except behind an include, which brings its own.
        if before == self.out.text.len() && !self.conditions.is_skipping() {
            let newlines = memchr::memchr_iter(b'\n', &input.text[at..end]);
            for newline in newlines {
                self.copy(input, at + newline, at + newline + 1);
            }
        }
        end
    }

    /// Kamailio takes `#!else`, `#!endif` and the names of dialects with anything behind them, were
    /// it a space, as comments.
    fn ignored_directive(&mut self, directive: &'static Directive, line: &Line<'_>) {
        self.report(
            Diagnostic::warning(
                "ignored-directive",
                line.origin,
                format!(
                    "`{}` with text behind it is taken as a comment",
                    directive.name
                ),
            )
            .with_label(line.argument_origin, "this text")
            .with_help("put the text on a line of its own"),
        );
    }

    fn unknown_directive(&mut self, word: &str, origin: Origin) {
        if self.conditions.is_skipping() {
            return;
        }
        // To Kamailio it is a comment, so it must not keep the configuration from running.
        let mut diagnostic = Diagnostic::warning(
            "unknown-directive",
            origin,
            format!("unknown directive `#!{word}` is taken as a comment"),
        );
        if matches!(word, "ifexp" | "defexp" | "defexps") {
            diagnostic = diagnostic.with_help("Kamailio has it since 5.7");
        } else if let Some(name) = nearest(word, directives::words()) {
            diagnostic = diagnostic.with_help(format!("did you mean `#!{name}`?"));
        }
        self.report(diagnostic);
    }

    /// Does what a directive asks for; the answer is where the text goes on.
    fn act(&mut self, directive: &'static Directive, line: &Line<'_>) -> usize {
        match directive.action {
            Action::Define | Action::TryDefine | Action::Redefine => {
                self.define(directive.action, line);
            }
            Action::IfDefined | Action::IfNotDefined => self.condition(directive, line),
            Action::Else => {
                if !self.conditions.otherwise() {
                    self.report(
                        Diagnostic::warning(
                            "stray-else",
                            line.origin,
                            "`#!else` without `#!ifdef` or `#!ifndef`",
                        )
                        .with_help("it has no effect"),
                    );
                }
            }
            Action::EndIf => {
                if !self.conditions.end() {
                    self.report(Diagnostic::error(
                        "stray-endif",
                        line.origin,
                        "`#!endif` without `#!ifdef` or `#!ifndef`",
                    ));
                }
            }
            Action::Subst | Action::SubstDefine | Action::SubstDefineQuoted => {
                return self.substitution(directive.action, line);
            }
            Action::Environment { quoted, optional } => {
                return self.environment(line, quoted, optional);
            }
            Action::Include | Action::Import => {
                let optional = directive.action == Action::Import;
                return match self.path(line.input, line.keyword_end) {
                    Some((path, end)) => {
                        self.include(line.input, &path, line.argument_origin, optional);
                        end
                    }
                    None => line.end,
                };
            }
            Action::Dialect(dialect) => {
                self.dialect = dialect;
                let at = self.out.text.len() as u32;
                let has_attributes = dialect != Dialect::Native;
                self.out.source.note_attributes(at, has_attributes);
            }
            Action::Form => {}
        }
        line.end
    }

    fn define(&mut self, action: Action, line: &Line<'_>) {
        let named = Named::find(&line.argument);
        let has_nothing = line.argument.is_empty();
        // Blanks behind the word are no end of the line to Kamailio.
        if has_nothing && line.end == line.keyword_end {
            return;
        }
        if named.is_bad || named.is_behind_stray {
            let origin = if has_nothing {
                line.origin
            } else {
                line.argument_origin
            };
            let message = "a define's name is made of letters, digits and underscores";
            let mut diagnostic =
                Diagnostic::error("bad-define", origin, message).with_help("`#!define NAME value`");
            diagnostic.is_beyond = !named.is_bad;
            self.report(diagnostic);
        }
        let Named { name, value, .. } = named;
        if name.is_empty() {
            return;
        }
        if action == Action::TryDefine && self.defines.contains(name) {
            return;
        }
        if action == Action::Define && self.defines.contains(name) {
            return self.already_defined(name, line.argument_origin);
        }
        self.defines.set(name, Bytes::copy_from_slice(value));
    }

    fn condition(&mut self, directive: &'static Directive, line: &Line<'_>) {
        let named = Named::find(&line.argument);
        let name = named.name;
        if (named.is_bad || named.is_behind_stray) && !self.conditions.is_skipping() {
            let message = format!("`{}` needs a name", directive.name);
            let mut diagnostic = Diagnostic::error("missing-name", line.origin, message)
                .with_help(format!("`{} NAME`", directive.name));
            diagnostic.is_beyond = !named.is_bad;
            self.report(diagnostic);
        }
        let is_defined = self.defines.contains(name);
        let holds = is_defined == (directive.action == Action::IfDefined);
        self.conditions.begin(directive.name, line.origin, holds);
    }

    /// `#!subst` and its kin: what follows their string is text of the configuration.
    fn substitution(&mut self, action: Action, line: &Line<'_>) -> usize {
        let text = &line.input.text[..line.end];
        let start = blanks_end(text, line.keyword_end);
        if !matches!(text.get(start), Some(b'"' | b'\'')) {
            self.string_expected(line);
            return line.end;
        }
        let end = scan::string_end(text, start);
        if !end.closed {
            self.string_expected(line);
            return line.end;
        }
        let joined = join_lines(&text[start..end.at]);
        let expression = self.substituted(literal::unquote(&joined));
        match action {
            Action::Subst => self.add_subst(&expression, line.argument_origin),
            _ => {
                let quoted = action == Action::SubstDefineQuoted;
                self.add_substdef(&expression, quoted, line.argument_origin);
            }
        }
        end.at
    }

    /// Substitutions reach into the strings of directives too.
    pub(super) fn substituted(&self, text: Bytes) -> Bytes {
        subst::apply_all(&self.substs, &text).map_or(text, Bytes::from)
    }

    fn string_expected(&mut self, line: &Line<'_>) {
        let origin = if line.argument.is_empty() {
            line.origin
        } else {
            line.argument_origin
        };
        self.report(
            Diagnostic::error(
                "string-expected",
                origin,
                "a quoted string is expected here",
            )
            .with_note("not a string in quotes"),
        );
    }

    fn add_subst(&mut self, expression: &[u8], origin: Origin) {
        match Subst::new(expression) {
            Ok(subst) => self.substs.push(subst),
            Err(error) => self.bad_subst(&error, origin),
        }
    }

    fn add_substdef(&mut self, expression: &[u8], quoted: bool, origin: Origin) {
        let parts = match Parts::split(expression) {
            Ok(parts) => parts,
            Err(error) => return self.bad_subst(&error, origin),
        };
        if parts.pattern.is_empty() {
            return self.bad_subst(&SubstError::Name, origin);
        }
        self.add_subst(expression, origin);
        let Ok(name) = std::str::from_utf8(parts.pattern) else {
            return;
        };
        self.set_maybe_quoted(name, parts.text, quoted, origin);
    }

    fn set_maybe_quoted(&mut self, name: &str, value: &[u8], quoted: bool, origin: Origin) {
        if self.defines.contains(name) {
            return self.already_defined(name, origin);
        }
        let value = if quoted {
            let mut out = Vec::with_capacity(value.len() + 2);
            literal::quote(value, &mut out);
            Bytes::from(out)
        } else {
            Bytes::copy_from_slice(value)
        };
        self.defines.set(name, value);
    }

    fn bad_subst(&mut self, error: &SubstError, origin: Origin) {
        self.report(Diagnostic::error(
            "bad-substitution",
            origin,
            error.to_string(),
        ));
    }

    /// `#!defenv` and its kin: what follows their word is text of the configuration.
    fn environment(&mut self, line: &Line<'_>, quoted: bool, optional: bool) -> usize {
        let text = &line.input.text[..line.end];
        let start = blanks_end(text, line.keyword_end);
        let end = word_end(text, start);
        let argument = String::from_utf8_lossy(&text[start..end]).into_owned();
        let (name, variable) = argument.split_once('=').unwrap_or((&argument, &argument));
        let origin = line.input.origin(start, end);
        if name.is_empty() {
            self.report(
                Diagnostic::error(
                    "missing-environment",
                    line.origin,
                    "the name of a variable is missing",
                )
                .with_help("`#!defenv NAME` or `#!defenv NAME=VARIABLE`"),
            );
            return end;
        }
        match self.loader.environment(variable) {
            Some(value) => self.set_maybe_quoted(name, value.as_bytes(), quoted, origin),
            None if optional => {}
            None => self.report(
                Diagnostic::error(
                    "missing-environment",
                    origin,
                    format!("the environment has no variable `{variable}`"),
                )
                .with_help("`#!trydefenv` takes it only if it is there"),
            ),
        }
        end
    }

    fn already_defined(&mut self, name: &str, origin: Origin) {
        self.report(
            Diagnostic::error(
                "already-defined",
                origin,
                format!("`{name}` is already defined"),
            )
            .with_help("`#!redefine` replaces a value, `#!trydef` keeps the first one"),
        );
    }

    /// What the command line asks for, before the first file is read.
    pub(super) fn apply_options(&mut self, options: &Options) {
        for (name, value) in &options.defines {
            if self.defines.contains(name) {
                self.already_defined(name, Origin::default());
                continue;
            }
            let value = value.clone().unwrap_or_default();
            self.defines.set(name, Bytes::from(value.into_bytes()));
        }
        let nowhere = Origin::default();
        for expression in &options.substs {
            self.add_subst(expression.as_bytes(), nowhere);
        }
        for expression in &options.substdefs {
            self.add_substdef(expression.as_bytes(), false, nowhere);
        }
        for expression in &options.substdefs_quoted {
            self.add_substdef(expression.as_bytes(), true, nowhere);
        }
    }
}

fn is_condition(action: Action) -> bool {
    matches!(
        action,
        Action::IfDefined | Action::IfNotDefined | Action::Else | Action::EndIf
    )
}

/// A define's name as it stands in a directive.
struct Named<'t> {
    /// Empty when there is none.
    name: &'t str,
    /// The text behind it.
    value: &'t [u8],
    /// It is a number, or a hyphen follows.
    is_bad: bool,
    /// What begins no name stands before it; Kamailio leaves that out.
    is_behind_stray: bool,
}

impl<'t> Named<'t> {
    fn find(argument: &'t [u8]) -> Self {
        let is_name = |byte: &u8| scan::name_end(&[*byte], 0) == 1;
        let start = argument.iter().position(is_name).unwrap_or(argument.len());
        let end = scan::name_end(argument, start);
        let name = &argument[start..end];
        Self {
            name: std::str::from_utf8(name).unwrap_or_default(),
            value: argument[end..].trim_ascii(),
            is_bad: name.iter().all(u8::is_ascii_digit) || argument.get(end) == Some(&b'-'),
            is_behind_stray: start > 0,
        }
    }
}

/// Where blanks end.
fn blanks_end(text: &[u8], at: usize) -> usize {
    let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t');
    at + text[at..].iter().take_while(is_blank).count()
}

/// Where the next blank or line end is.
pub(super) fn word_end(text: &[u8], at: usize) -> usize {
    let is_word = |byte: &&u8| !byte.is_ascii_whitespace();
    at + text[at..].iter().take_while(is_word).count()
}

/// The end of a line that a backslash may continue.
fn logical_line_end(text: &[u8], at: usize) -> usize {
    let mut end = scan::line_end(text, at);
    while end < text.len() {
        let line = text[at..end].strip_suffix(b"\r").unwrap_or(&text[at..end]);
        if !line.ends_with(b"\\") {
            break;
        }
        end = scan::line_end(text, end + 1);
    }
    end
}

/// A logical line without the backslashes that continue it.
fn join_lines(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        out.extend_from_slice(line.strip_suffix(b"\\").unwrap_or(line));
    }
    out
}
