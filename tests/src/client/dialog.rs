//! One side of a dialog on a [`Phone`]: what RFC 3261 §12 has a client keep, and the messages that
//! follow from it.

use std::net::SocketAddr;

use super::phone::Phone;
use crate::message::{Message, address, bytes};

/// One side of a dialog.
pub struct Dialog {
    call_id: String,
    /// Value of From in our requests.
    us: String,
    /// Value of To in our requests.
    them: String,
    /// Where the other side is.
    target: String,
    /// Route values in the order in which requests carry them.
    routes: Vec<String>,
    cseq: u32,
}

impl Dialog {
    /// The caller's side: the INVITE that was sent and its 2xx.
    pub fn of_caller(answer: &Message) -> Self {
        let mut routes = record_routes(answer);
        routes.reverse();
        Self {
            call_id: answer.header("Call-ID").to_owned(),
            us: answer.header("From").to_owned(),
            them: answer.header("To").to_owned(),
            target: answer.contact().to_owned(),
            routes,
            cseq: answer.cseq().0,
        }
    }

    /// The callee's side: the INVITE that came and the tag it was answered with.
    pub fn of_callee(invite: &Message, tag: &str) -> Self {
        Self {
            call_id: invite.header("Call-ID").to_owned(),
            us: format!("{};tag={tag}", invite.header("To")),
            them: invite.header("From").to_owned(),
            target: invite.contact().to_owned(),
            routes: record_routes(invite),
            cseq: 100,
        }
    }

    /// Where the next request goes: host and port of the first route, or of the target.
    pub fn next_hop(&self) -> Option<SocketAddr> {
        let first = self
            .routes
            .first()
            .map_or(self.target.as_str(), |r| address(r));
        let rest = first.split_once(':')?.1;
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        let place = place.split([';', '?']).next()?;
        let with_port = if place.contains(':') {
            place.to_owned()
        } else {
            format!("{place}:5060")
        };
        with_port.parse().ok()
    }

    /// Where the other side is.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The routes of requests.
    pub fn routes(&self) -> &[String] {
        &self.routes
    }

    /// Sends a request; ACK has the number of the INVITE before it.
    pub fn send(&mut self, phone: &Phone, method: &str, more: &str) -> Result<(), String> {
        if method != "ACK" {
            self.cseq += 1;
        }
        let (own, cseq, target) = (phone.addr, self.cseq, &self.target);
        let branch = format!("z9hG4bK{cseq}{}{}", method.len(), own.port());
        let mut text = format!(
            "{method} {target} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};rport;branch={branch}{}\r\nMax-Forwards: 70\r\n",
            self.call_id.len(),
        );
        for route in &self.routes {
            text.push_str(&format!("Route: {route}\r\n"));
        }
        text.push_str(&format!(
            "From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:phone@{own}>\r\n{more}Content-Length: 0\r\n\r\n",
            self.us, self.them, self.call_id,
        ));
        phone.send(&bytes(&text))
    }
}

/// Record-Route values from the top.
fn record_routes(message: &Message) -> Vec<String> {
    let lines = message.all("Record-Route").into_iter();
    lines
        .flat_map(|line| line.split(','))
        .map(|value| value.trim().to_owned())
        .collect()
}
