//! Script functions.

use engine::arguments::Args;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::format::Format;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::variable::ParsedName;
use script::value::parse_int;

const NAME: Arg = Arg::text("variable");

/// Not in event routes.
const RESET_ROUTES: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::BRANCH)
    .and(Routes::ONREPLY)
    .and(Routes::LOCAL);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "reset_stat",
        &[NAME],
        1,
        RESET_ROUTES,
        reset,
        "Sets a statistic to zero, unless it is declared with no_reset.",
    )
    .constant(),
    Function::anywhere(
        "update_stat",
        &[NAME, Arg::parsed("value", parse_amount)],
        2,
        update,
        "Adds a number, which may be negative, to a statistic.",
    )
    .constant(),
];

/// What is added.
enum Amount {
    Fixed(i64),
    Computed(Format),
}

fn parse_amount(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let amount = if text.contains(&b'$') {
        Amount::Computed(scope.format(&String::from_utf8_lossy(text))?)
    } else {
        match parse_int(text) {
            None => return Err(format!("`{}` is no number", text.escape_ascii())),
            Some(0) => return Err("adding 0 has no effect".to_owned()),
            Some(number) => Amount::Fixed(i64::from(number)),
        }
    };
    Ok(ParsedName::data(amount))
}

fn update(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let amount = match args.parsed(1) {
        Some(Amount::Fixed(number)) => *number,
        // What is no number adds nothing.
        Some(Amount::Computed(format)) => parse_int(&format.text(cx)).map_or(0, i64::from),
        None => args.int(cx, 1).unwrap_or(0),
    };
    let name = args.text(cx, 0);
    if cx
        .core
        .statistics
        .add("", &String::from_utf8_lossy(&name), amount)
    {
        return TRUE;
    }
    unknown(cx, &name)
}

fn reset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let text = String::from_utf8_lossy(&name);
    if cx.core.statistics.value("", &text).is_none() {
        return unknown(cx, &name);
    }
    // One that is kept, or computed, stays as it is without a word, as in Kamailio.
    cx.core.statistics.reset("", &text);
    TRUE
}

fn unknown(cx: &mut Context, name: &[u8]) -> Outcome {
    let text = format!("there is no statistic `{}`", name.escape_ascii());
    cx.log_bytes(Level::Error, None, "statistics", text.as_bytes());
    FALSE
}
