//! Runs the small scripts of `tests/statements` on Kamailio and on ferrosip and compares traces.
//!
//! Environment: `FERROSIP_BIN`, `SIP_TEST_SUBJECT=kamailio`.

use std::path::Path;
use std::sync::Arc;

use acceptance::address::{AGENT_PORT, SERVER_PORT, allocate};
use acceptance::diff;
use acceptance::known::{self, Difference};
use acceptance::oracle::statements::{Cases, load, traces};
use acceptance::scenario::Family;
use acceptance::subject::{Program, unusable_reference};
use acceptance::suite;
use libtest_mimic::{Failed, Trial};

fn main() {
    suite::run(None, trials).exit()
}

fn trials(root: &Path) -> Result<Vec<Trial>, Box<dyn std::error::Error>> {
    if let Some(why) = unusable_reference() {
        eprintln!("statements are not compared: {why}");
        return Ok(Vec::new());
    }
    let cases = load(&root.join("statements"))?;
    let differences = known::load(&root.join("known_differences.toml"))?;
    let (expected, actual) = run(&cases)?;
    let differences = Arc::new(differences);
    let mut trials = Vec::new();
    for ((name, expected), actual) in cases.names.into_iter().zip(expected).zip(actual) {
        let name = format!("statements/{name}");
        let differences = Arc::clone(&differences);
        trials.push(Trial::test(name.clone(), move || {
            compare(&name, &expected, &actual, &differences)
        }));
    }
    Ok(trials)
}

type Traces = Vec<Vec<String>>;

/// Both servers have the same addresses, one after the other.
fn run(cases: &Cases) -> Result<(Traces, Traces), Box<dyn std::error::Error>> {
    let server = allocate(Family::V4, SERVER_PORT);
    let agent = allocate(Family::V4, AGENT_PORT);
    let expected = traces(&Program::kamailio(), cases, (server, agent))?;
    let actual = traces(&Program::subject(), cases, (server, agent))?;
    Ok((expected, actual))
}

fn compare(
    name: &str,
    expected: &[String],
    actual: &[String],
    differences: &[Difference],
) -> Result<(), Failed> {
    if expected.is_empty() {
        return Err("says nothing".into());
    }
    let lines = diff::compare(expected, actual, |left, right| left == right);
    let mut entries: Vec<&Difference> = differences.iter().collect();
    entries.retain(|entry| entry.scenario == name && !Program::subject().is_reference());
    let verdict = known::judge(&lines, &entries).map_err(|e| e.to_string())?;
    if !verdict.unexplained.is_empty() {
        return Err(diff::render(&lines).into());
    }
    match verdict.stale.first() {
        Some(line) => {
            Err(format!("known_differences.toml: nothing matches {line} any more").into())
        }
        None => Ok(()),
    }
}
