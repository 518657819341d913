//! Whole scripts: return codes, the end of the script, loops, waiting, limits. What is expected
//! here was observed on Kamailio 5.6.3.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::parse;
use super::toy::{Toy, ToyCatalog};
use crate::compile::{LocatedProblem, Options, compile, compile_with};
use crate::host::Wait;
use crate::vm::{Ended, How, Limits, Step, Vm};

/// What a script left behind.
struct Ran {
    log: Vec<String>,
    reports: Vec<String>,
    ended: Ended,
    waits: usize,
}

fn run(source: &str) -> Ran {
    run_with(source, Limits::default())
}

fn run_with(source: &str, limits: Limits) -> Ran {
    let (program, problems) = compile(&parse::config(source), &mut ToyCatalog);
    let errors: Vec<_> = problems
        .iter()
        .filter(|problem| !problem.problem.is_warning)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut host = Toy::with_oracle_variables();
    let mut vm = Vm::new(limits);
    vm.start(program.request_route().expect("declared"));
    let mut waits = 0;
    loop {
        match vm.resume(&program, &mut host) {
            Step::Done(ended) => {
                return Ran {
                    log: host.log,
                    reports: host.reports,
                    ended,
                    waits,
                };
            }
            Step::Wait(wait) => {
                waits += 1;
                vm.continue_with(finish(wait));
            }
        }
    }
}

fn finish(wait: Wait<Toy>) -> crate::host::Continuation<Toy> {
    let mut wait = pin!(wait);
    match wait.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(continuation) => continuation,
        Poll::Pending => panic!("the toy host's waits are over at once"),
    }
}

fn log_of(source: &str) -> String {
    run(source).log.join(" ")
}

fn problems(source: &str) -> Vec<LocatedProblem> {
    compile(&parse::config(source), &mut ToyCatalog).1
}

#[track_caller]
fn complains(source: &str, message: &str) {
    let found = problems(source);
    let matching = found
        .iter()
        .any(|problem| problem.problem.message.contains(message));
    assert!(matching, "{message:?} not in {found:?}");
}

#[test]
fn return_0_ends_the_script_wherever_the_route_is_called() {
    for call in [
        "route(Z);",
        "if (route(Z)) { log('then'); } else { log('else'); }",
        "if (!route(Z)) { log('then'); } else { log('else'); }",
        "if (route(Z) == 0) { log('then'); } else { log('else'); }",
        "$var(r) = route(Z);",
        "$var(r) = 1 + route(Z);",
    ] {
        let source = format!("request_route {{ {call} log('after'); }} route[Z] {{ return 0; }}");
        let ran = run(&source);
        assert_eq!(ran.log.join(" "), "", "{call}");
        assert_eq!(
            ran.ended,
            Ended {
                code: 0,
                how: How::Exit
            },
            "{call}"
        );
    }
}

#[test]
fn return_0_is_forgotten_when_the_same_expression_calls_on() {
    let source = "request_route {
            if (route(Z) || route(P5)) { log('then'); } else { log('else'); }
            $var(x) = route(Z) + route(P5); log($var(x));
            while (route(Z) || route(P5)) { log('in'); break; }
            log('after');
        }
        route[Z] { return 0; } route[P5] { return 5; }";
    assert_eq!(log_of(source), "then 1 in after");
}

#[test]
fn exit_and_drop_end_everything() {
    let source = "request_route { if (route(A) || route(B)) { log('then'); } log('after'); }
        route[A] { route(C); } route[B] { return 1; } route[C] { while (1) { exit; } }";
    let ran = run(source);
    assert_eq!((ran.log.len(), ran.ended.how), (0, How::Exit));
    let ran = run("request_route { route(D); log('after'); } route[D] { drop 5; }");
    assert_eq!(
        ran.ended,
        Ended {
            code: 5,
            how: How::Drop
        }
    );
    let ran = run("request_route { code(0); log('after'); }");
    assert_eq!((ran.log.len(), ran.ended.how), (0, How::Exit));
}

#[test]
fn rc_is_set_by_calls_alone() {
    let source = "request_route {
            route(M5); $var(x) = 1; log($rc);
            if ($var(i) == 7) { $var(x) = 1; } log($rc);
            code(-2); $var(q) = $var(i) / $var(z); log($rc);
            $var(x) = $var(i) + route(P5); log($rc);
            route(BRK); log($rc);
            $var(x) = route(M5); log($rc);
        }
        route[M5] { return -5; } route[P5] { return 5; } route[BRK] { $var(x) = 1; break; }";
    assert_eq!(log_of(source), "-5 -5 -2 5 0 -5");
}

