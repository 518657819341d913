//! Variables: what queries found, and the machine's name.

use std::net::IpAddr;

use bytes::Bytes;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::module::{Inner, Variable};
use engine::services::{NaptrRecord, SrvRecord};
use engine::variable::{IndexValue, ParsedName, PvName, Readable};
use script::value::Value;

use super::host::HostName;
use super::queries::Answers;

/// All variables.
pub(super) static TABLE: &[Variable] = &[
    Variable::new(
        "HN",
        host_name,
        "The machine: `n` its name, `f` the same with its domain, `d` the domain, `i` its address.",
    )
    .named(Inner::OneOf(&["n", "f", "d", "i"])),
    Variable::new(
        "dns",
        read_dns,
        "What dns_query found: $dns(pvid=>addr[0]), type[0], count, ipv4, ipv6.",
    )
    .named(Inner::Parsed(|scope, text| {
        parse(scope, text, &["addr", "type", "ipv4", "ipv6", "count"])
    })),
    Variable::new(
        "naptrquery",
        read_naptr,
        "What naptr_query found: $naptrquery(pvid=>order[0]), pref, flags, services, regex, \
         replace, count.",
    )
    .named(Inner::Parsed(|scope, text| {
        let keys = &[
            "count", "order", "pref", "flags", "services", "regex", "replace",
        ];
        parse(scope, text, keys)
    })),
    Variable::new(
        "srvquery",
        read_srv,
        "What srv_query found: $srvquery(pvid=>target[0]), port, priority, weight, count.",
    )
    .named(Inner::Parsed(|scope, text| {
        parse(
            scope,
            text,
            &["count", "port", "priority", "target", "weight"],
        )
    })),
];

/// `pvid=>key[index]`.
struct Field {
    /// The name of the query.
    name: Bytes,
    key: &'static str,
    index: FieldIndex,
}

enum FieldIndex {
    At(i64),
    Variable(Readable),
}

fn parse(
    scope: &mut NameScope<'_, '_>,
    text: &str,
    keys: &[&'static str],
) -> Result<ParsedName, String> {
    let (name, field) = text
        .split_once("=>")
        .ok_or_else(|| format!("`{text}` is not of the form pvid=>key"))?;
    let field = field.trim();
    let (word, index) = match field.split_once('[') {
        None => (field, None),
        Some((word, rest)) => {
            let inside = rest
                .strip_suffix(']')
                .ok_or_else(|| format!("`{field}` has no closing bracket"))?;
            (word, Some(inside.trim()))
        }
    };
    let key = keys
        .iter()
        .copied()
        .find(|key| *key == word.trim())
        .ok_or_else(|| format!("`{word}` is none of {}", keys.join(", ")))?;
    let index = match index {
        None => FieldIndex::At(0),
        Some(variable) if variable.starts_with('$') => {
            FieldIndex::Variable(scope.variable(variable)?)
        }
        Some(number) => FieldIndex::At(
            number
                .parse()
                .map_err(|_| format!("`{number}` is no index"))?,
        ),
    };
    Ok(ParsedName::data(Field {
        name: Bytes::copy_from_slice(name.trim().as_bytes()),
        key,
        index,
    }))
}

impl Field {
    /// The record that is meant, of those found.
    fn pick<'r, T>(&self, index: i64, records: &'r [T]) -> Option<&'r T> {
        records.get(IndexValue::At(index).position(records.len())?)
    }

    fn index(&self, cx: &mut Context) -> i64 {
        match &self.index {
            FieldIndex::At(index) => *index,
            FieldIndex::Variable(variable) => i64::from(variable.read(cx).to_int()),
        }
    }
}

fn count(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

fn read_dns(cx: &mut Context, name: &PvName) -> Value {
    let Some(field) = name.data::<Field>() else {
        return Value::Null;
    };
    let index = field.index(cx);
    let found = cx.extensions.get::<Answers>();
    let Some(addresses) = found.and_then(|a| a.addresses.find(&field.name)) else {
        return Value::Null;
    };
    let has = |of_family: fn(&IpAddr) -> bool| Value::from(addresses.iter().any(of_family));
    match field.key {
        "count" => return count(addresses.len()),
        "ipv4" => return has(IpAddr::is_ipv4),
        "ipv6" => return has(IpAddr::is_ipv6),
        _ => {}
    }
    match (field.pick(index, addresses), field.key) {
        (None, _) => Value::Null,
        (Some(address), "addr") => Value::Str(address.to_string().into()),
        (Some(IpAddr::V4(_)), _) => Value::Int(4),
        (Some(IpAddr::V6(_)), _) => Value::Int(6),
    }
}

fn read_srv(cx: &mut Context, name: &PvName) -> Value {
    read_records(cx, name, |a| &a.servers, server_field)
}

fn server_field(srv: &SrvRecord, key: &str) -> Value {
    match key {
        "port" => Value::Int(srv.port.into()),
        "priority" => Value::Int(srv.priority.into()),
        "weight" => Value::Int(srv.weight.into()),
        _ => Value::Str(srv.target.clone()),
    }
}

fn read_naptr(cx: &mut Context, name: &PvName) -> Value {
    read_records(cx, name, |a| &a.services, service_field)
}

fn service_field(naptr: &NaptrRecord, key: &str) -> Value {
    match key {
        "order" => Value::Int(naptr.order.into()),
        "pref" => Value::Int(naptr.preference.into()),
        "flags" => Value::Str(naptr.flags.clone()),
        "services" => Value::Str(naptr.services.clone()),
        "regex" => Value::Str(naptr.regexp.clone()),
        _ => Value::Str(naptr.replacement.clone()),
    }
}

fn read_records<T>(
    cx: &mut Context,
    name: &PvName,
    kind: fn(&Answers) -> &super::queries::Named<T>,
    part: fn(&T, &str) -> Value,
) -> Value {
    let Some(field) = name.data::<Field>() else {
        return Value::Null;
    };
    let index = field.index(cx);
    let found = cx.extensions.get::<Answers>();
    // A query that was never made has no records.
    let records = found
        .and_then(|answers| kind(answers).find(&field.name))
        .unwrap_or_default();
    if field.key == "count" {
        return count(records.len());
    }
    field
        .pick(index, records)
        .map_or(Value::Null, |record| part(record, field.key))
}

fn host_name(_: &mut Context, name: &PvName) -> Value {
    let Some(host) = name.state::<HostName>() else {
        return Value::Null;
    };
    let text = match name.parsed.key {
        0 | 1 => host.name.get().cloned(),
        2 => host.domain().map(str::to_owned),
        _ => host.address.get().map(ToString::to_string),
    };
    text.map_or(Value::Null, |text| Value::Str(text.into()))
}
