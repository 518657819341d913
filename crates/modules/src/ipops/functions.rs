//! Script functions.

use std::net::IpAddr;

use bytes::Bytes;
use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Status, TRUE};
use engine::services::RecordKind;
use script::value::Value;

use super::address::{self, Form};
use super::kind;
use super::queries::{self, Answers};

const IP: &[Arg] = &[Arg::text("ip")];
const TWO_IPS: &[Arg] = &[Arg::text("ip1"), Arg::text("ip2")];
const IP_AND_RESULT: &[Arg] = &[Arg::text("ip"), Arg::variable("result")];
const HOST_AND_IP: &[Arg] = &[Arg::text("hostname"), Arg::text("ipaddr")];

/// The name cannot be looked up.
const NO_NAME: Outcome = Outcome::Return(-2);
/// A text that must be an address, or a name to store under, is none.
const NO_ADDRESS: Outcome = Outcome::Return(-3);
/// The name has no address.
const NOT_FOUND: Outcome = Outcome::Return(-4);

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::exact(
        "compare_ips",
        TWO_IPS,
        |cx, args| compare(cx, args, |text| address::read(text).map(|(a, _)| a)),
        "Whether two addresses are the same, IPv6 in brackets or not.",
    ),
    Function::exact(
        "compare_pure_ips",
        TWO_IPS,
        |cx, args| compare(cx, args, address::read_pure),
        "Whether two addresses without brackets are the same.",
    ),
    Function::exact(
        "detailed_ip_type",
        IP_AND_RESULT,
        |cx, args| detailed(cx, args, |_| true),
        "Stores what an address is for: PUBLIC, PRIVATE, LOOPBACK, MULTICAST, …",
    ),
    Function::exact(
        "detailed_ipv4_type",
        IP_AND_RESULT,
        |cx, args| detailed(cx, args, |form| form == Form::V4),
        "Stores what an IPv4 address is for.",
    ),
    Function::exact(
        "detailed_ipv6_type",
        IP_AND_RESULT,
        |cx, args| detailed(cx, args, |form| form != Form::V4),
        "Stores what an IPv6 address, in brackets or not, is for.",
    ),
    Function::exact(
        "dns_int_match_ip",
        HOST_AND_IP,
        match_relay,
        "Whether a host has an address, among those that relaying to it would try.",
    ),
    Function::exact(
        "dns_query",
        &[Arg::text("hostname"), Arg::text("pvid")],
        dns_query,
        "Looks up the addresses of a host, for $dns(pvid=>…); -4 when it has none.",
    ),
    Function::exact(
        "dns_set_local_ttl",
        &[Arg::int("vttl")],
        set_ttl,
        "Takes the number; the answers' own times to live are kept.",
    )
    .with(Status::Partial),
    Function::exact(
        "dns_sys_match_ip",
        HOST_AND_IP,
        match_any,
        "Whether a host has an address, among all of both families.",
    ),
    Function::exact(
        "ip_type",
        IP,
        |cx, args| match form(cx, args) {
            Some(Form::V4) => TRUE,
            Some(Form::V6) => Outcome::Return(2),
            Some(Form::V6Reference) => Outcome::Return(3),
            None => FALSE,
        },
        "Returns 1 for IPv4, 2 for IPv6, 3 for IPv6 in brackets.",
    ),
    Function::exact(
        "is_in_subnet",
        &[Arg::text("ip"), Arg::text("subnets_list")],
        |cx, args| {
            let (ip, list) = (args.text(cx, 0), args.text(cx, 1));
            truth(address::is_in_subnets(&ip, &list))
        },
        "Whether an address is in one of the networks of a list.",
    ),
    Function::exact(
        "is_ip",
        IP,
        |cx, args| truth(form(cx, args).is_some()),
        "Whether a text is an address.",
    ),
    Function::exact(
        "is_ip_rfc1918",
        IP,
        |cx, args| {
            let ip = args.text(cx, 0);
            let is_private = |(ip, _)| matches!(ip, IpAddr::V4(ip) if ip.is_private());
            truth(address::read(&ip).is_some_and(is_private))
        },
        "Whether a text is a private IPv4 address.",
    ),
    Function::exact(
        "is_ipv4",
        IP,
        |cx, args| truth(form(cx, args) == Some(Form::V4)),
        "Whether a text is an IPv4 address.",
    ),
    Function::exact(
        "is_ipv6",
        IP,
        |cx, args| truth(form(cx, args) == Some(Form::V6)),
        "Whether a text is an IPv6 address without brackets.",
    ),
    Function::exact(
        "is_ipv6_reference",
        IP,
        |cx, args| truth(form(cx, args) == Some(Form::V6Reference)),
        "Whether a text is an IPv6 address in brackets.",
    ),
    Function::exact(
        "is_pure_ip",
        IP,
        |cx, args| truth(matches!(form(cx, args), Some(Form::V4 | Form::V6))),
        "Whether a text is an address without brackets.",
    ),
    Function::exact(
        "naptr_query",
        &[Arg::text("domain"), Arg::text("pvid")],
        naptr_query,
        "Looks up the services of a domain, for $naptrquery(pvid=>…).",
    ),
    Function::exact(
        "srv_query",
        &[Arg::text("srvcname"), Arg::text("pvid")],
        srv_query,
        "Looks up the servers of a service, for $srvquery(pvid=>…).",
    ),
];

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

