//! The core's own RPC methods: what every configuration has without `loadmodule`.

mod process;
mod system;

use crate::module::Rpc;

/// The core's methods.
pub(crate) static TABLE: &[Rpc] = &[
    process::UPTIME,
    process::VERSION,
    system::LIST_METHODS,
    system::METHOD_HELP,
    system::METHOD_SIGNATURE,
];
