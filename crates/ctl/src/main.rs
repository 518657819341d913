//! ferroctl, the operators' tool over the RPC interface.

fn main() {}
