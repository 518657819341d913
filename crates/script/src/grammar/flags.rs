//! Flags with names: `flags FLT_A:1, FLT_B`.

use std::collections::BTreeMap;

use super::Parser;
use crate::ast::{CoreParam, Expr, ExprKind, Name, ParamValue, Spanned};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lexer::token::TokenKind;

/// A message has this many flags.
const FLAG_COUNT: i64 = 32;
/// An AVP has this many flags.
const AVP_FLAG_COUNT: usize = 18;

/// The flags declared so far.
#[derive(Default)]
pub(super) struct Flags {
    numbers: BTreeMap<String, i64>,
    /// One bit for each number that a declaration took.
    taken: u32,
    /// The flags of AVPs.
    of_avps: Vec<String>,
}

impl Flags {
    /// The lowest number that no declaration took.
    fn free_number(&self) -> Option<i64> {
        (0..FLAG_COUNT).find(|number| self.taken & (1 << number) == 0)
    }
}

/// Whether a core function's argument is a flag.
pub(super) fn takes_flag(function: &str) -> bool {
    matches!(function, "setflag" | "resetflag" | "isflagset")
}

/// Whether a core function works on a flag of an AVP.
pub(super) fn takes_avp_flag(function: &str) -> bool {
    matches!(function, "setavpflag" | "resetavpflag" | "isavpflagset")
}

