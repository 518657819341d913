//! `ul.*` RPC methods, with the names and the order of Kamailio's answers.

use std::sync::Arc;

use bytes::Bytes;
use engine::module::Rpc;
use engine::rpc::{RpcCall, RpcFault, RpcResult, RpcValue};
use engine::socket::Proto;

use super::api::{Usrloc, unix_now};
use super::contact::{Contact, ContactInfo, UnixTime};
use super::domain::Domain;
use super::shard::Record;

/// The rows.
pub(super) static TABLE: &[Rpc] = &[
    Rpc {
        name: "ul.dump",
        doc: "Shows all tables. With the argument `brief` only the addresses of record.",
        run: dump,
    },
    Rpc {
        name: "ul.lookup",
        doc: "Shows the contacts of an address of record: table, AoR.",
        run: lookup,
    },
    Rpc {
        name: "ul.rm",
        doc: "Removes an address of record with all contacts: table, AoR.",
        run: remove,
    },
    Rpc {
        name: "ul.rm_contact",
        doc: "Removes one contact: table, AoR, contact URI.",
        run: remove_contact,
    },
    Rpc {
        name: "ul.flush",
        doc: "Writes what is only in memory to the database; without a database there is nothing to do.",
        run: flush,
    },
    Rpc {
        name: "ul.add",
        doc: "Adds or changes a contact: table, AoR, contact URI, seconds (0 never expires), q, path, flags, branch flags, methods and, if wanted, received URI and socket.",
        run: add,
    },
    Rpc {
        name: "ul.db_users",
        doc: "Counts the users in the database.",
        run: no_database,
    },
    Rpc {
        name: "ul.db_contacts",
        doc: "Counts the contacts in the database.",
        run: no_database,
    },
    Rpc {
        name: "ul.db_expired_contacts",
        doc: "Counts the expired contacts in the database.",
        run: no_database,
    },
];

/// What Kamailio gives contacts made by RPC.
const CALL_ID: &[u8] = b"dfjrewr12386fd6-343@kamailio.rpc";
const CSEQ: u32 = 1;
const USER_AGENT: &[u8] = b"kamailio SIP Router - RPC Server";

fn named(name: &str, value: RpcValue) -> (String, RpcValue) {
    (name.to_owned(), value)
}

fn dump(call: &RpcCall<'_>) -> RpcResult {
    let usrloc = call.state::<Usrloc>()?;
    let brief = call.text(0).is_some_and(|t| &*t == b"brief");
    let now = unix_now(call.core);
    let domains = usrloc.domains();
    let shown = domains
        .iter()
        .map(|d| RpcValue::Struct(vec![named("Domain", show_domain(call, d, brief, now))]))
        .collect();
    let answer = vec![named("Domains", RpcValue::List(shown))];
    Ok(vec![RpcValue::Struct(answer)])
}

fn show_domain(call: &RpcCall<'_>, domain: &Domain, brief: bool, now: UnixTime) -> RpcValue {
    let mut aors = Vec::new();
    let mut longest = 0;
    domain.each_slot(|records, count| {
        longest = longest.max(count);
        for record in records {
            let shown = if brief {
                named("AoR", show_aor(&record.aor))
            } else {
                named("Info", show_record(call, record, now))
            };
            aors.push(RpcValue::Struct(vec![shown]));
        }
    });
    let stats = vec![
        named("Records", RpcValue::Int(aors.len() as i64)),
        named("Max-Slots", RpcValue::Int(longest as i64)),
    ];
    RpcValue::Struct(vec![
        named("Domain", RpcValue::Text(domain.name().clone())),
        named("Size", RpcValue::Int(domain.size() as i64)),
        named("AoRs", RpcValue::List(aors)),
        named("Stats", RpcValue::Struct(stats)),
    ])
}

fn show_aor(aor: &[u8]) -> RpcValue {
    RpcValue::Text(Bytes::copy_from_slice(aor))
}

fn show_record(call: &RpcCall<'_>, record: &Record, now: UnixTime) -> RpcValue {
    RpcValue::Struct(vec![
        named("AoR", show_aor(&record.aor)),
        named("HashID", RpcValue::Int(i64::from(record.aor_hash))),
        named("Contacts", show_contacts(call, &record.contacts, now)),
    ])
}

fn show_contacts(call: &RpcCall<'_>, contacts: &[Contact], now: UnixTime) -> RpcValue {
    let shown = contacts
        .iter()
        .map(|c| RpcValue::Struct(vec![named("Contact", show_contact(call, c, now))]));
    RpcValue::List(shown.collect())
}

