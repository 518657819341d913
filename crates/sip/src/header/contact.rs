//! `Contact` (RFC 3261 §20.10, with RFC 5626 and RFC 5627 parameters).

use super::params::{Param, Style};
use super::{HeaderError, NameAddr, Problem};
use crate::Span;
use crate::chars::decimal;

/// One contact address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contact {
    /// Address and all parameters.
    pub addr: NameAddr,
    /// `q` in thousandths, if given and well formed.
    pub q: Option<u16>,
    /// `expires` in seconds, if given and well formed.
    pub expires: Option<u32>,
    /// `+sip.instance` without quotes, angle brackets included.
    pub instance: Option<Span>,
    /// `reg-id`, if given and well formed.
    pub reg_id: Option<u32>,
    /// `received`, the source that a proxy of ours noted.
    pub received: Option<Span>,
    /// `methods`.
    pub methods: Option<Span>,
}

/// All contacts of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contacts {
    /// `Contact: *`
    Star,
    /// The addresses of all Contact headers in order.
    List(Vec<Contact>),
}

impl Contacts {
    /// Parses the values of all Contact headers.
    pub fn parse(buf: &[u8], values: impl Iterator<Item = Span>) -> Result<Contacts, HeaderError> {
        let mut list = Vec::new();
        let mut star = None;
        for value in values {
            if value.get(buf) == b"*" {
                star = Some(value.start());
                continue;
            }
            Contact::parse_list(buf, value, &mut list)?;
        }
        match star {
            Some(_) if list.is_empty() => Ok(Contacts::Star),
            Some(at) => Err(HeaderError::at(Problem::List, at)),
            None => Ok(Contacts::List(list)),
        }
    }

    /// The addresses; none for `*`.
    pub fn list(&self) -> &[Contact] {
        match self {
            Contacts::Star => &[],
            Contacts::List(list) => list,
        }
    }

    /// Whether it is `*`.
    pub fn is_star(&self) -> bool {
        matches!(self, Contacts::Star)
    }
}

impl Contact {
    /// Appends the comma-separated contacts under `value` to `list`.
    pub fn parse_list(buf: &[u8], value: Span, list: &mut Vec<Contact>) -> Result<(), HeaderError> {
        let end = value.end().min(buf.len());
        let mut pos = value.start();
        loop {
            // An empty element, as behind a last comma, is an error to the address parser.
            let (contact, stop) = Contact::parse_element(buf, Span::of(pos, end))?;
            list.push(contact);
            if stop >= end {
                return Ok(());
            }
            pos = stop + 1;
        }
    }

    fn parse_element(buf: &[u8], span: Span) -> Result<(Contact, usize), HeaderError> {
        let mut named = Named::default();
        let (addr, stop) =
            NameAddr::parse_picking(buf, span, Style::List, |param| named.pick(buf, param))?;
        let number = |value: Option<Span>| value.and_then(|v| decimal(v.get(buf)));
        let contact = Contact {
            addr,
            q: named.q.and_then(|v| q_value(v.get(buf))),
            expires: number(named.expires),
            instance: named.instance,
            reg_id: number(named.reg_id),
            received: named.received,
            methods: named.methods,
        };
        Ok((contact, stop))
    }
}

/// The values of the parameters that a contact's fields are made from; the first of each name.
#[derive(Default)]
struct Named {
    q: Option<Span>,
    expires: Option<Span>,
    instance: Option<Span>,
    reg_id: Option<Span>,
    received: Option<Span>,
    methods: Option<Span>,
}

impl Named {
    fn pick(&mut self, buf: &[u8], param: &Param) {
        let name = param.name.get(buf);
        let (wanted, place): (&[u8], _) = match name.len() {
            1 => (b"q", &mut self.q),
            6 => (b"reg-id", &mut self.reg_id),
            7 if name.first().is_some_and(|c| *c | 0x20 == b'e') => (b"expires", &mut self.expires),
            7 => (b"methods", &mut self.methods),
            8 => (b"received", &mut self.received),
            13 => (b"+sip.instance", &mut self.instance),
            _ => return,
        };
        if place.is_none() && name.eq_ignore_ascii_case(wanted) {
            *place = Some(param.value_or_empty());
        }
    }
}

/// `0.5` as 500; digits beyond the third are cut. `None` unless it lies in 0..=1.
pub fn q_value(text: &[u8]) -> Option<u16> {
    let mut parts = text.splitn(2, |c| *c == b'.');
    let whole = parts.next()?;
    let whole = if whole.is_empty() { 0 } else { decimal(whole)? };
    let mut thousandths = 0;
    let fraction = parts.next().unwrap_or_default();
    if !fraction.iter().all(u8::is_ascii_digit) || text.is_empty() || text == b"." {
        return None;
    }
    for place in 0..3 {
        let digit = fraction.get(place).map_or(0, |c| c - b'0');
        thousandths = thousandths * 10 + u32::from(digit);
    }
    let q = whole.checked_mul(1000)?.checked_add(thousandths)?;
    if q > 1000 {
        None
    } else {
        u16::try_from(q).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_with_params() {
        let text = b"\"Mr. Watson\" <sip:w@b.example;x=1>;q=0.7; expires=3600;+sip.instance=\"<urn:uuid:1>\";reg-id=2, sip:w2@b ;q=.25,<tel:+1>";
        let contacts = Contacts::parse(text, std::iter::once(Span::of(0, text.len()))).unwrap();
        let [a, b, c] = contacts.list() else {
            panic!("three contacts")
        };
        assert_eq!((a.q, a.expires, a.reg_id), (Some(700), Some(3600), Some(2)));
        assert_eq!(a.instance.unwrap().get(text), b"<urn:uuid:1>");
        assert_eq!(a.addr.uri.get(text), b"sip:w@b.example;x=1");
        assert_eq!((b.q, b.addr.uri.get(text)), (Some(250), &b"sip:w2@b"[..]));
        assert_eq!(c.addr.uri.get(text), b"tel:+1");
    }

    #[test]
    fn star() {
        let text = b"* sip:a@b";
        let star = Span::of(0, 1);
        assert!(Contacts::parse(text, [star].into_iter()).unwrap().is_star());
        assert!(Contacts::parse(text, [star, Span::of(2, 9)].into_iter()).is_err());
    }

    /// Each was shown to Kamailio 5.6.3.
    #[test]
    fn refused() {
        for text in [
            "",
            "<sip:a@b>,",
            "<sip:a@b>;",
            "<sip:a@b>;x=;q=1",
            "sip:a@b>",
            "<sip:a@b",
            "\"x <sip:a@b>",
            "<>;q=1",
        ] {
            let span = Span::of(0, text.len());
            assert!(
                Contact::parse_list(text.as_bytes(), span, &mut Vec::new()).is_err(),
                "{text}"
            );
        }
        let odd = b"<sip:a@b>;;x=a=b;q = \"0.3\";expires=\"5\"";
        let mut list = Vec::new();
        Contact::parse_list(odd, Span::of(0, odd.len()), &mut list).unwrap();
        assert_eq!((list[0].q, list[0].expires), (Some(300), Some(5)));
    }

    #[test]
    fn q_values() {
        for (text, q) in [
            ("1", Some(1000)),
            ("0.5", Some(500)),
            ("0.12345", Some(123)),
            ("1.0", Some(1000)),
            ("1.001", None),
            ("x", None),
            ("", None),
            (".", None),
            ("0.x", None),
        ] {
            assert_eq!(q_value(text.as_bytes()), q, "{text}");
        }
    }
}