#[test]
fn the_last_statement_decides_a_blocks_code() {
    for (body, code) in [
        ("$var(q) = 0;", 1),
        ("if ($var(i) == 7) { $var(q) = 1; }", 1),
        ("code(-1); if ($var(i) == 7) { $var(q) = 1; }", 1),
        ("if ($var(i) == 5) { code(-1); }", -1),
        ("if ($var(i) == 7) { $var(q) = 1; } else { code(-1); }", -1),
        (
            "$var(w) = 0; while ($var(w) < 2) { $var(w) = $var(w) + 1; code(-1); }",
            -1,
        ),
        ("while ($var(i) == 7) { code(-1); }", 1),
        ("while ($var(i) == 5) { code(-1); break; }", 0),
        ("code(-1); $var(q) = 0;", 1),
        ("switch ($var(i)) { case 5: code(-1); }", -1),
        ("switch ($var(i)) { case 5: code(-1); break; }", 0),
        ("switch ($var(i)) { case 7: code(-1); break; }", 1),
        (
            "if ($var(i) == 5) { switch ($var(i)) { case 5: break; } }",
            0,
        ),
        ("route(M5);", -5),
        ("$var(q) = route(M5);", 1),
        ("$var(q) = $var(i) / $var(z);", -1),
        ("if ($var(i) / $var(z)) { $var(q) = 1; }", 1),
        (
            "if ($var(i) / $var(z)) { $var(q) = 1; } else { code(-1); }",
            -1,
        ),
        ("while (1) { $var(q) = 1; }", -1),
        ("route(\"NO\" + $var(i));", -10),
        ("return $var(i) + \"1\";", 6),
        ("return $var(n);", 5),
        ("return -$var(i);", -5),
        ("return $var(i) / $var(z);", -5),
        ("return route(P5);", 1),
        ("return 4294967297;", 1),
    ] {
        let source = format!(
            "request_route {{ route(X); log($rc); }} route[X] {{ {body} }}
             route[M5] {{ return -5; }} route[P5] {{ return 5; }}"
        );
        assert_eq!(log_of(&source), code.to_string(), "{body}");
    }
}

#[test]
fn a_returned_value_that_counts_as_0_ends_the_script() {
    for value in [
        "$var(s)",
        "$avp(u)",
        "$var(i) == 7",
        "code(-1)",
        "route(M5)",
    ] {
        let source = format!(
            "request_route {{ route(X); log('after'); }} route[X] {{ return {value}; }}
             route[M5] {{ return -5; }}"
        );
        assert_eq!(run(&source).ended.how, How::Exit, "{value}");
    }
}

#[test]
fn switches_jump_fall_through_and_break() {
    for (body, log) in [
        (
            "switch ($var(i)) { case 1: log('1'); case 5: log('5'); case 6: log('6'); break; default: log('d'); }",
            "5 6",
        ),
        (
            "switch ($var(n)) { case 5: log('5'); break; default: log('d'); }",
            "5",
        ),
        (
            "switch ($var(s)) { case 'ABC': log('A'); break; case 'abc': log('a'); break; default: log('d'); }",
            "a",
        ),
        (
            "switch ($var(i)) { case '5': log('5'); break; default: log('d'); }",
            "5",
        ),
        (
            "switch ($avp(u)) { case '': log('e'); break; default: log('d'); }",
            "e",
        ),
        (
            "switch ($var(s)) { case 0: log('0'); break; default: log('d'); }",
            "0",
        ),
        (
            "switch ($var(s)) { case /^A/: log('A'); break; case /^a/: log('a'); break; default: log('d'); }",
            "a",
        ),
        (
            "switch ($var(s)) { case 'abc': log('a'); case /b/: log('b'); default: log('d'); }",
            "a b d",
        ),
        (
            "switch ($var(i)) { default: log('d'); case 5: log('5'); }",
            "5",
        ),
        (
            "switch ($var(i)) { case 4: log('4'); default: log('d'); case 6: log('6'); }",
            "d 6",
        ),
        (
            "switch ($var(i)) { case 5: switch ($var(n)) { case '5': log('in'); break; } log('out'); break; default: log('d'); }",
            "in out",
        ),
        (
            "switch ($var(i)) { case 5: while (1) { log('w'); break; } log('a'); case 6: log('6'); }",
            "w a 6",
        ),
        (
            "switch ($var(i)) { case 5: if ($var(i) == 5) { log('a'); break; } log('no'); case 6: log('6'); }",
            "a",
        ),
        (
            "switch ($var(i)) { case 2+3: log('5'); break; default: log('d'); }",
            "5",
        ),
        (
            "switch ($var(j)) { case -3: log('-3'); break; default: log('d'); }",
            "-3",
        ),
        (
            "switch ($var(x5)) { case 5: log('5'); break; case 0: log('0'); break; }",
            "0",
        ),
        (
            "switch (route(M5)) { case -5: log('-5'); break; case 0: log('0'); break; default: log('d'); }",
            "0",
        ),
        (
            "switch ($var(i) / $var(z)) { case 0: log('0'); break; default: log('d'); }",
            "d",
        ),
    ] {
        let source = format!("request_route {{ {body} log('end'); }} route[M5] {{ return -5; }}");
        assert_eq!(log_of(&source), format!("{log} end"), "{body}");
    }
}

