//! Stored contacts: what one takes, and what a REGISTER costs as there are more.

use std::fmt::Write;
use std::io;

use super::{Scale, TURNS};
use crate::script::Scenario;
use crate::svg;

/// How many contacts there are when the REGISTERs are timed.
const CONTACTS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 2_000_000];
/// REGISTERs of a turn, at most.
const TURN: u64 = 10_000;

pub(super) fn measure(scale: &Scale<'_>) -> io::Result<String> {
    let bench = scale.start(include_str!("../../configs/register.cfg"), false)?;
    let empty = bench.subject.memory();
    let mut points = Vec::new();
    let (mut stored, mut cseq) = (0, 1);
    let mut rows = String::new();
    for wanted in CONTACTS.map(|count| scale.count(count)) {
        eprintln!("{wanted} contacts");
        bench.play(Scenario::Register, 1, 1, stored, wanted - stored)?;
        stored = wanted;
        let bytes = bench.subject.memory().saturating_sub(empty) / stored;
        // Spread over all, so that no cache helps.
        let (count, stride) = (TURN.min(stored), stored / u64::from(TURNS));
        let cost = bench.cost(|turn| {
            cseq += 1;
            let from = (u64::from(turn) * stride).min(stored - count);
            bench.play(Scenario::Register, 1, cseq, from, count)
        })?;
        points.push((stored as f64, cost));
        let growth = cost / points[0].1;
        // Writing to a string cannot fail.
        let _ = writeln!(rows, "| {stored} | {cost:.1} | {growth:.2} | {bytes} |");
    }
    let title = "CPU µs of a REGISTER that refreshes, by stored contacts";
    let plot = svg::line(title, "contacts", &points);
    let mut text = scale.plot("performance-contacts.svg", title, &plot)?;
    text.push_str(
        "| contacts | REGISTER (refresh), CPU µs | of the first row | memory of a contact, B |\n\
         |---|---|---|---|\n",
    );
    text.push_str(&rows);
    Ok(text)
}
