//! What the core's own functions take: to Kamailio their arguments are part of the grammar, no
//! expressions. Whether a number or a text is wanted, the function's row says.

use super::Parser;
use super::hosts::transport;
use crate::ast::{Expr, ExprKind};
use crate::diagnostic::Diagnostic;

/// Whether a keyword may be the whole argument.
pub(super) fn takes_keyword(function: &str, index: usize, word: &str) -> bool {
    match word {
        "uri:host" => index == 0 && is_forward(function),
        "uri:port" => index == 1 && is_forward(function),
        "UDP" | "udp" | "TCP" | "tcp" | "TLS" | "tls" | "SCTP" | "sctp" => {
            function == "udp_mtu_try_proto"
        }
        _ => false,
    }
}

fn is_forward(function: &str) -> bool {
    matches!(
        function,
        "forward" | "forward_udp" | "forward_tcp" | "forward_tls" | "forward_sctp"
    )
}

/// Whether an argument is a number or a text as it stands.
fn takes_constant(function: &str, index: usize) -> bool {
    match function {
        "cfg_select" => index == 0,
        "add_tcp_alias"
        | "setflag"
        | "resetflag"
        | "isflagset"
        | "cfg_reset"
        | "error"
        | "exec"
        | "force_send_socket"
        | "force_tcp_alias"
        | "log"
        | "prefix"
        | "remove_branch"
        | "revert_uri"
        | "rewritehost"
        | "rewritehostport"
        | "rewritehostporttrans"
        | "rewriteport"
        | "rewriteuri"
        | "rewriteuser"
        | "rewriteuserpass"
        | "set_advertised_address"
        | "set_advertised_port"
        | "seth"
        | "sethost"
        | "sethostport"
        | "sethostporttrans"
        | "sethp"
        | "sethpt"
        | "setp"
        | "setport"
        | "setu"
        | "setup"
        | "seturi"
        | "setuser"
        | "setuserpass"
        | "strip"
        | "strip_tail"
        | "udp_mtu_try_proto" => true,
        _ => is_forward(function),
    }
}

impl Parser<'_> {
    /// Reports an argument of a core function that is more than a number or a text.
    pub(super) fn constant_for_core(&mut self, function: &str, index: usize, argument: &Expr) {
        let is_constant = match &argument.node {
            _ if function == "udp_mtu_try_proto" => false,
            // One without a sign is too wide: it wraps around.
            ExprKind::Int(number) if *number < 0 => {
                function == "remove_branch" || !self.text_of(argument.span).starts_with('-')
            }
            ExprKind::Int(_) | ExprKind::Str(_) => !self.is_in_parentheses(argument),
            _ => false,
        };
        if is_constant || !takes_constant(function, index) {
            return;
        }
        let diagnostic = Diagnostic::error(
            "not-constant",
            self.origin(argument.span),
            format!("`{function}` of the core takes no variables and expressions"),
        );
        let diagnostic = match function {
            "rewriteuri" | "seturi" => diagnostic.with_help("assign to $ru"),
            "rewriteuser" | "setuser" | "setu" | "prefix" | "strip" | "strip_tail" => {
                diagnostic.with_help("assign to $rU")
            }
            "rewritehost" | "sethost" | "seth" => diagnostic.with_help("assign to $rd"),
            "rewriteport" | "setport" | "setp" => diagnostic.with_help("assign to $rp"),
            "log" => diagnostic.with_help("xlog() of module xlog shows variables"),
            "udp_mtu_try_proto" => diagnostic.with_help("it takes UDP, TCP, TLS or SCTP"),
            _ => diagnostic,
        };
        self.report(diagnostic);
    }

    /// Reports a socket where only a host may stand.
    pub(super) fn host_for_core(&mut self, function: &str, host: &Expr) {
        let text = self.text_of(host.span);
        let is_socket = text
            .split_once(':')
            .is_some_and(|(first, _)| transport(first).is_some());
        if is_socket && function != "force_send_socket" {
            let diagnostic = Diagnostic::error(
                "host-expected",
                self.origin(host.span),
                format!("`{function}` takes a host, not the socket `{text}`"),
            );
            self.report(diagnostic);
        }
    }

    fn is_in_parentheses(&self, argument: &Expr) -> bool {
        self.text_of(argument.span).starts_with('(')
    }
}
