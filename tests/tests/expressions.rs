//! Evaluates every expression of the tables on Kamailio and on ferrosip and compares the answers.
//!
//! Environment: `FERROSIP_BIN`, `SIP_TEST_SUBJECT=kamailio`, `DIFF_ONLY=text` (groups whose name
//! contains it), `EXPRESSIONS_BLESS=1` (ask Kamailio which expressions it refuses and write
//! `tests/expressions/refused.txt`), `EXPRESSIONS_KEEP=folder` (keep the configurations).

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use acceptance::address::{AGENT_PORT, SERVER_PORT, allocate};
use acceptance::diff::Line;
use acceptance::known::{self, Difference};
use acceptance::oracle::coverage::Exports;
use acceptance::oracle::messages::MESSAGES;
use acceptance::oracle::play::{Answers, PlayError, answers};
use acceptance::oracle::refused::{When, refused};
use acceptance::oracle::scene::Scene;
use acceptance::oracle::{Group, Row, config, groups};
use acceptance::scenario::Family;
use acceptance::subject::{Program, unusable_reference};
use acceptance::suite;
use libtest_mimic::{Failed, Trial};

/// Each group has a server pair, one server at a time.
const AT_ONCE: usize = 4;
/// How many differing lines a report shows.
const SHOWN: usize = 20_000;

/// Marks in `refused.txt` what `-c` accepts.
const STARTS: &str = "\t(start)";

static COMPARED: AtomicUsize = AtomicUsize::new(0);
static EXPRESSIONS: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let conclusion = suite::run(Some(AT_ONCE), trials);
    eprintln!(
        "{} expressions, {} comparisons on {} messages",
        EXPRESSIONS.load(Ordering::Relaxed),
        COMPARED.load(Ordering::Relaxed),
        MESSAGES.len()
    );
    conclusion.exit();
}

/// What the files beside the tables say.
#[derive(Clone)]
struct Lists {
    /// What Kamailio's `-c` refuses.
    refused: HashSet<String>,
    /// What its `-c` accepts, but keeps it from starting.
    unstartable: HashSet<String>,
    /// What Kamailio does not survive.
    crashes: HashSet<String>,
    differences: Vec<Difference>,
}

impl Lists {
    /// What both servers can evaluate.
    fn survivors<'g>(&self, group: &'g Group) -> Vec<&'g Row> {
        let rows = group.rows.iter();
        rows.filter(|row| {
            let label = row.label();
            let is_refused = self.refused.contains(&label) || self.unstartable.contains(&label);
            !is_refused && !self.crashes.iter().any(|part| holds(&label, part))
        })
        .collect()
    }
}

/// Whether a part stands in an expression, and not at the end of another word.
fn holds(label: &str, part: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut places = label.match_indices(part);
    places.any(|(at, _)| !part.starts_with(goes_on) || !label[..at].ends_with(goes_on))
}

/// Addresses of a server and of who sends it messages; both servers have them, one after the other.
fn places() -> (SocketAddr, SocketAddr) {
    (
        allocate(Family::V4, SERVER_PORT),
        allocate(Family::V4, AGENT_PORT),
    )
}

fn trials(root: &Path) -> Result<Vec<Trial>, Box<dyn std::error::Error>> {
    let subject = Program::subject();
    let skip = unusable_reference();
    if let Some(why) = &skip {
        eprintln!("expressions are not compared: {why}");
    }
    let exports = Exports::of(&Program::ferrosip())?;
    let groups = groups(&exports);
    let folder = root.join("expressions");
    if std::env::var_os("EXPRESSIONS_BLESS").is_some() {
        let only = std::env::var("DIFF_ONLY").unwrap_or_default();
        let chosen = groups.iter().filter(|group| group.name.contains(&only));
        let chosen: Vec<Group> = chosen.cloned().collect();
        bless(&folder, &chosen)?;
        bless_crashes(&folder, &chosen)?;
    }
    let lists = lists(&folder)?;
    let only = std::env::var("DIFF_ONLY").unwrap_or_default();
    let mut trials = Vec::new();
    let mut all: Vec<Row> = Vec::new();
    for group in groups {
        all.extend(group.rows.iter().cloned());
        if !group.name.contains(&only) {
            continue;
        }
        let (lists, subject) = (lists.clone(), subject.clone());
        let trial = Trial::test(format!("expressions/{}", group.name), move || {
            compare(&group, &lists, &subject)
        });
        trials.push(trial.with_ignored_flag(skip.is_some()));
    }
    for (name, when) in [("refused", When::Check), ("unstartable", When::Start)] {
        if name.contains(&only) {
            let (all, lists) = (all.clone(), lists.clone());
            trials.push(Trial::test(name, move || refused_too(&all, &lists, when)));
        }
    }
    trials.push(Trial::test(
        "everything_exported_is_compared",
        move || match exports.uncovered() {
            missing if missing.is_empty() => Ok(()),
            missing => Err(format!("in no table: {}", missing.join(", ")).into()),
        },
    ));
    Ok(trials)
}