fn form(cx: &mut Context, args: &Args<'_>) -> Option<Form> {
    let text = args.text(cx, 0);
    address::read(&text).map(|(_, form)| form)
}

fn compare(cx: &mut Context, args: &Args<'_>, read: fn(&[u8]) -> Option<IpAddr>) -> Outcome {
    let (one, other) = (args.text(cx, 0), args.text(cx, 1));
    truth(read(&one).is_some() && read(&one) == read(&other))
}

fn detailed(cx: &mut Context, args: &Args<'_>, takes: fn(Form) -> bool) -> Outcome {
    let text = args.text(cx, 0);
    let Some((address, _)) = address::read(&text).filter(|(_, form)| takes(*form)) else {
        let shown = text.escape_ascii();
        let line = format!("`{shown}` is no such address");
        cx.log_bytes(Level::Error, None, "ipops", line.as_bytes());
        return FALSE;
    };
    let kind = Value::Str(Bytes::from_static(kind::of(address).as_bytes()));
    match args.variable(1) {
        Some(result) => truth(result.write(cx, kind)),
        None => FALSE,
    }
}

/// The address of the second argument, in brackets or not.
fn wanted(cx: &mut Context, args: &Args<'_>) -> Option<IpAddr> {
    let text = args.text(cx, 1);
    let found = address::read(&text).map(|(address, _)| address);
    if found.is_none() {
        let line = format!("`{}` is no address", text.escape_ascii());
        cx.log_bytes(Level::Error, None, "ipops", line.as_bytes());
    }
    found
}

fn match_any(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(wanted) = wanted(cx, args) else {
        return NO_ADDRESS;
    };
    let host = args.text(cx, 0);
    queries::ask_addresses(cx, host, move |_, found| judge(wanted, &found))
}

fn match_relay(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let Some(wanted) = wanted(cx, args) else {
        return NO_ADDRESS;
    };
    let host = args.text(cx, 0);
    queries::ask_addresses(cx, host, move |_, mut found| {
        // Relaying tries IPv4 where there is any.
        if found.iter().any(IpAddr::is_ipv4) {
            found.retain(IpAddr::is_ipv4);
        }
        judge(wanted, &found)
    })
}

fn judge(wanted: IpAddr, found: &[IpAddr]) -> Outcome {
    match found {
        [] => NOT_FOUND,
        found => truth(found.contains(&wanted)),
    }
}

fn dns_query(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (host, name) = (args.text(cx, 0), args.text(cx, 1));
    queries::ask_addresses(cx, host, move |cx, found| {
        let answers: &mut Answers = cx.extensions.get_or_default();
        if found.is_empty() {
            answers.addresses.forget(&name);
            return NOT_FOUND;
        }
        answers.addresses.keep(&name, found);
        TRUE
    })
}

/// The two names of a query, or the code that says which is missing.
fn names(cx: &mut Context, args: &Args<'_>) -> Result<(Bytes, Bytes), Outcome> {
    let (query, name) = (args.text(cx, 0), args.text(cx, 1));
    match (query.is_empty(), name.is_empty()) {
        (true, _) => Err(NO_NAME),
        (_, true) => Err(NO_ADDRESS),
        _ => Ok((query, name)),
    }
}

fn srv_query(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (query, name) = match names(cx, args) {
        Ok(names) => names,
        Err(code) => return code,
    };
    let finish = Box::new(move |cx: &mut Context, records| {
        let answers: &mut Answers = cx.extensions.get_or_default();
        answers.servers.keep(&name, queries::servers(records));
        TRUE
    });
    queries::ask(cx, query, RecordKind::Srv, finish)
}

fn naptr_query(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (query, name) = match names(cx, args) {
        Ok(names) => names,
        Err(code) => return code,
    };
    let finish = Box::new(move |cx: &mut Context, records| {
        let answers: &mut Answers = cx.extensions.get_or_default();
        answers.services.keep(&name, queries::services(records));
        TRUE
    });
    queries::ask(cx, query, RecordKind::Naptr, finish)
}

fn set_ttl(cx: &mut Context, args: &Args<'_>) -> Outcome {
    truth(args.int(cx, 0).is_some())
}
