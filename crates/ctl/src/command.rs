//! The command line.

use std::ffi::OsString;

use engine::rpc::RpcValue;
use lexopt::prelude::*;

use crate::address::{Address, BadAddress, DEFAULT};

/// What `-h` and `help` print.
pub(crate) const HELP: &str = "\
Usage: ferroctl [-s address] method [argument...]

Calls a method of a running server and prints the answer.

  -s address   where the server listens: unixs:path, unixd:path, tcp:host:port, udp:host:port
               (default unixs:/run/kamailio/kamailio_ctl)
  -V           version
  -h           this help

Arguments that look like numbers are sent as numbers; put s: before one to send it as text.

  ferroctl listMethods         all methods
  ferroctl help core.uptime    what a method does
  ferroctl uptime              short for core.uptime, as are version, ps, psx, info, arg, kill
";

/// What is asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Version,
    Call {
        address: Address,
        method: String,
        args: Vec<RpcValue>,
    },
}

/// A command line that means nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Option(#[from] lexopt::Error),
    #[error(transparent)]
    Address(#[from] BadAddress),
}

impl Command {
    /// Reads the arguments behind the program's name.
    pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, CommandError> {
        let mut address = DEFAULT.to_owned();
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Short('s') => address = parser.value()?.string()?,
                Short('h') | Long("help") => return Ok(Self::Help),
                Short('V') | Long("version") => return Ok(Self::Version),
                Value(method) => {
                    let method = method.string()?;
                    let mut args = Vec::new();
                    // Negative numbers are arguments, not options.
                    for raw in parser.raw_args()? {
                        args.push(argument(&raw.to_string_lossy()));
                    }
                    return Ok(Self::call(address.parse()?, &method, args));
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Self::Help)
    }

    fn call(address: Address, method: &str, args: Vec<RpcValue>) -> Self {
        let method = match method {
            "help" if args.is_empty() => return Self::Help,
            "help" => "system.methodHelp".to_owned(),
            "listMethods" | "ls" => "system.listMethods".to_owned(),
            "uptime" | "version" | "ps" | "psx" | "info" | "arg" | "kill" | "pwd" => {
                format!("core.{method}")
            }
            "who" | "listen" => format!("ctl.{method}"),
            other => other.to_owned(),
        };
        Self::Call {
            address,
            method,
            args,
        }
    }
}

fn argument(text: &str) -> RpcValue {
    if let Some(plain) = text.strip_prefix("s:") {
        return plain.into();
    }
    if let Ok(number) = text.parse::<i32>() {
        return RpcValue::Int(number.into());
    }
    // Words such as `inf` are no numbers here.
    let numeric = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match text.parse() {
        Ok(number) if numeric => RpcValue::Double(number),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Command {
        Command::parse(line.split_whitespace().map(OsString::from)).unwrap()
    }

    #[test]
    fn calls() {
        let command = parse("-s tcp:h:1 cfg.set core debug -3 1.5 s:5 a.b inf");
        let Command::Call {
            address,
            method,
            args,
        } = command
        else {
            panic!("a call");
        };
        assert_eq!(address, Address::Tcp("h".into(), 1));
        assert_eq!(method, "cfg.set");
        assert_eq!(
            args,
            [
                "core".into(),
                "debug".into(),
                (-3).into(),
                RpcValue::Double(1.5),
                "5".into(),
                "a.b".into(),
                "inf".into()
            ]
        );
    }

    #[test]
    fn short_forms() {
        let method = |line| match parse(line) {
            Command::Call { method, .. } => method,
            other => panic!("{other:?}"),
        };
        assert_eq!(method("uptime"), "core.uptime");
        assert_eq!(method("listMethods"), "system.listMethods");
        assert_eq!(method("help core.uptime"), "system.methodHelp");
        assert_eq!(parse("help"), Command::Help);
        assert_eq!(parse(""), Command::Help);
        assert!(Command::parse(["-x".into()]).is_err());
    }
}
