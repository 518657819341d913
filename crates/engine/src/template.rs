//! Templates: edits whose text depends on the socket that a request leaves by.
//!
//! Record-Route names our own socket, and a second header is needed when a request leaves by
//! another socket than it came in by. Neither is known when the script calls `record_route()`, and
//! it may differ from branch to branch. Such an edit carries [`Edit::TEMPLATE`](sip::Edit) in its
//! tag and a template as its text; [`crate::forward::write_request`] completes it from its
//! [`Outgoing`](crate::forward::Outgoing). Whoever forwards a request has nothing more to do than
//! to name the socket truthfully there. Where no socket is chosen (replies, message rebuilding) a
//! template comes to nothing.
//!
//! A template is a row of pieces, each a kind byte, a condition byte, a length and its text, so
//! that text taken from the network cannot be mistaken for anything else.

use bytes::Bytes;

use crate::forward::{DEFAULT_PORT, Outgoing, sent_by};
use crate::socket::{ListenSocket, Proto, SocketId};

/// When a piece of a template shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum When {
    /// Always.
    Always = 0,
    /// The request leaves by another socket than it came in by.
    SocketsDiffer = 1,
    /// It leaves by another transport than it came in by.
    TransportsDiffer = 2,
}

const TEXT: u8 = 0;
const OUT_ADDRESS: u8 = 1;
const OUT_TRANSPORT: u8 = 2;
const SLOT: u8 = 3;
const INBOUND: u8 = 4;

/// A template in the making.
#[derive(Clone, Debug)]
pub struct Template {
    bytes: Vec<u8>,
    /// Where the last piece starts.
    last: usize,
}

impl Template {
    /// An empty template for a request that came in by a socket.
    #[must_use]
    pub fn new(inbound: &ListenSocket) -> Self {
        let mut template = Self {
            bytes: Vec::with_capacity(256),
            last: 0,
        };
        let [high, low] = inbound.id.0.to_be_bytes();
        let proto = inbound.proto.number() as u8;
        template.piece(INBOUND, When::Always, &[high, low, proto]);
        template
    }

    /// Adds text; behind text that shows when it does, to the same piece.
    pub fn text(&mut self, when: When, text: &[u8]) -> &mut Self {
        let last = self.bytes.get_mut(self.last..).unwrap_or_default();
        match last.split_first_chunk_mut::<HEAD>() {
            Some(([TEXT, condition, len @ ..], before)) if *condition == when as u8 => {
                *len = text_len(before.len() + text.len());
                self.bytes.extend_from_slice(text);
                self
            }
            _ => self.piece(TEXT, when, text),
        }
    }

    /// Adds the address of the outgoing socket as [`write_address`] writes it, with its name in
    /// `;sn=` if `named`.
    pub fn out_address(&mut self, when: When, named: bool) -> &mut Self {
        self.piece(OUT_ADDRESS, when, &[u8::from(named)])
    }

    /// Adds the name of the outgoing transport, `udp`.
    pub fn out_transport(&mut self, when: When) -> &mut Self {
        self.piece(OUT_TRANSPORT, when, b"")
    }

    /// Marks a place where [`Template::fill_slots`] may add text later.
    pub fn slot(&mut self, when: When) -> &mut Self {
        self.piece(SLOT, when, b"")
    }

    /// The finished template, for [`sip::Edit::text`]; in no more memory than it needs, because
    /// transactions keep it.
    #[must_use]
    pub fn finish(&self) -> Bytes {
        Bytes::copy_from_slice(&self.bytes)
    }

    /// A finished template with text added at each of its slots.
    #[must_use]
    pub fn fill_slots(template: &[u8], text: &[u8]) -> Bytes {
        let mut filled = Self {
            bytes: Vec::with_capacity(template.len() + 2 * (text.len() + HEAD)),
            last: 0,
        };
        for piece in Pieces(template) {
            if piece.kind == SLOT {
                filled.raw_piece(TEXT, piece.when, text);
            }
            filled.raw_piece(piece.kind, piece.when, piece.text);
        }
        filled.finish()
    }

    fn piece(&mut self, kind: u8, when: When, text: &[u8]) -> &mut Self {
        self.raw_piece(kind, when as u8, text)
    }

    fn raw_piece(&mut self, kind: u8, when: u8, text: &[u8]) -> &mut Self {
        self.last = self.bytes.len();
        self.bytes.push(kind);
        self.bytes.push(when);
        self.bytes.extend_from_slice(&text_len(text.len()));
        self.bytes.extend_from_slice(text);
        self
    }
}

/// The length of a text as a piece has it. Texts are no longer than messages, whose size fits.
fn text_len(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

/// Bytes before the text of a piece.
const HEAD: usize = 6;

struct Piece<'t> {
    kind: u8,
    when: u8,
    text: &'t [u8],
}

/// The pieces of a finished template.
struct Pieces<'t>(&'t [u8]);

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let ([kind, when, len @ ..], rest) = self.0.split_first_chunk::<HEAD>()?;
        let (text, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        self.0 = rest;
        Some(Piece {
            kind: *kind,
            when: *when,
            text,
        })
    }
}

