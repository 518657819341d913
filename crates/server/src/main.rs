//! The ferrosip binary: command line, daemon, signals, workers.

use std::io::Write;
use std::process::ExitCode;

use server::cli::{self, Action, CommandLine, EXIT_FAILURE};
use server::{allocator, check, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let line = match CommandLine::parse(std::env::args_os().skip(1)) {
        Ok(line) => line,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(EXIT_FAILURE);
        }
    };
    let text = match line.action {
        Action::Help => cli::help(),
        Action::Version => cli::version(),
        Action::Internals => cli::internals(),
        Action::Exports => exports(),
        Action::Run => {
            allocator::settle();
            return serve::run(&line);
        }
        Action::Check => return check::check(&line),
        Action::CompatCheck => return check::compat_check(&line),
        Action::PrintConfig => return check::print_config(&line),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(EXIT_FAILURE),
    }
}

/// Every name that is known: the command line's, the language's, the engine's and the modules'.
fn exports() -> String {
    let mut text = cli::exports().fold(String::new(), |all, row| all + &row + "\n");
    let rows = engine::exports::rows(modules::LIBRARY);
    text.push_str(&engine::exports::to_tsv(&rows));
    text
}
