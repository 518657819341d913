//! One line for each statement that runs.

use engine::Context;
use engine::context::RunKind;
use engine::log::Place;
use engine::services::LogLine;
use script::ast::Span;

use super::state::DebuggerState;
use super::statement;

/// Kamailio's function that writes the lines; its name is part of them.
const WRITER: &str = "dbg_cfg_trace(): ";

/// Logs the statement that is about to run.
pub(super) fn statement(state: &DebuggerState, cx: &mut Context, span: Span) {
    if !state.traces() || !cx.core.log_threshold.allows(state.level) {
        return;
    }
    let (kind, default) = match cx.kind {
        RunKind::Request => ("request_route", "DEFAULT_ROUTE"),
        RunKind::Reply => ("onreply_route", "DEFAULT_ONREPLY"),
        RunKind::TmReply => ("onreply_route", ""),
        RunKind::Failure => ("failure_route", ""),
        RunKind::Branch => ("branch_route", ""),
        RunKind::OnSend => ("onsend_route", "DEFAULT_SEND"),
        RunKind::Event | RunKind::LocalRequest => ("event_route", ""),
    };
    let name = cx.route.map_or("", |route| cx.program.name(route));
    let name = if name.is_empty() { default } else { name };
    let (file, line) = cx.line_of(span);
    let action = statement::action(cx.text_of(span));
    let file = match state.with_file {
        true => format!("c=[{file}] "),
        false => String::new(),
    };
    let text = format!(
        "{}{WRITER}{kind}=[{name}] {file}l={line} a={} n={}",
        state.prefix, action.number, action.name
    );
    cx.core.services.log.write(&LogLine {
        level: state.level,
        facility: state.facility,
        prefix: b"",
        source: "",
        module: "debugger",
        place: Place::Script {
            program: &cx.program,
            span,
            route: cx.route,
        },
        label: state.label.as_deref(),
        call_id: cx.msg.call_id().unwrap_or_default(),
        message: text.as_bytes(),
    });
}
