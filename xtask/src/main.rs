//! Development tasks: `cargo xtask test`, `cargo xtask tidy`, `cargo xtask docs`, `cargo xtask bench`,
//! `cargo xtask optimized`.

mod bench;
mod cargo;
mod docs;
mod install;
mod optimized;
mod test;
mod tidy;
mod tree;
mod words;

use std::process::ExitCode;

use lexopt::Arg;

const HELP: &str = "\
usage: cargo xtask <task>

  test [ARGS]  install what the tests need (Debian), build the server and run every test;
               ARGS go to the test runner
  docs         write docs/reference and the generated part of docs/compatibility.md
  bench [ARGS] measure everything: comparisons with Kamailio, growth, instructions; writes the
               tables and plots of docs/performance.md, or --document FILE; ARGS go to
               ferrosip-load: --quick is a try of everything. What `optimized` builds is compared
               too where it can be built
  optimized [--output PATH] [ARGS]
               build the server with a profile of what it does under load, so that calls cost it
               a fifth less: target/optimized/ferrosip; ARGS go to ferrosip-load train.
               llvm-profdata of the compiler's LLVM is installed (Debian), or how to is said
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
        Some("optimized") => match parser.raw_args() {
            Ok(arguments) => optimized::run(arguments.collect()),
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
