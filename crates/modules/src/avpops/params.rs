//! Parameters of avpops: all of them belong to its database functions.

use engine::module::{DefaultValue, Param, Status};

const fn column(name: &'static str, default: &'static str) -> Param {
    Param::text(
        name,
        Some(default),
        "A column of the AVP table, which only the database functions use.",
    )
    .with(Status::Noop)
}

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text(
        "db_url",
        None,
        "The database of the avp_db_* functions, which are not there: no connection is made.",
    )
    .with(Status::Noop),
    Param::text(
        "avp_table",
        None,
        "The table of AVPs, which only the database functions use.",
    )
    .with(Status::Noop),
    Param::int(
        "use_domain",
        0,
        "Whether AVPs in the database belong to users of a domain.",
    )
    .with(Status::Noop),
    column("uuid_column", "uuid"),
    column("username_column", "username"),
    column("domain_column", "domain"),
    column("attribute_column", "attribute"),
    column("value_column", "value"),
    column("type_column", "type"),
    Param::new(
        "db_scheme",
        DefaultValue::List,
        "Further tables that only the database functions use.",
    )
    .with(Status::Noop),
];