fn show_contact(call: &RpcCall<'_>, contact: &Contact, now: UnixTime) -> RpcValue {
    let number = |n: u32| RpcValue::Int(i64::from(n));
    let or_not_set = |text: Bytes| match &*text {
        b"" => RpcValue::from("[not set]"),
        _ => RpcValue::Text(text),
    };
    let expires = match contact.expires {
        0 => RpcValue::from("permanent"),
        t if t > now => number(t - now),
        _ => RpcValue::from("expired"),
    };
    let user_agent = match contact.user_agent() {
        t if t.is_empty() => Bytes::from_static(b"n/a"),
        t => t,
    };
    let socket = contact.socket.and_then(|id| call.core.sockets.by_id(id));
    let connection = contact.connection.map_or(-1, |c| c.0 as i64);
    RpcValue::Struct(vec![
        named("Address", RpcValue::Text(contact.uri())),
        named("Expires", expires),
        named("Q", show_q(contact.q)),
        named("Call-ID", RpcValue::Text(contact.call_id())),
        named("CSeq", number(contact.cseq)),
        named("User-Agent", RpcValue::Text(user_agent)),
        named("Received", or_not_set(contact.received())),
        named("Path", or_not_set(contact.path())),
        // The state towards a database, which memory-only contacts never leave.
        named("State", RpcValue::from("CS_NEW")),
        named("Flags", number(contact.flags)),
        named("CFlags", number(contact.branch_flags)),
        named(
            "Socket",
            or_not_set(socket.map_or(Bytes::new(), |s| s.text.clone())),
        ),
        named("Methods", number(contact.methods)),
        named("Ruid", or_not_set(contact.ruid())),
        named("Instance", or_not_set(contact.instance())),
        named("Reg-Id", number(contact.reg_id)),
        named("Server-Id", number(contact.server_id)),
        named("Tcpconn-Id", RpcValue::Int(connection)),
        named("Keepalive", RpcValue::Int(0)),
        named("Last-Keepalive", number(contact.last_keepalive)),
        named("KA-Roundtrip", number(contact.keepalive_roundtrip)),
        named("Last-Modified", number(contact.last_modified)),
    ])
}

/// Whole numbers are shown without decimals.
fn show_q(q: Option<u16>) -> RpcValue {
    match q {
        None => RpcValue::Int(-1),
        Some(q) if q % 1000 == 0 => RpcValue::Int(i64::from(q / 1000)),
        Some(q) => RpcValue::Double(f64::from(q) / 1000.0),
    }
}

/// The AoR of an argument: in lower case, without its domain unless `use_domain` is set.
fn fix_aor(usrloc: &Usrloc, text: &[u8]) -> Result<Vec<u8>, RpcFault> {
    let aor = text.to_ascii_lowercase();
    match aor.iter().position(|c| *c == b'@') {
        Some(at) if !usrloc.options.use_domain => Ok(aor[..at].to_vec()),
        None if usrloc.options.use_domain => Err(RpcFault::new(500, "Domain missing in AOR")),
        _ => Ok(aor),
    }
}

fn table(usrloc: &Usrloc, name: &[u8]) -> Result<Arc<Domain>, RpcFault> {
    usrloc
        .find(name)
        .ok_or_else(|| RpcFault::new(500, "Domain table not found"))
}

fn lookup(call: &RpcCall<'_>) -> RpcResult {
    let usrloc = call.state::<Usrloc>()?;
    let (Some(name), Some(aor)) = (call.text(0), call.text(1)) else {
        return Err(RpcFault::new(
            500,
            "Not enough parameters (table and AOR to lookup)",
        ));
    };
    let domain = table(usrloc, &name)?;
    let aor = fix_aor(usrloc, &aor)?;
    let record = domain.lock(&aor);
    if !record.exists() {
        return Err(RpcFault::new(500, "AOR not found in location table"));
    }
    let now = unix_now(call.core);
    let valid: Vec<Contact> = record
        .contacts()
        .iter()
        .filter(|c| c.is_valid(now))
        .cloned()
        .collect();
    drop(record);
    if valid.is_empty() {
        return Err(RpcFault::new(500, "AOR has no contacts"));
    }
    let contacts = show_contacts(call, &valid, now);
    Ok(vec![RpcValue::Struct(vec![
        named("AoR", show_aor(&aor)),
        named("Contacts", contacts),
    ])])
}

