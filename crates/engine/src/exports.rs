//! What this server knows, from the same tables that the loader uses: `ferrosip --exports`.

use std::fmt::Write;

use script::lexer::KEYWORDS;
use script::preprocess::DIRECTIVES;

use crate::core_functions;
use crate::core_params;
use crate::load::Library;
use crate::module::Module;
use crate::select;

/// One row of `--exports`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Export {
    /// `cli`, `directive`, `keyword`, `core-param`, `core-function`, `module`, `function`,
    /// `param`, `pv`, `transformation`, `select`, `route`, `event-route`, `rpc` or `stat`.
    pub kind: &'static str,
    /// The module it belongs to; empty for the core.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments.
    pub max: usize,
    /// `full`, `partial` or `noop`.
    pub status: &'static str,
}

impl Export {
    fn new(kind: &'static str, module: &str, name: &str, status: &'static str) -> Self {
        Self {
            kind,
            module: module.to_owned(),
            name: name.to_owned(),
            min: 0,
            max: 0,
            status,
        }
    }
}

/// Everything that the language, the engine and the modules of a library have.
#[must_use]
pub fn rows(library: Library) -> Vec<Export> {
    let mut rows = Vec::new();
    for d in DIRECTIVES {
        for name in std::iter::once(&d.name).chain(d.aliases) {
            rows.push(Export::new("directive", "", name, d.status.as_str()));
        }
    }
    for k in KEYWORDS {
        for name in std::iter::once(&k.name).chain(k.aliases) {
            rows.push(Export::new("keyword", "", name, k.status.as_str()));
        }
    }
    for param in core_params::TABLE {
        for name in std::iter::once(&param.name).chain(param.aliases) {
            rows.push(Export::new("core-param", "", name, param.status.as_str()));
        }
    }
    for f in core_functions::TABLE {
        rows.push(Export {
            min: f.required,
            max: f.args.len(),
            ..Export::new("core-function", "", f.name, f.status.as_str())
        });
    }
    // Statements and operators of the language that Kamailio's documents list as functions.
    for (name, min, max) in [
        ("break", 0, 0),
        ("drop", 0, 1),
        ("exit", 0, 1),
        ("return", 0, 1),
        ("route", 1, 1),
        ("selval", 3, 3),
    ] {
        rows.push(Export {
            min,
            max,
            ..Export::new("core-function", "", name, "full")
        });
    }
    for table in library.transformations {
        for t in *table {
            let name = format!("{}.{}", t.class, t.name);
            rows.push(Export {
                min: t.min,
                max: t.max,
                ..Export::new("transformation", "", &name, t.status.as_str())
            });
        }
    }
    for name in select::names::core() {
        rows.push(Export::new("select", "", name, "full"));
    }
    for name in select::names::nowhere() {
        rows.push(Export::new("select", "", &name, "noop"));
    }
    for module in library.builtin.iter().chain(library.modules) {
        module_rows(module, &mut rows);
    }
    rows
}

fn module_rows(module: &Module, rows: &mut Vec<Export>) {
    rows.push(Export::new("module", "", module.name, "full"));
    for f in module.functions {
        rows.push(Export {
            min: f.required,
            max: f.args.len(),
            ..Export::new("function", module.name, f.name, f.status.as_str())
        });
    }
    for p in module.params {
        rows.push(Export::new("param", module.name, p.name, p.status.as_str()));
    }
    for v in module.variables {
        rows.push(Export::new("pv", module.name, v.name, v.status.as_str()));
    }
    for s in module.selects {
        for name in select::names::all(s.paths) {
            rows.push(Export::new("select", module.name, &name, s.status.as_str()));
        }
    }
    for r in module.rpcs {
        rows.push(Export::new("rpc", module.name, r.name, "full"));
    }
    for s in module.statistics {
        rows.push(Export::new(
            "stat",
            module.name,
            &format!("{}:{}", s.group, s.name),
            "full",
        ));
    }
    for e in module.event_routes {
        rows.push(Export::new("event-route", module.name, e.name, "full"));
    }
}

/// Rows as tab-separated lines.
#[must_use]
pub fn to_tsv(rows: &[Export]) -> String {
    let mut out = String::new();
    for r in rows {
        let _ = writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}",
            r.kind, r.module, r.name, r.min, r.max, r.status
        );
    }
    out
}
