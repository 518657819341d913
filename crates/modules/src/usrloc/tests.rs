//! The tables as a whole: against a naive model, at scale, and their memory.