/// Reads the files.
fn lists(folder: &Path) -> Result<Lists, Box<dyn std::error::Error>> {
    let refused = std::fs::read_to_string(folder.join("refused.txt"))?;
    let (unstartable, refused): (Vec<&str>, Vec<&str>) =
        refused.lines().partition(|line| line.ends_with(STARTS));
    let unstartable = unstartable
        .iter()
        .filter_map(|line| line.strip_suffix(STARTS));
    Ok(Lists {
        refused: refused.into_iter().map(str::to_owned).collect(),
        unstartable: unstartable.map(str::to_owned).collect(),
        crashes: first_columns(&folder.join("crashes.txt"))?,
        differences: known::load(&folder.join("../known_differences.toml"))?,
    })
}

/// The first column of a file's lines; `#` starts a comment.
fn first_columns(path: &Path) -> std::io::Result<HashSet<String>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.starts_with("##"));
    Ok(lines
        .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
        .collect())
}

/// Asks Kamailio about what is not listed yet.
fn bless(folder: &Path, groups: &[Group]) -> Result<(), Box<dyn std::error::Error>> {
    let path = folder.join("refused.txt");
    let mut listed = first_columns(&path)?;
    let mut text = std::fs::read_to_string(&path)?;
    for group in groups {
        for (when, mark) in [(When::Check, ""), (When::Start, STARTS)] {
            let mut rows: Vec<&Row> = group.rows.iter().collect();
            rows.retain(|r| !listed.contains(&r.label()));
            for number in refused(&Program::kamailio(), when, &rows)? {
                let label = rows[number].label();
                if listed.insert(label.clone()) {
                    text.push_str(&format!("{label}{mark}\n"));
                }
            }
        }
        eprintln!("{}: {} refused so far", group.name, listed.len());
    }
    std::fs::write(path, text)?;
    Ok(())
}

/// Adds to `crashes.txt` the expressions with which Kamailio ends.
fn bless_crashes(folder: &Path, groups: &[Group]) -> Result<(), Box<dyn std::error::Error>> {
    let path = folder.join("crashes.txt");
    for group in groups {
        loop {
            let lists = lists(folder)?;
            let rows = lists.survivors(group);
            let played = |&scene: &Scene| {
                let messages = scene.messages(group.messages());
                let run = answers(&Program::kamailio(), &rows, (scene, &messages), places());
                run.err()
            };
            let failure = group.scenes.iter().find_map(played);
            let Some(PlayError::Stuck { next, message, .. }) = failure else {
                break;
            };
            let mut text = std::fs::read_to_string(&path)?;
            text.push_str(&format!("{}\tends on {message}\n", rows[next].label()));
            std::fs::write(&path, text)?;
        }
    }
    Ok(())
}

fn compare(group: &Group, lists: &Lists, subject: &Program) -> Result<(), Failed> {
    let mut rows = lists.survivors(group);
    let places = places();
    let mut lines = Vec::new();
    if !subject.is_reference() {
        let stricter = refused(subject, When::Start, &rows).map_err(|e| e.to_string())?;
        for &number in stricter.iter().rev() {
            let label = rows.remove(number).label();
            lines.push(Line::Extra(format!("refused: {label}")));
        }
    }
    EXPRESSIONS.fetch_add(rows.len(), Ordering::Relaxed);
    let mut with_value = HashSet::new();
    for &scene in group.scenes {
        if let Some(folder) = std::env::var_os("EXPRESSIONS_KEEP") {
            let text = config::write(&rows, scene).text;
            let path = Path::new(&folder).join(format!("{}-{scene:?}.cfg", group.name));
            std::fs::write(path, text).map_err(|e| e.to_string())?;
        }
        let messages = scene.messages(group.messages());
        let play = |program: &Program| answers(program, &rows, (scene, &messages), places);
        let reference = play(&Program::kamailio()).map_err(|e| e.to_string())?;
        let actual = play(subject).map_err(|e| e.to_string())?;
        COMPARED.fetch_add(rows.len() * messages.len(), Ordering::Relaxed);
        for ((message, expected), actual) in messages.iter().zip(&reference).zip(&actual) {
            let place = format!("{}{}", scene.name(), message.name);
            lines.extend(differing(&place, &rows, expected, actual));
            with_value.extend(rows_with_value(&rows, expected));
        }
    }
    judge(group, &lines, lists, subject)?;
    valued(group, &with_value)
}

