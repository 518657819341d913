//! Module parameters.

use std::sync::Arc;

use engine::Setup;
use engine::module::{DefaultValue, InitError, Param, ParamText, Status};

use super::api::Htable;
use super::definition::Definition;
use super::table::Table;

const NO_DB: &str = "tables are not loaded from databases yet";
const NO_DMQ: &str = "there is no replication by DMQ yet";

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text("array_size_suffix", Some("::size"), NO_DB).with(Status::Noop),
    Param::int("db_expires", 0, NO_DB).with(Status::Noop),
    Param::text(
        "db_url",
        None,
        "Database that tables with dbtable are loaded from: refused when a table has one.",
    )
    .with(Status::Partial),
    Param::int("dmq_init_sync", 0, NO_DMQ).with(Status::Noop),
    Param::int(
        "enable_dmq",
        0,
        "Whether tables are replicated to other servers: refused when set.",
    )
    .with(Status::Partial),
    Param::text(
        "event_callback",
        None,
        "it names a function of an embedded language, and there is none",
    )
    .with(Status::Noop),
    Param::int(
        "event_callback_mode",
        0,
        "In which process event_route[htable:mod-init] runs; here there is one process.",
    ),
    Param::text("expires_column", Some("expires"), NO_DB).with(Status::Noop),
    Param::int("fetch_rows", 100, NO_DB).with(Status::Noop),
    Param::new(
        "htable",
        DefaultValue::List,
        "Defines a table: name=>size=8;autoexpire=300;initval=1;updateexpire=1.",
    )
    .at_once(),
    Param::text("key_name_column", Some("key_name"), NO_DB).with(Status::Noop),
    Param::text("key_type_column", Some("key_type"), NO_DB).with(Status::Noop),
    Param::text("key_value_column", Some("key_value"), NO_DB).with(Status::Noop),
    Param::int(
        "timer_interval",
        20,
        "Seconds between two looks for items that have ended.",
    ),
    Param::int(
        "timer_procs",
        0,
        "items end by deadline, so that no process of its own is needed",
    )
    .with(Status::Noop),
    Param::text("value_type_column", Some("value_type"), NO_DB).with(Status::Noop),
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