impl Parser<'_> {
    /// `flags name[:number], …`; yields one word `name:number` for each.
    pub(super) fn flag_declarations(&mut self, name: Name) -> CoreParam {
        let is_message_flag = name.node != "avpflags";
        let mut values = Vec::new();
        loop {
            let span = self.span();
            let Some(flag) = self.opt_flag_name() else {
                let diagnostic = self.error_here("flag-expected", "expected a list of flags");
                self.report(diagnostic);
                break;
            };
            let mut number = None;
            // Flags of AVPs cannot be numbered.
            if is_message_flag && self.accept(&TokenKind::Colon) {
                if let TokenKind::Int(value) = *self.peek() {
                    number = Some(i64::from(value));
                    self.advance();
                } else {
                    let diagnostic = self.error_here("number-expected", "expected a flag's number");
                    self.report(diagnostic);
                }
            }
            if is_message_flag {
                if self.flags.numbers.contains_key(&flag) {
                    let diagnostic = Diagnostic::error(
                        "duplicate-flag",
                        self.origin(span),
                        format!("the flag `{flag}` is declared twice"),
                    );
                    self.report_always(diagnostic);
                }
                if let Some(given) = number.filter(|given| !(0..FLAG_COUNT).contains(given)) {
                    self.bad_flag(given);
                }
                number = number.or_else(|| self.flags.free_number());
                let Some(number) = number else {
                    let diagnostic = Diagnostic::error(
                        "too-many-flags",
                        self.origin(span),
                        format!("there is no number left for the flag `{flag}`"),
                    );
                    self.report_always(diagnostic);
                    break;
                };
                if (0..FLAG_COUNT).contains(&number) {
                    self.flags.taken |= 1 << number;
                }
                self.flags.numbers.insert(flag.clone(), number);
            }
            if is_message_flag || self.declare_avp_flag(&flag) {
                let text = match number {
                    Some(number) => format!("{flag}:{number}"),
                    None => flag,
                };
                values.push(Spanned {
                    node: ParamValue::Word(text),
                    span: self.span_from(span),
                });
            }
            if !self.accept(&TokenKind::Comma) {
                break;
            }
        }
        let span = self.span_from(name.span);
        CoreParam { name, values, span }
    }

    /// Gives a flag of AVPs its bit; false when it has one. More than there are bits may be
    /// declared, as in Kamailio, but not used.
    fn declare_avp_flag(&mut self, flag: &str) -> bool {
        let is_new = !self.flags.of_avps.iter().any(|known| known == flag);
        if is_new {
            self.flags.of_avps.push(flag.to_owned());
        }
        is_new
    }

    /// The attribute and the flag of `setavpflag(attribute, flag)`.
    pub(super) fn avp_flag_argument(&mut self, index: usize) -> Option<Expr> {
        let span = self.span();
        let node = match (index, self.peek()) {
            (0, TokenKind::Attribute) => {
                let name = self.attribute_name();
                self.advance();
                ExprKind::Str(name.into())
            }
            (0, TokenKind::Variable)
                if self.source.has_attributes(span) && !self.text_of(span).contains('(') =>
            {
                self.advance();
                ExprKind::Variable(self.text_of(span))
            }
            (0, TokenKind::Str) => ExprKind::Str(self.opt_literal()?),
            (1, TokenKind::Word | TokenKind::Str) => ExprKind::Str(self.avp_flag()?.into()),
            _ => {
                let wanted = match index {
                    0 => "an attribute, such as `%name`",
                    _ => "the name of a flag that `avpflags` declares",
                };
                let found = self.found();
                let diagnostic =
                    self.error_here("flag-expected", format!("expected {wanted}, found {found}"));
                self.report(diagnostic);
                return None;
            }
        };
        Some(Spanned { node, span })
    }

    /// The name of a flag of AVPs.
    fn avp_flag(&mut self) -> Option<String> {
        let span = self.span();
        let name = self.opt_flag_name()?;
        let known = self.flags.of_avps.iter().take(AVP_FLAG_COUNT);
        if !known.clone().any(|flag| *flag == name) {
            let mut diagnostic = Diagnostic::error(
                "unknown-flag",
                self.origin(span),
                format!("the flag `{name}` of AVPs is not declared"),
            );
            if let Some(near) = nearest(&name, known.map(String::as_str)) {
                diagnostic = diagnostic.with_help(format!("did you mean `{near}`?"));
            }
            if self.flags.of_avps.contains(&name) {
                diagnostic = diagnostic.with_help(format!("AVPs have {AVP_FLAG_COUNT} flags"));
            } else {
                diagnostic = diagnostic.with_help(format!("declare it with `avpflags {name}`"));
            }
            self.report_always(diagnostic);
        }
        Some(name)
    }

    /// Takes a name, bare or in quotes.
    fn opt_flag_name(&mut self) -> Option<String> {
        if let Some(text) = self.opt_literal() {
            return Some(String::from_utf8_lossy(&text).into_owned());
        }
        let name = self.word()?.to_owned();
        self.advance();
        Some(name)
    }

    fn bad_flag(&mut self, number: i64) {
        let sign = if number < 0 {
            "a flag's number is not negative".to_owned()
        } else {
            format!("there is no flag {number}")
        };
        let last = FLAG_COUNT - 1;
        let diagnostic = self
            .error_here("bad-flag", sign)
            .with_help(format!("messages have the flags 0 to {last}"));
        self.report(diagnostic);
    }

    /// A flag by name, as its number.
    pub(super) fn opt_flag(&mut self) -> Option<Expr> {
        let span = self.span();
        if self.is(&TokenKind::Word)
            && let Some(number) = self.opt_number()
        {
            return Some(Spanned {
                node: ExprKind::Int(number.node),
                span,
            });
        }
        match *self.peek() {
            TokenKind::Int(number) if !(0..FLAG_COUNT).contains(&i64::from(number)) => {
                self.bad_flag(i64::from(number));
                return None;
            }
            TokenKind::Minus => {
                self.bad_flag(-1);
                return None;
            }
            _ => {}
        }
        let name = self.opt_flag_name()?;
        let number = self.flags.numbers.get(&name).copied();
        if number.is_none() {
            let mut diagnostic = Diagnostic::error(
                "unknown-flag",
                self.origin(span),
                format!("the flag `{name}` is not declared"),
            );
            if let Some(known) = nearest(&name, self.flags.numbers.keys().map(String::as_str)) {
                diagnostic = diagnostic.with_help(format!("did you mean `{known}`?"));
            }
            diagnostic = diagnostic.with_help(format!(
                "declare it with `flags {name}` or `#!define {name} <number>`"
            ));
            self.report_always(diagnostic);
        }
        Some(Spanned {
            node: ExprKind::Int(number.unwrap_or(0)),
            span,
        })
    }
}
