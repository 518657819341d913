//! `avp_pushto`: values put into the request URI, the next hop or new branches.

use bytes::Bytes;
use engine::Context;
use engine::catalog::NameScope;
use engine::context::Branch;
use engine::log::Level;
use engine::request_uri::{Change, change};
use engine::variable::ParsedName;
use script::value::Value;

use super::names::{Operand, flags, parts};
use crate::pv::api;

/// What is written to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Target {
    /// The request URI.
    Uri,
    /// Its user.
    User,
    /// Its host.
    Domain,
    /// The next hop.
    NextHop,
    /// A new branch.
    Branch,
}

/// `$variable/g`.
pub(super) struct Pushed {
    value: Operand,
    all: bool,
}

/// Why a value was not written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum PushError {
    /// The AVP has no value.
    #[error("the AVP is not set")]
    NotSet,
    /// The request URI cannot be changed.
    #[error("the request URI cannot be changed")]
    Uri,
    /// A number is no next hop.
    #[error("a number is no next hop")]
    Number,
    /// No room for a branch.
    #[error("too many branches")]
    TooManyBranches,
}

pub(super) fn parse_target(_: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let target = match text {
        b"$ru" => Target::Uri,
        b"$ru/username" => Target::User,
        b"$ru/domain" => Target::Domain,
        b"$du" => Target::NextHop,
        b"$br" => Target::Branch,
        _ => return Err("$ru, $ru/username, $ru/domain, $du or $br is needed".to_owned()),
    };
    Ok(ParsedName::data(target))
}

pub(super) fn parse_pushed(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    let parts = parts(text)?;
    let (Some(name), true) = (parts.first(), parts.len() <= 2) else {
        return Err("$variable/g is needed".to_owned());
    };
    let all = flags(parts.get(1), "g")?.contains('g');
    Ok(ParsedName::data(Pushed {
        value: Operand::parse(scope, name)?,
        all,
    }))
}

impl Pushed {
    /// Each value after the first finds what the request URI was as a branch of its own.
    pub(super) fn run(&self, cx: &mut Context, target: Target) -> Result<(), PushError> {
        let values = if api::is_avp(self.value.variable()) {
            self.value.values(cx).0
        } else {
            // What is not there counts as nothing.
            vec![self.value.variable().read(cx)]
        };
        if values.is_empty() {
            return Err(PushError::NotSet);
        }
        let limit = if self.all { usize::MAX } else { 1 };
        for (nth, value) in values.into_iter().take(limit).enumerate() {
            let is_uri = matches!(target, Target::Uri | Target::User | Target::Domain);
            if nth > 0 && is_uri {
                let uri = cx.request_uri();
                append(cx, uri)?;
            }
            write(cx, target, value)?;
        }
        Ok(())
    }
}

fn write(cx: &mut Context, target: Target, value: Value) -> Result<(), PushError> {
    if target == Target::NextHop && matches!(value, Value::Int(_)) {
        return Err(PushError::Number);
    }
    let text = value.to_bytes();
    match target {
        Target::Uri => cx.set_request_uri(text),
        Target::User => change(cx, Change::User(&text)).map_err(|_| PushError::Uri)?,
        Target::Domain => change(cx, Change::Host(&text)).map_err(|_| PushError::Uri)?,
        Target::NextHop => cx.set_next_hop(text),
        Target::Branch => {
            let uri = if text.is_empty() {
                cx.request_uri()
            } else {
                text
            };
            append(cx, uri)?;
        }
    }
    Ok(())
}

fn append(cx: &mut Context, uri: Bytes) -> Result<(), PushError> {
    let branch = Branch {
        uri: Some(uri),
        ..Branch::default()
    };
    if cx.branches.len() + 1 >= cx.core.settings.max_branches || !cx.branches.push(branch) {
        cx.log(Level::Error, "avp_pushto: too many branches");
        return Err(PushError::TooManyBranches);
    }
    Ok(())
}
