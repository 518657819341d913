//! The oracle: black-box scenarios that are played to two SIP servers and must look the same.
//!
//! A scenario is one TOML file under `tests/scenarios`. [`run`] plays it to a server through
//! [`agent`]s (UDP and TCP endpoints on their own loopback addresses) and writes down everything
//! they receive; [`normalise`] renames what no two servers can have in common (branches, tags,
//! addresses); [`diff`] compares the two transcripts line by line. [`known`] holds the
//! differences that are deliberate.
//!
//! [`oracle`] compares thousands of expressions, [`verdict`] what `-c` says, for which [`check`] asks; [`findings`] tells what
//! was wrong; [`again`] plays again what failed, [`suite`] runs trials made of files. [`client`] starts real clients (sipp, baresip, …) for
//! the tests of `tests/tests/interop`.

pub mod address;
pub mod again;
pub mod agent;
pub mod build;
pub mod check;
pub mod client;
pub mod diff;
pub mod digest;
pub mod findings;
pub mod known;
pub mod message;
pub mod normalise;
pub mod oracle;
pub mod parallel;
pub mod pool;
pub mod run;
pub mod scenario;
pub mod subject;
pub mod suite;
pub mod template;
pub mod verdict;
