//! The ferrosip binary: command line, daemon, signals, workers.

use std::io::Write;
use std::process::ExitCode;

use server::cli::{self, Action, CommandLine, EXIT_FAILURE};

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
        Action::Exports => cli::exports().fold(String::new(), |all, row| all + &row + "\n"),
        Action::Run | Action::Check | Action::PrintConfig => {
            eprintln!("the engine is not part of this program yet");
            return ExitCode::from(EXIT_FAILURE);
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(EXIT_FAILURE),
    }
}
