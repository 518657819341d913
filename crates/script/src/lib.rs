//! The configuration language: preprocess, parse, resolve, compile and run. Knows no SIP.

pub mod ast;
pub mod host;
pub mod value;
