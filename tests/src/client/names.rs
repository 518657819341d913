//! A name server for tests: it knows what it is given, and keeps answers back until it is told.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What a name has.
#[derive(Clone, Copy, Debug)]
pub enum Record {
    /// An address, of type A or AAAA.
    Address(IpAddr),
    /// Priority, weight, port and target of type SRV.
    Srv(u16, u16, u16, &'static str),
    /// Order, preference, flags, services, expression and replacement of type NAPTR.
    Naptr(
        u16,
        u16,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    ),
    /// The name of an address, of type PTR.
    Name(&'static str),
}

/// The records of names.
pub type Zone = &'static [(&'static str, Record)];

/// Names that begin so are not answered before [`NameServer::release`]: hosts, and the addresses
/// that end so.
const SLOW: [&str; 2] = ["slow", "99."];

const CLASS_IN: u16 = 1;
/// An answer, with authority, recursion available.
const ANSWER: u16 = 0x8580;
const NO_SUCH_NAME: u16 = 3;

/// A name server; it answers until the process ends.
pub struct NameServer {
    released: Arc<(Mutex<bool>, Condvar)>,
}

impl NameServer {
    /// Answers for a zone.
    pub fn start(at: SocketAddr, zone: Zone) -> Result<Self, String> {
        let socket = UdpSocket::bind(at).map_err(|e| format!("{at}: {e}"))?;
        let socket = Arc::new(socket);
        let released = Arc::<(Mutex<bool>, Condvar)>::default();
        let gate = Arc::clone(&released);
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let Some((name, answer)) = answer(&buffer[..length], zone) else {
                    continue;
                };
                let (socket, gate) = (Arc::clone(&socket), Arc::clone(&gate));
                std::thread::spawn(move || {
                    if SLOW.iter().any(|slow| name.starts_with(slow)) {
                        wait(&gate);
                    }
                    // Who asked may be gone.
                    let _ = socket.send_to(&answer, from);
                });
            }
        });
        Ok(Self { released })
    }

    /// Lets the answers go that were kept back.
    pub fn release(&self) {
        let (open, changed) = &*self.released;
        *open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }
}

fn wait((open, changed): &(Mutex<bool>, Condvar)) {
    let open = open.lock().unwrap_or_else(PoisonError::into_inner);
    // A poisoned lock means that the test is over.
    drop(changed.wait_while(open, |open| !*open));
}

/// The name asked for, and the answer; `None` to what is no query.
fn answer(query: &[u8], zone: Zone) -> Option<(String, Vec<u8>)> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        let label = query.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += length;
    }
    let question = query.get(12..at + 4)?;
    let kind = u16::from_be_bytes([*query.get(at)?, *query.get(at + 1)?]);
    let name = labels.join(".");
    let known: Vec<Record> = zone
        .iter()
        .filter(|(n, _)| *n == name)
        .map(|(_, record)| *record)
        .collect();
    let found: Vec<Record> = known.iter().filter(|r| r.kind() == kind).copied().collect();
    let code = if known.is_empty() { NO_SUCH_NAME } else { 0 };
    let count = u16::try_from(found.len()).ok()?;
    let mut out = query.get(..2)?.to_vec();
    for number in [ANSWER | code, 1, count, 0, 0] {
        out.extend(number.to_be_bytes());
    }
    out.extend(question);
    for record in found {
        // A pointer to the name of the question.
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend(CLASS_IN.to_be_bytes());
        out.extend(300_u32.to_be_bytes());
        let data = record.data();
        out.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        out.extend(data);
    }
    Some((name, out))
}

impl Record {
    fn kind(self) -> u16 {
        match self {
            Self::Address(IpAddr::V4(_)) => 1,
            Self::Address(IpAddr::V6(_)) => 28,
            Self::Srv(..) => 33,
            Self::Naptr(..) => 35,
            Self::Name(_) => 12,
        }
    }

    fn data(self) -> Vec<u8> {
        match self {
            Self::Address(IpAddr::V4(a)) => a.octets().to_vec(),
            Self::Address(IpAddr::V6(a)) => a.octets().to_vec(),
            Self::Srv(priority, weight, port, target) => {
                let numbers = [priority, weight, port];
                let mut out: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
                out.extend(name(target));
                out
            }
            Self::Naptr(order, preference, flags, services, expression, replacement) => {
                let numbers = [order, preference];
                let mut out: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
                for text in [flags, services, expression] {
                    out.extend(label(text));
                }
                out.extend(name(replacement));
                out
            }
            Self::Name(target) => name(target),
        }
    }
}

/// A length and a text.
fn label(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    std::iter::once(length).chain(text.bytes()).collect()
}

/// A name on the wire; empty for the root.
fn name(text: &str) -> Vec<u8> {
    let labels = text.split('.').filter(|l| !l.is_empty());
    labels.flat_map(label).chain(std::iter::once(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire() {
        assert_eq!(name("a.test"), b"\x01a\x04test\0");
        assert_eq!(name(""), b"\0");
        assert!(answer(b"short", &[]).is_none());
    }
}
