//! The functions: the table, and those about single variables and the static branch.

use engine::arguments::Args;
use engine::context::{Branch, Context};
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};
use engine::variable::{InnerName, Readable};
use script::value::Value;

use super::static_branch::StaticBranch;
use super::variables::xavp::Kind;
use super::xavp_functions as xavp;

const READ: &[Arg] = &[Arg::readable("variable")];
const WRITE: &[Arg] = &[Arg::variable("variable")];
const TYPE: &[Arg] = &[Arg::readable("variable"), Arg::text("type")];
const EVAL: &[Arg] = &[Arg::variable("variable"), Arg::text("format")];
const ROOT: &[Arg] = &[Arg::text("root")];
const CHILD: &[Arg] = &[Arg::text("root"), Arg::text("name")];
const CHILD_VALUE: &[Arg] = &[Arg::text("root"), Arg::text("name"), Arg::text("value")];
const CHILD_NUMBER: &[Arg] = &[Arg::text("root"), Arg::text("name"), Arg::int("value")];
const VAR_TO_XAVP: &[Arg] = &[Arg::text("variable"), Arg::text("root")];
const EXPLODE: &[Arg] = &[Arg::text("params"), Arg::text("root")];
const SLIST: &[Arg] = &[
    Arg::text("list"),
    Arg::text("separator"),
    Arg::text("mode"),
    Arg::text("root"),
];
const IMPLODE: &[Arg] = &[Arg::text("root"), Arg::variable("variable")];
const COPY: &[Arg] = &[
    Arg::text("source"),
    Arg::text("index"),
    Arg::text("target"),
    Arg::text("target_index"),
];

pub(super) static TABLE: &[Function] = &[
    Function::anywhere(
        "is_int",
        READ,
        1,
        is_int,
        "Whether a variable is an integer; digits in a text are none.",
    ),
    Function::anywhere(
        "typeof",
        TYPE,
        2,
        type_of,
        "Whether a variable's value is of a type: int, str, null, none, xavp.",
    ),
    Function::anywhere(
        "not_empty",
        READ,
        1,
        not_empty,
        "Whether a variable holds text that is not empty.",
    ),
    Function::anywhere(
        "pv_isset",
        READ,
        1,
        is_set,
        "Whether a variable has a value.",
    ),
    Function::anywhere("pv_unset", WRITE, 1, unset, "Assigns null to a variable."),
    Function::anywhere(
        "pv_evalx",
        EVAL,
        2,
        evaluate,
        "Writes text with variables into a variable; variables in their values are evaluated too.",
    )
    .constant(),
    Function::anywhere(
        "pv_var_to_xavp",
        VAR_TO_XAVP,
        2,
        xavp::from_vars,
        "Copies a $var, or all with `*`, into an XAVP.",
    ),
    Function::anywhere(
        "pv_xavp_to_var",
        ROOT,
        1,
        xavp::to_vars,
        "Copies the values of an XAVP into $vars of the same names.",
    ),
    Function::anywhere(
        "pv_xavp_print",
        &[],
        0,
        |cx, _| xavp::print(cx, Kind::List),
        "Logs all XAVPs.",
    ),
    Function::anywhere(
        "pv_xavu_print",
        &[],
        0,
        |cx, _| xavp::print(cx, Kind::Unique),
        "Logs all XAVUs.",
    ),
    Function::anywhere(
        "pv_xavi_print",
        &[],
        0,
        |cx, _| xavp::print(cx, Kind::AnyCase),
        "Logs all XAVIs.",
    ),
    Function::anywhere(
        "sbranch_set_ruri",
        &[],
        0,
        sbranch_set_ruri,
        "Makes the static branch the request's destination.",
    ),
    Function::anywhere(
        "sbranch_append",
        &[],
        0,
        sbranch_append,
        "Adds the static branch to the destinations.",
    ),
    Function::anywhere(
        "sbranch_reset",
        &[],
        0,
        sbranch_reset,
        "Empties the static branch.",
    ),
    Function::anywhere(
        "xavp_rm",
        ROOT,
        1,
        |cx, a| xavp::remove(cx, a, Kind::List, false),
        "Removes the newest XAVP of a name.",
    ),
    Function::anywhere(
        "xavi_rm",
        ROOT,
        1,
        |cx, a| xavp::remove(cx, a, Kind::AnyCase, false),
        "Removes the newest XAVI of a name.",
    ),
    Function::anywhere(
        "xavp_rm_all",
        ROOT,
        1,
        |cx, a| xavp::remove(cx, a, Kind::List, true),
        "Removes all XAVPs of a name.",
    ),
    Function::anywhere(
        "xavi_rm_all",
        ROOT,
        1,
        |cx, a| xavp::remove(cx, a, Kind::AnyCase, true),
        "Removes all XAVIs of a name.",
    ),
    Function::anywhere(
        "xavp_child_rm",
        CHILD,
        2,
        |cx, a| xavp::child_remove(cx, a, Kind::List),
        "Removes a value in an XAVP.",
    ),
    Function::anywhere(
        "xavi_child_rm",
        CHILD,
        2,
        |cx, a| xavp::child_remove(cx, a, Kind::AnyCase),
        "Removes a value in an XAVI.",
    ),
    Function::anywhere(
        "xavp_child_sets",
        CHILD_VALUE,
        3,
        |cx, a| xavp::child_set(cx, a, Kind::List),
        "Sets a text in an XAVP.",
    ),
    Function::anywhere(
        "xavi_child_sets",
        CHILD_VALUE,
        3,
        |cx, a| xavp::child_set(cx, a, Kind::AnyCase),
        "Sets a text in an XAVI.",
    ),
    Function::anywhere(
        "xavp_child_seti",
        CHILD_NUMBER,
        3,
        |cx, a| xavp::child_set_int(cx, a, Kind::List),
        "Sets an integer in an XAVP.",
    ),
    Function::anywhere(
        "xavi_child_seti",
        CHILD_NUMBER,
        3,
        |cx, a| xavp::child_set_int(cx, a, Kind::AnyCase),
        "Sets an integer in an XAVI.",
    ),
    Function::anywhere(
        "xavp_params_explode",
        EXPLODE,
        2,
        |cx, a| xavp::explode(cx, a, Kind::List),
        "Makes an XAVP of `name=value;…`.",
    ),
    Function::anywhere(
        "xavu_params_explode",
        EXPLODE,
        2,
        |cx, a| xavp::explode(cx, a, Kind::Unique),
        "Makes an XAVU of `name=value;…`.",
    ),
    Function::anywhere(
        "xavp_slist_explode",
        SLIST,
        4,
        xavp::explode_list,
        "Makes an XAVP of the items of a list, each named v.",
    ),
    Function::anywhere(
        "xavp_params_implode",
        IMPLODE,
        2,
        |cx, a| xavp::implode(cx, a, Kind::List, false),
        "Writes the values of an XAVP as `name=value;…`.",
    ),
    Function::anywhere(
        "xavp_params_implode_qval",
        IMPLODE,
        2,
        |cx, a| xavp::implode(cx, a, Kind::List, true),
        "As xavp_params_implode, values in quotes.",
    ),
    Function::anywhere(
        "xavu_params_implode",
        IMPLODE,
        2,
        |cx, a| xavp::implode(cx, a, Kind::Unique, false),
        "Writes the values of an XAVU as `name=value;…`.",
    ),
    Function::anywhere(
        "xavp_copy",
        COPY,
        3,
        xavp::copy,
        "Copies an XAVP under another name.",
    )
    .constant(),
];

