//! Thousands of generated fragments, judged by `ferrosip --compat-check` as by `kamailio -c`:
//! every function with every number and kind of argument and in every kind of block, every core
//! and module parameter with values of every kind.
//!
//! `tests/verdicts/generated/*.tsv` hold Kamailio's verdicts. With `VERDICTS_BLESS=1` Kamailio is
//! asked about what they lack (about everything with `VERDICTS_BLESS=all`); otherwise about a
//! sample. Environment: `FERROSIP_BIN`, `DIFF_ONLY=text` (tables whose name contains it).

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use acceptance::findings::Findings;
use acceptance::subject::{Program, unusable_reference};
use acceptance::verdict::{Table, Verdict, Verdicts, ask, base, exports, tables};

/// Kamailio is asked again about one cell of so many.
const SAMPLE: usize = 50;

/// One line of `differs.tsv`.
struct Difference {
    table: String,
    row: String,
    column: String,
}

impl Difference {
    /// Whether it is about this cell; `*` stands for anything at the end of a row's name, and for
    /// any column.
    fn covers(&self, table: &Table, row: usize, column: usize) -> bool {
        let name = &table.rows[row].name;
        let is_row = match self.row.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => *name == self.row,
        };
        let is_column = self.column == "*"
            || self
                .column
                .split(',')
                .any(|name| name == table.columns[column]);
        self.table == table.name && is_row && is_column
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("verdicts/generated")
}

fn differences() -> Vec<Difference> {
    let text = fs::read_to_string(folder().join("differs.tsv")).expect("the list can be read");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let difference = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [table, row, column, reason] = columns[..] else {
            panic!("differs.tsv: table, row, columns, reason: {line}");
        };
        assert!(!reason.is_empty(), "differs.tsv: no reason: {line}");
        Difference {
            table: table.to_owned(),
            row: row.to_owned(),
            column: column.to_owned(),
        }
    };
    lines.map(difference).collect()
}

fn chosen() -> (String, Vec<Table>) {
    let exports = exports(&Program::ferrosip()).expect("ferrosip runs");
    let only = std::env::var("DIFF_ONLY").unwrap_or_default();
    let mut tables = tables(&exports);
    tables.retain(|table| table.name.contains(&only));
    (base(&exports), tables)
}

fn listed(table: &Table) -> Verdicts {
    let path = folder().join(format!("{}.tsv", table.name));
    table.read(&fs::read_to_string(path).unwrap_or_default())
}

fn describe(table: &Table, row: usize, column: usize) -> String {
    let text = table.rows[row].cells[column].as_deref();
    format!(
        "{}: {} [{}]: {}",
        table.name,
        table.rows[row].name,
        table.columns[column],
        text.unwrap_or_default()
    )
}

/// Asks Kamailio about what the file lacks, and writes it.
fn bless(base: &str, table: &Table, everything: bool) {
    let mut verdicts = match everything {
        true => Verdicts::new(),
        false => listed(table),
    };
    let open: Vec<_> = table
        .cells()
        .filter(|(row, column, _)| !verdicts.contains_key(&(*row, *column)))
        .collect();
    let found = ask::each(&Program::kamailio(), base, &open).expect("Kamailio runs");
    verdicts.extend(found);
    let path = folder().join(format!("{}.tsv", table.name));
    fs::write(path, table.write(&verdicts)).expect("the table can be written");
}

#[test]
fn the_tables_say_what_kamailio_says() {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let (base, tables) = chosen();
    let mut wrong = Findings::default();
    let plain = ask::base(&Program::kamailio(), &base).expect("Kamailio runs");
    assert!(
        plain,
        "Kamailio refuses what stands before every fragment:\n{base}"
    );
    for table in &tables {
        if let Ok(how) = std::env::var("VERDICTS_BLESS") {
            bless(&base, table, how == "all");
        }
        let listed = listed(table);
        let sample: Vec<_> = table.cells().step_by(SAMPLE).collect();
        let found = ask::each(&Program::kamailio(), &base, &sample).expect("Kamailio runs");
        for ((row, column), verdict) in found {
            if listed.get(&(row, column)) != Some(&verdict) {
                wrong.note(describe(table, row, column));
            }
        }
    }
    wrong.report();
}

#[test]
fn the_compatible_check_agrees_with_the_tables() {
    let (base, tables) = chosen();
    let ours = Program::ferrosip();
    let differences = differences();
    let mut used: HashMap<usize, usize> = HashMap::new();
    let mut wrong = Findings::default();
    let mut compared = 0;
    for table in &tables {
        let listed = listed(table);
        let found = ask::together(&ours, &base, table).expect("ferrosip runs");
        let differing: Vec<_> = table
            .cells()
            .filter(|(row, column, _)| differs(&listed, &found, (*row, *column)))
            .collect();
        // A mistake may spoil the lines after it: only what is wrong alone, too, is.
        let alone = ask::each(&ours, &base, &differing).expect("ferrosip runs");
        compared += found.len();
        for (row, column, _) in differing {
            if !differs(&listed, &alone, (row, column)) {
                continue;
            }
            let known = differences
                .iter()
                .position(|d| d.covers(table, row, column));
            match (known, listed.get(&(row, column))) {
                (Some(known), _) => *used.entry(known).or_default() += 1,
                (None, Some(verdict)) => wrong.note(format!(
                    "Kamailio {} {}",
                    verdict.symbol(),
                    describe(table, row, column)
                )),
                (None, None) => wrong.note(format!("not listed: {}", describe(table, row, column))),
            }
        }
    }
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    for (number, difference) in differences.iter().enumerate() {
        if names.contains(&difference.table.as_str()) && !used.contains_key(&number) {
            wrong.note(format!(
                "differs.tsv: nothing differs any more: {} {} {}",
                difference.table, difference.row, difference.column
            ));
        }
    }
    let known: usize = used.values().sum();
    eprintln!("{compared} fragments compared, {known} known differences");
    wrong.report();
}

/// What Kamailio does not survive may be anything.
fn differs(listed: &Verdicts, found: &Verdicts, cell: (usize, usize)) -> bool {
    let expected = listed.get(&cell);
    expected != Some(&Verdict::Crashed) && expected != found.get(&cell)
}
