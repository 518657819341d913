//! `avp_op`: arithmetic on the integers of an AVP.

use engine::Context;
use engine::catalog::NameScope;
use engine::log::Level;
use engine::variable::ParsedName;
use script::value::Value;

use super::names::{AvpVariable, Operand, constant, flags, operation, parts, values_of};

/// `source/destination`.
pub(super) struct Places {
    source: AvpVariable,
    destination: Option<AvpVariable>,
}

/// `operator/value/flags`.
pub(super) struct Operation {
    operator: Operator,
    with: With,
    delete: bool,
}

enum With {
    Constant(i32),
    Variable(Operand),
}

#[derive(Clone, Copy)]
enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    And,
    Or,
    Xor,
    Not,
}

/// There is nothing to compute with.
#[derive(Debug)]
pub(super) struct NoNumber;

pub(super) fn parse_places(
    scope: &mut NameScope<'_, '_>,
    text: &[u8],
) -> Result<ParsedName, String> {
    let parts = parts(text)?;
    let (source, destination) = match parts.as_slice() {
        [source] => (source, None),
        [source, destination] => (source, Some(destination)),
        _ => return Err("$avp(source) or $avp(source)/$avp(destination) is needed".to_owned()),
    };
    Ok(ParsedName::data(Places {
        source: AvpVariable::parse(scope, source)?,
        destination: destination
            .map(|text| AvpVariable::parse(scope, text))
            .transpose()?,
    }))
}

pub(super) fn parse(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let (operator, value, given) = operation(text)?;
    let operator = match operator.as_str() {
        "add" => Operator::Add,
        "sub" => Operator::Sub,
        "mul" => Operator::Mul,
        "div" => Operator::Div,
        "mod" => Operator::Mod,
        "and" => Operator::And,
        "or" => Operator::Or,
        "xor" => Operator::Xor,
        "not" => Operator::Not,
        other => return Err(format!("unknown operator `{other}`")),
    };
    let flags = flags(given.as_ref(), "gd")?;
    let with = if value.starts_with('$') {
        With::Variable(Operand::parse(scope, &value)?)
    } else {
        match constant(&value)? {
            value @ Value::Int(_) => With::Constant(value.to_int()),
            _ => return Err(format!("`{value}` is no integer: write i:5")),
        }
    };
    Ok(ParsedName::data(Operation {
        operator,
        with,
        delete: flags.contains('d'),
    }))
}

impl Operation {
    /// Works on every integer of the source, the newest first. With several operands the result
    /// of one is the input of the next, and each is pushed. Without a destination the results go
    /// on top of the source.
    pub(super) fn run(&self, cx: &mut Context, places: &Places) -> Result<(), NoNumber> {
        let source = places.source.key(cx).ok_or(NoNumber)?;
        let destination = match &places.destination {
            Some(variable) => variable.key(cx).ok_or(NoNumber)?,
            None => source.clone(),
        };
        let numbers: Vec<i32> = integers(values_of(cx, &source)).collect();
        let operands: Vec<i32> = match &self.with {
            With::Constant(number) => vec![*number],
            With::Variable(operand) => integers(operand.values(cx).0).collect(),
        };
        if numbers.is_empty() || operands.is_empty() {
            return Err(NoNumber);
        }
        let mut by_zero = false;
        let mut results = Vec::with_capacity(numbers.len() * operands.len());
        for number in numbers {
            let mut value = number;
            for operand in &operands {
                value = self.operator.compute(value, *operand).unwrap_or_else(|| {
                    by_zero = true;
                    0
                });
                results.push(value);
            }
        }
        if by_zero {
            cx.log(Level::Error, "avp_op: division by zero");
        }
        let mut store = cx.avps.write();
        if self.delete {
            store.remove_those(&source, |value| matches!(value, Value::Int(_)));
        }
        for value in results {
            store.push(destination.clone(), Value::Int(i64::from(value)));
        }
        Ok(())
    }
}

fn integers(values: Vec<Value>) -> impl Iterator<Item = i32> {
    values
        .into_iter()
        .filter(|value| matches!(value, Value::Int(_)))
        .map(|value| value.to_int())
}

impl Operator {
    /// `None`: division by zero.
    fn compute(self, left: i32, right: i32) -> Option<i32> {
        Some(match self {
            Self::Add => left.wrapping_add(right),
            Self::Sub => left.wrapping_sub(right),
            Self::Mul => left.wrapping_mul(right),
            Self::Div if right == 0 => return None,
            Self::Mod if right == 0 => return None,
            Self::Div => left.wrapping_div(right),
            Self::Mod => left.wrapping_rem(right),
            Self::And => left & right,
            Self::Or => left | right,
            Self::Xor => left ^ right,
            Self::Not => !right,
        })
    }
}
