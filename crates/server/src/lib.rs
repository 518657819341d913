//! The process around the engine: command line, daemon, log, signals.
//!
//! A library beside the binary, so that each piece is tested by itself; `main.rs` joins them.

pub mod allocator;
pub mod check;
pub mod cli;
pub mod config;
mod control;
pub mod daemon;
mod datagrams;
pub mod inbound;
pub mod log;
mod process;
mod records;
pub mod serve;
pub mod signals;
pub mod sockets;
mod streams;
pub mod world;
