//! What `ferrosip -c` tells an operator about a whole configuration: names that do not exist, wrong
//! arguments, what is never run or set, and the traps of newcomers.
//!
//! `tests/verdicts/messages.txt` holds configurations, each followed by what is said of it on
//! standard error, short (`--diagnostics=short`) so that a line is a message. With UPDATE_MESSAGES=1
//! the file is written anew: look at the difference. Environment: `FERROSIP_BIN`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use acceptance::subject::Program;

const BASE: &str = "\
listen=udp:127.0.48.1:5060
loadmodule \"tm.so\"
loadmodule \"sl.so\"
loadmodule \"rr.so\"
loadmodule \"pv.so\"
loadmodule \"textops.so\"
loadmodule \"siputils.so\"
loadmodule \"xlog.so\"
";

/// Codes that an operator must meet in the file: each is a class of mistakes that the check knows.
const CLASSES: [&str; 26] = [
    "argument-count",
    "assignment-in-condition",
    "bad-argument",
    "bad-core-param",
    "bad-modparam",
    "bad-regex",
    "bad-select",
    "change-not-visible",
    "duplicate-route",
    "late-record-route",
    "missing-exit",
    "missing-include",
    "missing-module",
    "modparam-not-loaded",
    "never-set",
    "not-assignable",
    "read-only",
    "type-mismatch",
    "unclosed-condition",
    "undefined-route",
    "unknown-core-param",
    "unknown-event",
    "unknown-function",
    "unknown-modparam",
    "unknown-module",
    "unreachable",
];

#[test]
fn the_check_says_what_it_said() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("verdicts/messages.txt");
    let file = fs::read_to_string(&path).expect("the messages can be read");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("test.cfg");
    let mut now = String::new();
    for part in file.split("=== ").skip(1) {
        let text = part.split("\n--- ").next().unwrap_or_default();
        let text = text.strip_prefix('\n').unwrap_or(text);
        fs::write(&config, format!("{BASE}{text}\n")).expect("the text can be written");
        let ended = Command::new(&Program::ferrosip().path)
            .args(["-c", "--diagnostics=short", "-f", "test.cfg"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&ended.stderr);
        let _ = write!(now, "=== \n{text}\n--- \n{said}\n");
    }
    if std::env::var_os("UPDATE_MESSAGES").is_some() {
        fs::write(&path, &now).expect("the messages can be written");
    }
    for class in CLASSES {
        assert!(
            now.contains(&format!("[{class}]")),
            "no message is a {class}"
        );
    }
    assert!(
        file == now,
        "messages changed: look at them with UPDATE_MESSAGES=1 and git diff"
    );
}
