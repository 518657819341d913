//! Serial forking by preference (`t_load_contacts`, `t_next_contacts`, `t_next_contact_flow`): the
//! destination set is kept in XAVPs, so that it survives until a failure route asks for more.

use bytes::Bytes;
use engine::Context;
use engine::context::{Branch, Registration, Xavp, XavpValue};
use engine::socket::SocketId;
use script::value::Value;

/// How destinations are ordered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// By q; those of equal q go out together.
    Preference,
    /// By chance, in proportion to q, one after the other.
    Weight,
}

/// What came of asking for the next destinations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// They are in the destination set.
    Set,
    /// There are none left.
    None,
}

/// A destination in store.
#[derive(Clone, Debug, PartialEq)]
struct Contact {
    branch: Branch,
    /// The first of those that go out together.
    begins_group: bool,
    /// What the registrar knows of it (`xavp_contact`).
    attributes: Option<Xavp>,
}

/// Moves the destination set into the store; a single destination stays where it is.
/// `with_main`: the request URI is one of them.
pub(crate) fn load(
    cx: &mut Context,
    store: &Bytes,
    attributes: Option<&Bytes>,
    order: Order,
    with_main: bool,
) {
    if usize::from(with_main) + cx.branches.len() < 2 {
        return;
    }
    let main = with_main.then(|| Branch {
        uri: Some(cx.request_uri()),
        ..cx.target.clone()
    });
    let mut all: Vec<Branch> = main.into_iter().collect();
    all.extend(cx.branches.take());
    let mut kept = attributes.map_or_else(Vec::new, |name| {
        let mut avps = cx.avps.write();
        let (kept, others) = std::mem::take(&mut avps.xavps)
            .into_iter()
            .partition(|xavp| xavp.name == name);
        avps.xavps = others;
        kept
    });
    kept.reverse();
    let all = all.into_iter().map(|branch| Contact {
        branch,
        begins_group: true,
        attributes: kept.pop(),
    });
    let all = all.collect();
    let contacts = match order {
        Order::Preference => by_preference(all),
        Order::Weight => {
            let random = &cx.core.services.random;
            by_weight(all, |bound| random.next() % bound)
        }
    };
    let mut avps = cx.avps.write();
    for contact in contacts.iter().rev() {
        avps.xavps.insert(0, encode(store, contact));
    }
}

/// Puts the best destinations in store into the destination set. Of those with one instance only the
/// first goes out; the others are its further flows.
pub(crate) fn next(
    cx: &mut Context,
    store: &Bytes,
    flows: &Bytes,
    attributes: Option<&Bytes>,
) -> Next {
    let group = take_group(cx, store, attributes);
    let mut known = Vec::new();
    let mut chosen: Vec<Branch> = Vec::with_capacity(group.len());
    for contact in group {
        let instance = &contact.branch.registration().instance;
        let is_known = instance.is_some()
            && chosen
                .iter()
                .any(|c| c.registration().instance == *instance);
        if is_known {
            cx.avps.write().xavps.push(encode(flows, &contact));
        } else {
            chosen.push(contact.branch);
            known.extend(contact.attributes);
        }
    }
    if !known.is_empty() {
        cx.avps.write().xavps.splice(0..0, known);
    }
    let mut chosen = chosen.into_iter();
    let Some(first) = chosen.next() else {
        return Next::None;
    };
    cx.target = first;
    cx.target_set = true;
    cx.branches.clear();
    for branch in chosen {
        // The set held them before.
        cx.branches.push(branch);
    }
    Next::Set
}

/// Makes the next flow of the failed branch's instance the destination.
pub(crate) fn next_flow(cx: &mut Context, flows: &Bytes) -> Next {
    let Some(instance) = cx.target.registration().instance.clone() else {
        return Next::None;
    };
    let mut avps = cx.avps.write();
    let found = avps.xavps.iter().position(|xavp| {
        xavp.name == flows
            && decode(xavp)
                .is_some_and(|c| c.branch.registration().instance.as_ref() == Some(&instance))
    });
    let contact = found.and_then(|index| decode(&avps.xavps.remove(index)));
    drop(avps);
    match contact {
        Some(contact) => {
            cx.target = contact.branch;
            cx.target_set = true;
            Next::Set
        }
        None => Next::None,
    }
}

fn take_group(cx: &mut Context, store: &Bytes, attributes: Option<&Bytes>) -> Vec<Contact> {
    let mut group: Vec<Contact> = Vec::new();
    let mut avps = cx.avps.write();
    while let Some(index) = avps.xavps.iter().position(|xavp| xavp.name == store) {
        let Some(mut contact) = decode(&avps.xavps[index]) else {
            // Something that the script put there.
            avps.xavps.remove(index);
            continue;
        };
        if contact.begins_group && !group.is_empty() {
            break;
        }
        let taken = avps.xavps.remove(index);
        contact.attributes = attributes.and_then(|name| attributes_of(taken, name));
        group.push(contact);
    }
    group
}

fn attributes_of(stored: Xavp, name: &Bytes) -> Option<Xavp> {
    match stored.value {
        XavpValue::List(fields) => fields.into_iter().find(|field| field.name == name),
        XavpValue::Plain(_) => None,
    }
}

/// Highest q first; of equals, the one that was added last, as Kamailio has it.
fn by_preference(mut all: Vec<Contact>) -> Vec<Contact> {
    all.reverse();
    all.sort_by_key(|contact| std::cmp::Reverse(contact.branch.q));
    let mut before = None;
    for contact in &mut all {
        contact.begins_group = before != Some(contact.branch.q);
        before = Some(contact.branch.q);
    }
    all
}

