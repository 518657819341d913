//! The training of a build with a profile: an instrumented server goes once through what the
//! comparison measures, and through calls that go wrong; each server that ends leaves a profile.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::compare::Plan;
use crate::cores::Cores;
use crate::options::Options;
use crate::runner::Runner;
use crate::stress;
use crate::works::{self, Work};

/// Turns are so much shorter than those of a comparison: counting slows a server down, and ten
/// thousand messages tell what is frequent as well as a hundred thousand.
const SHORTER: u64 = 2;
/// How long calls are forked, refused and cancelled. There are many more ways through a server than
/// in a call that is answered, and each should be seen some times.
const RACES: Duration = Duration::from_secs(2);
/// What the profiles' names end in.
const EXTENSION: &str = "profraw";

/// Plays everything and leaves the profiles; an error if a server wrote none.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let (plan, profiles) = (&options.plan, &options.profiles);
    fs::create_dir_all(profiles)?;
    // A server finds its file from where it runs.
    let profiles = &profiles.canonicalize()?;
    remove_old(profiles)?;
    let cores = Cores::given()?;
    let begun = Instant::now();
    let works = works::ALL.iter().chain(works::TRAINED);
    for (number, work) in (1..).zip(works) {
        if is_missing(work) {
            eprintln!("{}: left out, the package is not installed", work.name);
            continue;
        }
        let told = |error| io::Error::other(format!("{}: {error}", work.name));
        let profile = profiles.join(format!("{number:02}.{EXTENSION}"));
        play(plan, work, &cores, &profile).map_err(told)?;
        seen(&profile, &plan.ferrosip)?;
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("[{seconds:3.0} s] {}", work.name);
    }
    let profile = profiles.join(format!("races.{EXTENSION}"));
    cores.start(2, || stress::train(plan, RACES, &profile))?;
    seen(&profile, &plan.ferrosip)?;
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("[{seconds:3.0} s] calls that are forked, refused and cancelled");
    Ok(())
}

/// One work, as a subject of the comparison does it.
fn play(plan: &Plan, work: &Work, cores: &Cores, profile: &Path) -> io::Result<()> {
    let work = &Work {
        units: work.units / SHORTER,
        ..*work
    };
    let start = || Runner::profiled(plan, work, profile);
    let mut runner = cores.start(work.workers, start)?;
    runner.warm_up(work)?;
    runner.turn(work)?;
    if runner.failed() > 0 {
        let (failed, all) = (runner.failed(), work.units);
        eprintln!("{}: {failed} of {all} exchanges failed", work.name);
    }
    runner.end()
}

/// Whether the work needs a file that a package brings, and it is not there.
fn is_missing(work: &Work) -> bool {
    let text = work.config.text();
    text.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Profiles of another build would spoil what is merged.
fn remove_old(profiles: &Path) -> io::Result<()> {
    for entry in fs::read_dir(profiles)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == EXTENSION) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// A profile must be there, and something in it.
fn seen(profile: &Path, server: &Path) -> io::Result<()> {
    match fs::metadata(profile) {
        Ok(found) if found.len() > 0 => Ok(()),
        _ => Err(io::Error::other(format!(
            "{} wrote no profile: it was not built with -Cprofile-generate",
            server.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_profiles_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let (old, other) = (
            directory.path().join("01.profraw"),
            directory.path().join("notes.txt"),
        );
        fs::write(&old, "x").unwrap();
        fs::write(&other, "x").unwrap();
        remove_old(directory.path()).unwrap();
        assert!(!old.exists() && other.exists());
    }

    #[test]
    fn a_server_without_counters_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("01.profraw");
        let server = Path::new("plain/ferrosip");
        assert!(seen(&file, server).is_err());
        fs::write(&file, "").unwrap();
        let error = seen(&file, server).unwrap_err().to_string();
        assert!(error.contains("plain/ferrosip"));
        fs::write(&file, "x").unwrap();
        assert!(seen(&file, server).is_ok());
    }
}
