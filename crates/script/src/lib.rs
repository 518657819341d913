//! The configuration language: preprocess, parse, resolve, compile and run. Knows no SIP.

pub mod ast;
pub mod compile;
pub mod diagnostic;
pub mod host;
pub mod posix;
pub mod program;
pub mod regex;
pub mod source;
pub mod value;
pub mod vm;
