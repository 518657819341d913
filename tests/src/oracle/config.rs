//! Writes the configuration that evaluates the expressions of a group.

use std::fmt::Write;

use super::scene::Scene;
use super::{Form, Row};

/// Rows in one route block.
const BLOCK: usize = 100;

/// Everything before the blocks: what the expressions take for granted.
const PRELUDE: &str = include_str!("../../expressions/prelude.cfg");

/// A configuration, and in which of its lines each row stands.
pub struct Written {
    /// The configuration.
    pub text: String,
    /// For each row the number of its line, from 1.
    pub lines: Vec<usize>,
}

/// Writes a configuration in which row `i` logs `@@i <answer>@@` when it is evaluated in a scene.
#[must_use]
pub fn write(rows: &[&Row], scene: Scene) -> Written {
    if rows.iter().any(|row| row.form == Form::Assignment) {
        return write_alone(rows);
    }
    let mut text = format!("{PRELUDE}{}", scene.blocks());
    let mut lines = Vec::with_capacity(rows.len());
    text.push_str("route[ROWS] {\n");
    for block in 0..rows.len().div_ceil(BLOCK) {
        let _ = writeln!(text, "\troute(ROWS{block});");
    }
    text.push_str("}\n");
    let mut next = text.lines().count() + 1;
    for (block, rows) in rows.chunks(BLOCK).enumerate() {
        let _ = writeln!(text, "route[ROWS{block}] {{");
        for (index, row) in rows.iter().enumerate() {
            let _ = writeln!(text, "{}", statement(block * BLOCK + index, row));
            lines.push(next + 1 + index);
        }
        let _ = writeln!(text, "}}");
        next += rows.len() + 2;
    }
    Written { text, lines }
}

/// What each message of an assignment goes through; its header says which one it is for.
const ALONE: &str = "route[ALL] {
	$var(row) = $(hdr(X-Row){s.int});
	append_branch(\"sip:br@127.0.0.1\", \"0.5\");
	route(\"ROW\" + $var(row));
	forward();
}
onsend_route {
	xlog(\"L_ALERT\", \"@@$var(row) to $sndto(ip):$sndto(port) from $sndfrom(port)\n$snd(buf)@@\n\");
}
";

/// A configuration in which a message's header says which row is evaluated.
fn write_alone(rows: &[&Row]) -> Written {
    let mut text = format!("{PRELUDE}{ALONE}");
    let first = text.lines().count() + 1;
    for (number, row) in rows.iter().enumerate() {
        let _ = writeln!(text, "route[ROW{number}] {{ {} }}", statement(number, row));
    }
    let lines = (first..first + rows.len()).collect();
    Written { text, lines }
}

/// The one line that evaluates a row. `+ "1"` tells a number from a text.
fn statement(number: usize, row: &Row) -> String {
    let source = &row.source;
    let assign = format!("$avp(r) = $null; $avp(r) = {source}; $var(t) = $avp(r) + \"1\";");
    let print = |what: &str| format!("xlog(\"L_ALERT\", \"@@{number} {what}@@\\n\");");
    match row.form {
        Form::Assignment => {
            let target = source.split(" = ").next().unwrap_or_default();
            format!(
                "{source}; $avp(r) = $null; $avp(r) = {target}; $var(t) = $avp(r) + \"1\"; {}",
                print(&format!("<$avp(r)> <$var(t)> <{target}>"))
            )
        }
        Form::Value => format!("{assign} {}", print("<$avp(r)> <$var(t)>")),
        Form::Condition => format!("if ({source}) {} else {}", print("true"), print("false")),
        Form::Variable => {
            let shown = source.replace('\\', "\\\\").replace('"', "\\\"");
            format!(
                "{assign} {}",
                print(&format!("<$avp(r)> <$var(t)> <{shown}>"))
            )
        }
        Form::Text => print(source),
    }
}
