//! Runs messages through the script: context, variables, core functions, the module contract,
//! RPC, statistics, timers.
//!
//! The way of a message: [`receive`] parses it and runs the program on a [`Context`];
//! functions from [`module`] tables act on the context; [`forward`] and [`reply`] print what
//! leaves through [`services::Network`].

pub mod action;
pub mod arguments;
pub mod builtin;
pub mod calendar;
pub mod catalog;
pub mod cfg_vars;
pub mod context;
pub mod control;
pub mod core;
pub mod core_events;
pub mod core_functions;
pub mod core_params;
mod core_rpc;
pub mod event;
pub mod exports;
pub mod format;
pub mod forward;
pub mod hash;
pub mod hooks;
pub mod keyword;
mod latency;
mod lint;
pub mod load;
pub mod log;
pub mod lost;
mod message_limits;
pub mod module;
mod name_index;
mod nesting;
pub mod net;
pub mod overload;
pub mod process;
pub mod receive;
pub mod reference;
pub mod reload;
pub mod reply;
pub mod request_uri;
mod reverse;
pub mod route;
pub mod rpc;
pub mod select;
pub mod services;
pub mod settings;
pub mod socket;
pub mod statistics;
pub mod stock;
pub mod table;
pub mod template;
pub mod timer;
pub mod transformation;
pub mod transformations;
mod unfit;
pub mod variable;
pub mod variables;

pub use crate::context::Context;
pub use crate::core::{Core, Setup};

/// A compiled configuration that runs on message contexts.
pub type Program = script::program::Program<Context>;
