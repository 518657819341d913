//! RFC 3261 section 17 and RFC 6026 state machines, table and timers. No I/O; time is an argument.
