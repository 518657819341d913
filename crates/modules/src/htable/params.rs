//! Module parameters.

use std::sync::Arc;

use engine::Setup;
use engine::module::{DefaultValue, InitError, Param, ParamText, Status};

use super::api::Htable;
use super::definition::Definition;
use super::table::Table;

const fn row(name: &'static str, default: DefaultValue, doc: &'static str) -> Param {
    Param {
        name,
        default,
        doc,
        status: Status::Full,
    }
}

const fn noop(name: &'static str, default: DefaultValue, doc: &'static str) -> Param {
    Param {
        name,
        default,
        doc,
        status: Status::Noop,
    }
}

const NO_DB: &str = "tables are not loaded from databases yet";
const NO_DMQ: &str = "there is no replication by DMQ yet";

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    noop(
        "array_size_suffix",
        DefaultValue::Text(Some("::size")),
        NO_DB,
    ),
    noop("db_expires", DefaultValue::Int(0), NO_DB),
    Param {
        status: Status::Partial,
        ..row(
            "db_url",
            DefaultValue::Text(None),
            "Database that tables with dbtable are loaded from: refused when a table has one.",
        )
    },
    noop("dmq_init_sync", DefaultValue::Int(0), NO_DMQ),
    Param {
        status: Status::Partial,
        ..row(
            "enable_dmq",
            DefaultValue::Int(0),
            "Whether tables are replicated to other servers: refused when set.",
        )
    },
    noop(
        "event_callback",
        DefaultValue::Text(None),
        "it names a function of an embedded language, and there is none",
    ),
    row(
        "event_callback_mode",
        DefaultValue::Int(0),
        "In which process event_route[htable:mod-init] runs; here there is one process.",
    ),
    noop("expires_column", DefaultValue::Text(Some("expires")), NO_DB),
    noop("fetch_rows", DefaultValue::Int(100), NO_DB),
    row(
        "htable",
        DefaultValue::List,
        "Defines a table: name=>size=8;autoexpire=300;initval=1;updateexpire=1.",
    ),
    noop(
        "key_name_column",
        DefaultValue::Text(Some("key_name")),
        NO_DB,
    ),
    noop(
        "key_type_column",
        DefaultValue::Text(Some("key_type")),
        NO_DB,
    ),
    noop(
        "key_value_column",
        DefaultValue::Text(Some("key_value")),
        NO_DB,
    ),
    row(
        "timer_interval",
        DefaultValue::Int(20),
        "Seconds between two looks for items that have ended.",
    ),
    noop(
        "timer_procs",
        DefaultValue::Int(0),
        "items end by deadline, so that no process of its own is needed",
    ),
    noop(
        "value_type_column",
        DefaultValue::Text(Some("value_type")),
        NO_DB,
    ),
];

/// Makes the tables.
///
/// # Errors
/// A definition is broken, or asks for what is not there yet.
pub(super) fn init(setup: &mut Setup<'_>) -> Result<Htable, InitError> {
    if setup.params.int("enable_dmq") != 0 {
        return Err(InitError::of_param("enable_dmq", NO_DMQ));
    }
    let has_database = setup
        .params
        .text("db_url")
        .is_some_and(|url| !url.is_empty());
    let mut tables: Vec<Arc<Table>> = Vec::new();
    for value in setup.params.list("htable") {
        let ParamText::Text(text) = value else {
            continue;
        };
        let definition =
            Definition::parse(text).map_err(|e| InitError::of_param("htable", e.to_string()))?;
        if has_database && !definition.db_table.is_empty() {
            return Err(InitError::of_param("db_url", NO_DB));
        }
        if tables.iter().any(|t| t.definition.name == definition.name) {
            let name = String::from_utf8_lossy(&definition.name);
            return Err(InitError::of_param(
                "htable",
                format!("the table {name} is defined twice"),
            ));
        }
        let table = Table::new(definition, || setup.services.random.next());
        tables.insert(0, Arc::new(table));
    }
    let seconds = u64::try_from(setup.params.int("timer_interval"))
        .ok()
        .filter(|s| *s > 0)
        .unwrap_or(20);
    Ok(Htable::new(tables, seconds.saturating_mul(1000)))
}
