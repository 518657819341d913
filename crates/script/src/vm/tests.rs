//! Tests of the compiler and the machine together.

mod growth;
mod oracle;
mod parse;
mod property;
mod script;
mod toy;
