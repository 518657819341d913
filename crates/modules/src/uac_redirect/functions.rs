//! Script functions of uac_redirect.

use engine::Context;
use engine::arguments::{Args, Fixed};
use engine::catalog::NameScope;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::variable::ParsedName;

use super::contacts::{self, Limits};
use super::filters::{Added, Reset, Rule};
use super::params::Settings;

const MAX: Arg = Arg::parsed("max", parse_max);
const FILTER: &[Arg] = &[Arg::regex("filter"), Arg::parsed("flags", parse_reset)];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "get_redirects",
        &[MAX, Arg::text("reason")],
        1,
        Routes::FAILURE,
        get_redirects,
        "Makes branches of the contacts of all redirections: total:per branch at most, * for all; with a reason each is accounted.",
    ).constant(),
    Function::new(
        "set_accept_filter",
        FILTER,
        2,
        Routes::FAILURE,
        |cx, args| set_filter(cx, args, Rule::Accept),
        "Adds an accept filter for this call; reset_added, reset_default or reset_all set others aside.",
    ).constant(),
    Function::new(
        "set_deny_filter",
        FILTER,
        2,
        Routes::FAILURE,
        |cx, args| set_filter(cx, args, Rule::Deny),
        "Adds a deny filter for this call; reset_added, reset_default or reset_all set others aside.",
    ).constant(),
];

/// `total[:per branch]`, each a number up to 255; nothing, 0 and `*` are no limit.
fn parse_max(_: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let text = std::str::from_utf8(text).map_err(|_| "the limit is no text".to_owned())?;
    let (total, per_reply) = text.split_once(':').unwrap_or((text, ""));
    Ok(ParsedName::data(Limits {
        total: limit(total)?,
        per_reply: limit(per_reply)?,
    }))
}

fn limit(text: &str) -> Result<Option<usize>, String> {
    if matches!(text, "" | "*") {
        return Ok(None);
    }
    match text.parse::<u8>() {
        Ok(0) => Ok(None),
        Ok(number) => Ok(Some(usize::from(number))),
        Err(_) => Err(format!("`{text}` is neither * nor a number up to 255")),
    }
}

fn parse_reset(_: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    Reset::from_name(text).map(ParsedName::data).ok_or_else(|| {
        format!(
            "`{}` is neither reset_added, reset_default nor reset_all",
            text.escape_ascii()
        )
    })
}

fn get_redirects(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(limits) = args.parsed::<Limits>(0) else {
        cx.log(Level::Error, "get_redirects: the limit must be constant");
        return FALSE;
    };
    let reason = (args.len() > 1).then(|| args.text(cx, 1));
    match contacts::follow(args.state::<Settings>(), cx, *limits, reason.as_ref()) {
        0 => FALSE,
        _ => TRUE,
    }
}

fn set_filter(cx: &mut Context, args: &Args<'_>, rule: Rule) -> Outcome {
    let (Some(Fixed::Regex(pattern, _)), Some(reset)) = (args.fixed(0), args.parsed::<Reset>(1))
    else {
        cx.log(Level::Error, "a filter must be constant");
        return FALSE;
    };
    let added = cx.extensions.get_or_default::<Added>();
    match added.add(rule, pattern.clone(), *reset) {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &error.to_string());
            FALSE
        }
    }
}
