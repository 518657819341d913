//! ferroctl, the operators' tool: calls a method of a running server and prints the answer as
//! kamcmd does.

mod address;
mod command;
mod exchange;
mod print;

use std::io::Write;
use std::process::ExitCode;

use command::{Command, HELP};
use engine::rpc::RpcValue;

fn main() -> ExitCode {
    match run() {
        Ok(text) => match std::io::stdout().write_all(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let command = Command::parse(std::env::args_os().skip(1))?;
    let (address, method, args) = match command {
        Command::Help => return Ok(HELP.as_bytes().to_vec()),
        Command::Version => {
            return Ok(format!("ferroctl {}\n", env!("CARGO_PKG_VERSION")).into_bytes());
        }
        Command::Call {
            address,
            method,
            args,
        } => (address, method, args),
    };
    let values: Vec<RpcValue> = exchange::call(&address, &method, &args)?;
    Ok(print::values(&values))
}
