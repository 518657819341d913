//! What `ferrosip -c` tells an operator about a whole configuration: names that do not exist, wrong
//! arguments, what is never run or set, and the traps of newcomers.
//!
//! `tests/verdicts/messages.txt` holds configurations (with included files behind `>>> name`), each
//! followed by what is said of it: a line for each message as `--diagnostics=short` has it, and its
//! advice. `@{3 ab}` in a configuration is `ababab`. With UPDATE_MESSAGES=1 the file is written anew: look at the difference. Environment: `FERROSIP_BIN`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use acceptance::findings::Findings;
use acceptance::subject::Program;
use acceptance::verdict::codes;
use regex::{Captures, Regex};

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

/// Codes that neither file of messages shows, and why.
const NOT_SHOWN: [(&str, &str); 4] = [
    (
        "bad-custom-param",
        "the grammar refuses such values as value-expected",
    ),
    (
        "condition-expected",
        "the mistake of the expression, at the same place, is told instead",
    ),
    (
        "no-block",
        "only of what is appended to a running server (crates/modules/tests/reload.rs)",
    ),
    (
        "stray-continue",
        "the grammar has no statement `continue`; a program made otherwise may",
    ),
];

/// How many messages the file shows at least.
const FEWEST: usize = 90;

/// What a text of the file stands for: in place of `@{3 ab}` is `ababab`.
fn written_out(text: &str) -> Cow<'_, str> {
    let many = Regex::new(r"@\{([0-9]+) ([^}]*)\}").expect("a pattern");
    many.replace_all(text, |found: &Captures<'_>| {
        found[2].repeat(found[1].parse().expect("a number"))
    })
}

/// Writes the configuration of a case and the files that it includes, each headed by `>>> name`.
/// Where there is no text, there is no file.
fn write_case(folder: &Path, text: &str) {
    if text.is_empty() {
        return;
    }
    let text = written_out(text);
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
    let messages = now.lines().filter(|line| line.contains("]: ")).count();
    assert!(messages >= FEWEST, "only {messages} messages");
    assert!(
        file == now,
        "messages changed: look at them with UPDATE_MESSAGES=1 and git diff"
    );
}

/// A new kind of mistake has to be shown as an operator sees it: here, or where the front end shows
/// its own (`crates/script/resources/messages.txt`).
#[test]
fn every_code_is_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shown = BTreeSet::new();
    for name in [
        "verdicts/messages.txt",
        "../crates/script/resources/messages.txt",
    ] {
        let messages = fs::read_to_string(folder.join(name)).expect("the messages can be read");
        shown.append(&mut codes::shown(&messages));
    }
    let known = codes::of_the_program().expect("the source can be read");
    let mut wrong = Findings::default();
    for code in &known {
        let why = NOT_SHOWN.iter().find(|(name, _)| name == code);
        wrong.expect_or_why(code, &shown.contains(code), &true, why.map(|(_, why)| *why));
    }
    let excused = NOT_SHOWN.iter().map(|(name, _)| *name);
    for code in shown.iter().map(String::as_str).chain(excused) {
        if !known.contains(code) {
            wrong.note(format!("{code}: not found in the source"));
        }
    }
    wrong.report();
}
