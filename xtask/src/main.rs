//! Development tasks: `cargo xtask test`, `cargo xtask tidy`, `cargo xtask docs`, `cargo xtask bench`.

mod bench;
mod docs;
mod install;
mod test;
mod tidy;
mod tree;

use std::process::ExitCode;

use lexopt::Arg;

const HELP: &str = "\
usage: cargo xtask <task>

  test [ARGS]  install what the tests need (Debian), build the server and run every test;
               ARGS go to the test runner
  docs         write docs/reference and the generated part of docs/compatibility.md
  bench [ARGS] measure everything: comparisons with Kamailio, growth, instructions; writes the
               tables and plots of docs/performance.md, or --document FILE; ARGS go to
               ferrosip-load: --quick is a try of everything
  tidy         check what the compiler does not: layout, sizes, arrows, licences, documents
";

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let task = match parser.next() {
        Ok(Some(Arg::Value(task))) => task,
        Ok(Some(Arg::Short('h') | Arg::Long("help"))) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => return usage(),
    };
    match task.to_str() {
        Some("test") => match parser.raw_args() {
            Ok(arguments) => test::run(arguments.collect()),
            Err(_) => usage(),
        },
        Some("bench") => match parser.raw_args() {
            Ok(arguments) => bench::run(arguments.collect()),
            Err(_) => usage(),
        },
        Some("docs") => docs::run(),
        Some("tidy") => tidy::run(),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprint!("{HELP}");
    ExitCode::from(2)
}
