//! `math`: powers, roots and logarithms (Kamailio 6's math module; Kamailio 5.6 has none).
//!
//! Variables hold integers: results lose what stands behind the point. What has no result, or one
//! that no integer holds, fails and leaves the variable as it was, where C would store whatever
//! the conversion gives.

use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Module, Outcome, TRUE};
use script::value::Value;

const X: &[Arg] = &[Arg::int("x"), Arg::variable("res")];

/// Its table.
pub static MODULE: Module = Module {
    name: "math",
    doc: "Powers, roots and logarithms, as integers.",
    functions: &[
        Function::anywhere(
            "math_log10",
            X,
            2,
            |cx, args| of_one(cx, args, f64::log10),
            "Stores the logarithm of a number to the base 10.",
        ),
        Function::anywhere(
            "math_log2",
            X,
            2,
            |cx, args| of_one(cx, args, f64::log2),
            "Stores the logarithm of a number to the base 2.",
        ),
        Function::anywhere(
            "math_logN",
            X,
            2,
            |cx, args| of_one(cx, args, f64::ln),
            "Stores the natural logarithm of a number.",
        ),
        Function::anywhere(
            "math_pow",
            &[Arg::int("base"), Arg::int("power"), Arg::variable("res")],
            3,
            power,
            "Stores a power of a number.",
        ),
        Function::anywhere(
            "math_sqrt",
            X,
            2,
            |cx, args| of_one(cx, args, f64::sqrt),
            "Stores the square root of a number.",
        ),
    ],
    ..Module::EMPTY
};

/// Integers of scripts have 32 bits: a float holds each of them exactly.
fn number(cx: &mut Context, args: &Args<'_>, index: usize) -> Option<f64> {
    let number = i32::try_from(args.int(cx, index)?).ok()?;
    Some(f64::from(number))
}

fn of_one(cx: &mut Context, args: &Args<'_>, compute: fn(f64) -> f64) -> Outcome {
    let result = number(cx, args, 0).map(compute);
    store(cx, args, 1, result)
}

fn power(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (base, exponent) = (number(cx, args, 0), number(cx, args, 1));
    let result = base.zip(exponent).map(|(b, e)| b.powf(e));
    store(cx, args, 2, result)
}

fn store(cx: &mut Context, args: &Args<'_>, index: usize, result: Option<f64>) -> Outcome {
    let (Some(variable), Some(result)) = (args.variable(index), result.and_then(whole)) else {
        cx.log_bytes(
            Level::Error,
            None,
            "math",
            b"there is no result that is an integer",
        );
        return FALSE;
    };
    if variable.write(cx, Value::from(result)) {
        TRUE
    } else {
        FALSE
    }
}

/// What stands before the point, if an integer of scripts holds it.
fn whole(number: f64) -> Option<i32> {
    let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
    // In range, so that nothing but the fraction is lost.
    range.contains(&number.trunc()).then_some(number as i32)
}

#[cfg(test)]
mod tests {
    use testkit::Sim;

    use super::*;

    #[test]
    fn wholes() {
        assert_eq!(whole(2.99), Some(2));
        assert_eq!(whole(-2.99), Some(-2));
        assert_eq!(whole(2_147_483_647.5), Some(i32::MAX));
        for none in [2_147_483_648.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(whole(none), None);
        }
    }

    #[test]
    fn functions_store_integers_or_fail() {
        let sim = Sim::new(1);
        let config = r#"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "math.so"
request_route {
    $var(b) = 2;
    math_pow("$var(b)", "10", "$var(r)"); xlog("L_ERR", "$rc $var(r)\n");
    math_pow("2", "-1", "$var(r)"); xlog("L_ERR", "$rc $var(r)\n");
    math_sqrt("17", "$avp(r)"); xlog("L_ERR", "$rc $avp(r)\n");
    math_log2("16", "$var(r)"); xlog("L_ERR", "$rc $var(r)\n");
    math_log10("1001", "$var(r)"); xlog("L_ERR", "$rc $var(r)\n");
    math_logN("10", "$var(r)"); xlog("L_ERR", "$rc $var(r)\n");
    math_sqrt("-1", "$var(r)");
    xlog("L_ERR", "$rc $var(r)\n");
    math_pow("10", "10", "$var(r)");
    xlog("L_ERR", "$rc $var(r)\n");
}
"#;
        let server = sim
            .server("127.0.27.1:5060", config, crate::LIBRARY)
            .unwrap_or_else(|e| panic!("{e}"));
        sim.agent("127.0.27.2:5060").send(
            "127.0.27.1:5060",
            "OPTIONS sip:x@y SIP/2.0\nVia: SIP/2.0/UDP 127.0.27.2;branch=z9hG4bK1\n\
             From: <sip:a@b>;tag=1\nTo: <sip:x@y>\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n",
        );
        sim.run_for(50);
        let lines = server.log_lines();
        let said: Vec<&str> = lines
            .iter()
            .map(|l| l.trim_end())
            .filter(|l| !l.starts_with("there"))
            .collect();
        let expected = ["1 1024", "1 0", "1 4", "1 4", "1 3", "1 2", "-1 2", "-1 2"];
        assert_eq!(said, expected);
    }
}
