//! Sockets and hosts: `listen = udp:10.0.0.1:5060 advertise 192.0.2.1:5060 name "a"`.

use super::Parser;
use crate::ast::{ListenValue, ParamValue, Spanned};
use crate::diagnostic::Diagnostic;
use crate::lexer::is_reserved;
use crate::lexer::token::TokenKind;

impl Parser<'_> {
    /// One or more sockets; what stands behind the last one is said of all.
    pub(super) fn sockets(&mut self, param: &str) -> Vec<Spanned<ParamValue>> {
        let mut values = Vec::new();
        while values.is_empty() || self.is_socket_start(param) {
            let before = self.at;
            match self.socket(param) {
                Some(mut found) => values.append(&mut found),
                None => break,
            }
            if self.at == before {
                break;
            }
        }
        if param != "alias" {
            self.socket_attributes(&mut values);
        }
        values
    }

    /// Whether a further socket follows, and not the next parameter.
    fn is_socket_start(&mut self, param: &str) -> bool {
        match self.peek() {
            TokenKind::Ip
            | TokenKind::Str
            | TokenKind::Int(_)
            | TokenKind::LeftBracket
            | TokenKind::LeftParen => true,
            TokenKind::Word => match self.word().filter(|word| is_reserved(word)) {
                Some(word) => transport(word).is_some() && *self.peek_at(1) == TokenKind::Colon,
                None => !self.is_parameter_behind_sockets(param),
            },
            _ => false,
        }
    }

    /// Whether the word that follows is a parameter's name. Kamailio takes the group of one that is
    /// the operator's for a further host.
    fn is_parameter_behind_sockets(&mut self, param: &str) -> bool {
        let mut ahead = 1;
        while matches!(
            self.peek_at(ahead),
            TokenKind::Dot | TokenKind::Minus | TokenKind::Word | TokenKind::Int(_)
        ) && self.span_at(ahead).start == self.span_at(ahead - 1).end
        {
            ahead += 1;
        }
        let has_group = match self.peek_at(ahead) {
            TokenKind::Assign => ahead > 1,
            TokenKind::LeftBracket => true,
            _ => return false,
        };
        if has_group {
            let word = self.word().unwrap_or_default();
            let diagnostic = self
                .error_here(
                    "parameter-as-host",
                    format!("`{word}` is taken for a further host of `{param}`"),
                )
                .with_help(format!("put a `;` behind the values of `{param}`"));
            self.report_always(diagnostic);
        }
        true
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

    /// `advertise host:port name "text" virtual`, of all these sockets.
    fn socket_attributes(&mut self, sockets: &mut [Spanned<ParamValue>]) {
        let mut attributes = ListenValue::default();
        if self.accept_word("advertise") || self.accept_word("ADVERTISE") {
            let Some(host) = self.host() else { return };
            let port = if self.accept(&TokenKind::Colon) {
                self.port()
            } else {
                None
            };
            attributes.advertise = Some((host, port));
        }
        if matches!(self.word(), Some("name" | "NAME")) && *self.peek_at(1) == TokenKind::Str {
            self.advance();
            attributes.name = self.opt_string_name().map(|name| name.node);
        }
        attributes.is_virtual = self.accept_word("virtual");
        for socket in sockets {
            if let ParamValue::Listen(value) = &mut socket.node {
                value.advertise.clone_from(&attributes.advertise);
                value.name.clone_from(&attributes.name);
                value.is_virtual = attributes.is_virtual;
            }
        }
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
            TokenKind::Int(_) if *self.peek_at(1) == TokenKind::Dot => {
                let found = self.found();
                let diagnostic = self
                    .error_here("host-expected", format!("no host begins with {found}."))
                    .with_help("a name that begins with a digit is put in quotes");
                self.report(diagnostic);
                return None;
            }
            TokenKind::Word | TokenKind::Int(_) => self.part_of_host(true),
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
        self.rest_of_host();
        let mut text = self.text_of(self.span_from(start));
        text.retain(|letter| !letter.is_whitespace());
        Some(text)
    }

    /// What is joined to the word before by dots and hyphens; blanks may stand around these.
    fn rest_of_host(&mut self) {
        let mut is_joined = false;
        loop {
            match self.peek() {
                TokenKind::Dot | TokenKind::Minus => is_joined = true,
                TokenKind::Int(_) if is_joined || self.is_adjacent() => is_joined = false,
                TokenKind::Word if self.is_adjacent() => is_joined = false,
                TokenKind::Word if is_joined && !self.word().is_some_and(is_reserved) => {
                    is_joined = false;
                }
                _ => return,
            }
            self.part_of_host(false);
        }
    }

    /// One of the pieces that a host name without quotes is made of; words of the language are none.
    /// Those that stand for numbers are, unless a name of several begins with one and a dot.
    fn part_of_host(&mut self, is_first: bool) {
        let begins = is_first && *self.peek_at(1) == TokenKind::Dot;
        let is_fit = self.is_number_word() && !begins;
        let is_refused = |word: &&str| is_reserved(word) && !is_fit;
        if let Some(word) = self.word().filter(is_refused) {
            let message = format!("`{word}` is a word of the language, and no part of a host");
            let diagnostic = self
                .error_here("reserved-in-host", message)
                .with_help("put the name in quotes");
            self.report(diagnostic);
        }
        self.advance();
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
