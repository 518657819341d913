//! The configuration language: preprocess, parse, resolve, compile and run. Knows no SIP.
