//! Further blocks for the program that runs.

use std::path::Path;
use std::sync::Arc;

use script::ast::Item;
use script::diagnostic::{Diagnostic, Severity, render_concise};
use script::parse::parse_behind;
use script::preprocess::{BUILTIN, Options};

use super::ReloadError;
use crate::core::Core;
use crate::load::{diagnostic, shows_places};

/// Appends the blocks of a text; new messages can run them, and every block that was there keeps
/// its index. `path` names the text in messages and is where its includes are relative to. Appended
/// blocks are gone with the next reload. Returns the number of the program.
///
/// # Errors
/// Mistakes in the text, or something in it that is no block.
pub fn append(
    core: &Arc<Core>,
    path: &Path,
    text: impl Into<bytes::Bytes>,
) -> Result<u64, ReloadError> {
    // Nobody else changes the program meanwhile.
    let declared = core.declared.lock();
    let previous = core.program().ok_or(ReloadError::NoSource)?;
    let words = core.words.load_full();
    let own = |(name, _): &&(String, _)| !BUILTIN.contains(&name.as_str());
    let known = words.defines.iter().filter(own).map(|(name, text)| {
        let text = String::from_utf8_lossy(text).into_owned();
        (name.clone(), (!text.is_empty()).then_some(text))
    });
    let options = Options {
        defines: known.collect(),
        ..Options::default()
    };
    let loader = core.services.source.loader();
    let parsed = parse_behind(previous.source(), path, text, loader, &options);
    let source = Arc::new(parsed.source);
    let mut found = parsed.diagnostics;
    for item in &parsed.config.items {
        let span = match item {
            Item::Block(_) => continue,
            Item::CoreParam(param) => param.span,
            Item::CustomParam(param) => param.name.span,
            Item::LoadModule(name) | Item::LoadPath(name) => name.span,
            Item::ModParam(param) => param.span,
        };
        let message = "only blocks can be appended";
        found.push(Diagnostic::error("no-block", source.origin(span), message));
    }
    let mut interned = core.interned.lock().unsealed();
    let (program, problems) = {
        let mut names = core.names(&core.cfg, &words, &mut interned);
        let options = script::compile::Options {
            trace: core.traces() || shows_places(&source),
        };
        script::compile::append(&previous, &parsed.config, &mut names, options)
    };
    drop(previous);
    let problems = problems.into_iter();
    found.extend(problems.map(|p| diagnostic(&source, p.problem, p.span)));
    found.retain(|found| found.severity == Severity::Error);
    if !found.is_empty() {
        let text = render_concise(&found, &source);
        let lines = text.lines().map(str::to_owned).collect();
        return Err(ReloadError::Mistakes(lines));
    }
    interned.seal();
    *core.interned.lock() = interned;
    let number = core.install(program.with_source(source));
    drop(declared);
    Ok(number)
}
