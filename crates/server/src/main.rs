//! The ferrosip binary: command line, daemon, signals, workers.

fn main() {}
