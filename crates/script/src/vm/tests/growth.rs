//! Programs that follow each other, and blocks that come to a program: indices keep their meaning.

use std::path::Path;

use super::parse;
use super::toy::{Toy, ToyCatalog};
use crate::ast::BlockKind;
use crate::compile::{LocatedProblem, Options, append, compile, compile_over};
use crate::host::RouteId;
use crate::program::Program;
use crate::source::MemoryLoader;
use crate::vm::{Limits, Step, Vm};

fn program(source: &str) -> Program<Toy> {
    let (program, problems) = compile(&parse::config(source), &mut ToyCatalog);
    assert_eq!(errors(&problems), Vec::<String>::new());
    program
}

fn errors(problems: &[LocatedProblem]) -> Vec<String> {
    let errors = problems.iter().filter(|p| !p.problem.is_warning);
    errors.map(|p| p.problem.message.clone()).collect()
}

fn log_of(program: &Program<Toy>, route: RouteId) -> String {
    let mut host = Toy::with_oracle_variables();
    let mut vm = Vm::new(Limits::default());
    vm.start(route);
    match vm.resume(program, &mut host) {
        Step::Done(_) => host.log.join(" "),
        Step::Wait(_) => panic!("nothing waits here"),
    }
}

fn route(program: &Program<Toy>, name: &str) -> Option<RouteId> {
    program.find(BlockKind::Route, name)
}

#[test]
fn a_block_keeps_its_index_in_the_next_program() {
    let first = program(
        "request_route { route(A); route(B); } request_route { log('more'); } \
         route[A] { log('a'); } route[B] { log('b'); }",
    );
    let next = "route[C] { log('c'); } route[B] { log('new'); } \
                request_route { route(B); route(C); $var(r) = 'A'; route($var(r)); log('end'); }";
    let mut toy = ToyCatalog;
    let (second, problems) =
        compile_over(&first, &parse::config(next), &mut toy, Options::default());
    assert_eq!(errors(&problems), Vec::<String>::new());
    assert_eq!(second.request_route(), first.request_route());
    assert_eq!(route(&second, "B"), route(&first, "B"));
    let gone = route(&first, "A").unwrap();
    assert_eq!(route(&second, "A"), None);
    assert_eq!(second.kind(gone), None);
    assert!(second.routes().all(|id| id != gone));
    let start = first.request_route().unwrap();
    assert_eq!(log_of(&first, start), "a b more");
    assert_eq!(log_of(&second, start), "new c end");
    assert_eq!(log_of(&second, gone), "");
    // The index waits for the block of its name.
    let (third, _) = compile_over(
        &second,
        &parse::config("route[D] { exit; } route[A] { log('back'); } request_route { route(D); }"),
        &mut toy,
        Options::default(),
    );
    assert_eq!(route(&third, "A"), Some(gone));
    assert_eq!(log_of(&third, gone), "back");
    let ids = ["A", "B", "C", "D"].map(|n| route(&third, n).or(route(&second, n)).unwrap());
    let mut distinct = ids.to_vec();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn blocks_come_to_a_program_that_runs() {
    let first = program(
        "request_route { $var(r) = 'NEW'; route($var(r)); switch (1) { case 1: log('one'); } } \
         route[A] { if (1 == 1) { log('a'); } else { log('never'); } }",
    );
    let more = "route[NEW] { if (2 == 2) { log('new'); } route(A); while (1 == 1) { break; } \
                switch (2) { case 1: log('no'); case 2: log('two'); } }";
    let (second, problems) = append(
        &first,
        &parse::config(more),
        &mut ToyCatalog,
        Options::default(),
    );
    assert_eq!(errors(&problems), Vec::<String>::new());
    for id in first.routes() {
        assert_eq!(second.name(id), first.name(id));
        assert_eq!(second.kind(id), first.kind(id));
    }
    let start = first.request_route().unwrap();
    assert_eq!(log_of(&first, start), "one");
    assert_eq!(log_of(&second, start), "new a two one");
}

#[test]
fn what_is_there_cannot_come_again() {
    let first = program("request_route { route(A); } route[A] { log('a'); }");
    let more = "route[A] { log('b'); } request_route { log('c'); } route[E] { route(NONE); }";
    let (_, problems) = append(
        &first,
        &parse::config(more),
        &mut ToyCatalog,
        Options::default(),
    );
    assert_eq!(
        errors(&problems),
        [
            "route[A] is defined twice",
            "request_route is defined twice",
            "route \"NONE\" not found"
        ]
    );
}

#[test]
fn places_of_appended_text_are_its_own() {
    let loader = MemoryLoader::default();
    let options = crate::preprocess::Options::default();
    let one = crate::parse::parse_text(
        Path::new("a.cfg"),
        "request_route {\n  log('a');\n}\n",
        &loader,
        &options,
    );
    let two = crate::parse::parse_behind(
        &one.source,
        Path::new("b.cfg"),
        "# b\n\nroute[B] { log('b'); }\n",
        &loader,
        &options,
    );
    assert!(!two.has_errors(), "{:?}", two.diagnostics);
    let (first, _) = compile(&one.config, &mut ToyCatalog);
    let (second, _) = append(&first, &two.config, &mut ToyCatalog, Options::default());
    let second = second.with_source(std::sync::Arc::new(two.source));
    let at = |id| {
        let place = second.source().locate(second.span(id).unwrap());
        format!("{}:{}:{}", place.file, place.line, place.column)
    };
    assert_eq!(at(second.request_route().unwrap()), "a.cfg:1:1");
    assert_eq!(at(route(&second, "B").unwrap()), "b.cfg:3:1");
}
