//! The comparison: all subjects in turns of one run, medians of their CPU time for each exchange.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use crate::cores::Cores;
use crate::options::Options;
use crate::report;
use crate::runner::Runner;
use crate::works::{self, Work};

/// Fewer turns than this say nothing.
const FEWEST: u32 = 3;
/// The share of Kamailio's saturation at which latencies are taken.
const LOAD: f64 = 0.7;
/// In turns of so many seconds, as many for each subject: what disturbs one turn, a machine that stalls, is no subject's.
const LATENCY: f64 = 0.4;
const LATENCY_TURNS: usize = 7;

/// What to run.
pub(crate) struct Plan {
    /// Our server.
    pub(crate) ferrosip: PathBuf,
    /// The same built with a profile, if it is to be compared too.
    pub(crate) optimized: Option<PathBuf>,
    /// The other one.
    pub(crate) kamailio: PathBuf,
    /// Turns of each subject, at most.
    pub(crate) rounds: u32,
    /// The turns of one work end after so many seconds.
    pub(crate) seconds: f64,
    /// A try: a tenth of everything.
    pub(crate) quick: bool,
    /// Only works whose name contains this.
    pub(crate) only: String,
    /// The second byte of the addresses used: 127.N.
    pub(crate) network: u8,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Floor,
    /// With its fastest allocator.
    Kamailio,
    /// As its package starts it.
    Packaged,
    Ferrosip,
    /// Built with a profile.
    Optimized,
}

impl Who {
    /// In the order of the turns.
    pub(crate) const ALL: [Self; 5] = [
        Self::Floor,
        Self::Kamailio,
        Self::Packaged,
        Self::Ferrosip,
        Self::Optimized,
    ];

    /// As the tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Kamailio => "Kamailio -x fm",
            Self::Packaged => "Kamailio as packaged",
            Self::Ferrosip => "ferrosip",
            Self::Optimized => "ferrosip, optimized",
        }
    }
}

impl Plan {
    /// Who is measured, each with a number for its addresses.
    fn subjects(&self) -> impl Iterator<Item = (u8, Who)> {
        let is_there = |who| who != Who::Optimized || self.optimized.is_some();
        (0..).zip(Who::ALL).filter(move |(_, who)| is_there(*who))
    }
}

/// What one subject did for one work.
pub(crate) struct Figures {
    pub(crate) who: Who,
    /// Microseconds of CPU for an exchange: median of the turns.
    pub(crate) cpu: f64,
    /// Exchanges a second while the window was full: median of the turns.
    pub(crate) rate: f64,
    pub(crate) failed: u64,
    /// Under load at a fixed rate: 50 % and 99 % of the exchanges were faster, microseconds (medians of the turns).
    pub(crate) latency: Option<(u64, u64)>,
}

/// One work's figures.
pub(crate) struct Row {
    pub(crate) work: Work,
    pub(crate) figures: Vec<Figures>,
}

impl Row {
    /// The figures of one subject.
    pub(crate) fn of(&self, who: Who) -> Option<&Figures> {
        self.figures.iter().find(|f| f.who == who)
    }

    /// CPU time beyond the floor's.
    pub(crate) fn own(&self, who: Who) -> f64 {
        let cpu = |who| self.of(who).map_or(0.0, |f| f.cpu);
        cpu(who) - cpu(Who::Floor)
    }

    /// A subject's own cost over Kamailio's.
    pub(crate) fn ratio(&self, who: Who) -> f64 {
        self.own(who) / self.own(Who::Kamailio)
    }

    /// Who has to reach the target: ferrosip as it was built best.
    pub(crate) fn judged(&self) -> Who {
        match self.of(Who::Optimized) {
            Some(_) => Who::Optimized,
            None => Who::Ferrosip,
        }
    }
}

