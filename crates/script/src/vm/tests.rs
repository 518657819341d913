//! Tests of the compiler and the machine together.
