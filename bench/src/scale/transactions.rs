//! Pending INVITE transactions: what one takes, and what a call costs beside them.

use std::fmt::Write;
use std::io;

use super::Scale;
use crate::script::Scenario;
use crate::svg;

/// How many ring when calls are timed.
const TRANSACTIONS: [u64; 4] = [10_000, 50_000, 100_000, 200_000];
/// Calls of a turn.
const TURN: u64 = 1000;
/// Calls before the first turn: what they hold is used again by those of the turns.
const WARM_UP: u64 = 10_000;

pub(super) fn measure(scale: &Scale<'_>) -> io::Result<String> {
    let bench = scale.start(include_str!("../../configs/call.cfg"), false)?;
    let turn = scale.count(TURN);
    let mut series = 1000;
    let mut call = |_| {
        series += 1;
        bench.play(Scenario::Call, series, 1, 0, turn)
    };
    bench.play(Scenario::Call, 1, 1, 0, scale.count(WARM_UP))?;
    let alone = bench.cost(&mut call)?;
    let mut rows = format!("| 0 | {alone:.1} | 1.00 | |\n");
    let mut points = vec![(1.0, alone)];
    let empty = bench.subject.memory();
    let mut ringing = 0;
    for wanted in TRANSACTIONS.map(|count| scale.count(count)) {
        eprintln!("{wanted} transactions");
        bench.play(Scenario::Ringing, 2, 1, ringing, wanted - ringing)?;
        ringing = wanted;
        let bytes = bench.subject.memory().saturating_sub(empty) / ringing;
        let cost = bench.cost(&mut call)?;
        points.push((ringing as f64, cost));
        // Writing to a string cannot fail.
        let _ = writeln!(
            rows,
            "| {ringing} | {cost:.1} | {:.2} | {bytes} |",
            cost / alone
        );
    }
    let title = "CPU µs of a call, by INVITE transactions that ring meanwhile";
    let plot = svg::line(title, "transactions (the first point: none)", &points);
    let mut text = scale.plot("performance-transactions.svg", title, &plot)?;
    text.push_str(
        "| pending INVITE transactions | call, CPU µs | of the first row | memory of a transaction, B |\n\
         |---|---|---|---|\n",
    );
    text.push_str(&rows);
    Ok(text)
}
