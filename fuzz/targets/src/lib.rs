//! What the fuzzers call: one function for each thing that reads the network or a file. Each takes
//! any bytes and must return; what it asserts holds for all of them.
//!
//! `fuzz/fuzz_targets` wraps these for cargo-fuzz; `tests/smoke.rs` runs each on its seeds and on
//! some thousand mutations of them, with every test run.

mod control;
mod language;
mod seeds;
mod server;
mod wire;

pub use control::binrpc;
pub use language::{config, load, regex};
pub use server::{http, server};
pub use wire::{branch, header, message, proxy, reply, session, stream, uri};

use seeds::{BINRPC, BRANCHES, CONFIGS, HEADERS, HTTP, MESSAGES, PROXIES, REGEXES, SESSIONS, URIS};

/// A target with messages or files to start from.
pub struct Target {
    /// Its name, also of the cargo-fuzz binary.
    pub name: &'static str,
    /// What is fuzzed.
    pub run: fn(&[u8]),
    /// Real inputs.
    pub seeds: &'static [&'static [u8]],
}

/// All targets.
pub static TARGETS: &[Target] = &[
    Target {
        name: "message",
        run: message,
        seeds: MESSAGES,
    },
    Target {
        name: "stream",
        run: stream,
        seeds: MESSAGES,
    },
    Target {
        name: "reply",
        run: reply,
        seeds: MESSAGES,
    },
    Target {
        name: "uri",
        run: uri,
        seeds: URIS,
    },
    Target {
        name: "config",
        run: config,
        seeds: CONFIGS,
    },
    Target {
        name: "load",
        run: load,
        seeds: CONFIGS,
    },
    Target {
        name: "regex",
        run: regex,
        seeds: REGEXES,
    },
    Target {
        name: "branch",
        run: branch,
        seeds: BRANCHES,
    },
    Target {
        name: "header",
        run: header,
        seeds: HEADERS,
    },
    Target {
        name: "session",
        run: session,
        seeds: SESSIONS,
    },
    Target {
        name: "binrpc",
        run: binrpc,
        seeds: BINRPC,
    },
    Target {
        name: "server",
        run: server,
        seeds: MESSAGES,
    },
    Target {
        name: "proxy",
        run: proxy,
        seeds: PROXIES,
    },
    Target {
        name: "http",
        run: http,
        seeds: HTTP,
    },
];
