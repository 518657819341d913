//! Expressions of operators: every operator with every pair of types, precedence, casts, tests.

use super::{Audience, Form, Group, Row};

/// Two operands.
const BINARY: &[&str] = &[
    "+", "-", "*", "/", "mod", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "=~",
    "!~", "&&", "||", "and", "or", "eq", "ne", "ieq", "ine",
];

/// One operand.
const UNARY: &[&str] = &[
    "-",
    "!",
    "~",
    "not ",
    "(int)",
    "(str)",
    "defined ",
    "strlen",
    "strempty",
    "+",
    "!!",
    "- -",
    "(int)(str)",
    "(str)(int)",
];

/// A variable of each type; [`super::config`] sets them.
const VARIABLES: &[&str] = &[
    "$var(i)",     // 5
    "$var(j)",     // -3
    "$var(z)",     // 0
    "$var(big)",   // 2147483647
    "$var(n)",     // "5"
    "$var(zs)",    // "0"
    "$var(s)",     // "abc"
    "$var(e)",     // ""
    "$var(ip)",    // "127.0.0.1"
    "$avp(u)",     // null
    "$var(never)", // never assigned
];

/// A literal of each type.
const LITERALS: &[&str] = &["5", "-3", "0", "\"5\"", "\"abc\"", "\"\"", "$null"];

/// Further texts that look like numbers, as operands of arithmetic and comparison.
const ODD: &[&str] = &[
    "$var(m)",
    "$var(h)",
    "$var(x5)",
    "$var(sp)",
    "$var(bigs)",
    "$var(o)",
    "$var(up)",
    "$var(nl)",
];

/// Numbers and texts as they can be written.
const NOTATION: &[&str] = &[
    "0x1f",
    "0X1F",
    "0b101",
    "0B11",
    "010",
    "007",
    "00",
    "08",
    "0xffffffff",
    "0x80000000",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "-2147483648",
    "-2147483649",
    "99999999999999999999",
    "\"a\\tb\"",
    "\"a\\nb\"",
    "\"a\\\"b\"",
    "\"a\\\\b\"",
    "\"a\\rb\"",
    "\"\\101\"",
    "\"\\x41\"",
    "\"\\q\"",
    "\"\\a\"",
    "\"\\0\"",
    "\"a'b\"",
    "'a\"b'",
    "'a\\nb'",
    "'a\\'b'",
    "'$ru'",
    "\"$ru\"",
    "\"$$\"",
    "\"a\" \"b\"",
    "\"a\" 'b'",
    "'a' 'b' 'c'",
    "\"a\" + \"b\"",
    "\"a\"\"b\"",
    "'a'",
    "''",
    "\"100%\"",
    "\"%d\"",
    "\"{s.len}\"",
    "\"#\"",
    "\"//\"",
    "\"/* */\"",
    "\"ä\"",
    "1 + 2",
    "1+2",
    "1 +2",
    "1 -2",
    "1-2",
    "3 - -2",
    "3 --2",
    "5%3",
    "5 % 3",
    "$var(i)+1",
    "$var(i)-1",
    "$var(i) -1",
    "$var(i)*$var(j)",
    "($var(i))",
    "(($var(i)))",
    "(1)",
    "((1 + 2)) * 3",
    "-(1)",
    "-($var(i) + 1)",
    "!($var(i))",
    "(str)($var(i) + 1)",
    "(int)(\"5\" + \"6\")",
    "(int)\"5\" + 6",
    "(str)5 + 6",
    "(int)\"0x10\"",
    "(int)\"010\"",
    "(int)\" 5\"",
    "(int)\"5 \"",
    "(int)\"+5\"",
    "(int)\"--5\"",
    "(int)\"5.9\"",
    "(int)$null",
    "(str)$null",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "false",
    "enable",
    "disable",
    "1s",
    "1m",
    "1h",
    "1K",
    "$_s(a$var(i)b)",
    "$_s($ru)",
    "$def(ABC)",
    "$defn(NUM)",
    "ABC",
    "NUM",
    "$def(MISSING)",
    "$defn(MISSING)",
    "$defn(ABC)",
    "$true",
    "$null",
    "$(null)",
    "$(var(i))",
    "$var( i )",
    "$( var(i) )",
    "$var('i')",
    "$var(\"i\")",
    "$(var(i){s.len})",
    "$(var(s){s.len}) + 1",
    "$var(i) + $(var(s){s.len})",
    "$var(s){s.len}",
    "@method",
    "@method + \"x\"",
    "@cseq.num + 1",
    "@method == \"OPTIONS\"",
    "$(var(s){s.toupper}) + $var(s)",
    "$var(s) =~ \"^a(.)c\"",
    "$var(s) =~ 'A'",
    "$var(s) =~ \"A\"",
    "$var(s) =~ $var(re)",
    "$var(s) =~ $var(s)",
    "$var(s) =~ \"$var(re)\"",
    "$var(s) =~ \"[\"",
    "$var(s) =~ \"(\"",
    "$var(s) =~ \")\"",
    "$var(s) =~ \"a{2}\"",
    "$var(s) =~ \"a{1}\"",
    "$var(s) =~ \"*\"",
    "$var(s) =~ \"a**\"",
    "$var(s) =~ \"a|b\"",
    "$var(s) =~ \"|\"",
    "$var(s) =~ \"()\"",
    "$var(s) =~ \"\\\\.\"",
    "$var(s) =~ \".\"",
    "$var(s) =~ \"^$\"",
    "$var(e) =~ \"^$\"",
    "$var(nl) =~ \"^b\"",
    "$var(nl) =~ \"a$\"",
    "$var(nl) =~ \"a.b\"",
    "$var(s) =~ \"[[:upper:]]\"",
    "$var(s) =~ \"[^[:upper:]]\"",
    "$var(up) =~ \"abc\"",
    "$var(s) =~ \"[b-a]\"",
    "$var(s) =~ \"[]a]\"",
    "$var(s) =~ \"[a-]\"",
    "$var(s) =~ \"\\\\<abc\\\\>\"",
    "$var(s) =~ \"\\\\bb\"",
    "$var(s) =~ \"\\\\w+\"",
    "$var(s) =~ \"\\\\d\"",
    "$var(n) =~ \"\\\\d\"",
    "$var(s) =~ \"(a)(b)\\\\2\"",
    "$var(s) =~ \"(?:a)\"",
    "$var(s) =~ \"a+?\"",
    "$var(s) =~ \"x*\"",
    "$var(s) =~ \"^.{3}$\"",
    "$var(s) =~ \"^.{,3}$\"",
    "$var(s) =~ \"^.{4,}$\"",
    "$var(s) =~ \"a{x\"",
    "$var(s) !~ \"b\"",
    "$var(s) !~ \"x\"",
];