/// The rows that gave something.
fn rows_with_value<'r>(rows: &[&'r Row], answers: &Answers) -> Vec<&'r Row> {
    let is_nothing = |text: &str| matches!(text, "" | "0" | "<null>" | "<<null>> <1>");
    let given = rows.iter().enumerate().filter(|(number, _)| {
        let answer = answers.get(number);
        answer.is_some_and(|text| !is_nothing(text) && !text.starts_with("<> "))
    });
    given.map(|(_, row)| *row).collect()
}

/// What has to have a value somewhere has one, or says why not.
fn valued(group: &Group, with_value: &HashSet<&Row>) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for one in &group.valued {
        let has_value = one.rows.iter().any(|row| with_value.contains(row));
        match (has_value, one.never) {
            (false, None) => wrong.push(format!("{} never has a value", one.name)),
            (true, Some(why)) => wrong.push(format!("{} has a value: {why}", one.name)),
            _ => {}
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}

/// Two lines for each row whose answers differ.
fn differing(place: &str, rows: &[&Row], expected: &Answers, actual: &Answers) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let (expected, actual) = (expected.get(&number), actual.get(&number));
        if expected == actual {
            continue;
        }
        let shown = |answer: Option<&String>| {
            let answer = answer.map_or("(nothing)", String::as_str);
            format!("{place}: {} => {}", row.label(), answer.escape_debug())
        };
        lines.push(Line::Missing(shown(expected)));
        lines.push(Line::Extra(shown(actual)));
    }
    lines
}

/// Explains the lines by the deliberate differences.
fn judge(group: &Group, lines: &[Line], lists: &Lists, subject: &Program) -> Result<(), Failed> {
    let name = format!("expressions/{}", group.name);
    let mut entries: Vec<&Difference> = lists.differences.iter().collect();
    entries.retain(|entry| entry.scenario == name && !subject.is_reference());
    let mut verdict = known::judge(lines, &entries).map_err(|e| e.to_string())?;
    if let Some(line) = verdict.stale.first() {
        let stale = format!("known_differences.toml: nothing matches {line} any more");
        return Err(stale.into());
    }
    if verdict.unexplained.is_empty() {
        return Ok(());
    }
    let count = verdict.unexplained.len();
    verdict.unexplained.truncate(SHOWN);
    let shown = verdict.unexplained.join("\n");
    Err(format!("{count} lines differ (- Kamailio, + subject)\n{shown}").into())
}

/// The row's label in a line `- message: label => answer` or `+ refused: label`.
fn label_of(line: &str) -> &str {
    let rest = line.split_once(": ").map_or(line, |(_, rest)| rest);
    rest.rsplit_once(" => ").map_or(rest, |(label, _)| label)
}

/// What Kamailio refuses is refused by ferrosip. (That Kamailio does is asked when blessing: it has
/// to be started for each.)
fn refused_too(all: &[Row], lists: &Lists, when: When) -> Result<(), Failed> {
    let rows = all.iter().filter(|row| match when {
        When::Check => lists.refused.contains(&row.label()),
        When::Start => lists.unstartable.contains(&row.label()),
    });
    let rows: Vec<&Row> = rows.collect();
    let refused = refused(&Program::ferrosip(), when, &rows).map_err(|e| e.to_string())?;
    let accepted = (0..rows.len()).filter(|number| !refused.contains(number));
    let lines: Vec<Line> = accepted
        .map(|number| Line::Extra(format!("accepted: {}", rows[number].label())))
        .collect();
    let name = match when {
        When::Check => "expressions/refused",
        When::Start => "expressions/unstartable",
    };
    let mut entries: Vec<&Difference> = lists.differences.iter().collect();
    entries.retain(|entry| entry.scenario == name);
    let verdict = known::judge(&lines, &entries).map_err(|e| e.to_string())?;
    if let Some(line) = verdict.stale.first() {
        let stale = format!("known_differences.toml: nothing matches {line} any more");
        return Err(stale.into());
    }
    let accepted = verdict.unexplained.iter().map(|line| label_of(line));
    let accepted: Vec<&str> = accepted.collect();
    COMPARED.fetch_add(rows.len(), Ordering::Relaxed);
    match accepted.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "ferrosip accepts {} of {}:\n{}",
            accepted.len(),
            rows.len(),
            accepted.join("\n")
        )
        .into()),
    }
}
