//! What the ends say: the requests of each scenario, and the callees' answers.

use std::io::Write;

use crate::ends::{FIRST_PORT, Place};
use crate::template::{NUMBER, PORT, Template, USER, Values};
use crate::text;

/// The traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// OPTIONS to the server itself.
    Options,
    /// REGISTER of a user for each exchange.
    Register,
    /// MESSAGE through the server.
    Message,
    /// INVITE, 180, 200, ACK, BYE, 200 through the server.
    Call,
    /// The same to users that [`Scenario::Register`] registered.
    RegisteredCall,
    /// INVITE that is answered 180 and no further.
    Ringing,
}

impl Scenario {
    /// By the name that the command line uses.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "options" => Self::Options,
            "register" => Self::Register,
            "message" => Self::Message,
            "call" => Self::Call,
            "registered-call" => Self::RegisteredCall,
            "ringing" => Self::Ringing,
            _ => return None,
        })
    }

    fn method(self) -> &'static str {
        match self {
            Self::Options => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Message => "MESSAGE",
            Self::Call | Self::RegisteredCall | Self::Ringing => "INVITE",
        }
    }

    /// Whether a reply with this status ends the first request.
    pub(crate) fn is_final(self, status: u16) -> bool {
        status >= 200 || (self == Self::Ringing && status == 180)
    }

    /// Whether the exchange goes on with ACK and BYE.
    pub(crate) fn is_dialog(self) -> bool {
        matches!(self, Self::Call | Self::RegisteredCall)
    }
}

/// One series of exchanges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series {
    /// What is said.
    pub(crate) scenario: Scenario,
    /// Where.
    pub(crate) place: Place,
    /// Tells this series from others in Call-IDs.
    pub(crate) id: u32,
    /// CSeq of the first request: above 1 for refreshes.
    pub(crate) cseq: u32,
    /// Users that are registered and called.
    pub(crate) users: u64,
}

const SDP: &str = "v=0\r\no=caller 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 6000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n";

/// The messages of a series, ready to be filled in.
pub(crate) struct Messages {
    series: Series,
    first: Template,
    /// A request in the dialog, from behind its method to the end of the Via's branch.
    in_dialog: Template,
    /// The callee's.
    contact: Template,
}

impl Messages {
    /// Writes them.
    pub(crate) fn of(series: Series) -> Self {
        let place = &series.place;
        let (callee, caller) = (place.callees, place.callers);
        let (to, via) = (place.to.parameter(), place.from.via());
        let id = series.id;
        Self {
            first: Template::new(series.first()),
            in_dialog: Template::new(format!(
                " sip:callee@{callee}:{PORT}{to} SIP/2.0\r\n\
                 Via: SIP/2.0/{via} {caller}:{PORT};branch=z9hG4bK{id:x}.{NUMBER}."
            )),
            contact: Template::new(format!("Contact: <sip:callee@{callee}:{PORT}{to}>\r\n")),
            series,
        }
    }

    /// What they were written for.
    pub(crate) fn series(&self) -> &Series {
        &self.series
    }

    fn values(&self, number: u64) -> Values {
        let index = number % u64::from(self.series.place.peers.max(1));
        Values {
            number,
            user: number % self.series.users.max(1),
            port: FIRST_PORT + u16::try_from(index).unwrap_or(0),
        }
    }

    /// The first request of an exchange.
    pub(crate) fn first(&self, out: &mut Vec<u8>, number: u64) {
        self.first.fill(out, &self.values(number));
    }

    /// A request in the dialog that a 2xx made: its Record-Route becomes the route set.
    pub(crate) fn in_dialog(
        &self,
        out: &mut Vec<u8>,
        number: u64,
        reply: &[u8],
        method: &str,
        cseq: u32,
    ) {
        out.extend_from_slice(method.as_bytes());
        self.in_dialog.fill(out, &self.values(number));
        // Writing to a vector cannot fail.
        let _ = write!(out, "{cseq}{method}\r\n");
        let routes: Vec<&[u8]> = text::lines(reply, "Record-Route").collect();
        for route in routes.iter().rev() {
            out.extend_from_slice(b"Route");
            out.extend_from_slice(route.get("Record-Route".len()..).unwrap_or_default());
        }
        out.extend_from_slice(b"Max-Forwards: 70\r\n");
        for line in text::all_lines(reply) {
            if text::is_any(line, &["From", "To", "Call-ID"]) {
                out.extend_from_slice(line);
            }
        }
        let _ = write!(out, "CSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n");
    }

    /// What a callee answers: one message after the other.
    pub(crate) fn answer(&self, request: &[u8], mut say: impl FnMut(&[u8])) {
        let mut contact = Vec::new();
        let mut out = Vec::with_capacity(1024);
        let mut reply = |status: &str, extra: &[u8]| {
            out.clear();
            text::reply(&mut out, request, status, "callee", extra);
            say(&out);
        };
        if request.starts_with(b"INVITE") {
            let number = text::exchange(request).map_or(0, |(number, _)| number);
            self.contact.fill(&mut contact, &self.values(number));
            reply("180 Ringing", &contact);
            if self.series.scenario != Scenario::Ringing {
                reply("200 OK", &contact);
            }
        } else if request.starts_with(b"BYE") || request.starts_with(b"MESSAGE") {
            reply("200 OK", b"");
        }
    }
}

impl Series {
    /// The first request of an exchange, with holes.
    fn first(&self) -> String {
        let method = self.scenario.method();
        let place = &self.place;
        let caller = format!("{}:{PORT}", place.callers);
        let callee = format!("{}:{PORT}", place.callees);
        let server = place.server;
        let (from, to) = (place.from.parameter(), place.to.parameter());
        let uri = match self.scenario {
            Scenario::Options | Scenario::Register => format!("sip:{server}"),
            Scenario::RegisteredCall => format!("sip:u{USER}@{server}"),
            _ => format!("sip:callee@{callee}{to}"),
        };
        let whom = match self.scenario {
            Scenario::Register | Scenario::RegisteredCall => format!("sip:u{USER}@{server}"),
            _ => format!("sip:callee@{callee}"),
        };
        let who = match self.scenario {
            Scenario::Register => whom.clone(),
            _ => format!("sip:caller@{caller}"),
        };
        let contact = match self.scenario {
            // The callee registers itself, by the caller's socket.
            Scenario::Register => format!("<sip:u{USER}@{callee}{to}>"),
            _ => format!("<sip:caller@{caller}{from}>"),
        };
        let (extra, body) = match self.scenario {
            Scenario::Register => ("Expires: 3600\r\n", ""),
            Scenario::Call | Scenario::RegisteredCall | Scenario::Ringing => {
                ("Content-Type: application/sdp\r\n", SDP)
            }
            Scenario::Message => ("Content-Type: text/plain\r\n", "Hello.\r\n"),
            Scenario::Options => ("", ""),
        };
        let (series, cseq) = (self.id, self.cseq);
        format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/{via} {caller};branch=z9hG4bK{series:x}.{NUMBER}.{cseq}\r\n\
             Max-Forwards: 70\r\n\
             From: <{who}>;tag=f{NUMBER}\r\n\
             To: <{whom}>\r\n\
             Call-ID: {NUMBER}-{series:x}@load\r\n\
             CSeq: {cseq} {method}\r\n\
             Contact: {contact}\r\n\
             User-Agent: ferrosip-load\r\n\
             {extra}Content-Length: {length}\r\n\r\n{body}",
            via = place.from.via(),
            length = body.len(),
        )
    }
}
