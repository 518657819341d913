//! The process around the engine: command line, daemon, log, signals.
//!
//! A library beside the binary, so that each piece is tested by itself; `main.rs` joins them.

pub mod cli;
pub mod daemon;
pub mod log;
pub mod signals;
