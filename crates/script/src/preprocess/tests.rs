//! Tests of the preprocessor.

use std::path::Path;

use super::{Expanded, Options, expand};
use crate::ast::Span;
use crate::source::{Loader, MemoryLoader};

fn run(files: &[(&str, &str)]) -> Expanded {
    let loader = files
        .iter()
        .fold(MemoryLoader::default(), |loader, (path, text)| {
            loader.with_file(*path, *text)
        });
    let text = loader.load(Path::new(files[0].0)).expect("the first file");
    expand(
        Path::new(files[0].0),
        text.into(),
        &loader,
        &Options::default(),
    )
}

/// The words of the expanded text: where blanks stand does not matter.
fn words(text: &str) -> Vec<String> {
    let expanded = run(&[("a.cfg", text)]);
    assert!(
        expanded.diagnostics.is_empty(),
        "{:?}",
        expanded.diagnostics
    );
    let text = String::from_utf8_lossy(&expanded.text).into_owned();
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn names_are_replaced_in_code_only() {
    assert_eq!(
        words("#!define A 5\n#!define B A+1\nA B \"A\" 'A' $var(A) $(A{s.A}) @a.A AA # A\n"),
        [
            "5",
            "5+1",
            "\"A\"",
            "'A'",
            "$var(A)",
            "$(A{s.A})",
            "@a.A",
            "AA"
        ]
    );
}

#[test]
fn a_value_keeps_its_comment_as_kamailio_does() {
    assert_eq!(words("#!define A 5 # five\nx A\ny"), ["x", "5", "y"]);
    assert_eq!(words("#!define A 1 \\\n 2\nA"), ["1", "2"]);
}

#[test]
fn conditions_nest() {
    let text = "#!define X\n#!ifdef X\n1\n#!ifndef X\n2\n#!else\n3\n#!endif\n#!else\n4\n#!endif\n5";
    assert_eq!(words(text), ["1", "3", "5"]);
    assert_eq!(words("#!ifdef X\n '\" /* #!endif\n5"), ["5"]);
    assert_eq!(words("#!ifdef KAMAILIO_5\n1\n#!endif"), ["1"]);
    assert_eq!(
        words("loadmodule \"x/pv.so\"\n#!ifdef MOD_pv\n1\n#!endif"),
        ["loadmodule", "\"x/pv.so\"", "1"]
    );
}

#[test]
fn substitutions_reach_into_strings_and_variables() {
    assert_eq!(
        words(
            "#!subst \"/foo/bar/g\"\n#!subst \"/(on)ce/\\1ly/\"\n\"foofoo\" 'once once' $var(foo) foo"
        ),
        ["\"barbar\"", "\"only", "once\"", "$var(bar)", "foo"]
    );
    assert_eq!(
        words("#!substdef \"!N!42!g\"\n#!substdefs \"!S!text!g\"\nN \"N\" S \"S\""),
        ["42", "\"42\"", "\"text\"", "\"text\""]
    );
}

#[test]
fn the_environment_defines() {
    let mut loader = MemoryLoader::default();
    loader
        .variables
        .insert("HOME".to_owned(), "/root".to_owned());
    let text = "#!defenv HOME\n#!defenvs H=HOME\n#!trydefenv NONE\nHOME H NONE\n#!defenv NONE\n";
    let expanded = expand(Path::new("a"), text.into(), &loader, &Options::default());
    let shown = String::from_utf8_lossy(&expanded.text);
    assert_eq!(
        shown.split_whitespace().collect::<Vec<_>>(),
        ["/root", "\"/root\"", "NONE"]
    );
    assert_eq!(expanded.diagnostics.len(), 1);
    assert_eq!(expanded.diagnostics[0].code, "missing-environment");
}

#[test]
fn places_are_known_through_includes_and_replacements() {
    let expanded = run(&[
        (
            "dir/a.cfg",
            "#!define LONG 1234567\n#!subst \"/s/sss/\"\nx /* y\n*/ LONG \"s\" z\ninclude_file \"b.cfg\"\nlast",
        ),
        ("dir/b.cfg", "first\n  second LONG third"),
    ]);
    assert!(
        expanded.diagnostics.is_empty(),
        "{:?}",
        expanded.diagnostics
    );
    let text = String::from_utf8_lossy(&expanded.text).into_owned();
    let place = |needle: &str| {
        let start = text.find(needle).expect("in the expanded text") as u32;
        let span = Span {
            start,
            end: start + needle.len() as u32,
        };
        let place = expanded.source.locate(span);
        let origin = expanded.source.origin(span);
        let written = String::from_utf8_lossy(expanded.source.snippet(origin)).into_owned();
        (
            format!("{}:{}:{}", place.file, place.line, place.column),
            written,
        )
    };
    assert_eq!(place("x"), ("dir/a.cfg:3:1".to_owned(), "x".to_owned()));
    assert_eq!(
        place("1234567"),
        ("dir/a.cfg:4:4".to_owned(), "LONG".to_owned())
    );
    assert_eq!(
        place("\"sss\""),
        ("dir/a.cfg:4:9".to_owned(), "\"s\"".to_owned())
    );
    assert_eq!(place("z"), ("dir/a.cfg:4:13".to_owned(), "z".to_owned()));
    assert_eq!(
        place("second"),
        ("dir/b.cfg:2:3".to_owned(), "second".to_owned())
    );
    assert_eq!(
        place("third"),
        ("dir/b.cfg:2:15".to_owned(), "third".to_owned())
    );
    assert_eq!(
        place("last"),
        ("dir/a.cfg:6:1".to_owned(), "last".to_owned())
    );
}

#[test]
fn includes_and_defines_that_lead_back_end() {
    let expanded = run(&[("a", "include_file \"a\"")]);
    assert_eq!(expanded.diagnostics[0].code, "include-too-deep");
    let expanded = run(&[("a", "#!define A B\n#!define B A\nA")]);
    assert_eq!(expanded.diagnostics[0].code, "recursive-define");
    let mut bomb = String::from("#!define A0 xxxxxxxxxxxxxxxx\n");
    for level in 1..12 {
        let below = format!("A{} ", level - 1).repeat(10);
        bomb.push_str(&format!("#!define A{level} {below}\n"));
    }
    bomb.push_str("A11");
    let expanded = run(&[("a", &bomb)]);
    assert_eq!(expanded.diagnostics[0].code, "expansion-too-large");
}

#[test]
fn printing_decides_conditions_and_keeps_the_rest() {
    let text = "#!define X 5\n#!ifdef X\na=X # c\n  #!else\nb\n#!endif\n/* c */\n";
    let expanded = expand(
        Path::new("test.cfg"),
        text.into(),
        &crate::source::MemoryLoader::default(),
        &Options {
            prints: true,
            ..Options::default()
        },
    );
    assert_eq!(
        String::from_utf8_lossy(&expanded.printed),
        "#!define X 5\na=X # c\n  /* c */\n"
    );
}
