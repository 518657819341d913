//! Tests of the compiler and the machine together.

mod oracle;
mod parse;
mod property;
mod script;
mod toy;
