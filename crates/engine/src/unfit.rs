//! Arguments in a form that a function does not take, whatever their value.

use script::host::{Argument, Problem};

use crate::module::{ArgKind, Function};

/// Core functions are part of the grammar: their arguments are numbers or strings, not both.
pub(crate) fn for_core(row: &Function, index: usize, given: &Argument) -> Option<Problem> {
    let argument = row.args.get(index)?;
    let is_port = index == 1 && row.name.starts_with("forward");
    let is_address = matches!(row.name, "force_send_socket" | "set_advertised_address");
    let is_negative = |number: &i64| *number < 0 && row.name != "remove_branch";
    let wanted = match (argument.kind, given) {
        (ArgKind::Int, Argument::Str(_)) => "a number without quotes",
        (ArgKind::Int, Argument::Int(number)) if is_negative(number) => {
            // The grammar refuses a sign; a number that is too wide is negative to Kamailio, too.
            let message = format!(
                "`{}` of {} is a number that is not negative",
                argument.name, row.name
            );
            return Some(Problem::error("bad-argument", message).beyond());
        }
        (ArgKind::Text | ArgKind::Literal, Argument::Int(_))
            if (index == 0 || matches!(row.name, "error" | "log")) && !is_address =>
        {
            "a string in quotes"
        }
        (ArgKind::Text, Argument::Str(text)) if is_port && text != "uri:port" => {
            "a number without quotes"
        }
        _ => return None,
    };
    Some(Problem::error(
        "bad-argument",
        format!("`{}` of {} is {wanted}", argument.name, row.name),
    ))
}

/// A variable or an expression where only a constant is taken.
pub(crate) fn for_constant(
    row: &Function,
    index: usize,
    given: &Argument,
    arguments: usize,
) -> Option<Problem> {
    if arguments < row.constants_from {
        return None;
    }
    let help = match given {
        Argument::Int(_) | Argument::Str(_) => return None,
        Argument::Variable(text) => format!("write it in quotes: \"{text}\""),
        Argument::Select(text) => format!("write it in quotes: \"$sel({})\"", &text[1..]),
        Argument::Dynamic(_) => "assign it to a variable first: \"$var(x)\"".to_owned(),
    };
    let name = row.args.get(index).map_or("", |argument| argument.name);
    let message = format!(
        "parameter {} (`{name}`) of {} takes no variables and expressions, only a text or a number",
        index + 1,
        row.name
    );
    Some(Problem::error("not-constant", message).with_help(help))
}
