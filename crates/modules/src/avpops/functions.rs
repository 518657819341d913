//! Script functions of avpops.

use engine::Context;
use engine::arguments::Args;
use engine::catalog::NameScope;
use engine::context::AvpName;
use engine::format::Format;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use engine::variable::{ParsedName, Readable};
use script::value::Value;

use super::check::{self, Check};
use super::copy::{self, CopyTo, IsSet, SubstPlaces, Which};
use super::names::{AvpVariable, Operand};
use super::operation::{self, Operation, Places};
use super::push::{self, Pushed, Target};
use crate::textops::api::Subst;

const ROUTES: Routes = Routes::REQUEST
    .and(Routes::FAILURE)
    .and(Routes::BRANCH)
    .and(Routes::ONREPLY)
    .and(Routes::LOCAL);

const CHECK: &[Arg] = &[
    Arg::parsed("name", check::parse_subject),
    Arg::parsed("op_value", check::parse),
];
const COPY: &[Arg] = &[
    Arg::parsed("old_name", copy::parse_avp),
    Arg::parsed("new_name", copy::parse_copy_to),
];
const DELETE: &[Arg] = &[Arg::parsed("name", copy::parse_which)];
const IS_SET: &[Arg] = &[Arg::parsed("name", copy::parse_is_set)];
const OP: &[Arg] = &[
    Arg::parsed("name", operation::parse_places),
    Arg::parsed("op_value", operation::parse),
];
const PUSH: &[Arg] = &[
    Arg::parsed("destination", push::parse_target),
    Arg::parsed("name", push::parse_pushed),
];
const SUBST: &[Arg] = &[
    Arg::parsed("avps", copy::parse_subst_places),
    Arg::parsed("subst", crate::textops::api::parse_subst),
];
const SUBST_PV: &[Arg] = &[
    Arg::parsed("avps", copy::parse_subst_places),
    Arg::parsed("subst", parse_expression),
];

/// Text that holds the expression of `avp_subst_pv`: one variable, which may be null, or text with
/// variables.
enum Expression {
    Variable(Readable),
    Format(Format),
}

fn parse_expression(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let text = String::from_utf8_lossy(text);
    let expression = match scope.variable(&text) {
        Ok(variable) => Expression::Variable(variable),
        Err(_) => Expression::Format(scope.format(&text)?),
    };
    Ok(ParsedName::data(expression))
}

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "avp_check",
        CHECK,
        2,
        ROUTES,
        avp_check,
        "Compares values of an AVP or variable: operator/value/flags; g: any value, i: any case.",
    ).constant(),
    Function::new(
        "avp_copy",
        COPY,
        2,
        ROUTES,
        avp_copy,
        "Copies values to another name; g: all, d: moves them, n and s: as numbers and strings.",
    ).constant(),
    Function::new(
        "avp_delete",
        DELETE,
        1,
        ROUTES,
        avp_delete,
        "Removes the newest value of a name (/g: all), or every AVP (a), those with numbers (i) or strings (s) for names.",
    ).constant(),
    Function::new(
        "avp_op",
        OP,
        2,
        ROUTES,
        avp_op,
        "Computes with the integers of an AVP: add, sub, mul, div, mod, and, or, xor, not.",
    ).constant(),
    Function::new("avp_print", &[], 0, ROUTES, avp_print, "Logs every AVP."),
    Function::new(
        "avp_pushto",
        PUSH,
        2,
        ROUTES,
        avp_pushto,
        "Writes a value into the request URI ($ru, $ru/username, $ru/domain), the next hop ($du) or a branch ($br).",
    ).constant(),
    Function::new(
        "avp_subst",
        SUBST,
        2,
        ROUTES,
        avp_subst,
        "Changes strings of an AVP by /pattern/replacement/flags.",
    ).constant(),
    Function::new(
        "avp_subst_pv",
        SUBST_PV,
        2,
        ROUTES,
        avp_subst_pv,
        "As avp_subst, with the expression made at run time.",
    ),
    Function::new(
        "is_avp_set",
        IS_SET,
        1,
        ROUTES,
        is_avp_set,
        "Whether an AVP has a value; /e: an empty one, /s: a string, /n: a number.",
    ).constant(),
];

