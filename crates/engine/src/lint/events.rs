//! `event_route[…]` that no module raises.

use script::ast::{Block, BlockKind};
use script::diagnostic::nearest;
use script::host::Problem;

use super::Findings;
use crate::module::Module;

/// Warns of an event route that is never run.
pub(super) fn check(block: &Block, loaded: &[&Module], all: &[&Module], findings: &mut Findings) {
    let Some(name) = block
        .name
        .as_ref()
        .filter(|_| block.kind == BlockKind::Event)
    else {
        return;
    };
    let raises = |module: &&&Module| {
        module
            .event_routes
            .iter()
            .any(|row| fits(row.name, &name.node))
    };
    if loaded.iter().any(|module| raises(&module)) {
        return;
    }
    let mut problem = Problem::warning(
        "unknown-event",
        format!("nothing raises the event {}", name.node),
    );
    if let Some(module) = all.iter().find(raises) {
        problem = problem.with_help(format!(
            "module {} does: add loadmodule \"{}.so\"",
            module.name, module.name
        ));
    } else {
        let known = loaded
            .iter()
            .flat_map(|module| module.event_routes.iter().map(|row| row.name));
        if let Some(near) = nearest(&name.node, known) {
            problem = problem.with_help(format!("did you mean event_route[{near}]?"));
        }
    }
    findings.add(name.span, problem);
}

/// Whether a row's name, which may end in a part that the script names, is an event's.
fn fits(row: &str, event: &str) -> bool {
    let fixed = row.split(['<', '[']).next().unwrap_or(row);
    if fixed.len() < row.len() {
        return event.starts_with(fixed);
    }
    event == row
        || event
            .strip_prefix(row)
            .is_some_and(|rest| rest.starts_with(':'))
}