fn remove(call: &RpcCall<'_>) -> RpcResult {
    let usrloc = call.state::<Usrloc>()?;
    let (Some(name), Some(aor)) = (call.text(0), call.text(1)) else {
        return Err(RpcFault::new(
            500,
            "Not enough parameters (table and AOR to lookup)",
        ));
    };
    let domain = table(usrloc, &name)?;
    let aor = fix_aor(usrloc, &aor)?;
    domain.lock(&aor).remove_where(|_| true);
    Ok(Vec::new())
}

fn remove_contact(call: &RpcCall<'_>) -> RpcResult {
    let usrloc = call.state::<Usrloc>()?;
    let (Some(name), Some(aor), Some(uri)) = (call.text(0), call.text(1), call.text(2)) else {
        return Err(RpcFault::new(
            500,
            "Not enough parameters (table, AOR and contact)",
        ));
    };
    let domain = table(usrloc, &name)?;
    let aor = fix_aor(usrloc, &aor)?;
    let mut record = domain.lock(&aor);
    if !record.exists() {
        return Err(RpcFault::new(404, "AOR not found"));
    }
    let position = record.contacts().iter().position(|c| c.uri_bytes() == uri);
    match position {
        Some(position) => record.remove(position),
        None => return Err(RpcFault::new(404, "Contact not found")),
    }
    Ok(Vec::new())
}

fn flush(_call: &RpcCall<'_>) -> RpcResult {
    Ok(Vec::new())
}

fn no_database(_call: &RpcCall<'_>) -> RpcResult {
    Err(RpcFault::new(500, "Command is not supported in db_mode=0"))
}

fn add(call: &RpcCall<'_>) -> RpcResult {
    let usrloc = call.state::<Usrloc>()?;
    let wrong = || RpcFault::new(500, "Not enough parameters or wrong format");
    let text = |i| call.want_text(i).map_err(|_| wrong());
    let number = |i| {
        let number = call.want_int(i).ok();
        number.and_then(|n| u32::try_from(n).ok()).ok_or_else(wrong)
    };
    let (name, aor, uri) = (text(0)?, text(1)?, text(2)?);
    let seconds = number(3)?;
    let q = thousandths(call.args.get(4)).ok_or_else(wrong)?;
    let path = unless_dot(text(5)?);
    let (flags, branch_flags, methods) = (number(6)?, number(7)?, number(8)?);
    let received = call.text(9).map(unless_dot).unwrap_or_default();
    let socket = call.text(10).and_then(|t| find_socket(call, &t));
    let domain = table(usrloc, &name)?;
    let aor = fix_aor(usrloc, &aor)?;
    let now = unix_now(call.core);
    let ruid = usrloc.new_ruid_with("ulcx");
    let info = ContactInfo {
        uri: &uri,
        call_id: CALL_ID,
        user_agent: USER_AGENT,
        received: &received,
        path: &path,
        ruid: ruid.as_bytes(),
        expires: if seconds == 0 {
            0
        } else {
            now.saturating_add(seconds)
        },
        cseq: CSEQ,
        q,
        flags,
        branch_flags,
        methods,
        socket,
        ..ContactInfo::default()
    };
    let mut record = domain.lock(&aor);
    let position = record.contacts().iter().position(|c| c.uri_bytes() == uri);
    match position {
        Some(position) => record.update(position, &info),
        None => record.insert(&info),
    }
    Ok(Vec::new())
}

/// A text argument; operators write a dot for one that is not set.
fn unless_dot(text: Bytes) -> Bytes {
    if text.as_ref() == b"." {
        Bytes::new()
    } else {
        text
    }
}

/// A q as number or text; below zero there is none.
fn thousandths(value: Option<&RpcValue>) -> Option<Option<u16>> {
    let q = match value? {
        RpcValue::Int(n) => *n as f64,
        RpcValue::Double(q) => *q,
        RpcValue::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok()?,
        _ => return None,
    };
    if !q.is_finite() || q > 60.0 {
        return None;
    }
    Some((q >= 0.0).then_some((q * 1000.0).round() as u16))
}

/// The listening socket written as `udp:127.0.0.1:5060`.
fn find_socket(call: &RpcCall<'_>, text: &[u8]) -> Option<engine::socket::SocketId> {
    super::socket_text::parse(text).and_then(|(proto, host, port): (Option<Proto>, &[u8], _)| {
        call.core.sockets.find(host, port, proto).map(|s| s.id)
    })
}