/// Appends what a template comes to for a request that leaves like this.
pub fn expand(out: &mut Vec<u8>, template: &[u8], how: &Outgoing<'_>) {
    let mut sockets_differ = false;
    let mut transports_differ = false;
    for piece in Pieces(template) {
        if let (INBOUND, [high, low, proto]) = (piece.kind, piece.text) {
            sockets_differ = how.socket.id != SocketId(u16::from_be_bytes([*high, *low]));
            transports_differ = how.proto.number() != i64::from(*proto);
            continue;
        }
        let shows = match piece.when {
            w if w == When::SocketsDiffer as u8 => sockets_differ,
            w if w == When::TransportsDiffer as u8 => transports_differ,
            _ => true,
        };
        if !shows {
            continue;
        }
        match piece.kind {
            TEXT => out.extend_from_slice(piece.text),
            OUT_ADDRESS => {
                let (host, port) = sent_by(how);
                let named = piece.text == [1];
                write_parts(out, host, port, how.proto, name_if(how.socket, named));
            }
            OUT_TRANSPORT => out.extend_from_slice(how.proto.name().as_bytes()),
            _ => {}
        }
    }
}

/// Appends a socket's address as it stands in a Record-Route: `host:port;transport=tcp;sn=name`,
/// advertised if it advertises, without the default port and without UDP; its name only if
/// `named` and it has one.
pub fn write_address(out: &mut Vec<u8>, socket: &ListenSocket, named: bool) {
    let host = socket.advertised_host.as_deref().unwrap_or(&socket.host);
    let bound = socket.address.port();
    let port = socket
        .advertised_port
        .or((bound != DEFAULT_PORT).then_some(bound));
    write_parts(out, host, port, socket.proto, name_if(socket, named));
}

fn name_if(socket: &ListenSocket, named: bool) -> Option<&[u8]> {
    socket.name.as_deref().filter(|_| named)
}

fn write_parts(
    out: &mut Vec<u8>,
    host: &[u8],
    port: Option<u16>,
    proto: Proto,
    name: Option<&[u8]>,
) {
    out.extend_from_slice(host);
    if let Some(port) = port {
        out.push(b':');
        sip::print::decimal(out, u64::from(port));
    }
    if proto != Proto::Udp {
        out.extend_from_slice(b";transport=");
        out.extend_from_slice(proto.name().as_bytes());
    }
    if let Some(name) = name {
        out.extend_from_slice(b";sn=");
        out.extend_from_slice(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(id: u16, proto: Proto, address: &str) -> ListenSocket {
        ListenSocket::new(SocketId(id), proto, address.parse().unwrap())
    }

    fn expanded(template: &[u8], socket: &ListenSocket) -> String {
        let how = Outgoing {
            uri: None,
            socket,
            proto: socket.proto,
            advertised_host: None,
            advertised_port: None,
            branch: b"",
            rport: false,
            via_params: b"",
            path: None,
            edits: &[],
        };
        let mut out = Vec::new();
        expand(&mut out, template, &how);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn conditions_addresses_and_slots() {
        let inbound = socket(0, Proto::Udp, "127.0.0.1:5060");
        let mut template = Template::new(&inbound);
        template
            .text(When::SocketsDiffer, b"<")
            .out_address(When::SocketsDiffer, false)
            .slot(When::SocketsDiffer)
            .text(When::SocketsDiffer, b"> ")
            .text(When::Always, b"in")
            .slot(When::Always)
            .text(When::TransportsDiffer, b" by ")
            .out_transport(When::TransportsDiffer);
        let text = template.finish();
        assert_eq!(expanded(&text, &inbound), "in");
        let other = socket(1, Proto::Udp, "127.0.0.1:5062");
        assert_eq!(expanded(&text, &other), "<127.0.0.1:5062> in");
        let filled = Template::fill_slots(&Template::fill_slots(&text, b";a"), b";b");
        let tcp = socket(2, Proto::Tcp, "[::1]:5060");
        assert_eq!(
            expanded(&filled, &tcp),
            "<[::1];transport=tcp;a;b> in;a;b by tcp"
        );
    }

    #[test]
    fn texts_of_one_condition_are_one_piece() {
        let inbound = socket(0, Proto::Udp, "127.0.0.1:5060");
        let mut template = Template::new(&inbound);
        template.text(When::Always, b"a").text(When::Always, b"b");
        template
            .text(When::Always, b"")
            .text(When::SocketsDiffer, b"c");
        let text = template.finish();
        assert_eq!(Pieces(&text).count(), 3);
        assert_eq!(expanded(&text, &inbound), "ab");
    }

    #[test]
    fn advertised_ports_always_show() {
        let mut out = Vec::new();
        let mut s = socket(0, Proto::Tls, "127.0.0.1:5061");
        write_address(&mut out, &s, false);
        assert_eq!(out, b"127.0.0.1:5061;transport=tls");
        out.clear();
        s.advertised_host = Some("pub.example".into());
        s.advertised_port = Some(5060);
        s.name = Some("edge".into());
        write_address(&mut out, &s, true);
        assert_eq!(out, b"pub.example:5060;transport=tls;sn=edge");
    }

    #[test]
    fn broken_templates_end_quietly() {
        let how = socket(0, Proto::Udp, "127.0.0.1:5060");
        assert_eq!(expanded(b"\0\0\0\0\0\xffabc", &how), "");
        assert_eq!(expanded(b"\0\0", &how), "");
    }
}
