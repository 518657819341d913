//! The configuration language: preprocess, parse, resolve, compile and run. Knows no SIP.

pub mod ast;
pub mod compile;
pub mod host;
pub mod posix;
pub mod program;
pub mod regex;
pub mod value;
pub mod vm;
