//! The command line, option by option, against the installed Kamailio.
//!
//! [`verdicts`]: the exit status for each line of `tests/command_line/cases.txt`. [`effects`]: what
//! options do to a running server. Environment: `FERROSIP_BIN`.

mod effects;
mod verdicts;
