//! Three ways to show diagnostics: like rustc, one line each, and JSON lines.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::json;

use super::{Diagnostic, Severity};
use crate::source::{Origin, SourceMap};

/// Lines of a file shown around a mistake; a whole file would cost too much to lay out.
const CONTEXT_LINES: u32 = 3;

/// The source line, a caret and the help under it, as rustc does; `color` adds terminal colours.
#[must_use]
pub fn render_full(diagnostics: &[Diagnostic], source: &SourceMap, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&render_one(diagnostic, source, &renderer));
        out.push_str("\n\n");
    }
    out
}

/// `file:line:column: error[code]: message`, one line each.
#[must_use]
pub fn render_concise(diagnostics: &[Diagnostic], source: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = source.location(diagnostic.primary);
        let severity = severity_name(diagnostic.severity);
        out.push_str(&format!(
            "{}:{}:{}: {severity}[{}]: {}\n",
            place.file, place.line, place.column, diagnostic.code, diagnostic.message
        ));
    }
    out
}

/// One JSON object a line.
#[must_use]
pub fn render_json(diagnostics: &[Diagnostic], source: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let labels: Vec<_> = diagnostic
            .labels
            .iter()
            .map(|label| json!({"at": place(label.origin, source), "message": label.message}))
            .collect();
        let line = json!({
            "severity": severity_name(diagnostic.severity),
            "code": diagnostic.code,
            "message": diagnostic.message,
            "at": place(diagnostic.primary, source),
            "note": diagnostic.note,
            "labels": labels,
            "help": diagnostic.help,
            "beyond_kamailio": diagnostic.is_beyond,
        });
        out.push_str(&line.to_string());
        out.push('\n');
    }
    out
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn place(origin: Origin, source: &SourceMap) -> serde_json::Value {
    let start = source.location(origin);
    let end = source.location(Origin {
        start: origin.end,
        ..origin
    });
    json!({
        "file": start.file,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

fn render_one(diagnostic: &Diagnostic, source: &SourceMap, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code)
        .element(excerpt(
            source,
            diagnostic.primary,
            &diagnostic.note,
            AnnotationKind::Primary,
        ));
    for label in &diagnostic.labels {
        group = group.element(excerpt(
            source,
            label.origin,
            &label.message,
            AnnotationKind::Context,
        ));
    }
    for origin in includes(source, diagnostic.primary) {
        group = group.element(excerpt(
            source,
            origin,
            "included here",
            AnnotationKind::Context,
        ));
    }
    let group: Group<'_> = diagnostic.help.iter().fold(group, |group, help| {
        group.element(Level::HELP.message(help.as_str()))
    });
    renderer.render(&[group])
}

/// The chain of directives that included the file of an origin, innermost first.
fn includes(source: &SourceMap, origin: Origin) -> Vec<Origin> {
    let mut chain = Vec::new();
    let mut file = source.file(origin.file);
    while let Some(origin) = file.and_then(|file| file.included_from) {
        chain.push(origin);
        file = source.file(origin.file);
    }
    chain
}

fn excerpt<'a>(
    source: &SourceMap,
    origin: Origin,
    message: &str,
    kind: AnnotationKind,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let Some(file) = source.file(origin.file) else {
        return Snippet::source(String::new());
    };
    let (line, _) = file.line_column(origin.start);
    let first_line = line.saturating_sub(CONTEXT_LINES).max(1);
    let text = &file.text;
    let start = line_start(text, origin.start as usize, line - first_line);
    let end = text
        .get(origin.end as usize..)
        .and_then(|rest| memchr::memchr_iter(b'\n', rest).nth(CONTEXT_LINES as usize))
        .map_or(text.len(), |at| origin.end as usize + at);
    // Every byte becomes one column, so that offsets stay what they are.
    let shown: String = text[start..end]
        .iter()
        .map(|byte| {
            if byte.is_ascii() {
                char::from(*byte)
            } else {
                '?'
            }
        })
        .collect();
    let from = (origin.start as usize - start).min(shown.len());
    let to = (origin.end as usize - start).clamp(from, shown.len());
    let annotation = kind.span(from..to);
    let annotation = if message.is_empty() {
        annotation
    } else {
        annotation.label(message.to_owned())
    };
    Snippet::source(shown)
        .line_start(first_line as usize)
        .path(file.path.display().to_string())
        .annotation(annotation)
}

/// The offset where the line that is `lines_back` above `offset` starts.
fn line_start(text: &[u8], offset: usize, lines_back: u32) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    memchr::memrchr_iter(b'\n', before)
        .nth(lines_back as usize)
        .map_or(0, |at| at + 1)
}
