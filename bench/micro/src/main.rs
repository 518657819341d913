//! `micro list` names the operations; `micro NUMBER TIMES` does one so many times.

use std::process::ExitCode;

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => {
            for operation in micro::ALL {
                println!("{}", operation.name);
            }
        }
        [number, times] => {
            let operation = number.parse().ok().and_then(|n: usize| micro::ALL.get(n));
            let (Some(operation), Ok(times)) = (operation, times.parse()) else {
                return ExitCode::from(2);
            };
            (operation.run)(times);
        }
        _ => {
            eprintln!("usage: micro list | micro NUMBER TIMES");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
