//! docs/performance.md: the parts that a run writes, between marks, and the plots beside it.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::compare::{Row, Who};
use crate::svg::{self, Bar};

/// Puts a text between the marks of a part; the rest of the document stays.
pub(crate) fn replace_part(document: &Path, part: &str, text: &str) -> io::Result<()> {
    let old = fs::read_to_string(document)?;
    let (begin, end) = (
        format!("<!-- {part}: begin -->\n"),
        format!("<!-- {part}: end -->"),
    );
    let missing = || io::Error::other(format!("{}: no marks for {part}", document.display()));
    let (before, rest) = old.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    fs::write(document, format!("{before}{begin}{text}{end}{after}"))
}

/// The table of a comparison.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| work | subject | CPU µs | own µs | own / Kamailio's | target | exchanges/s | p50 / p99 µs | failed |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        for who in Who::ALL {
            let Some(figures) = row.of(who) else { continue };
            let (own, ratio) = match who {
                Who::Floor => (String::new(), String::new()),
                Who::Kamailio => (format!("{:.1}", row.own(who)), "1".to_owned()),
                Who::Packaged | Who::Ferrosip | Who::Optimized => (
                    format!("{:.1}", row.own(who)),
                    format!("{:.2}", row.ratio(who)),
                ),
            };
            let target = if who == row.judged() {
                format!("{:.2}", row.work.target)
            } else {
                String::new()
            };
            let latency = figures
                .latency
                .map_or(String::new(), |(half, most)| format!("{half} / {most}"));
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "| {} | {} | {:.1} | {own} | {ratio} | {target} | {:.0} | {latency} | {} |",
                row.work.name,
                who.name(),
                figures.cpu,
                figures.rate,
                figures.failed
            );
        }
    }
    out
}

/// Writes table and plots of what was measured so far, and what could not be.
pub(crate) fn write_comparison(
    document: &Path,
    rows: &[Row],
    left_out: &[String],
) -> io::Result<()> {
    let mut text = String::from(
        "![Own CPU time, ferrosip / Kamailio](performance-own.svg)\n\n\
         ![Latency, ferrosip / Kamailio](performance-latency.svg)\n\n",
    );
    text.push_str(&conditions());
    text.push_str(&table(rows));
    for what in left_out {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\nLeft out: {what}.");
    }
    replace_part(document, "comparison", &text)?;
    fs::write(document.with_file_name("performance-own.svg"), own(rows))?;
    let plot = latencies(rows);
    fs::write(document.with_file_name("performance-latency.svg"), plot)
}

/// Where a run took place: a line for the document.
pub(crate) fn conditions() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name"));
    let model = model.map_or("", |m| m.trim_start_matches(['\t', ' ', ':']));
    // This process may be kept to one of them.
    let cores = cpu.lines().filter(|l| l.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{cores} cores of {model}, Linux {}; load average {load} at the end.\n\n",
        kernel.trim()
    )
}

/// The plot of the 99th percentiles.
fn latencies(rows: &[Row]) -> String {
    let bars: Vec<Bar> = rows
        .iter()
        .filter_map(|row| {
            let most = |who| Some(row.of(who)?.latency?.1 as f64);
            let kamailio = most(Who::Kamailio)?.max(1.0);
            let ratio = |who| Some(most(who)? / kamailio);
            Some(Bar {
                label: row.work.name.to_owned(),
                value: ratio(row.judged())?,
                before: before(row).and_then(ratio),
                target: 1.0,
            })
        })
        .collect();
    svg::bars(
        &title(
            "p99 latency at 70 % of Kamailio's saturation, ferrosip / Kamailio -x fm",
            &bars,
        ),
        &bars,
    )
}

/// The plot of the costs.
fn own(rows: &[Row]) -> String {
    let bars: Vec<Bar> = rows
        .iter()
        .map(|row| Bar {
            label: row.work.name.to_owned(),
            value: row.ratio(row.judged()),
            before: before(row).map(|who| row.ratio(who)),
            target: row.work.target,
        })
        .collect();
    svg::bars(
        &title(
            "Own CPU time, ferrosip / Kamailio -x fm (mark: target)",
            &bars,
        ),
        &bars,
    )
}

/// Whom a plot shows beside the one who is judged.
fn before(row: &Row) -> Option<Who> {
    (row.judged() != Who::Ferrosip).then_some(Who::Ferrosip)
}

/// The title says what the second bars are, if there are any.
fn title(what: &str, bars: &[Bar]) -> String {
    if bars.iter().any(|bar| bar.before.is_some()) {
        format!("{what}; grey: without profile")
    } else {
        what.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Figures;
    use crate::works;

    #[test]
    fn both_builds_are_shown_and_one_is_judged() {
        let costs = [4.0, 8.0, 40.0, 6.0, 5.0];
        let figures = Who::ALL.into_iter().zip(costs).map(|(who, cpu)| Figures {
            who,
            cpu,
            rate: 1.0,
            failed: 0,
            latency: Some((1, 10)),
        });
        let mut row = Row {
            work: works::ALL[0],
            figures: figures.collect(),
        };
        let text = table(std::slice::from_ref(&row));
        assert!(text.contains("| ferrosip | 6.0 | 2.0 | 0.50 |  |"));
        assert!(text.contains("| ferrosip, optimized | 5.0 | 1.0 | 0.25 | 0.35 |"));
        let plot = own(std::slice::from_ref(&row));
        assert!(plot.contains(">0.50<") && plot.contains(">0.25<") && plot.contains("grey"));
        row.figures.pop();
        let text = table(std::slice::from_ref(&row));
        assert!(text.contains("| ferrosip | 6.0 | 2.0 | 0.50 | 0.35 |"));
        assert!(!text.contains("optimized") && !own(&[row]).contains("grey"));
    }

    #[test]
    fn only_the_part_changes() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("p.md");
        fs::write(&file, "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n").unwrap();
        replace_part(&file, "x", "new\n").unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n");
        assert!(replace_part(&file, "y", "").is_err());
    }
}
