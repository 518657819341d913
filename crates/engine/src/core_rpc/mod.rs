//! The core's own RPC methods: what every configuration has without `loadmodule`.

mod connections;
mod defines;
mod echo;
mod limits;
mod process;
mod programs;
mod sockets;
mod system;

use crate::module::Rpc;

/// The core's methods.
pub(crate) static TABLE: &[Rpc] = &[
    defines::NAMES,
    defines::FULL,
    echo::ECHO,
    echo::PRINTI,
    echo::PRINTS,
    limits::LIST,
    process::ARG,
    process::FLAGS,
    process::INFO,
    process::KILL,
    process::MODULES,
    process::PS,
    process::PSA,
    process::PSX,
    process::PWD,
    process::RUNINFO,
    process::SHMMEM,
    process::UPTIME,
    process::VERSION,
    programs::PROGRAMS,
    programs::RELOAD,
    sockets::ALIASES,
    sockets::SOCKETS,
    connections::INFO,
    connections::LIST,
    connections::OPTIONS,
    connections::UDP4_RAW,
    system::LIST_METHODS,
    system::METHOD_HELP,
    system::METHOD_SIGNATURE,
];

/// A structure of named values.
fn record(members: Vec<(&str, crate::rpc::RpcValue)>) -> crate::rpc::RpcValue {
    let members = members.into_iter().map(|(n, v)| (n.to_owned(), v));
    crate::rpc::RpcValue::Struct(members.collect())
}