fn answer(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

/// A parameter that must be constant is a variable, which Kamailio refuses when it starts.
fn not_constant(cx: &mut Context) -> Outcome {
    cx.log(Level::Error, "avpops: a parameter must be constant text");
    FALSE
}

fn avp_check(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match (args.parsed::<Operand>(0), args.parsed::<Check>(1)) {
        (Some(subject), Some(check)) => answer(check.holds(cx, subject)),
        _ => not_constant(cx),
    }
}

fn avp_copy(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (Some(from), Some(to)) = (args.parsed::<AvpVariable>(0), args.parsed::<CopyTo>(1)) else {
        return not_constant(cx);
    };
    match to.run(cx, from) {
        Ok(()) => TRUE,
        Err(copy::CopyError::NotSet) => FALSE,
        Err(error) => {
            cx.log(Level::Error, &format!("avp_copy: {error}"));
            FALSE
        }
    }
}

fn avp_delete(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match args.parsed::<Which>(0) {
        Some(which) => answer(which.remove(cx)),
        None => not_constant(cx),
    }
}

fn avp_op(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match (args.parsed::<Places>(0), args.parsed::<Operation>(1)) {
        (Some(places), Some(operation)) => answer(operation.run(cx, places).is_ok()),
        _ => not_constant(cx),
    }
}

fn avp_print(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let mut lines = Vec::new();
    if let Some(store) = cx.avps.read() {
        for avp in store.entries().iter().rev() {
            let name = match &avp.key.name {
                AvpName::Text(name) => format!("name=<{}>", name.escape_ascii()),
                AvpName::Id(id) => format!("id=<{id}>"),
            };
            let value = match &avp.value {
                Value::Int(number) => format!("val_int=<{number}>"),
                value => {
                    let text = value.to_bytes();
                    format!("val_str=<{} / {}>", text.escape_ascii(), text.len())
                }
            };
            lines.push(format!("avp {name} {value}"));
        }
    }
    for line in lines {
        cx.log(Level::Info, &line);
    }
    TRUE
}

fn avp_pushto(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (Some(target), Some(pushed)) = (args.parsed::<Target>(0), args.parsed::<Pushed>(1)) else {
        return not_constant(cx);
    };
    match pushed.run(cx, *target) {
        Ok(()) => TRUE,
        Err(push::PushError::NotSet) => FALSE,
        Err(error) => {
            cx.log(Level::Error, &format!("avp_pushto: {error}"));
            FALSE
        }
    }
}

fn avp_subst(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match (args.parsed::<SubstPlaces>(0), args.parsed::<Subst>(1)) {
        (Some(places), Some(subst)) => answer(places.run(cx, subst)),
        _ => not_constant(cx),
    }
}

fn avp_subst_pv(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(places) = args.parsed::<SubstPlaces>(0) else {
        return not_constant(cx);
    };
    let expression = match args.parsed::<Expression>(1) {
        Some(Expression::Variable(variable)) => variable.read(cx),
        Some(Expression::Format(format)) => Value::Str(format.text(cx)),
        None => args.value(cx, 1),
    };
    let expression = match expression {
        Value::Null => return FALSE,
        value => value.to_bytes(),
    };
    // The variables in it have been read: what is left is text.
    match Subst::parse_plain(&expression) {
        Ok(subst) => answer(places.run(cx, &subst)),
        Err(error) => {
            cx.log(Level::Error, &format!("avp_subst_pv: {error}"));
            Outcome::Return(-3)
        }
    }
}

fn is_avp_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match args.parsed::<IsSet>(0) {
        Some(wanted) => answer(wanted.holds(cx)),
        None => not_constant(cx),
    }
}