/// What the configuration defines for [`NOTATION`] stands in `config`.
pub(crate) fn groups() -> Vec<Group> {
    vec![
        Group::new("operators", Audience::Few, pairs()),
        Group::new("conditions", Audience::Few, conditions()),
        Group::new("precedence", Audience::Few, precedence()),
        Group::new("notation", Audience::Few, notation()),
        Group::new("pinned", Audience::Few, pinned()),
    ]
}

fn pairs() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut pair = |left: &str, op: &str, right: &str| {
        rows.push(Row::new(Form::Value, format!("{left} {op} {right}")));
    };
    for op in BINARY {
        for left in VARIABLES {
            VARIABLES.iter().for_each(|right| pair(left, op, right));
            LITERALS.iter().for_each(|right| pair(left, op, right));
        }
        for left in LITERALS {
            LITERALS.iter().for_each(|right| pair(left, op, right));
            VARIABLES.iter().for_each(|right| pair(left, op, right));
        }
        for odd in ODD {
            for other in ["1", "$var(i)", "\"5\"", "$var(s)"] {
                pair(odd, op, other);
                pair(other, op, odd);
            }
        }
    }
    for op in UNARY {
        let operands = VARIABLES.iter().chain(LITERALS).chain(ODD);
        for operand in operands {
            rows.push(Row::new(Form::Value, unary(op, operand)));
        }
    }
    rows
}

fn unary(op: &str, operand: &str) -> String {
    match op {
        "strlen" | "strempty" => format!("{op}({operand})"),
        _ => format!("{op}{operand}"),
    }
}

fn conditions() -> Vec<Row> {
    let all = || VARIABLES.iter().chain(LITERALS);
    let mut rows = Vec::new();
    for op in BINARY {
        for left in VARIABLES {
            for right in all() {
                rows.push(Row::new(Form::Condition, format!("{left} {op} {right}")));
            }
        }
    }
    for operand in all().chain(ODD) {
        rows.push(Row::new(Form::Condition, (*operand).to_owned()));
        for op in UNARY {
            rows.push(Row::new(Form::Condition, unary(op, operand)));
        }
    }
    rows
}

/// Every pair of operators without parentheses, on numbers, on variables and on texts.
fn precedence() -> Vec<Row> {
    let mut rows = Vec::new();
    for first in BINARY {
        for second in BINARY {
            for [a, b, c] in [
                ["7", "3", "2"],
                ["$var(i)", "$var(j)", "$var(z)"],
                ["$var(n)", "$var(s)", "$var(i)"],
            ] {
                let source = format!("{a} {first} {b} {second} {c}");
                rows.push(Row::new(Form::Value, source));
            }
        }
        for prefix in ["-", "!", "~", "not ", "(int)", "(str)", "defined "] {
            let source = format!("{prefix}$var(i) {first} $var(n)");
            rows.push(Row::new(Form::Value, source));
            let source = format!("$var(i) {first} {prefix}$var(n)");
            rows.push(Row::new(Form::Value, source));
        }
    }
    rows
}

fn notation() -> Vec<Row> {
    let row = |source: &&str| Row::new(Form::Value, *source);
    NOTATION.iter().map(row).collect()
}

/// The table of the unit tests, so that it stays what Kamailio says.
fn pinned() -> Vec<Row> {
    let table = include_str!("../../../crates/script/resources/expressions.tsv");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(pinned_row).collect()
}

fn pinned_row(line: &str) -> Option<Row> {
    let (form, rest) = line.split_once('\t')?;
    let (source, _) = rest.rsplit_once('\t')?;
    let form = if form == "C" {
        Form::Condition
    } else {
        Form::Value
    };
    Some(Row::new(form, source))
}
