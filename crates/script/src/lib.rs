//! The configuration language: preprocess, parse, resolve, compile and run. Knows no SIP.

pub mod ast;
pub mod compile;
pub mod diagnostic;
mod grammar;
pub mod host;
pub mod lexer;
pub mod parse;
pub mod posix;
pub mod preprocess;
pub mod print;
pub mod program;
pub mod regex;
pub mod source;
pub mod status;
pub mod value;
pub mod view;
pub mod vm;
