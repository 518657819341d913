//! Generated questions to `-c`: does the check accept this fragment of a configuration?
//!
//! A [`Table`] has a row for each function, parameter or statement and a column for each way to use
//! it; a cell is a fragment. [`functions`] and [`params`] make the tables from what `ferrosip
//! --exports` names; [`ask`] gives a program's verdicts. Kamailio's are kept in
//! `tests/verdicts/generated`, one file a table, so that a difference of two is read as a table.
//! [`codes`] finds the codes of ferrosip's diagnostics.

pub mod ask;
pub mod codes;
pub mod functions;
pub mod params;
pub mod random;
pub mod words;

use std::collections::BTreeMap;
use std::process::{Command, ExitStatus};

use crate::subject::Program;

/// Exit status of a check that refuses.
const REFUSED: i32 = 255;

/// What a check says of a fragment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The exit status is 0.
    Accepted,
    /// The configuration is wrong.
    Refused,
    /// The check itself does not survive it.
    Crashed,
}

impl Verdict {
    /// What an exit status tells.
    #[must_use]
    pub fn of(status: ExitStatus) -> Self {
        match status.code() {
            Some(0) => Self::Accepted,
            Some(REFUSED) => Self::Refused,
            _ => Self::Crashed,
        }
    }

    /// As the files have it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Accepted => "+",
            Self::Refused => "-",
            Self::Crashed => "!",
        }
    }

    fn from_symbol(symbol: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused, Self::Crashed]
            .into_iter()
            .find(|verdict| verdict.symbol() == symbol)
    }
}

/// A row: its name, and a fragment for each column that makes sense.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it asks about.
    pub name: String,
    /// One or more lines each; `{n}` is replaced by a number that no other fragment has.
    pub cells: Vec<Option<String>>,
}

/// Fragments to be judged.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name of its file.
    pub name: &'static str,
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// How many rows a configuration can have that asks about many at once.
    pub together: usize,
    /// What is asked about.
    pub rows: Vec<Row>,
}

impl Table {
    /// Each fragment with its row and column.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, &str)> {
        self.rows.iter().enumerate().flat_map(|(row, cells)| {
            let cells = cells.cells.iter().enumerate();
            cells.filter_map(move |(column, text)| Some((row, column, text.as_deref()?)))
        })
    }

    /// The table with verdicts in place of the fragments.
    #[must_use]
    pub fn write(&self, verdicts: &Verdicts) -> String {
        let mut text = format!("# {}\t{}\n", self.name, self.columns.join("\t"));
        for (number, row) in self.rows.iter().enumerate() {
            text.push_str(&row.name);
            for column in 0..self.columns.len() {
                let verdict = verdicts.get(&(number, column));
                text.push('\t');
                text.push_str(verdict.map_or(".", |verdict| verdict.symbol()));
            }
            text.push('\n');
        }
        text
    }

    /// Reads what [`Table::write`] wrote; rows and columns that the table no longer has are left
    /// out.
    #[must_use]
    pub fn read(&self, text: &str) -> Verdicts {
        let mut lines = text.lines();
        let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
        let known: BTreeMap<&str, usize> =
            self.rows.iter().map(|r| r.name.as_str()).zip(0..).collect();
        let mut verdicts = Verdicts::new();
        for line in lines {
            let mut symbols = line.split('\t');
            let Some(&row) = known.get(symbols.next().unwrap_or_default()) else {
                continue;
            };
            for (symbol, column) in symbols.zip(columns.iter().skip(1)) {
                let column = self.columns.iter().position(|name| name == column);
                if let (Some(verdict), Some(column)) = (Verdict::from_symbol(symbol), column) {
                    verdicts.insert((row, column), verdict);
                }
            }
        }
        verdicts
    }
}

/// Verdicts by row and column.
pub type Verdicts = BTreeMap<(usize, usize), Verdict>;

/// What `ferrosip --exports` says of a function or a parameter.
#[derive(Clone, Debug)]
pub struct Export {
    /// `function`, `param`, …
    pub kind: String,
    /// Its module; empty for the core.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments.
    pub max: usize,
}

/// Debian's Kamailio lacks the one and has the other in a package of its own.
const NOT_INSTALLED: [&str; 2] = ["math", "uuid"];

/// Everything that the program says it has, as far as the reference has it.
///
/// # Errors
/// When it cannot be started.
pub fn exports(program: &Program) -> std::io::Result<Vec<Export>> {
    let output = Command::new(&program.path).arg("--exports").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [kind, module, name, min, max, ..] = columns[..] else {
            return None;
        };
        Some(Export {
            kind: kind.to_owned(),
            module: module.to_owned(),
            name: name.to_owned(),
            min: min.parse().ok()?,
            max: max.parse().ok()?,
        })
    };
    let mut rows: Vec<Export> = text.lines().filter_map(row).collect();
    rows.retain(|row| {
        let module = if row.kind == "module" {
            &row.name
        } else {
            &row.module
        };
        !NOT_INSTALLED.contains(&module.as_str())
    });
    Ok(rows)
}

/// What stands before every fragment: all modules, those that others need first.
#[must_use]
pub fn base(exports: &[Export]) -> String {
    const FIRST: [&str; 5] = ["tm", "sl", "rr", "pv", "usrloc"];
    let mut text = "listen=udp:127.0.48.1:5060\nflags FL:5\navpflags AF\n".to_owned();
    let modules = exports
        .iter()
        .filter(|row| row.kind == "module" && row.name != "core");
    let (first, others): (Vec<&str>, Vec<&str>) = modules
        .map(|row| row.name.as_str())
        .partition(|name| FIRST.contains(name));
    let first = FIRST.into_iter().filter(|name| first.contains(name));
    for module in first.chain(others) {
        text.push_str(&format!("loadmodule \"{module}.so\"\n"));
    }
    text
}

/// All tables.
#[must_use]
pub fn tables(exports: &[Export]) -> Vec<Table> {
    vec![
        functions::counts(exports),
        functions::arguments(exports),
        functions::blocks(exports),
        functions::statements(),
        params::core(exports),
        params::modules(exports),
        words::flags(exports),
        words::names(exports),
    ]
}
