//! Sockets and hosts: `listen = udp:10.0.0.1:5060 advertise 192.0.2.1:5060 name "a"`.

use super::Parser;
use crate::ast::{ListenValue, ParamValue, Spanned};
use crate::diagnostic::Diagnostic;
use crate::lexer::token::TokenKind;

impl Parser<'_> {
    /// One or more sockets.
    pub(super) fn sockets(&mut self, param: &str) -> Vec<Spanned<ParamValue>> {
        let mut values = Vec::new();
        while values.is_empty() || self.is_socket_start() {
            let before = self.at;
            match self.socket(param) {
                Some(mut found) => values.append(&mut found),
                None => break,
            }
            if self.at == before {
                break;
            }
        }
        values
    }

    /// Whether a further socket follows, and not the next parameter.
    fn is_socket_start(&self) -> bool {
        match self.peek() {
            TokenKind::Ip | TokenKind::Str | TokenKind::LeftBracket | TokenKind::LeftParen => true,
            TokenKind::Word => {
                if self.is_item_start() || self.is_block_start() {
                    return false;
                }
                // Behind the host name that may begin here stands `=`: then it is a parameter.
                let mut ahead = 1;
                while matches!(
                    self.peek_at(ahead),
                    TokenKind::Dot | TokenKind::Minus | TokenKind::Word | TokenKind::Int(_)
                ) && self.span_at(ahead).start == self.span_at(ahead - 1).end
                {
                    ahead += 1;
                }
                // Nor does an instance of a group stand in a host name.
                !matches!(
                    self.peek_at(ahead),
                    TokenKind::Assign | TokenKind::LeftBracket
                ) && !matches!(
                    self.word(),
                    Some(
                        "loadmodule"
                            | "loadpath"
                            | "mpath"
                            | "modparam"
                            | "flags"
                            | "avpflags"
                            | "cfgengine"
                            | "bool"
                            | "advertise"
                            | "name"
                            | "virtual"
                    )
                )
            }
            _ => false,
        }
    }

    fn socket(&mut self, param: &str) -> Option<Vec<Spanned<ParamValue>>> {
        let start = self.span();
        // A string followed by a port is a host in quotes.
        if param == "alias"
            && *self.peek_at(1) != TokenKind::Colon
            && let Some(text) = self.opt_literal()
        {
            let node = ParamValue::Str(text);
            return Some(vec![Spanned { node, span: start }]);
        }
        let mut value = ListenValue::default();
        if *self.peek_at(1) == TokenKind::Colon
            && let Some(proto) = self.word().and_then(transport)
        {
            value.proto = Some(proto.to_owned());
            self.advance();
            self.advance();
        }
        let hosts = self.host_list()?;
        if self.accept(&TokenKind::Colon) && !self.accept(&TokenKind::Star) {
            value.port = self.port();
        }
        if self.accept_word("advertise") || self.accept_word("ADVERTISE") {
            let host = self.host()?;
            let port = if self.accept(&TokenKind::Colon) {
                self.port()
            } else {
                None
            };
            value.advertise = Some((host, port));
        }
        if matches!(self.word(), Some("name" | "NAME")) && *self.peek_at(1) == TokenKind::Str {
            self.advance();
            value.name = self.opt_string_name().map(|name| name.node);
        }
        value.is_virtual = self.accept_word("virtual");
        let span = self.span_from(start);
        Some(
            hosts
                .into_iter()
                .map(|host| Spanned {
                    node: ParamValue::Listen(ListenValue {
                        host,
                        ..value.clone()
                    }),
                    span,
                })
                .collect(),
        )
    }

    /// A host, or several in parentheses for one socket with many addresses.
    fn host_list(&mut self) -> Option<Vec<String>> {
        if !self.is(&TokenKind::LeftParen) {
            return self.host().map(|host| vec![host]);
        }
        let open = self.span();
        self.advance();
        let mut hosts = vec![self.host()?];
        while self.accept(&TokenKind::Comma) {
            hosts.push(self.host()?);
        }
        self.close_paren(open);
        Some(hosts)
    }

    /// A host name, an interface, an address, also in quotes.
    pub(super) fn host(&mut self) -> Option<String> {
        let start = self.span();
        if let Some(text) = self.opt_literal() {
            return Some(String::from_utf8_lossy(&text).into_owned());
        }
        match self.peek() {
            TokenKind::Ip => {
                self.advance();
                return Some(self.text_of(start));
            }
            TokenKind::LeftBracket if *self.peek_at(1) == TokenKind::Ip => {
                let address = self.text_of(self.span_at(1));
                self.advance();
                self.advance();
                if !self.accept(&TokenKind::RightBracket) {
                    let diagnostic =
                        self.error_here("missing-bracket", "expected `]` after the address");
                    self.report(diagnostic);
                }
                return Some(format!("[{address}]"));
            }
            TokenKind::Word | TokenKind::Int(_) => self.advance(),
            _ => {
                let found = self.found();
                let diagnostic = self.error_here(
                    "host-expected",
                    format!("expected an address, an interface or a host name, found {found}"),
                );
                self.report(diagnostic);
                return None;
            }
        }
        while self.is_adjacent()
            && matches!(
                self.peek(),
                TokenKind::Dot | TokenKind::Minus | TokenKind::Word | TokenKind::Int(_)
            )
        {
            self.advance();
        }
        Some(self.text_of(self.span_from(start)))
    }

    fn port(&mut self) -> Option<u16> {
        if let TokenKind::Int(number) = *self.peek() {
            self.advance();
            if let Ok(port) = u16::try_from(number) {
                return Some(port);
            }
            let last = self.origin(self.last_span());
            // Kamailio keeps 16 bits of it.
            let diagnostic = Diagnostic::error("bad-port", last, format!("{number} is no port"));
            self.report_always(diagnostic.beyond());
            return None;
        }
        let found = self.found();
        let diagnostic =
            self.error_here("port-expected", format!("expected a port, found {found}"));
        self.report(diagnostic);
        None
    }
}

/// The transport that a word names.
pub(super) fn transport(word: &str) -> Option<&'static str> {
    match word {
        "udp" | "UDP" => Some("udp"),
        "tcp" | "TCP" => Some("tcp"),
        "tls" | "TLS" => Some("tls"),
        "sctp" | "SCTP" => Some("sctp"),
        "ws" | "WS" => Some("ws"),
        "wss" | "WSS" => Some("wss"),
        _ => None,
    }
}