fn answer(truth: bool) -> Outcome {
    if truth { TRUE } else { FALSE }
}

/// Variables whose value is a text and its number at once, with the inner names of which that is so.
const NUMBERED: &[(&str, &[&[u8]])] = &[
    ("bF", &[]),
    ("mF", &[]),
    ("nh", &[b"P", b"p"]),
    ("oP", &[]),
    ("op", &[]),
    ("pr", &[]),
    ("proto", &[]),
    ("rm", &[]),
    ("rP", &[]),
    ("rp", &[]),
    ("rz", &[]),
    ("sF", &[]),
    ("Tf", &[]),
    ("TF", &[]),
];

/// The kind of the value counts: digits are a text.
fn is_int(cx: &mut Context, args: &Args<'_>) -> Outcome {
    answer(match args.value(cx, 0) {
        Value::Int(_) => true,
        Value::Str(_) => matches!(args.variable(0), Some(variable) if is_numbered(variable)),
        Value::Null => false,
    })
}

fn is_numbered(variable: &Readable) -> bool {
    let Readable::Pseudo(pseudo) = variable else {
        return false;
    };
    pseudo.transforms.is_empty()
        && NUMBERED.iter().any(|(name, inner)| {
            let is_inner = match &pseudo.name.inner {
                InnerName::Text(text) => inner.contains(&&text[..]),
                _ => inner.is_empty(),
            };
            *name == pseudo.row.name && is_inner
        })
}

fn type_of(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let value = args.value(cx, 0);
    let wanted = args.text(cx, 1);
    answer(match &wanted[..] {
        b"int" => matches!(value, Value::Int(_)),
        b"str" => matches!(value, Value::Str(_)),
        b"null" | b"none" => value == Value::Null,
        b"xavp" => matches!(&value, Value::Str(t) if t.starts_with(b"<<xavp")),
        _ => false,
    })
}

/// Integers do not count as text, as in Kamailio.
fn not_empty(cx: &mut Context, args: &Args<'_>) -> Outcome {
    answer(matches!(args.value(cx, 0), Value::Str(text) if !text.is_empty()))
}

fn is_set(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let value = args.value(cx, 0);
    answer(value != Value::Null)
}

fn unset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    if let Some(variable) = args.variable(0) {
        variable.write(cx, Value::Null);
    }
    TRUE
}

fn evaluate(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 1);
    let Some(variable) = args.variable(0) else {
        return FALSE;
    };
    if !text.contains(&b'$') {
        return answer(variable.write(cx, Value::Str(text)));
    }
    let core = std::sync::Arc::clone(&cx.core);
    match core.parse_format(&String::from_utf8_lossy(&text)) {
        Ok(format) => {
            let text = format.text(cx);
            answer(variable.write(cx, Value::Str(text)))
        }
        Err(error) => {
            cx.log(Level::Error, &format!("pv_evalx: {error}"));
            FALSE
        }
    }
}

fn held(cx: &Context) -> Option<Branch> {
    let branch = &cx.extensions.get::<StaticBranch>()?.0;
    branch.uri.is_some().then(|| branch.clone())
}

fn sbranch_set_ruri(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let Some(mut branch) = held(cx) else {
        return FALSE;
    };
    branch.flags |= cx.target.flags;
    cx.target = branch;
    TRUE
}

fn sbranch_append(cx: &mut Context, _: &Args<'_>) -> Outcome {
    match held(cx) {
        Some(branch) => answer(cx.branches.push(branch)),
        None => FALSE,
    }
}

fn sbranch_reset(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.extensions.remove::<StaticBranch>();
    TRUE
}
