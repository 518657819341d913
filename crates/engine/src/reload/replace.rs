//! The steps of a reload: compare, compile, and only then change anything.

use std::sync::Arc;

use script::diagnostic::{Diagnostic, Severity, render_concise};
use script::source::SourceMap;

use super::{Change, Declared, ReloadError, Reloaded};
use crate::cfg_vars::{CfgValue, CfgVars, CoreCfg, Place};
use crate::core::Core;
use crate::core_params;
use crate::load::Plan;
use crate::log::Level;
use crate::module::{Apply, Status};
use crate::settings::Settings;

/// A change of a run-time value of the core.
struct CoreValue {
    group: String,
    name: String,
    value: CfgValue,
}

/// Changes that can be made once the whole configuration is accepted.
#[derive(Default)]
struct Changes {
    names: Vec<String>,
    core: Vec<CoreValue>,
    modules: Vec<Apply>,
    restart: Vec<String>,
}

/// Puts the blocks of a configuration in the place of those that the server runs.
pub(super) fn replace(core: &Arc<Core>, mut plan: Plan) -> Result<Reloaded, ReloadError> {
    // One at a time: what is compared must still be what runs when it is replaced.
    let mut declared = core.declared.lock();
    let source = Arc::clone(plan.source());
    if has_errors(plan.diagnostics()) {
        return Err(mistakes(plan.diagnostics(), &source));
    }
    let new = plan.take_declared();
    let changes = compare(core, &declared, &new, &plan.settings);
    if !changes.restart.is_empty() {
        return Err(ReloadError::NeedsRestart(changes.restart));
    }
    let old = &declared.custom;
    let cfg = core.cfg.with_custom(&plan.take_custom(), |group, name| {
        old.iter().any(|(g, _, n, _)| g == group && n == name)
    });
    let words = plan.take_words();
    let mut interned = core.interned.lock().unsealed();
    let previous = core.program();
    let program = {
        let mut names = core.names(&cfg, &words, &mut interned);
        plan.compile(&mut names, previous.as_deref(), core.traces())
    };
    drop(previous);
    if has_errors(plan.diagnostics()) {
        return Err(mistakes(plan.diagnostics(), &source));
    }
    interned.seal();
    *core.interned.lock() = interned;
    core.cfg.adopt(cfg);
    core.words.store(Arc::new(words));
    let number = core.install(program);
    let mut changed = changes.names;
    changed.extend(set_custom(&core.cfg, &declared, &new));
    for value in changes.core {
        let _ = core.cfg.set(&value.group, &value.name, &value.value);
    }
    changes.modules.into_iter().for_each(|apply| apply(core));
    *declared = new;
    drop(declared);
    if let Err(error) = core.tell_programmed() {
        core.log(Level::Error, &error.to_string());
    }
    let blocks = core.program().map_or(0, |program| program.routes().count());
    core.log(
        Level::Notice,
        &format!("program {number} with {blocks} blocks is in place"),
    );
    Ok(Reloaded {
        program: number,
        blocks,
        changed,
        warnings: lines(plan.diagnostics(), &source),
    })
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

fn lines(diagnostics: &[Diagnostic], source: &SourceMap) -> Vec<String> {
    let text = render_concise(diagnostics, source);
    text.lines().map(str::to_owned).collect()
}

fn mistakes(diagnostics: &[Diagnostic], source: &SourceMap) -> ReloadError {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let errors: Vec<Diagnostic> = errors.cloned().collect();
    ReloadError::Mistakes(lines(&errors, source))
}

/// What differs between the running configuration and the new one.
fn compare(core: &Core, old: &Declared, new: &Declared, settings: &Settings) -> Changes {
    let mut changes = Changes {
        restart: old.differing_modules(new),
        ..Changes::default()
    };
    if changes.restart.is_empty() {
        compare_modules(core, old, new, &mut changes);
    }
    let values = CfgVars::default();
    CoreCfg::declare(&values, settings);
    compare_core(core, &old.differing_core(new), &values, &mut changes);
    changes
}

fn compare_modules(core: &Core, old: &Declared, new: &Declared, changes: &mut Changes) {
    for ((module, before), (_, after)) in old.modules.iter().zip(&new.modules) {
        let mut changed = after.differing(before);
        let has_effect = |name: &&'static str| {
            let mut rows = module.params.iter();
            rows.any(|row| row.name == *name && row.status != Status::Noop)
        };
        changed.retain(has_effect);
        let Some(state) = core.modules.by_name(module.name) else {
            continue;
        };
        if changed.is_empty() {
            continue;
        }
        let change = Change {
            state,
            params: after,
            changed: &changed,
            table: module.params,
            cfg: &core.cfg,
        };
        let shown = |name: &&'static str| format!("parameter {name} of module {}", module.name);
        match (module.reconfigure)(&change) {
            Ok(apply) => {
                changes.names.extend(changed.iter().map(shown));
                changes.modules.push(apply);
            }
            Err(names) => {
                let names = names
                    .iter()
                    .map(|name| format!("{} has changed", shown(name)));
                changes.restart.extend(names);
            }
        }
    }
}

/// Core parameters that are run-time values change; others need a restart, unless they do nothing.
fn compare_core(core: &Core, differing: &[&'static str], values: &CfgVars, changes: &mut Changes) {
    for name in differing {
        let value = CORE_GROUPS.iter().find_map(|(group, prefix)| {
            let short = name.strip_prefix(prefix)?;
            if *group == "tcp" && !LIVE_STREAM_VALUES.contains(&short) {
                return None;
            }
            let running = core.cfg.find(group, short)?;
            let value = values.value(group, short)?;
            running.check(&value).ok()?;
            Some(CoreValue {
                group: (*group).to_owned(),
                name: short.to_owned(),
                value,
            })
        });
        let is_idle = core_params::find(name).is_some_and(|row| row.status == Status::Noop);
        match value {
            Some(value) => {
                changes.names.push((*name).to_owned());
                changes.core.push(value);
            }
            None if is_idle => {}
            None => changes
                .restart
                .push(format!("core parameter {name} has changed")),
        }
    }
}

/// Values of streams that are read at each use; the others are read when the server starts.
const LIVE_STREAM_VALUES: [&str; 3] = ["accept_aliases", "accept_no_cl", "crlf_ping"];

/// Groups of the core's run-time values, with what the names of core parameters have before.
const CORE_GROUPS: [(&str, &str); 2] = [("core", ""), ("tcp", "tcp_")];

/// Custom parameters whose text in the configuration has changed get their new value; what was set
/// at run time stays otherwise.
fn set_custom(cfg: &CfgVars, old: &Declared, new: &Declared) -> Vec<String> {
    let mut changed = Vec::new();
    let shown = |group: &str, instance: Option<u32>, name: &str| match instance {
        Some(id) => format!("{group}[{id}].{name}"),
        None => format!("{group}.{name}"),
    };
    for (group, instance, name, value) in &new.custom {
        if let Some(id) = instance {
            cfg.add_instance(group, *id);
        }
        if old.custom(group, *instance, name) != Some(value) {
            let (group, instance) = (group.as_str(), *instance);
            let _ = cfg.set_at(Place { group, instance }, name, value.clone());
            changed.push(shown(group, instance, name));
        }
    }
    for (group, instance, name, _) in &old.custom {
        if new.custom(group, *instance, name).is_none() {
            if let Some(id) = instance {
                let _ = cfg.unset(group, *id, name);
            }
            changed.push(shown(group, *instance, name));
        }
    }
    changed
}
