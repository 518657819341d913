//! Parameters of the core and of modules: values of each kind.

use super::{Export, Row, Table};

/// Values of core parameters, behind the name.
const CORE_VALUES: [(&str, &str); 26] = [
    ("number", "=5"),
    ("zero", "=0"),
    ("negative", "=-5"),
    ("large", "=70000"),
    ("huge", "=99999999999"),
    ("hex", "=0x10"),
    ("quoted", "=\"abc\""),
    ("quoted-number", "=\"5\""),
    ("quoted-host", "=\"a.example.com\""),
    ("empty", "=\"\""),
    ("word", "=foo"),
    ("host", "=a.example.com"),
    ("ip", "=127.0.0.1"),
    ("ip6", "=[::1]"),
    ("socket", "=udp:127.0.48.1:5070"),
    ("yes", "=yes"),
    ("no", "=no"),
    ("on", "=on"),
    ("off", "=off"),
    ("list", "=a, b"),
    ("sum", "=1 + 2"),
    ("variable", "=$var(x)"),
    ("protocol", "=TCP"),
    ("semicolon", "=5;"),
    ("missing", "="),
    ("alone", ""),
];

/// Names that documents list and the grammar does not know, and one that nobody knows.
const UNKNOWN: [&str; 5] = [
    "nosuchparam",
    "sctp_assoc_tracking",
    "sctp_autoclose",
    "statistics",
    "tls_nosuch",
];

/// Every core parameter with every kind of value.
#[must_use]
pub fn core(exports: &[Export]) -> Table {
    let names = exports.iter().filter(|row| row.kind == "core-param");
    let names = names.map(|row| row.name.as_str()).chain(UNKNOWN);
    let rows = names.map(|name| Row {
        name: name.to_owned(),
        cells: CORE_VALUES
            .iter()
            .map(|(_, value)| Some(format!("{name}{value}")))
            .collect(),
    });
    Table {
        name: "core-params",
        columns: CORE_VALUES.map(|(name, _)| name).to_vec(),
        together: 1,
        rows: rows.collect(),
    }
}

/// Values of module parameters.
const MODULE_VALUES: [(&str, &str); 13] = [
    ("number", ", 1"),
    ("negative", ", -1"),
    ("huge", ", 99999999999"),
    ("quoted", ", \"abc\""),
    ("quoted-number", ", \"1\""),
    ("empty", ", \"\""),
    ("avp", ", \"$avp(x)\""),
    ("definition", ", \"a=>b\""),
    ("word", ", abc"),
    ("yes", ", yes"),
    ("variable", ", $var(x)"),
    ("sum", ", 1 + 2"),
    ("missing", ""),
];

/// Every parameter of every module, and one that it does not have.
#[must_use]
pub fn modules(exports: &[Export]) -> Table {
    let params = exports.iter().filter(|row| row.kind == "param");
    let params = params.map(|row| (row.module.as_str(), row.name.as_str()));
    let modules = exports
        .iter()
        .filter(|row| row.kind == "module" && row.name != "core");
    let unknown = modules.map(|row| (row.name.as_str(), "nosuchparam"));
    let rows = params.chain(unknown).map(|(module, name)| Row {
        name: format!("{module} {name}"),
        cells: MODULE_VALUES
            .iter()
            .map(|(_, value)| Some(format!("modparam(\"{module}\", \"{name}\"{value})")))
            .collect(),
    });
    Table {
        name: "modparams",
        columns: MODULE_VALUES.map(|(name, _)| name).to_vec(),
        together: 1,
        rows: rows.collect(),
    }
}