#[test]
fn break_outside_of_loops_ends_the_block() {
    assert_eq!(log_of("request_route { log('a'); break; log('b'); }"), "a");
    let source =
        "request_route { while ($var(i) > 3) { $var(i) = $var(i) - 1; route(B); log($rc); }
        log('out'); } route[B] { log('in'); break; log('dead'); }";
    assert_eq!(log_of(source), "in 0 in 0 out");
}

#[test]
fn loops_end_at_their_limit() {
    let ran =
        run("request_route { $var(c) = 0; while (1) { $var(c) = $var(c) + 1; } log($var(c)); }");
    assert_eq!(ran.log, ["100"]);
    assert_eq!(ran.reports, ["runaway while: more than 100 loops"]);
    let ran = run(
        "request_route { $var(c) = 0; while ($var(c) < 100) { $var(c) = $var(c) + 1; }
        log($var(c)); }",
    );
    assert_eq!(
        (ran.log.join(" "), ran.reports.len()),
        ("100".to_owned(), 0)
    );
}

#[test]
fn a_failing_expression_skips_its_statement() {
    let source = "request_route {
        $var(r) = 7; $var(r) = $var(i) / 0; log($var(r));
        if ($var(i) / $var(z)) { log('then'); } else { log('else'); }
        if (!($var(i) / $var(z))) { log('then'); } else { log('else'); }
        if ($var(i) / $var(z) || $var(i)) { log('then'); } else { log('else'); }
        $var(re2) = '['; if (!($var(s) =~ $var(re2))) { log('not'); } else { log('not-else'); }
        while ($var(i) / $var(z)) { log('loop'); }
    }";
    let ran = run(source);
    assert_eq!(ran.log.join(" "), "7 else else else not-else");
    assert_eq!(ran.reports.len(), 6);
}

#[test]
fn routes_nest_256_blocks_deep() {
    for (body, depth) in [
        ("route(R);", 255),
        ("if ($var(c) > 0) route(R);", 128),
        ("switch ($var(i)) { case 5: route(R); break; }", 128),
        ("while ($var(i) == 5) { route(R); break; }", 128),
        ("if ($var(c) > 0) { if ($var(c) > 0) { route(R); } }", 85),
        ("if ($var(c) == 0) { log('x'); } else { route(R); }", 128),
    ] {
        let source = format!(
            "request_route {{ $var(c) = 0; route(R); log($var(c)); }}
             route[R] {{ $var(c) = $var(c) + 1; {body} }}"
        );
        let ran = run(&source);
        assert_eq!(ran.log, [depth.to_string()], "{body}");
        assert_eq!(ran.reports, ["too many nested routes"], "{body}");
    }
}

#[test]
fn the_step_budget_ends_the_script() {
    let limits = Limits {
        max_while_loops: 100_000,
        max_steps: 5000,
        ..Limits::default()
    };
    let source = "request_route { while (1) { while (1) { route(X); } } log('after'); }
        route[X] { $var(x) = 1; }";
    let ran = run_with(source, limits);
    assert_eq!((ran.log.len(), ran.ended.how), (0, How::Exit));
    assert_eq!(ran.reports.len(), 1);
}

#[test]
fn a_wait_in_nested_routes_inside_an_expression_resumes() {
    let source = "request_route { $var(r) = 'a' + $var(i) + route(A); log($var(r)); log($rc); }
        route[A] { if (is_method('OPTIONS') && route(B) && wait(3)) { return 7; } return -1; }
        route[B] { $var(k) = 0; while ($var(k) < 2) { $var(k) = $var(k) + wait(2); } log($var(k));
            wait(1); return 1; }";
    let ran = run(source);
    assert_eq!(ran.log.join(" "), "2 a51 7");
    assert_eq!(ran.waits, 4);
    let ran = run("request_route { log('a'); wait(0); log('b'); }");
    assert_eq!(
        (ran.log.join(" "), ran.ended.how),
        ("a".to_owned(), How::Exit)
    );
}

#[test]
fn calls_that_cannot_matter_are_not_made() {
    let source = "request_route { $var(r) = route(L) && 0; $var(r) = route(L) || 1;
        $var(r) = 0 && route(L); $var(r) = route(L) * 0; log('end'); } route[L] { log('l'); }";
    assert_eq!(log_of(source), "end");
    let source = "request_route { if (route(A) && route(B)) log('yes'); else log('no');
        if (route(B) || route(A)) log('y'); }
        route[A] { log('a'); return -1; } route[B] { log('b'); return 1; }";
    assert_eq!(log_of(source), "a no b y");
}