/// Measures every work, prints the table and the plots or writes them. What was measured is
/// written after each work, and one that fails does not keep the others from being measured.
pub(crate) fn all(options: &Options) -> io::Result<()> {
    let plan = &options.plan;
    let cores = Cores::given()?;
    let works: Vec<&Work> = works::ALL
        .iter()
        .filter(|work| work.name.contains(&plan.only))
        .collect();
    let begun = Instant::now();
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for (number, work) in (1..).zip(&works) {
        eprintln!(
            "[{:4.0} s] {number} of {}: {}",
            begun.elapsed().as_secs_f64(),
            works.len(),
            work.name
        );
        match run(plan, work, &cores) {
            Ok(row) => {
                eprint!("{}", report::table(std::slice::from_ref(&row)));
                rows.push(row);
            }
            Err(error) => {
                eprintln!("  left out: {error}");
                left_out.push(format!("{}: {error}", work.name));
            }
        }
        if let Some(document) = &options.write {
            report::write_comparison(document, &rows, &left_out)?;
        }
    }
    print!("{}", report::table(&rows));
    if left_out.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(left_out.join("; ")))
}

/// Measures one work.
fn run(plan: &Plan, work: &Work, cores: &Cores) -> io::Result<Row> {
    let work = &Work {
        units: if plan.quick {
            work.units / 10
        } else {
            work.units
        },
        ..*work
    };
    let mut runners = Vec::new();
    for (index, who) in plan.subjects() {
        let start = || Runner::start(plan, work, who, index);
        runners.push(cores.start(work.workers, start)?);
    }
    for runner in &mut runners {
        runner.warm_up(work)?;
    }
    let begun = Instant::now();
    for turn in 0..plan.rounds {
        if turn >= FEWEST && begun.elapsed().as_secs_f64() > plan.seconds {
            break;
        }
        for runner in &mut runners {
            runner.turn(work)?;
        }
    }
    // Every subject at the same rate: so much of what Kamailio can do.
    let kamailio = runners.iter().find(|r| r.who() == Who::Kamailio);
    let rate = LOAD * kamailio.map_or(0.0, Runner::rate);
    let (turns, seconds) = if plan.quick {
        (1, LATENCY / 2.0)
    } else {
        (LATENCY_TURNS, LATENCY)
    };
    for _ in 0..turns {
        for runner in &mut runners {
            // Who cannot keep up has no latency but how long the load lasts.
            if runner.rate() > rate {
                runner.arrive(work, rate, seconds)?;
            }
        }
    }
    let figures = runners.iter().map(|runner| Figures {
        who: runner.who(),
        cpu: runner.cpu(),
        rate: runner.rate(),
        failed: runner.failed(),
        latency: runner.latency(),
    });
    Ok(Row {
        work: *work,
        figures: figures.collect(),
    })
}

/// The middle of some figures; of an even number, the upper middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(whose: &[(Who, f64)]) -> Row {
        let figures = whose.iter().map(|(who, cpu)| Figures {
            who: *who,
            cpu: *cpu,
            rate: 1.0,
            failed: 0,
            latency: None,
        });
        Row {
            work: works::ALL[0],
            figures: figures.collect(),
        }
    }

    #[test]
    fn the_build_with_a_profile_is_judged_where_there_is_one() {
        let mut whose = vec![
            (Who::Floor, 4.0),
            (Who::Kamailio, 8.0),
            (Who::Ferrosip, 6.0),
        ];
        assert_eq!(row(&whose).judged(), Who::Ferrosip);
        whose.push((Who::Optimized, 5.0));
        let row = row(&whose);
        assert_eq!(row.judged(), Who::Optimized);
        assert_eq!(
            (row.ratio(Who::Ferrosip), row.ratio(Who::Optimized)),
            (0.5, 0.25)
        );
    }

    #[test]
    fn only_what_was_asked_for_is_a_subject() {
        let mut plan = crate::options::plan();
        assert_eq!(plan.subjects().count(), 4);
        plan.optimized = Some(PathBuf::from("ferrosip"));
        let numbers: Vec<u8> = plan.subjects().map(|(number, _)| number).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
    }
}
