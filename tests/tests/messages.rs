//! What `ferrosip -c` tells an operator about a whole configuration: names that do not exist, wrong
//! arguments, what is never run or set, and the traps of newcomers.
//!
//! `tests/verdicts/messages.txt` holds configurations (with included files behind `>>> name`), each
//! followed by what is said of it: a line for each message as `--diagnostics=short` has it, and its
//! advice. With UPDATE_MESSAGES=1 the file is written anew: look at the difference. Environment: `FERROSIP_BIN`.

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
const CLASSES: [&str; 55] = [
    "argument-count",
    "assignment-in-condition",
    "bad-argument",
    "bad-core-param",
    "bad-define",
    "bad-flag",
    "bad-log-prefix",
    "bad-modparam",
    "bad-number",
    "bad-parameter",
    "bad-regex",
    "bad-variable",
    "bare-word",
    "call-in-argument",
    "change-not-visible",
    "constant-condition",
    "constant-expected",
    "duplicate-flag",
    "duplicate-module",
    "duplicate-route",
    "ignored-directive",
    "include-too-deep",
    "late-record-route",
    "lone-operand",
    "missing-colon",
    "missing-environment",
    "missing-exit",
    "missing-include",
    "missing-module",
    "missing-paren",
    "modparam-not-loaded",
    "module-init",
    "never-set",
    "not-assignable",
    "not-constant",
    "parameter-as-host",
    "read-only",
    "recursive-define",
    "reserved-word",
    "route-name",
    "type-mismatch",
    "unclosed-condition",
    "undefined-route",
    "unknown-core-param",
    "unknown-event",
    "unknown-flag",
    "unknown-function",
    "unknown-modparam",
    "unknown-module",
    "unknown-select",
    "unreachable",
    "unterminated-select",
    "unterminated-variable",
    "unused-route",
    "wrong-route",
];

/// How many messages the file shows at least.
const FEWEST: usize = 90;

/// Writes the configuration of a case and the files that it includes, each headed by `>>> name`.
fn write_case(folder: &Path, text: &str) {
    let mut files = text.split("\n>>> ");
    let main = files.next().unwrap_or_default();
    fs::write(folder.join("test.cfg"), format!("{BASE}{main}\n")).expect("the text can be written");
    for file in files {
        let (name, text) = file.split_once('\n').unwrap_or((file, ""));
        fs::write(folder.join(name), format!("{text}\n")).expect("the text can be written");
    }
}

/// What is said of `test.cfg` in the folder.
fn said(folder: &Path, form: &str) -> String {
    let ended = Command::new(&Program::ferrosip().path)
        .args(["-c", form, "-f", "test.cfg"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    String::from_utf8_lossy(&ended.stderr).into_owned()
}

/// The line that says the same as an object of `--diagnostics=json`.
fn short(line: &str) -> Option<String> {
    let said: serde_json::Value = serde_json::from_str(line).ok()?;
    let at = &said["at"];
    Some(format!(
        "{}:{}:{}: {}[{}]: {}",
        at["file"].as_str()?,
        at["line"],
        at["column"],
        said["severity"].as_str()?,
        said["code"].as_str()?,
        said["message"].as_str()?
    ))
}

/// The note and the help of such an object; what the system says is left out.
fn advice(line: &str) -> Vec<String> {
    let Ok(said) = serde_json::from_str::<serde_json::Value>(line) else {
        return Vec::new();
    };
    let note = said["note"].as_str().filter(|note| !note.is_empty());
    let note = note.map(|note| format!("note: {note}"));
    let help = said["help"].as_array().into_iter().flatten();
    let help = help.filter_map(|help| Some(format!("help: {}", help.as_str()?)));
    let all = note.into_iter().chain(help);
    all.filter(|text| !text.contains("(os error")).collect()
}

#[test]
fn the_check_says_what_it_said() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("verdicts/messages.txt");
    let file = fs::read_to_string(&path).expect("the messages can be read");
    let mut now = String::new();
    for part in file.split("=== ").skip(1) {
        let text = part.split("\n--- ").next().unwrap_or_default();
        let text = text.strip_prefix('\n').unwrap_or(text);
        let folder = tempfile::tempdir().expect("a temporary folder");
        write_case(folder.path(), text);
        let lines = said(folder.path(), "--diagnostics=short");
        let json = said(folder.path(), "--diagnostics=json");
        let objects: Vec<String> = json.lines().filter_map(short).collect();
        let summary = lines.lines().last().unwrap_or_default();
        let _ = write!(now, "=== \n{text}\n--- \n");
        for (object, line) in json.lines().zip(&objects) {
            let _ = writeln!(now, "{line}");
            for advice in advice(object) {
                let _ = writeln!(now, "  {advice}");
            }
        }
        let _ = writeln!(now, "{summary}\n");
        let lines: Vec<&str> = lines.lines().filter(|line| line.contains("]: ")).collect();
        assert_eq!(objects, lines, "as JSON:\n{json}");
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
    let messages = now.lines().filter(|line| line.contains("]: ")).count();
    assert!(messages >= FEWEST, "only {messages} messages");
    assert!(
        file == now,
        "messages changed: look at them with UPDATE_MESSAGES=1 and git diff"
    );
}
