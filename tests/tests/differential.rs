//! Plays every scenario to Kamailio and to ferrosip and compares what they send.
//!
//! Environment: `FERROSIP_BIN` (default: the binary beside this test in the target folder),
//! `SIP_TEST_SUBJECT=kamailio` (compare Kamailio with itself: proves the harness),
//! `DIFF_ONLY=text` (only scenarios whose name contains it), `DIFF_SHOW=1` (print transcripts).

use std::path::Path;
use std::sync::Arc;

use acceptance::known::{self, Difference};
use acceptance::pool::{Pair, Pool};
use acceptance::scenario::{self, Scenario};
use acceptance::subject::{Program, unusable_reference};
use acceptance::{again, diff, normalise, run, suite};
use libtest_mimic::{Failed, Trial};

/// What `tests/expressions.rs` and `tests/statements.rs` compare.
const OTHER_TESTS: [&str; 2] = ["expressions/", "statements/"];
/// Scenarios mostly wait, so that far more of them run at once than there are cores.
const AT_ONCE: usize = 16;

fn main() {
    // The servers are gone when the suite has run: their pool belongs to the trials.
    suite::run(Some(AT_ONCE), trials).exit()
}

fn trials(root: &Path) -> Result<Vec<Trial>, Box<dyn std::error::Error>> {
    let only = std::env::var("DIFF_ONLY").unwrap_or_default();
    let mut scenarios = scenario::load_all(&root.join("scenarios"))?;
    let differences = known::load(&root.join("known_differences.toml"))?;
    let names: Vec<String> = scenarios.iter().map(|s| s.name.clone()).collect();
    scenarios.retain(|s| s.name.contains(&only));
    // One group after the other, so that few servers run at a time.
    scenarios.sort_by_key(|s| (s.fresh, s.group()));

    let reference = Program::kamailio();
    let subject = Program::subject();
    let itself = subject.is_reference();
    let subject_path = subject.path.clone();
    let built = subject_path.exists();
    let skip = unusable_reference();
    if let Some(why) = &skip {
        eprintln!("differential tests skipped: {why}");
    }
    let pool = Pool::new((reference, subject), root.join("configs"), &scenarios);
    let pool = Arc::new(pool);
    let mut trials: Vec<Trial> = Vec::new();
    for scenario in scenarios {
        let mut entries = differences.clone();
        entries.retain(|entry| !itself && entry.scenario == scenario.name);
        let pool = Arc::clone(&pool);
        let trial = Trial::test(scenario.name.clone(), move || {
            compare(&pool, &scenario, &entries)
        });
        trials.push(trial.with_ignored_flag(skip.is_some() || !built));
    }
    // Scenarios without a subject are ignored, but never silently: this one fails.
    let subject_is_built = Trial::test("subject_is_built", move || match built {
        true => Ok(()),
        false => Err(format!(
            "{} is missing: cargo build -p server",
            subject_path.display()
        )
        .into()),
    });
    trials.push(subject_is_built.with_ignored_flag(skip.is_some()));
    trials.push(Trial::test("known_differences_name_scenarios", move || {
        let unknown = differences
            .iter()
            .filter(|entry| {
                !OTHER_TESTS
                    .iter()
                    .any(|test| entry.scenario.starts_with(test))
            })
            .find(|entry| !names.contains(&entry.scenario));
        match unknown {
            Some(entry) => Err(format!("there is no scenario {}", entry.scenario).into()),
            None => Ok(()),
        }
    }));
    Ok(trials)
}

/// Plays a scenario that differed again, twice, on servers of its own: a message that a busy
/// machine delivered late is no difference, one that comes each time is.
fn compare(pool: &Pool, scenario: &Scenario, entries: &[Difference]) -> Result<(), Failed> {
    let work = |pair: &Pair| compare_pair(pair, scenario, entries);
    let play = |turn| match turn {
        0 => pool.with(scenario, work),
        _ => pool.alone(scenario, work),
    };
    again::until_it_passes(&scenario.name, AGAIN, play).map_err(Failed::from)
}

/// How often a scenario that differs is played again.
const AGAIN: usize = 2;

fn compare_pair(pair: &Pair, scenario: &Scenario, entries: &[Difference]) -> Result<(), String> {
    let (reference, subject) = std::thread::scope(|scope| {
        let reference = scope.spawn(|| run::play(scenario, &pair.reference));
        let subject = run::play(scenario, &pair.subject);
        (reference.join(), subject)
    });
    let reference = reference.map_err(|_| "the agents panicked")?;
    let expected = normalise::transcript(scenario, &reference)?;
    let actual = normalise::transcript(scenario, &subject)?;
    if std::env::var_os("DIFF_SHOW").is_some() {
        eprintln!("##### {}\n{}\n", scenario.name, expected.join("\n"));
    }
    if let Some(failure) = &reference.failure {
        let seen = expected.join("\n");
        return Err(format!(
            "the scenario is wrong, Kamailio does otherwise: {failure}\n{seen}"
        ));
    }
    let same = |l: &str, r: &str| normalise::same_line(l, r, scenario.expires_slack);
    let lines = diff::compare(&expected, &actual, same);
    let entries: Vec<&Difference> = entries.iter().collect();
    let verdict = known::judge(&lines, &entries).map_err(|e| e.to_string())?;
    if !verdict.unexplained.is_empty() {
        return Err(format!(
            "{} ({} lines differ; - Kamailio, + subject)\n{}\nThe subject's log:\n{}",
            scenario.description,
            verdict.unexplained.len(),
            diff::render(&lines),
            pair.subject.log_about(&scenario.token())
        ));
    }
    match verdict.stale.first() {
        Some(line) => Err(format!(
            "known_differences.toml: nothing matches {line} any more"
        )),
        None => Ok(()),
    }
}
