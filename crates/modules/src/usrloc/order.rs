//! In which order the contacts of an address of record are kept, listed and tried.

use super::contact::Contact;

/// How contacts are ordered (`desc_time_order`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// By falling q, the older first where it is equal; contacts without q come last.
    #[default]
    ByPreference,
    /// The newest first, whatever q says.
    NewestFirst,
}

impl Order {
    /// Puts a new contact in its place.
    pub fn insert(self, contacts: &mut Vec<Contact>, contact: Contact) {
        let position = match self {
            Self::ByPreference => contacts
                .iter()
                .position(|o| o.q < contact.q)
                .unwrap_or(contacts.len()),
            Self::NewestFirst => 0,
        };
        // Most records have one contact: growing by one keeps them small.
        contacts.reserve_exact(1);
        contacts.insert(position, contact);
    }

    /// Moves a contact that was refreshed, as Kamailio does.
    ///
    /// By preference it stays where its neighbours allow it: the one before must not have a lower
    /// q and the one after not a higher one. Otherwise it goes, against what one would expect,
    /// before the first contact whose q is not lower.
    pub fn refresh(self, contacts: &mut Vec<Contact>, position: usize) {
        if position >= contacts.len() {
            return;
        }
        let to = match self {
            Self::NewestFirst => 0,
            Self::ByPreference => {
                let q = contacts[position].q;
                let fits_before = position == 0 || q <= contacts[position - 1].q;
                let fits_after = contacts.get(position + 1).is_none_or(|next| q >= next.q);
                if fits_before && fits_after {
                    return;
                }
                let others = contacts.iter().enumerate().filter(|(i, _)| *i != position);
                others.take_while(|(_, o)| o.q < q).count()
            }
        };
        let contact = contacts.remove(position);
        contacts.insert(to, contact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usrloc::contact::ContactInfo;

    fn contact(uri: &'static str, q: Option<u16>) -> Contact {
        Contact::new(&ContactInfo {
            uri: uri.as_bytes(),
            q,
            ..ContactInfo::default()
        })
    }

    fn uris(contacts: &[Contact]) -> String {
        let uris: Vec<_> = contacts
            .iter()
            .map(|c| String::from_utf8_lossy(c.uri_bytes()).into_owned())
            .collect();
        uris.join(" ")
    }

    #[test]
    fn insertion() {
        let mut list = Vec::new();
        for (uri, q) in [("a", None), ("b", Some(500)), ("c", Some(500)), ("d", None)] {
            Order::ByPreference.insert(&mut list, contact(uri, q));
        }
        Order::ByPreference.insert(&mut list, contact("e", Some(0)));
        assert_eq!(uris(&list), "b c e a d");
        Order::NewestFirst.insert(&mut list, contact("f", None));
        assert_eq!(uris(&list), "f b c e a d");
    }

    /// Sequences seen at Kamailio.
    #[test]
    fn refreshing() {
        let mut list = vec![contact("c", None), contact("f", Some(700))];
        Order::ByPreference.refresh(&mut list, 1);
        assert_eq!(uris(&list), "c f");
        Order::ByPreference.insert(&mut list, contact("n", Some(700)));
        assert_eq!(uris(&list), "n c f");
        Order::ByPreference.refresh(&mut list, 1);
        assert_eq!(uris(&list), "c n f");
        Order::NewestFirst.refresh(&mut list, 2);
        assert_eq!(uris(&list), "f c n");
    }
}
