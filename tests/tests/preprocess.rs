//! The preprocessor, against the installed Kamailio.
//!
//! `tests/preprocess/printed.txt`: what `--cfg-print` prints, byte for byte, and its exit status;
//! the stock configuration is printed too, with each of its defines. `tests/preprocess/read.txt`:
//! which configurations `-c` refuses because of their directives. Environment: `FERROSIP_BIN`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use acceptance::findings::Findings;
use acceptance::subject::{Program, STOCK_CONFIG, unusable_reference};
use tempfile::TempDir;

/// A configuration with what is known of it.
struct Case {
    name: String,
    /// What stands behind the name, by column.
    columns: Vec<String>,
    /// Further files by name; the first is the configuration.
    files: Vec<(String, String)>,
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let file = fs::read_to_string(&path).expect("the cases can be read");
    file.split("\n=== ").skip(1).map(case).collect()
}

fn case(text: &str) -> Case {
    let (head, text) = text.split_once('\n').unwrap_or((text, ""));
    let mut columns = head.split(" | ").map(str::to_owned);
    let name = columns.next().unwrap_or_default();
    let mut files: Vec<(String, String)> = Vec::new();
    let mut name_of_file = "test.cfg";
    let mut body = String::new();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("--- ").map(str::trim_end) {
            None => body.push_str(line),
            Some("nothing") => {
                body.pop();
            }
            Some(next) => {
                files.push((name_of_file.to_owned(), std::mem::take(&mut body)));
                name_of_file = next;
            }
        }
    }
    // The last line end belongs to the separator, unless the case says that there is none.
    if !body.is_empty() && !body.ends_with('\n') && !text.ends_with("--- nothing") {
        body.push('\n');
    }
    files.push((name_of_file.to_owned(), body));
    Case {
        name,
        columns: columns.collect(),
        files,
    }
}

impl Case {
    fn column(&self, index: usize) -> &str {
        self.columns.get(index).map_or("", String::as_str)
    }

    /// Why ferrosip says something else.
    fn why(&self) -> Option<&str> {
        Some(self.column(1)).filter(|why| !why.is_empty())
    }

    fn write(&self) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in &self.files {
            let path: PathBuf = folder.path().join(name);
            let parent = path.parent().expect("a folder");
            fs::create_dir_all(parent).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }
}

fn run(program: &Program, arguments: &[&str], folder: &Path) -> Output {
    Command::new(&program.path)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

/// Exit status and, where there is success, text.
fn printed(program: &Program, arguments: &[&str], folder: &Path) -> (Option<i32>, String) {
    let all = [&["--cfg-print"], arguments].concat();
    let output = run(program, &all, folder);
    let status = output.status.code();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // What was printed before a failure does not matter.
    (
        status,
        if status == Some(0) {
            text
        } else {
            String::new()
        },
    )
}

#[test]
fn configurations_are_printed_as_by_kamailio() {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let mut wrong = Findings::default();
    let cases = cases("preprocess/printed.txt");
    assert!(cases.len() > 100);
    for case in &cases {
        let folder = case.write();
        let options: Vec<&str> = match case.name.contains("command line") {
            true => case.column(0).split(' ').collect(),
            false => Vec::new(),
        };
        let arguments = [&["-f", "test.cfg"], &options[..]].concat();
        let theirs = printed(&Program::kamailio(), &arguments, folder.path());
        let ours = printed(&Program::subject(), &arguments, folder.path());
        wrong.expect_or_why(&case.name, &ours, &theirs, case.why());
    }
    wrong.report();
}

#[test]
fn the_stock_configuration_is_printed_as_by_kamailio() {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let text = fs::read_to_string(STOCK_CONFIG).expect("the stock configuration");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let defines: BTreeSet<&str> = text
        .match_indices("WITH_")
        .map(|(at, _)| &text[at..])
        .map(|rest| &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())])
        .collect();
    assert!(defines.len() > 15, "{defines:?}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut all = vec!["-f", STOCK_CONFIG];
    let mut wrong = Findings::default();
    let mut look = |arguments: &[&str]| {
        let theirs = printed(&Program::kamailio(), arguments, folder.path());
        let ours = printed(&Program::subject(), arguments, folder.path());
        if theirs != ours {
            let lines = theirs.1.lines().zip(ours.1.lines());
            let first = lines.clone().find(|(theirs, ours)| theirs != ours);
            wrong.note(format!("{arguments:?}: {first:?}"));
        }
    };
    look(&all);
    for define in &defines {
        look(&["-f", STOCK_CONFIG, "-A", define]);
        all.extend(["-A", define]);
    }
    look(&all);
    wrong.report();
}

#[test]
fn directives_are_read_as_by_kamailio() {
    let kamailio = unusable_reference().is_none().then(Program::kamailio);
    let mut wrong = Findings::default();
    let cases = cases("preprocess/read.txt");
    assert!(cases.len() > 100);
    for mut case in cases {
        let own = std::mem::take(&mut case.files[0].1);
        case.files[0].1 =
            format!("listen=udp:127.0.43.1:5060\ndebug=2\n{own}request_route {{ exit; }}\n");
        let folder = case.write();
        let status: i32 = case.column(0).parse().expect("a status");
        let name = &case.name;
        if let Some(kamailio) = &kamailio {
            let found = run(
                kamailio,
                &["-c", "-Y", "run", "-f", "test.cfg"],
                folder.path(),
            );
            // A crash has no status.
            let found = found.status.code().unwrap_or(-11);
            wrong.expect(&format!("{name}: Kamailio"), &found, &status);
        }
        let arguments = ["--compat-check", "-f", "test.cfg"];
        let found = run(&Program::ferrosip(), &arguments, folder.path());
        wrong.expect_or_why(name, &found.status.code(), &Some(status), case.why());
    }
    wrong.report();
}