/// Drawn one after the other in proportion to q; those of q 0 or none come last.
fn by_weight(all: Vec<Contact>, mut below: impl FnMut(u64) -> u64) -> Vec<Contact> {
    let weight = |contact: &Contact| u64::from(contact.branch.q.unwrap_or(0));
    let (mut weighted, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|c| weight(c) > 0);
    let mut ordered = Vec::with_capacity(weighted.len() + rest.len());
    while !weighted.is_empty() {
        let total: u64 = weighted.iter().map(weight).sum();
        let mut drawn = below(total.max(1));
        let index = weighted.iter().position(|contact| {
            let is_it = drawn < weight(contact);
            drawn = drawn.saturating_sub(weight(contact));
            is_it
        });
        ordered.push(weighted.remove(index.unwrap_or(0)));
    }
    ordered.extend(rest);
    ordered
}

fn encode(store: &Bytes, contact: &Contact) -> Xavp {
    let branch = &contact.branch;
    let mut fields = Vec::with_capacity(8);
    let mut put = |name: &'static str, value: Value| {
        fields.push(Xavp {
            name: Bytes::from_static(name.as_bytes()),
            value: XavpValue::Plain(value),
        });
    };
    let texts = [
        ("uri", &branch.uri),
        ("dst_uri", &branch.dst_uri),
        ("path", &branch.path),
        ("instance", &branch.registration().instance),
        ("ruid", &branch.registration().ruid),
        ("location_ua", &branch.registration().user_agent),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            put(name, Value::Str(text.clone()));
        }
    }
    if let Some(SocketId(socket)) = branch.socket {
        put("sock", Value::Int(i64::from(socket)));
    }
    if let Some(q) = branch.q {
        put("q", Value::Int(i64::from(q)));
    }
    put("flags", Value::Int(i64::from(branch.flags)));
    put(
        "reg_id",
        Value::Int(i64::from(branch.registration().reg_id)),
    );
    put("q_flag", Value::Int(i64::from(contact.begins_group)));
    fields.extend(contact.attributes.clone());
    Xavp {
        name: store.clone(),
        value: XavpValue::List(fields),
    }
}

fn decode(xavp: &Xavp) -> Option<Contact> {
    let XavpValue::List(fields) = &xavp.value else {
        return None;
    };
    let value = |name: &str| {
        fields.iter().find_map(|field| match &field.value {
            XavpValue::Plain(value) if field.name == name => Some(value),
            _ => None,
        })
    };
    let text = |name: &str| match value(name) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let int = |name: &str| match value(name) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    let branch = Branch {
        uri: Some(text("uri")?),
        dst_uri: text("dst_uri"),
        path: text("path"),
        socket: int("sock").and_then(|n| n.try_into().ok()).map(SocketId),
        q: int("q").and_then(|n| n.try_into().ok()),
        flags: int("flags").and_then(|n| n.try_into().ok()).unwrap_or(0),
        ..Branch::default()
    }
    .registered(Registration {
        instance: text("instance"),
        ruid: text("ruid"),
        user_agent: text("location_ua"),
        reg_id: int("reg_id").and_then(|n| n.try_into().ok()).unwrap_or(0),
    });
    Some(Contact {
        branch,
        begins_group: int("q_flag") == Some(1),
        attributes: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(uri: &'static str, q: Option<u16>) -> Branch {
        Branch {
            uri: Some(uri.into()),
            q,
            ..Branch::default()
        }
    }

    fn contact(uri: &'static str, q: Option<u16>) -> Contact {
        Contact {
            branch: branch(uri, q),
            begins_group: true,
            attributes: None,
        }
    }

    /// The URIs in order; `+` marks those that go out with the one before.
    fn uris(contacts: &[Contact]) -> String {
        let mut text = String::new();
        for contact in contacts {
            text.push(if contact.begins_group { ' ' } else { '+' });
            let uri = contact.branch.uri.clone().unwrap();
            text.push_str(std::str::from_utf8(&uri).unwrap());
        }
        text
    }

    /// Measured on Kamailio 5.6.3.
    #[test]
    fn equal_preference_goes_out_together() {
        let all = vec![
            contact("main", None),
            contact("second", Some(500)),
            contact("third", Some(500)),
            contact("fourth", Some(900)),
        ];
        assert_eq!(uris(&by_preference(all)), " fourth third+second main");
    }

    #[test]
    fn weights_are_drawn_and_zero_comes_last() {
        let all = || {
            vec![
                contact("none", None),
                contact("heavy", Some(900)),
                contact("light", Some(100)),
                contact("zero", Some(0)),
            ]
        };
        let first = uris(&by_weight(all(), |_| 0));
        assert_eq!(first, " heavy light none zero");
        let last = uris(&by_weight(all(), |bound| bound - 1));
        assert_eq!(last, " light heavy none zero");
    }

    #[test]
    fn contacts_come_back_from_the_store() {
        let contact = Contact {
            branch: Branch {
                dst_uri: Some("sip:d".into()),
                path: Some("<sip:p;lr>".into()),
                socket: Some(SocketId(3)),
                flags: 7,
                ..branch("sip:x", Some(700))
            }
            .registered(Registration {
                instance: Some("i".into()),
                reg_id: 2,
                ruid: Some("r".into()),
                user_agent: Some("u".into()),
            }),
            begins_group: true,
            attributes: None,
        };
        let xavp = encode(&Bytes::from_static(b"tm_contacts"), &contact);
        assert_eq!(decode(&xavp), Some(contact));
    }
}
