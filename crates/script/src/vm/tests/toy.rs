//! A host without SIP: variables in a map, functions from a short list, a log of what happened.

use std::collections::HashMap;

use bytes::Bytes;

use crate::ast::{BlockKind, Span};
use crate::host::{
    Argument, Catalog, Compared, Comparison, Host, Outcome, Problem, RouteId, VariableName,
};
use crate::value::Value;

/// A function of the toy host.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// `code(n)` returns n.
    Code(i64),
    /// `log("…")` or `log(expression)` notes a text.
    Log(Argument),
    /// `wait(n)` waits, then returns n.
    Wait(i64),
}

/// The toy host's state.
#[derive(Default)]
pub(crate) struct Toy {
    pub(crate) variables: HashMap<String, Value>,
    pub(crate) log: Vec<String>,
    pub(crate) reports: Vec<String>,
    pub(crate) last_code: i32,
    pub(crate) running: Option<RouteId>,
}

impl Toy {
    /// The variables that `resources/expressions.tsv` takes for granted.
    pub(crate) fn with_oracle_variables() -> Self {
        let text = |text: &'static str| Value::Str(Bytes::from_static(text.as_bytes()));
        let values = [
            ("$var(i)", Value::Int(5)),
            ("$var(j)", Value::Int(-3)),
            ("$var(z)", Value::Int(0)),
            ("$var(s)", text("abc")),
            ("$var(n)", text("5")),
            ("$var(e)", text("")),
            ("$var(zs)", text("0")),
            ("$var(m)", text("-3")),
            ("$var(h)", text("0x1f")),
            ("$var(x5)", text("5x")),
            ("$var(sp)", text(" 5")),
            ("$var(big)", Value::Int(2_147_483_647)),
            ("$var(bigs)", text("4294967296")),
            ("$var(up)", text("ABC")),
            ("$var(re)", text("^a.c$")),
            ("$var(o)", text("010")),
            ("$avp(i)", Value::Int(5)),
            ("$avp(s)", text("abc")),
            ("$avp(n)", text("5")),
            ("$avp(e)", text("")),
        ];
        let variables = values.map(|(name, value)| (name.to_owned(), value));
        Self {
            variables: variables.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Host for Toy {
    type Call = Call;
    type Variable = String;

    fn call(&mut self, call: &Call, dynamic: &[Value]) -> Outcome<Self> {
        match call {
            Call::Code(code) => {
                self.last_code = *code as i32;
                Outcome::Return(*code)
            }
            Call::Log(Argument::Str(text)) => {
                self.log.push(String::from_utf8_lossy(text).into_owned());
                Outcome::Return(1)
            }
            Call::Log(Argument::Dynamic(index)) => {
                let text = dynamic[*index].to_bytes();
                self.log.push(String::from_utf8_lossy(&text).into_owned());
                Outcome::Return(1)
            }
            Call::Log(Argument::Variable(name)) => {
                let text = self.read(name).to_bytes();
                self.log.push(String::from_utf8_lossy(&text).into_owned());
                Outcome::Return(1)
            }
            Call::Log(_) => Outcome::Return(-1),
            Call::Wait(code) => {
                let code = *code;
                Outcome::Wait(Box::pin(async move {
                    let done: crate::host::Continuation<Self> =
                        Box::new(move |_: &mut Self| Outcome::Return(code));
                    done
                }))
            }
        }
    }

    fn read(&mut self, variable: &String) -> Value {
        match &variable[..] {
            "$rc" => return Value::from(self.last_code),
            "$pr" => return Value::Str("udp".into()),
            NUMBER => return Value::from(1),
            _ => {}
        }
        match self.variables.get(variable) {
            Some(value) => value.clone(),
            None if variable.starts_with("$var(") => Value::Int(0),
            None => Value::Null,
        }
    }

    fn write(&mut self, variable: &String, value: Value) -> bool {
        let value = match value {
            Value::Null if variable.starts_with("$var(") => Value::Int(0),
            value => value,
        };
        self.variables.insert(variable.clone(), value);
        true
    }

    fn compare(&mut self, left: &String, right: &String, _how: Comparison) -> Option<Compared> {
        (left == "uri" && right == "myself").then_some(Compared::Equal)
    }

    fn compare_literal(&mut self, left: &String, right: &Value) -> Option<Compared> {
        let is_options = right.with_bytes(|text| text.eq_ignore_ascii_case(b"options"));
        (left == "method").then(|| Compared::from_equal(is_options))
    }

    fn returned(&mut self, code: i32) {
        self.last_code = code;
    }

    fn enter_route(&mut self, route: RouteId) {
        self.running = Some(route);
    }

    fn report(&mut self, _span: Span, message: &str) {
        self.reports.push(message.to_owned());
    }
}

/// The number of `$pr`.
const NUMBER: &str = "$pr as a number";

/// Resolves names for the toy host.
#[derive(Default)]
pub(crate) struct ToyCatalog;

impl Catalog for ToyCatalog {
    type Host = Toy;

    fn function(
        &mut self,
        name: &str,
        arguments: &[Argument],
        _block: BlockKind,
        _span: Span,
    ) -> Result<Call, Vec<Problem>> {
        match (name, arguments) {
            ("code", [Argument::Int(code)]) => Ok(Call::Code(*code)),
            ("wait", [Argument::Int(code)]) => Ok(Call::Wait(*code)),
            ("log", [argument]) => Ok(Call::Log(argument.clone())),
            ("is_method", [Argument::Str(method)]) => {
                Ok(Call::Code(if method == "OPTIONS" { 1 } else { -1 }))
            }
            _ => Err(vec![Problem::error(
                "unknown-function",
                format!("unknown function {name}"),
            )]),
        }
    }

    fn readable(&mut self, name: VariableName<'_>) -> Result<String, Vec<Problem>> {
        Ok(match name {
            VariableName::Pseudo(name)
            | VariableName::Select(name)
            | VariableName::Keyword(name)
            | VariableName::Ip(name) => name.to_owned(),
        })
    }

    fn has_number(&self, variable: &String) -> bool {
        variable == "$pr"
    }

    fn numeric(&mut self, _name: VariableName<'_>) -> Result<String, Vec<Problem>> {
        Ok(NUMBER.to_owned())
    }

    fn writable(&mut self, name: VariableName<'_>) -> Result<String, Vec<Problem>> {
        self.readable(name)
    }

    fn declare_block(&mut self, _: BlockKind, _: Option<&str>, _: RouteId, _: Span) {}
}
