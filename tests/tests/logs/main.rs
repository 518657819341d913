//! Compares what Kamailio and ferrosip log: each file of `tests/logs` is a configuration, options and
//! messages; both servers get the same.
//!
//! Environment: `FERROSIP_BIN`, `SIP_TEST_SUBJECT=kamailio`, `LOGS_SHOW=1` (print what Kamailio logs).

mod case;
mod neutral;
mod system_log;

use std::path::Path;
use std::time::Duration;

use acceptance::address::{SERVER_PORT, allocate};
use acceptance::client::namespace::Namespace;
use acceptance::diff;
use acceptance::known::{self, Difference};
use acceptance::run::{self, Outcome};
use acceptance::scenario::{Family, Scenario};
use acceptance::subject::{Launch, Program, Server, unusable_reference};
use acceptance::suite;
use libtest_mimic::{Failed, Trial};

use case::Case;
use system_log::SystemLog;

/// How long a case may take that has a namespace of its own.
const LIMIT: Duration = Duration::from_secs(120);
/// How often a case that differs is played: a line that a busy machine wrote late is no difference.
const TRIES: usize = 3;

fn main() {
    suite::run(None, trials).exit()
}

fn trials(root: &Path) -> Result<Vec<Trial>, Box<dyn std::error::Error>> {
    if let Some(why) = unusable_reference() {
        eprintln!("logs are not compared: {why}");
        return Ok(Vec::new());
    }
    let cases = case::load_all(&root.join("logs"))?;
    let missing = Namespace::OwnDevices.missing();
    let trial = |case: Case| {
        let name = format!("logs/{}", case.name);
        let skipped = missing.as_ref().filter(|_| case.to_syslog);
        if let Some(why) = skipped {
            eprintln!("{name} is not compared: {why}");
        }
        let is_skipped = skipped.is_some();
        Trial::test(name.clone(), move || enter_and_compare(&name, &case))
            .with_ignored_flag(is_skipped)
    };
    Ok(cases.into_iter().map(trial).collect())
}

/// A case that wants the system's log has a `/dev` of its own, where it is that.
fn enter_and_compare(name: &str, case: &Case) -> Result<(), Failed> {
    if case.to_syslog
        && let Some(outcome) = Namespace::OwnDevices.enter(name, LIMIT)
    {
        return outcome.map_err(Failed::from);
    }
    let mut outcome = compare(case);
    for _ in 1..TRIES {
        if outcome.is_err() {
            outcome = compare(case);
        }
    }
    outcome.map_err(Failed::from)
}

fn compare(case: &Case) -> Result<(), String> {
    let expected = observe(case, &Program::kamailio())?;
    if std::env::var_os("LOGS_SHOW").is_some() {
        eprintln!("##### {}\n{}\n", case.name, expected.join("\n"));
    }
    if !expected.iter().any(|line| !line.starts_with("=== ")) {
        return Err("Kamailio logs nothing".to_owned());
    }
    let subject = Program::subject();
    let actual = observe(case, &subject)?;
    let lines = diff::compare(&expected, &actual, |left, right| left == right);
    let mut entries: Vec<&Difference> = case.difference.iter().collect();
    entries.retain(|_| !subject.is_reference());
    let verdict = known::judge(&lines, &entries).map_err(|e| e.to_string())?;
    if !verdict.unexplained.is_empty() {
        let description = &case.description;
        return Err(format!(
            "{description} (- Kamailio, + subject)\n{}",
            diff::render(&lines)
        ));
    }
    match verdict.stale.first() {
        Some(line) => Err(format!("no line differs as {line} says")),
        None => Ok(()),
    }
}

/// Starts a program, plays the steps, and tells what it logged meanwhile and answered to RPC.
fn observe(case: &Case, program: &Program) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let config = folder.path().join("case.cfg");
    std::fs::write(&config, &case.config).map_err(|e| e.to_string())?;
    let system = match case.to_syslog {
        true => Some(SystemLog::start().map_err(|e| format!("/dev/log: {e}"))?),
        false => None,
    };
    let launch = Launch {
        config: Some(&config),
        without_media: false,
        local: "",
        addr: allocate(Family::V4, SERVER_PORT),
        to_syslog: case.to_syslog,
        arguments: case.arguments(),
    };
    let server = Server::launch(program, &launch).map_err(|e| e.to_string())?;
    let log = || match &system {
        Some(system) => system.text(),
        None => server.log(),
    };
    let begin = if case.from_start {
        0
    } else {
        settled(log).len()
    };
    let outcome = run::play(&scenario(case), &server);
    if let Some(failure) = &outcome.failure {
        return Err(format!("{}: {failure}; log:\n{}", program.name, log()));
    }
    let text = settled(log);
    let logged = text.get(begin..).unwrap_or_default();
    let neutral = neutral::Neutral::new(case, program, server.folder(), &outcome.names)?;
    Ok(transcript(&neutral, logged, &outcome))
}

fn transcript(neutral: &neutral::Neutral, logged: &str, outcome: &Outcome) -> Vec<String> {
    let mut lines = neutral.lines(logged);
    for answer in &outcome.rpc {
        lines.push("=== rpc".to_owned());
        lines.extend(answer.lines().map(|line| neutral.text(line)));
    }
    lines
}

/// What is logged once nothing more comes for a while.
fn settled(log: impl Fn() -> String) -> String {
    let mut text = log();
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(150));
        let now = log();
        if now.len() == text.len() {
            break;
        }
        text = now;
    }
    text
}

fn scenario(case: &Case) -> Scenario {
    Scenario {
        name: case.name.clone(),
        description: case.description.clone(),
        config: String::new(),
        defines: Vec::new(),
        local: String::new(),
        family: Family::V4,
        v6: Vec::new(),
        fresh: true,
        tcp: Vec::new(),
        log: false,
        log_in_any_order: false,
        retransmissions: false,
        expires_slack: 0,
        mask: Vec::new(),
        settle: case.settle,
        each: std::collections::BTreeMap::new(),
        steps: case.steps.clone(),
    }
}
