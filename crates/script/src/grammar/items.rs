//! Top-level elements: parameters, modules and blocks.

use super::Parser;
use crate::ast::{Config, Item, ModParam, Name, ParamValue, Spanned};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lexer::token::TokenKind;

/// Words that begin a top-level element other than a parameter.
const STATEMENTS: [&str; 17] = [
    "loadmodule",
    "loadmodulex",
    "loadpath",
    "mpath",
    "modparam",
    "modparamx",
    "cfgengine",
    "flags",
    "avpflags",
    "request_route",
    "reply_route",
    "route",
    "onreply_route",
    "failure_route",
    "branch_route",
    "event_route",
    "onsend_route",
];

impl Parser<'_> {
    /// The whole configuration.
    pub(super) fn config(&mut self) -> Config {
        let mut config = Config::default();
        while !self.is_end() {
            let before = self.at;
            if !self.accept(&TokenKind::Semicolon) {
                match self.item() {
                    Some(item) => config.items.push(item),
                    None => {
                        if self.at == before {
                            self.advance();
                        }
                        self.skip_to_item();
                    }
                }
            }
            if self.at == before {
                self.advance();
            }
        }
        config
    }

    fn item(&mut self) -> Option<Item> {
        if self.is_block_start() {
            return self.block().map(Item::Block);
        }
        let Some(word) = self.word().map(str::to_owned) else {
            self.no_item();
            return None;
        };
        match word.as_str() {
            "loadmodule" | "loadmodulex" => {
                self.advance();
                self.string_name("a module's name").map(Item::LoadModule)
            }
            "loadpath" | "mpath" => {
                self.advance();
                self.accept(&TokenKind::Assign);
                self.string_name("a path").map(Item::LoadPath)
            }
            "modparam" | "modparamx" => self.modparam().map(Item::ModParam),
            "cfgengine" => self.engine().map(Item::CoreParam),
            "flags" | "bool" | "avpflags" => {
                let name = Name {
                    node: word,
                    span: self.span(),
                };
                self.advance();
                Some(Item::CoreParam(self.flag_declarations(name)))
            }
            _ => self.parameter(),
        }
    }

    fn no_item(&mut self) {
        let found = self.found();
        let diagnostic = match self.peek() {
            TokenKind::RightBrace => self
                .error_here("stray-brace", "this `}` closes nothing")
                .with_help("a block above has one `}` too many"),
            TokenKind::Variable => self
                .error_here(
                    "statement-outside-route",
                    "statements stand in route blocks only",
                )
                .with_help("a block above may have one `}` too many"),
            _ => self.error_here(
                "item-expected",
                format!("expected a parameter, a module or a route block, found {found}"),
            ),
        };
        self.report(diagnostic);
    }

    /// `modparam("modules", "name", value)`.
    fn modparam(&mut self) -> Option<ModParam> {
        let start = self.span();
        self.advance();
        let open = self.span();
        if !self.accept(&TokenKind::LeftParen) {
            let found = self.found();
            let diagnostic = self.error_here(
                "missing-paren",
                format!("expected `(` after `modparam`, found {found}"),
            );
            self.report(diagnostic);
            return None;
        }
        let modules = self.string_name("a module's name")?;
        self.comma()?;
        let name = self.string_name("a parameter's name")?;
        self.comma()?;
        let value = self.plain_value("a module's parameter")?;
        self.close_paren(open);
        Some(ModParam {
            modules,
            name,
            value,
            span: self.span_from(start),
        })
    }

    pub(super) fn comma(&mut self) -> Option<()> {
        if self.accept(&TokenKind::Comma) {
            return Some(());
        }
        let found = self.found();
        let diagnostic = self.error_here("missing-comma", format!("expected `,`, found {found}"));
        self.report(diagnostic);
        None
    }

    /// An integer (with an optional sign), a number word or a string.
    pub(super) fn plain_value(&mut self, what: &str) -> Option<Spanned<ParamValue>> {
        if let Some(string) = self.opt_string() {
            return Some(Spanned {
                node: ParamValue::Str(string.node),
                span: string.span,
            });
        }
        if let Some(number) = self.opt_number() {
            return Some(Spanned {
                node: ParamValue::Int(number.node),
                span: number.span,
            });
        }
        let found = self.found();
        let mut diagnostic = self.error_here(
            "value-expected",
            format!("{what} takes a number or a string in quotes, found {found}"),
        );
        if let Some(word) = self.word() {
            diagnostic = diagnostic.with_help(format!(
                "write \"{word}\", or define it: `#!define {word} …`"
            ));
        }
        self.report(diagnostic);
        None
    }

    /// `name = value` of the core, `group.name = value` or `group[1].name = value` of the
    /// operator.
    fn parameter(&mut self) -> Option<Item> {
        match self.peek_at(1) {
            TokenKind::Dot => self.custom_param().map(Item::CustomParam),
            TokenKind::LeftBracket => self.custom_param().map(Item::CustomParam),
            TokenKind::Assign => self.core_param().map(Item::CoreParam),
            _ => {
                self.unknown_item();
                None
            }
        }
    }

    fn unknown_item(&mut self) {
        let word = self.word().unwrap_or_default().to_owned();
        let origin = self.origin_here();
        let mut diagnostic = Diagnostic::error(
            "unknown-item",
            origin,
            format!("`{word}` begins nothing here"),
        );
        if let Some(known) = nearest(&word, STATEMENTS) {
            diagnostic = diagnostic.with_help(format!("did you mean `{known}`?"));
        } else if *self.peek_at(1) == TokenKind::LeftParen
            || matches!(
                word.as_str(),
                "if" | "else" | "while" | "switch" | "exit" | "return" | "drop"
            )
        {
            diagnostic = diagnostic
                .with_note("statements stand in route blocks only")
                .with_help("a block above may have one `}` too many");
        } else {
            diagnostic = diagnostic.with_help(format!("a parameter is set with `{word} = value`"));
        }
        self.report(diagnostic);
    }
}
