//! `cargo xtask optimized`: builds the server with a profile of what it does under load.
//!
//! Under target/optimized lie the server that counts, the profiles that it leaves when
//! `ferrosip-load train` has loaded it, what they are merged to, and the server built with that.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::cargo;
use crate::install;
use crate::tree;
use crate::words;

/// Where everything goes, below the root.
const FOLDER: &str = "target/optimized";

/// Why there is no such server.
#[derive(Debug)]
pub(crate) enum Error {
    /// `rustc -vV` does not say what it was built with.
    Compiler,
    /// Profiles are merged by a tool of the compiler's LLVM, and there is none.
    NoTool {
        major: u32,
    },
    /// A program that failed has said why.
    Failed(&'static str),
    Io(PathBuf, io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compiler => f.write_str("rustc -vV names no host or no version of LLVM"),
            Self::NoTool { major } => write!(
                f,
                "there is no llvm-profdata of LLVM {major}, which this rustc is built with. It \
                 comes with either of\n  rustup component add llvm-tools\n  apt-get install \
                 llvm-{major}"
            ),
            Self::Failed(what) => write!(f, "{what} failed"),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

/// Builds it; `--output PATH` puts it elsewhere, other arguments go to `ferrosip-load train`.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let Some((output, passed)) = words::take("--output", arguments) else {
        return ExitCode::from(2);
    };
    let output = output.unwrap_or_else(default_output);
    match build(&output, &passed) {
        Ok(()) => {
            println!("{}", output.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Where the server is put when nobody says where.
pub(crate) fn default_output() -> PathBuf {
    tree::root().join(FOLDER).join("ferrosip")
}

/// Builds the server that counts, loads it, builds the server with what it counted.
///
/// A training is not repeated while neither the server nor its load was built anew.
pub(crate) fn build(output: &Path, passed: &[OsString]) -> Result<(), Error> {
    let compiler = Compiler::installed()?;
    let tool = compiler.profdata_or_install()?;
    let folder = tree::root().join(FOLDER);
    let begun = Instant::now();
    let step = |what: &str| eprintln!("== {what} ({:.0} s so far)", begun.elapsed().as_secs_f64());

    step("building what counts, and its load");
    let counting = folder.join("instrumented");
    let counting = compiler.build(&counting, OsStr::new("-Cprofile-generate"))?;
    let mut load = cargo::command();
    load.args(["build", "--release", "--package", "bench"]);
    succeed(&mut load, "building the load")?;
    let load = tree::root().join("target/release/ferrosip-load");

    let profile = folder.join("ferrosip.profdata");
    if is_newer(&profile, &[&counting, &load]) {
        eprintln!("nothing has changed since the training");
    } else {
        step("training");
        let profiles = folder.join("profiles");
        let mut train = Command::new(&load);
        train.arg("train").args(passed);
        train.arg("--ferrosip").arg(&counting);
        train.arg("--profiles").arg(&profiles);
        succeed(&mut train, "the training")?;
        let mut merge = Command::new(&tool);
        merge.args(["merge", "--output"]).arg(&profile);
        succeed(merge.arg(&profiles), "llvm-profdata")?;
    }

    step("building with the profile");
    let mut flag = OsString::from("-Cprofile-use=");
    flag.push(&profile);
    let built = compiler.build(&folder.join("built"), &flag)?;
    // A server that runs keeps its file; writing to that would fail.
    let mut new = output.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    fs::copy(&built, &new).map_err(|error| Error::Io(new.clone(), error))?;
    fs::rename(&new, output).map_err(|error| Error::Io(output.to_owned(), error))?;
    step("done");
    Ok(())
}

/// What `rustc -vV` tells.
#[derive(Debug, PartialEq, Eq)]
struct Compiler {
    host: String,
    /// The first number of its LLVM's version.
    llvm: u32,
}

impl Compiler {
    fn installed() -> Result<Self, Error> {
        let told = Command::new(rustc()).arg("-vV").output();
        let told = told.map_err(|error| Error::Io(rustc().into(), error))?;
        Self::read(&String::from_utf8_lossy(&told.stdout)).ok_or(Error::Compiler)
    }

    fn read(told: &str) -> Option<Self> {
        let value = |name| told.lines().find_map(|line| line.strip_prefix(name));
        Some(Self {
            host: value("host: ")?.to_owned(),
            llvm: value("LLVM version: ").and_then(first_number)?,
        })
    }

    /// The tool, installed first where it can be.
    fn profdata_or_install(&self) -> Result<PathBuf, Error> {
        let mut tool = self.profdata();
        if tool.is_none() {
            let package = format!("llvm-{}", self.llvm);
            install::packages(&[&package], "no profile can be merged");
            tool = self.profdata();
        }
        tool.ok_or(Error::NoTool { major: self.llvm })
    }

    /// The first tool that reads what this compiler's programs write.
    fn profdata(&self) -> Option<PathBuf> {
        let sysroot = Command::new(rustc()).args(["--print", "sysroot"]).output();
        let sysroot = sysroot.map_or(String::new(), |output| {
            String::from_utf8_lossy(&output.stdout)
                .trim_end()
                .to_owned()
        });
        let fits = |tool: &PathBuf| {
            let told = Command::new(tool)
                .arg("--version")
                .stderr(Stdio::null())
                .output();
            told.is_ok_and(|told| {
                tool_version(&String::from_utf8_lossy(&told.stdout)) == Some(self.llvm)
            })
        };
        self.candidates(Path::new(&sysroot)).into_iter().find(fits)
    }

    /// Where the tool may be: rustup's component, then the system's.
    fn candidates(&self, sysroot: &Path) -> [PathBuf; 3] {
        let rustup = ["lib", "rustlib", &self.host, "bin", "llvm-profdata"];
        [
            rustup
                .iter()
                .fold(sysroot.to_owned(), |all, part| all.join(part)),
            PathBuf::from(format!("llvm-profdata-{}", self.llvm)),
            PathBuf::from("llvm-profdata"),
        ]
    }

    /// Builds the server with one more flag and returns where it is. The target is named, or what
    /// runs during the build would count too.
    fn build(&self, folder: &Path, flag: &OsStr) -> Result<PathBuf, Error> {
        let mut build = cargo::command();
        build.args(["build", "--release", "--package", "server"]);
        build.arg("--target").arg(&self.host);
        build.arg("--target-dir").arg(folder);
        let var = std::env::var_os;
        let flags = rustflags(var("CARGO_ENCODED_RUSTFLAGS"), var("RUSTFLAGS"), flag);
        build.env("CARGO_ENCODED_RUSTFLAGS", flags);
        succeed(&mut build, "building the server")?;
        Ok(folder.join(&self.host).join("release/ferrosip"))
    }
}

/// The major version in the answer of `llvm-profdata --version`.
fn tool_version(told: &str) -> Option<u32> {
    told.lines()
        .find_map(|line| line.split_once("LLVM version "))
        .and_then(|(_, version)| first_number(version))
}

fn first_number(version: &str) -> Option<u32> {
    version.split('.').next()?.trim().parse().ok()
}

/// The flags that cargo would use, and one more, in the form in which paths may have spaces.
fn rustflags(encoded: Option<OsString>, plain: Option<OsString>, more: &OsStr) -> OsString {
    let mut flags = match (encoded, plain) {
        (Some(encoded), _) => encoded,
        (None, Some(plain)) => {
            let plain = plain.to_string_lossy();
            let words: Vec<&str> = plain.split_whitespace().collect();
            words.join("\x1f").into()
        }
        (None, None) => OsString::new(),
    };
    if !flags.is_empty() {
        flags.push("\x1f");
    }
    flags.push(more);
    flags
}

/// Whether a file is there and younger than all that it was made with.
fn is_newer(made: &Path, of: &[&Path]) -> bool {
    let when = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    when(made).is_some_and(|made| of.iter().all(|path| when(path).is_some_and(|p| p < made)))
}

fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

fn succeed(command: &mut Command, what: &'static str) -> Result<(), Error> {
    match command.current_dir(tree::root()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Error::Failed(what)),
        Err(error) => Err(Error::Io(command.get_program().into(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_tells_its_llvm() {
        let told = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\n\
            host: x86_64-unknown-linux-gnu\nrelease: 1.95.0\nLLVM version: 22.1.2\n";
        let expected = Compiler {
            host: "x86_64-unknown-linux-gnu".to_owned(),
            llvm: 22,
        };
        assert_eq!(Compiler::read(told), Some(expected));
        assert_eq!(Compiler::read("host: x\nrelease: 1.95.0\n"), None);
        assert_eq!(Compiler::read("LLVM version: 22.1.2\n"), None);
    }

    #[test]
    fn tools_of_all_makers_tell_theirs() {
        let debian = "Debian LLVM version 22.1.8\n  Optimized build.\n";
        assert_eq!(tool_version(debian), Some(22));
        let rustup = "LLVM (http://llvm.org/):\n  LLVM version 22.1.2-rust-1.95.0-stable\n";
        assert_eq!(tool_version(rustup), Some(22));
        assert_eq!(tool_version("LLVM version 9\n"), Some(9));
        assert_eq!(tool_version("gcov 12.2\n"), None);
    }

    #[test]
    fn rustups_tool_comes_first() {
        let compiler = Compiler {
            host: "h".to_owned(),
            llvm: 22,
        };
        let expected = [
            "/s/lib/rustlib/h/bin/llvm-profdata",
            "llvm-profdata-22",
            "llvm-profdata",
        ];
        assert_eq!(
            compiler.candidates(Path::new("/s")),
            expected.map(PathBuf::from)
        );
    }

    #[test]
    fn flags_that_are_there_stay() {
        let more = OsStr::new("-Cprofile-use=/a b");
        let of = |encoded: Option<&str>, plain: Option<&str>| {
            rustflags(encoded.map(OsString::from), plain.map(OsString::from), more)
        };
        assert_eq!(of(None, None), "-Cprofile-use=/a b");
        let native = "-Ctarget-cpu=native\x1f-g\x1f-Cprofile-use=/a b";
        assert_eq!(of(None, Some(" -Ctarget-cpu=native  -g ")), native);
        let encoded = "-Clink-arg=a b\x1f-Cprofile-use=/a b";
        assert_eq!(of(Some("-Clink-arg=a b"), Some("-g")), encoded);
    }

    #[test]
    fn who_lacks_the_tool_learns_both_ways_to_it() {
        let text = Error::NoTool { major: 22 }.to_string();
        assert!(text.contains("rustup component add llvm-tools"));
        assert!(text.contains("apt-get install llvm-22"));
    }
}
