//! Whole configurations, judged by `ferrosip --compat-check` as by `kamailio -c`: those of
//! `tests/configs`, Debian's own and the examples that come with it, each as it is, with each of
//! its switches (`WITH_…`) alone, and with all of them.
//!
//! `ferrosip -c` must say the same, unless every further mistake is one that would keep Kamailio
//! from starting. Where Kamailio has a module that ferrosip lacks, that is the only mistake there
//! may be. Environment: `FERROSIP_BIN`.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use acceptance::check::check;
use acceptance::findings::Findings;
use acceptance::parallel;
use acceptance::subject::{Program, STOCK_CONFIG, defines_of_place, unusable_reference};
use acceptance::verdict::Verdict;
use acceptance::verdict::ask::{Mistake, mistakes};
use regex::Regex;

/// Where Debian puts the examples.
const EXAMPLES: &str = "/usr/share/doc/kamailio/examples";

/// A configuration with some of its switches.
struct Case {
    file: PathBuf,
    defines: Vec<String>,
}

impl Case {
    /// Every way to use a configuration.
    fn all(file: &Path) -> Vec<Self> {
        let bytes = fs::read(file).expect("the configuration can be read");
        let text = String::from_utf8_lossy(&bytes);
        let word = Regex::new(r"(?-u:\b)WITH_[A-Z0-9_]+").expect("a pattern");
        let names: BTreeSet<&str> = word.find_iter(&text).map(|found| found.as_str()).collect();
        let mut sets: Vec<Vec<String>> = vec![Vec::new()];
        sets.extend(names.iter().map(|&name| vec![name.to_owned()]));
        if names.len() > 1 {
            sets.push(names.into_iter().map(str::to_owned).collect());
        }
        let case = |defines| Self {
            file: file.to_path_buf(),
            defines,
        };
        sets.into_iter().map(case).collect()
    }

    fn name(&self) -> String {
        format!("{} {:?}", self.file.display(), self.defines)
    }

    fn check(&self, program: &Program, arguments: &[&str]) -> (Verdict, Vec<Mistake>) {
        let place = defines_of_place(IpAddr::V4(Ipv4Addr::new(127, 0, 43, 2)));
        let mut arguments = arguments.to_vec();
        arguments.extend(place.iter().map(String::as_str));
        arguments.extend(self.defines.iter().flat_map(|name| ["-A", name]));
        let output = check(program, &arguments, &self.file).expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        (Verdict::of(output.status), mistakes(&said))
    }

    /// What is wrong with the verdicts of ferrosip.
    fn compare(&self, runtime: &str) -> Result<(), String> {
        let (theirs, _) = self.check(&Program::kamailio(), &["-c", "-Y", runtime]);
        let json = "--diagnostics=json";
        let (ours, mistakes) = self.check(&Program::ferrosip(), &["--compat-check", json]);
        let lacks = mistakes.iter().all(|one| one.code == "unknown-module");
        let is_lacking = theirs == Verdict::Accepted && lacks && !mistakes.is_empty();
        if theirs != ours && !is_lacking {
            return Err(format!("Kamailio {theirs:?}, ours {ours:?}: {mistakes:?}"));
        }
        let (strict, mistakes) = self.check(&Program::ferrosip(), &["-c", json]);
        if strict != ours && !mistakes.iter().all(|one| one.is_beyond_kamailio) {
            return Err(format!("-c says {strict:?}, not {ours:?}: {mistakes:?}"));
        }
        Ok(())
    }
}

fn compare(files: &[PathBuf]) {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = folder.path().display().to_string();
    let cases: Vec<Case> = files.iter().flat_map(|file| Case::all(file)).collect();
    let mut wrong = Findings::default();
    for (case, result) in cases
        .iter()
        .zip(parallel::map(&cases, |_, case| case.compare(&runtime)))
    {
        if let Err(why) = result {
            wrong.note(format!("{}: {why}", case.name()));
        }
    }
    eprintln!("{} configurations compared", cases.len());
    wrong.report();
}

/// All configurations below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("the folder can be read");
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if name.contains(".cfg") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn the_configurations_of_the_tests() {
    let files = below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("configs"));
    assert!(files.len() > 50, "{files:?}");
    compare(&files);
}

#[test]
fn the_stock_configuration() {
    if Path::new(STOCK_CONFIG).exists() {
        compare(&[PathBuf::from(STOCK_CONFIG)]);
    } else {
        eprintln!("SKIPPED: there is no {STOCK_CONFIG}");
    }
}

/// They name folders of modules that are not there, from where they were written; without these
/// names there is more to judge.
#[test]
fn the_examples_of_the_package() {
    let examples = Path::new(EXAMPLES);
    if !examples.is_dir() {
        eprintln!("SKIPPED: there is no {EXAMPLES}");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths = Regex::new(r"(?m)^([ \t]*)(?:mpath|loadpath)[ \t=].*$").expect("a pattern");
    let modules = Regex::new(r#"(?m)^([ \t]*loadmodule[ \t]+")[^"\n]*/"#).expect("a pattern");
    let mut files = Vec::new();
    for file in below(examples) {
        let bytes = fs::read(&file).expect("the example can be read");
        let text = String::from_utf8_lossy(&bytes);
        let text = paths.replace_all(&text, "$1");
        let text = modules.replace_all(&text, "$1");
        let place = folder
            .path()
            .join(file.strip_prefix(examples).expect("below"));
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(&place, &*text).expect("the example can be written");
        files.push(place);
    }
    compare(&files);
}
