//! A simulated world for the engine: network, clock, resolver, log, and a runtime that runs when
//! told to. A whole call, with its timers, takes microseconds and the same course every time.
//!
//! ```
//! use testkit::Sim;
//!
//! let sim = Sim::new(7);
//! let library = engine::load::Library { modules: &[], builtin: &[], transformations: &[], missing: &[] };
//! let server = sim.server("10.0.0.1:5060", "request_route { log(0, \"seen\"); }", library).unwrap();
//! let alice = sim.agent("10.0.0.2:5060");
//! alice.send(
//!     "10.0.0.1:5060",
//!     "OPTIONS sip:x@y SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\n\
//!      To: <sip:x@y>\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n",
//! );
//! sim.run_for(100);
//! assert_eq!(server.log_lines(), ["seen"]);
//! ```

mod network;
mod services;
mod sim;

pub use network::Link;
pub use sim::{Agent, Server, Sim};
