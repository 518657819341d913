//! Core parameters and custom parameters.

use super::Parser;
use crate::ast::{CoreParam, CustomParam, Name, ParamValue, Spanned};
use crate::lexer::token::TokenKind;
use crate::lexer::{KeywordKind, find_keyword};

/// Core functions that may be written without parentheses.
const WITHOUT_PARENS: [&str; 11] = [
    "add_local_rport",
    "add_rport",
    "add_tcp_alias",
    "force_rport",
    "force_tcp_alias",
    "revert_uri",
    "set_forward_close",
    "set_forward_no_connect",
    "set_reply_close",
    "set_reply_no_connect",
    "exit",
];

/// Whether a core function may be written without parentheses.
pub(super) fn may_lack_parens(function: &str) -> bool {
    WITHOUT_PARENS.contains(&function)
}

/// Whether an argument of a core function may be a bare host, address or socket.
pub(super) fn takes_host(function: &str, index: usize) -> bool {
    index == 0
        && matches!(
            function,
            "forward"
                | "forward_udp"
                | "forward_tcp"
                | "forward_tls"
                | "forward_sctp"
                | "force_send_socket"
                | "set_advertised_address"
        )
}

impl Parser<'_> {
    /// `name = value`.
    pub(super) fn core_param(&mut self) -> Option<CoreParam> {
        let start = self.span();
        let name = self.param_name();
        self.advance();
        let values = match name.node.as_str() {
            "listen" | "bind" | "alias" => self.sockets(&name.node),
            _ => vec![self.core_value(&name.node)?],
        };
        Some(CoreParam {
            name,
            values,
            span: self.span_from(start),
        })
    }

    /// `cfgengine "name"`, with or without `=`.
    pub(super) fn engine(&mut self) -> Option<CoreParam> {
        let start = self.span();
        let name = self.param_name();
        self.accept(&TokenKind::Assign);
        let value = self.core_value(&name.node)?;
        Some(CoreParam {
            name,
            values: vec![value],
            span: self.span_from(start),
        })
    }

    fn param_name(&mut self) -> Name {
        let span = self.span();
        self.advance();
        Name {
            node: self.text_of(span),
            span,
        }
    }

    /// A number, a string, a word, an address.
    fn core_value(&mut self, param: &str) -> Option<Spanned<ParamValue>> {
        let start = self.span();
        let is_joined = self.is(&TokenKind::Word)
            && matches!(self.peek_at(1), TokenKind::Dot | TokenKind::Minus)
            && self.span_at(1).start == start.end;
        let is_address = is_joined || matches!(self.peek(), TokenKind::Ip | TokenKind::LeftBracket);
        if is_address && !self.is_number_word() {
            let host = self.host()?;
            return Some(Spanned {
                node: ParamValue::Word(host),
                span: self.span_from(start),
            });
        }
        if let Some(number) = self.opt_number() {
            return Some(Spanned {
                node: ParamValue::Int(number.node),
                span: number.span,
            });
        }
        if let Some(word) = self.word().map(str::to_owned) {
            self.advance();
            return Some(Spanned {
                node: ParamValue::Word(word),
                span: start,
            });
        }
        self.plain_value(&format!("`{param}`"))
    }

    pub(super) fn is_number_word(&self) -> bool {
        self.word()
            .and_then(find_keyword)
            .is_some_and(|keyword| matches!(keyword.kind, KeywordKind::Number(_)))
    }

    /// `5`, `-5`, `yes`, `off`.
    pub(super) fn opt_number(&mut self) -> Option<Spanned<i64>> {
        let start = self.span();
        let node = match (self.peek(), self.peek_at(1)) {
            (TokenKind::Int(value), _) => i64::from(*value),
            (TokenKind::Minus, TokenKind::Int(value)) => {
                let value = i64::from(value.wrapping_neg());
                self.advance();
                value
            }
            (TokenKind::Word, _) => match find_keyword(self.word()?)?.kind {
                KeywordKind::Number(value) => value,
                _ => return None,
            },
            _ => return None,
        };
        self.advance();
        Some(Spanned {
            node,
            span: self.span_from(start),
        })
    }

    /// `group.name = value [desc "…"]`.
    pub(super) fn custom_param(&mut self) -> Option<CustomParam> {
        let group = self.own_name("the group of a parameter");
        let instance = self.opt_instance();
        if !self.accept(&TokenKind::Dot) || self.word().is_none() {
            let found = self.found();
            let diagnostic = self.error_here(
                "bad-parameter",
                format!("expected `{}.name = value`, found {found}", group.node),
            );
            self.report(diagnostic);
            return None;
        }
        let name = self.own_name("the name of a parameter");
        if !self.accept(&TokenKind::Assign) {
            let found = self.found();
            let diagnostic = self.error_here(
                "assignment-expected",
                format!(
                    "expected `=` after `{}.{}`, found {found}",
                    group.node, name.node
                ),
            );
            self.report(diagnostic);
            return None;
        }
        if self.is(&TokenKind::Minus) {
            let diagnostic = self
                .error_here(
                    "value-expected",
                    "a custom parameter takes no negative number",
                )
                .with_help("write it as a string: \"-1\"");
            self.report(diagnostic);
            self.advance();
        }
        let value = self.plain_value("a custom parameter")?;
        let description = if matches!(self.word(), Some("desc" | "descr" | "description")) {
            self.advance();
            Some(self.string_name("the description")?.node)
        } else {
            None
        };
        Some(CustomParam {
            group,
            instance,
            name,
            value,
            description,
        })
    }

    /// A name that the operator gives; `default` is the one word of the language that it may be.
    fn own_name(&mut self, what: &str) -> Name {
        if !self.is_word("default") {
            self.must_be_free(what);
        }
        self.param_name()
    }

    /// `[number]` behind a group's name.
    fn opt_instance(&mut self) -> Option<i64> {
        if !self.is(&TokenKind::LeftBracket) {
            return None;
        }
        let TokenKind::Int(number) = *self.peek_at(1) else {
            return None;
        };
        if *self.peek_at(2) != TokenKind::RightBracket {
            return None;
        }
        for _ in 0..3 {
            self.advance();
        }
        Some(i64::from(number))
    }
}
