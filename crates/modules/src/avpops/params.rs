//! Parameters of avpops: all of them belong to its database functions.

use engine::module::{DefaultValue, Param, Status};

const fn noop(name: &'static str, default: DefaultValue, doc: &'static str) -> Param {
    Param {
        name,
        default,
        doc,
        status: Status::Noop,
    }
}

const fn column(name: &'static str, default: &'static str) -> Param {
    noop(
        name,
        DefaultValue::Text(Some(default)),
        "A column of the AVP table, which only the database functions use.",
    )
}

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    noop(
        "db_url",
        DefaultValue::Text(None),
        "The database of the avp_db_* functions, which are not there: no connection is made.",
    ),
    noop(
        "avp_table",
        DefaultValue::Text(None),
        "The table of AVPs, which only the database functions use.",
    ),
    noop(
        "use_domain",
        DefaultValue::Int(0),
        "Whether AVPs in the database belong to users of a domain.",
    ),
    column("uuid_column", "uuid"),
    column("username_column", "username"),
    column("domain_column", "domain"),
    column("attribute_column", "attribute"),
    column("value_column", "value"),
    column("type_column", "type"),
    noop(
        "db_scheme",
        DefaultValue::List,
        "Further tables that only the database functions use.",
    ),
];
