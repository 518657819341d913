//! The check takes time in proportion to its input, whatever that holds: no text of a megabyte may
//! keep it busy for long.
//!
//! What is compared is CPU time, not time on the clock: eight times as much input may take twenty
//! times as long; work that grows with the square would take sixty-four. Environment:
//! `FERROSIP_BIN`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use acceptance::subject::Program;
use nix::sys::resource::{UsageWho, getrusage};

/// The smaller input.
const SMALL: usize = 128 << 10;
/// How many times larger the other one is.
const GROWTH: usize = 8;
/// What it may take, in times of the smaller one.
const LIMIT: f64 = 20.0;
/// Seconds that are lost in the noise of a loaded machine.
const NOISE: f64 = 0.3;

const HEAD: &str = "loadmodule \"pv.so\"\nloadmodule \"tm.so\"\nloadmodule \"xlog.so\"\n";

/// Inputs: a name, what stands before, what is repeated (`{n}` is its number), what stands after.
const SHAPES: &[(&str, &str, &str, &str)] = &[
    ("parentheses", "request_route { if (", "(", ""),
    ("braces", "request_route { ", "if (1) { ", ""),
    ("closing braces", "request_route { ;", "}\n", ""),
    ("conditions", "", "#!ifdef A\n", ""),
    ("conditions that end", "", "#!ifdef A\n#!endif\n", ""),
    ("comments", "", "/* ", ""),
    ("quotes", "request_route { $var(x) = ", "\"", ""),
    (
        "lines with a quote",
        "request_route {\n",
        "xlog(\"a);\n",
        "",
    ),
    ("variables", "request_route { $var(x) = ", "$(", ""),
    (
        "variables in a text",
        "request_route { xlog(\"",
        "$var(v{n}) ",
        "\"); }",
    ),
    (
        "nested variables",
        "request_route { xlog(\"",
        "$(var(",
        "\"); }",
    ),
    ("selects", "request_route { $var(x) = ", "@a[", ""),
    ("sums", "request_route { $var(x) = 1", " + {n}", "; }"),
    (
        "texts joined",
        "request_route { $var(x) = \"a\"",
        " \"{n}\"",
        "; }",
    ),
    ("unary operators", "request_route { $var(x) = ", "~", "1; }"),
    (
        "else if",
        "request_route { if (1) exit; ",
        "else if ($var(x) == {n}) exit;\n",
        "}",
    ),
    (
        "cases",
        "request_route { switch ($var(x)) {\n",
        "case {n}: break;\n",
        "} }",
    ),
    (
        "texts as cases",
        "request_route { switch ($ru) {\n",
        "case \"{n}\": break;\n",
        "} }",
    ),
    (
        "addresses",
        "request_route {\n",
        "if (src_ip == 10.0.0.0/8) exit;\n",
        "}",
    ),
    (
        "colons",
        "request_route { if (src_ip == ",
        "a:",
        ") exit; }",
    ),
    ("digits", "request_route { $var(x) = ", "9", "; }"),
    (
        "unknown functions",
        "request_route {\n",
        "no_such_{n}();\n",
        "}",
    ),
    (
        "unknown variables",
        "request_route {\n",
        "$nosuch{n}(a) = 1;\n",
        "}",
    ),
    (
        "unset variables",
        "request_route {\n",
        "$var(a{n}) = $var(b{n});\n",
        "}",
    ),
    (
        "undefined routes",
        "request_route {\n",
        "route(R{n});\n",
        "}",
    ),
    (
        "routes",
        "request_route { ; }\n",
        "route[R{n}] { route(R{n}); }\n",
        "",
    ),
    (
        "the same route",
        "request_route { ; }\n",
        "route[R] { ; }\n",
        "",
    ),
    ("unnamed blocks", "", "request_route { ; }\n", ""),
    (
        "hooks",
        "request_route { ; }\n",
        "failure_route[F{n}] { ; }\n",
        "",
    ),
    (
        "unknown events",
        "request_route { ; }\n",
        "event_route[a:b{n}] { ; }\n",
        "",
    ),
    (
        "unknown parameters",
        "",
        "nosuch{n} = 1\n",
        "request_route { ; }",
    ),
    (
        "custom parameters",
        "",
        "a.b{n} = 1\n",
        "request_route { ; }",
    ),
    (
        "module parameters",
        "",
        "modparam(\"tm\", \"no{n}\", 1)\n",
        "request_route { ; }",
    ),
    (
        "unknown modules",
        "",
        "loadmodule \"no{n}\"\n",
        "request_route { ; }",
    ),
    (
        "aliases",
        "",
        "alias=\"a{n}.example.org\"\n",
        "request_route { ; }",
    ),
    ("defines", "", "#!define A{n} {n}\n", "request_route { ; }"),
    (
        "uses of a define",
        "#!define A 1\nrequest_route { $var(x) = 1",
        " + A",
        "; }",
    ),
    (
        "flags",
        "flags A\nrequest_route {\n",
        "setflag(B{n});\n",
        "}",
    ),
    (
        "patterns",
        "request_route {\n",
        "if ($ru =~ \"^a{n}.*\") exit;\n",
        "}",
    ),
    ("stray bytes", "request_route { ", "\u{e9} ", "}"),
    ("names", "request_route {\n", "abcdef ghijkl\n", "}"),
    ("semicolons", "request_route { ", ";", "}"),
    (
        "replies",
        "request_route {\n",
        "t_reply(\"404\", \"a\");\n",
        "}",
    ),
    (
        "relays",
        "request_route {\n",
        "t_relay(); append_hf(\"A{n}: b\");\n",
        "}",
    ),
];

fn text(shape: &(&str, &str, &str, &str), size: usize) -> String {
    let (_, before, repeated, after) = shape;
    let mut text = format!("{HEAD}{before}");
    let mut number = 0;
    while text.len() < size {
        text.push_str(&repeated.replace("{n}", &number.to_string()));
        number += 1;
    }
    text.push_str(after);
    text
}

/// CPU seconds of one check.
fn check(folder: &Path, text: &str) -> f64 {
    let file = folder.join("test.cfg");
    fs::write(&file, text).expect("the text can be written");
    let seconds = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
        let (user, system) = (usage.user_time(), usage.system_time());
        (user.tv_sec() + system.tv_sec()) as f64 + (user.tv_usec() + system.tv_usec()) as f64 / 1e6
    };
    let before = seconds();
    let ended = Command::new(&Program::ferrosip().path)
        .args(["-c", "--diagnostics=short", "-f"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program runs");
    assert!(ended.code().is_some(), "the check ends by itself: {ended}");
    seconds() - before
}

#[test]
fn the_check_takes_time_in_proportion_to_its_input() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut slow = Vec::new();
    for shape in SHAPES {
        let small = check(folder.path(), &text(shape, SMALL));
        let large = check(folder.path(), &text(shape, SMALL * GROWTH));
        eprintln!("{:24} {small:6.2} s {large:6.2} s", shape.0);
        if large > small * LIMIT + NOISE {
            slow.push(format!("{}: {small:.2} s, then {large:.2} s", shape.0));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}
