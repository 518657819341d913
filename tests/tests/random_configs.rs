//! Random configurations, judged by `ferrosip --compat-check` as by `kamailio -c`.
//!
//! The seeds are always the same; `RANDOM_CONFIGS=1000..5000` takes others, and what differs is
//! printed. Environment: `FERROSIP_BIN`.

use std::fs;
use std::ops::Range;

use acceptance::check::check;
use acceptance::findings::Findings;
use acceptance::parallel;
use acceptance::subject::{Program, unusable_reference};
use acceptance::verdict::{Verdict, random};

/// Seeds of an ordinary run.
const SEEDS: Range<u64> = 0..300;

fn seeds() -> Vec<u64> {
    let Ok(wanted) = std::env::var("RANDOM_CONFIGS") else {
        return SEEDS.collect();
    };
    let parts = wanted
        .split_once("..")
        .map(|(from, to)| (from.parse(), to.parse()));
    match parts {
        Some((Ok(from), Ok(to))) => (from..to).collect(),
        _ => panic!("RANDOM_CONFIGS={wanted}: write 1000..5000"),
    }
}

#[test]
fn verdicts_are_kamailios() {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = folder.path().display().to_string();
    let verdicts = parallel::map(&seeds(), |_, &seed| {
        let file = folder.path().join(format!("{seed}.cfg"));
        fs::write(&file, random::config(seed)).expect("the configuration can be written");
        let ask = |program: &Program, arguments: &[&str]| {
            let ended = check(program, arguments, &file).expect("the program runs");
            Verdict::of(ended.status)
        };
        let theirs = ask(&Program::kamailio(), &["-c", "-Y", &runtime]);
        (seed, theirs, ask(&Program::ferrosip(), &["--compat-check"]))
    });
    let accepted = verdicts
        .iter()
        .filter(|(_, theirs, _)| *theirs == Verdict::Accepted);
    let (count, accepted) = (verdicts.len(), accepted.count());
    eprintln!("{count} configurations, {accepted} of them accepted by Kamailio");
    assert!(
        accepted * 5 > count,
        "most configurations are refused: they tell little"
    );
    let mut wrong = Findings::default();
    for (seed, theirs, ours) in verdicts {
        // What Kamailio does not survive may be anything, but a crash.
        if theirs != Verdict::Crashed || ours == Verdict::Crashed {
            wrong.expect(
                &format!("{seed}:\n{}", random::config(seed)),
                &ours,
                &theirs,
            );
        }
    }
    wrong.report();
}
