//! What a server notes in a request's topmost Via when it forwards the request
//! (RFC 3261 §18.2.1, RFC 3581 §4), placed as Kamailio places it.

use bytes::Bytes;

use crate::print::decimal;
use crate::{Edits, Message};

/// Adds edits that set `received` and `rport` in the topmost Via of `message`.
///
/// A parameter that stands there gets the new value in its place. A new one goes before the
/// first parameter, `rport` before `received`. Nothing happens if the Via is malformed.
pub fn mark_via(edits: &mut Edits, message: &Message, received: Option<&[u8]>, rport: Option<u16>) {
    let Some(Ok(via)) = message.via1() else {
        return;
    };
    let buf = message.raw();
    let element_end = via.next.map_or(via.whole.end(), |next| next as usize - 1);
    let mut set = |name: &'static str, value: &[u8]| match via.param_extent(
        buf,
        name.as_bytes(),
        element_end,
    ) {
        Some(old) => edits.replace(old, Bytes::from([name.as_bytes(), b"=", value].concat())),
        None => {
            let text = [b";", name.as_bytes(), b"=", value].concat();
            edits.insert_after(via.params_start(), Bytes::from(text));
        }
    };
    if let Some(rport) = rport {
        let mut digits = Vec::with_capacity(5);
        decimal(&mut digits, u64::from(rport));
        set("rport", &digits);
    }
    if let Some(received) = received {
        set("received", received);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tolerance, print};

    /// Each was shown to Kamailio 5.6.3, without and with `force_rport()`.
    #[test]
    fn placed_as_kamailio_does() {
        for (via, rport, wanted) in [
            (
                "10.0.0.1;branch=1",
                None,
                "10.0.0.1;received=127.0.0.77;branch=1",
            ),
            ("10.0.0.1", None, "10.0.0.1;received=127.0.0.77"),
            (
                "10.0.0.1 ; rport ; branch=1",
                Some(5979),
                "10.0.0.1 ;received=127.0.0.77;rport=5979; branch=1",
            ),
            (
                "10.0.0.1;branch=1;rport",
                Some(5979),
                "10.0.0.1;received=127.0.0.77;branch=1;rport=5979",
            ),
            (
                "10.0.0.1:5;rport=7;received=1.1.1.1;branch=1,SIP/2.0/UDP b",
                Some(5979),
                "10.0.0.1:5;rport=5979;received=127.0.0.77;branch=1,SIP/2.0/UDP b",
            ),
            (
                "10.0.0.1;rport;branch=1;rport=7;x",
                Some(5979),
                "10.0.0.1;received=127.0.0.77;rport;branch=1;rport=5979;x",
            ),
            (
                "10.0.0.1:5;rport;branch=1 , SIP/2.0/UDP b;x",
                Some(5979),
                "10.0.0.1:5;received=127.0.0.77;rport=5979;branch=1 , SIP/2.0/UDP b;x",
            ),
            (
                "127.0.0.77;rport",
                Some(5979),
                "127.0.0.77;received=127.0.0.77;rport=5979",
            ),
            (
                "10.0.0.1  \r\n ;branch=1  ",
                None,
                "10.0.0.1  \r\n ;received=127.0.0.77;branch=1  ",
            ),
            (
                "10.0.0.1;branch=1",
                Some(5979),
                "10.0.0.1;rport=5979;received=127.0.0.77;branch=1",
            ),
            (
                "10.0.0.1",
                Some(5979),
                "10.0.0.1;rport=5979;received=127.0.0.77",
            ),
        ] {
            let text =
                |via: &str| format!("OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP {via}\r\n\r\n");
            let message = Message::parse(Bytes::from(text(via)), &Tolerance::KAMAILIO).unwrap();
            let mut edits = Edits::new();
            mark_via(&mut edits, &message, Some(b"127.0.0.77"), rport);
            let mut out = Vec::new();
            print::write_message(&mut out, &message, None, &[&edits]);
            assert_eq!(String::from_utf8(out).unwrap(), text(wanted));
        }
    }
}