#[test]
fn special_operands_are_compared_by_the_host() {
    let source = "request_route { if (uri == myself) log('1'); if (method == 'options') log('2');
        if (method != 'OPTIONS') log('3'); if (uri == 'x') log('4'); log('a' + $var(i)); }";
    assert_eq!(log_of(source), "1 2 a5");
}

/// What Kamailio 5.6.3 makes of `$pr`, which is `udp` and 1.
#[test]
fn a_variable_is_text_and_number_at_once() {
    for (condition, holds) in [
        ("$pr", true),
        ("!$pr", false),
        ("$pr == 1", false),
        ("1 == $pr", true),
        ("$pr == 'udp'", true),
        ("'udp' == $pr", true),
        ("$pr > 0", true),
        ("$pr && 1", true),
        ("$pr + 1 == 'udp1'", true),
        ("1 + $pr == 2", true),
        ("(str)$pr == 'udp'", true),
        ("$var(one) == $pr", true),
        ("$var(text) == $pr", true),
        ("$var(one) + $pr == 2", true),
        ("$var(text) + $pr == 'udpudp'", true),
        ("$pr * 3 == 3", true),
    ] {
        let source = format!(
            "request_route {{ $var(one) = 1; $var(text) = 'udp';
                if ({condition}) log('yes'); else log('no'); }}"
        );
        let expected = if holds { "yes" } else { "no" };
        assert_eq!(log_of(&source), expected, "{condition}");
    }
    let source = "request_route { $var(copy) = $pr; log($var(copy));
        switch ($pr) { case 1: log('one'); break; default: log('other'); }
        switch ($pr) { case 'udp': log('text'); }
        while ($pr) { log('in'); break; } if (route(N)) log('positive'); }
        route[N] { return $pr; }";
    assert_eq!(log_of(source), "udp one text in positive");
}

#[test]
fn routes_named_at_run_time() {
    let source = "request_route { $var(n) = 'A'; route($var(n)); route($var(n) + 'B');
        if (route('NO' + $var(i))) log('then'); else log('else'); }
        route[A] { log('a'); } route[AB] { log('ab'); }";
    let ran = run(source);
    assert_eq!(ran.log.join(" "), "a ab else");
    assert_eq!(ran.reports, ["route \"NO5\" not found"]);
}

#[test]
fn all_mistakes_are_reported() {
    let source = "request_route { route(REALY); nosuch(1); $var(x) = 5 + 'a'; exit; log('x'); }
        route[RELAY] { return 'x'; } route[RELAY] { log('b'); }";
    let found = problems(source);
    assert_eq!(found.len(), 7, "{found:?}");
    complains(source, "route \"REALY\" not found");
    assert!(
        found
            .iter()
            .any(|problem| problem.problem.help == ["did you mean `route(RELAY)`?"])
    );
    complains(source, "unknown function nosuch");
    complains(source, "type mismatch");
    complains(source, "this is never reached");
    complains(source, "integer expected");
    complains(source, "route[RELAY] is defined twice");
    complains(source, "route[RELAY] is never run");
    complains(
        "request_route { switch(1) { case 1: log('a'); case 1: log('b'); } }",
        "duplicate case",
    );
    complains(
        "request_route { switch(1) { case 1: log('a'); case 'x': log('b'); } }",
        "mixed",
    );
    complains(
        "request_route { switch(1) { case $var(i): log('a'); } }",
        "constant expected",
    );
    complains(
        "request_route { while (1) { log('a'); } }",
        "constant value in while",
    );
    complains("request_route { continue; }", "outside of a loop");
    complains(
        "request_route { if ($var(s) =~ '[') log('a'); }",
        "bad regular expression",
    );
}

#[test]
fn nesting_beyond_reason_is_refused() {
    let deep = "!".repeat(300);
    complains(
        &format!("request_route {{ $var(x) = {deep}$var(x); }}"),
        "nested too deeply",
    );
}

#[test]
fn a_traced_program_tells_each_statement() {
    let config = parse::config("request_route { log('a'); if (1 == 1) { log('b'); } }");
    let plain = compile(&config, &mut ToyCatalog).0.instructions();
    let traced = compile_with(&config, &mut ToyCatalog, Options { trace: true });
    assert_eq!(traced.0.instructions(), plain + 3);
}

#[test]
fn programs_and_machines_cross_threads() {
    fn crosses<T: Send>() {}
    crosses::<Vm<Toy>>();
    crosses::<std::sync::Arc<crate::program::Program<Toy>>>();
    assert!(std::mem::size_of::<crate::program::Op>() <= 12);
}
