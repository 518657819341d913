//! One binding of an address of record: where a phone is reached.
//!
//! All texts of a contact lie in one buffer, so that a contact costs one allocation and a lookup
//! copies none of them: it takes slices that share the buffer.

use std::sync::Arc;

use bytes::Bytes;
use engine::context::Xavp;
use engine::socket::{ConnectionId, SocketId};

/// Seconds since 1970 (until 2106).
pub type UnixTime = u32;

/// How many seconds a contact that answers no keep-alives is kept yet, as in Kamailio.
pub const GRACE: UnixTime = 10;

/// What a contact says: everything but its texts' storage. The texts borrow from the request.
#[derive(Clone, Debug, Default)]
pub struct ContactInfo<'a> {
    /// Contact URI.
    pub uri: &'a [u8],
    /// Call-ID of the registration.
    pub call_id: &'a [u8],
    /// User-Agent of the registration.
    pub user_agent: &'a [u8],
    /// URI of the source that the registration came from, when behind a NAT.
    pub received: &'a [u8],
    /// Path vector (RFC 3327).
    pub path: &'a [u8],
    /// `+sip.instance`, angle brackets included.
    pub instance: &'a [u8],
    /// Unique id; empty asks for a new one on insertion and keeps the old one on update.
    pub ruid: &'a [u8],
    /// When it expires; 0 never.
    pub expires: UnixTime,
    /// When it was made or refreshed.
    pub last_modified: UnixTime,
    /// CSeq of the registration.
    pub cseq: u32,
    /// Preference in thousandths; `None`: not given.
    pub q: Option<u16>,
    /// `reg-id` (RFC 5626).
    pub reg_id: u32,
    /// Flags of the record, which database and replication use.
    pub flags: u32,
    /// Branch flags of the registration.
    pub branch_flags: u32,
    /// Bit set of the methods in Allow; all bits when there was none.
    pub methods: u32,
    /// Server that took the registration.
    pub server_id: u32,
    /// Socket that the registration came in by.
    pub socket: Option<SocketId>,
    /// Connection that the registration came in by.
    pub connection: Option<ConnectionId>,
    /// Attributes (`xavp_contact`).
    pub attributes: Option<Arc<Xavp>>,
}

/// A stored contact.
#[derive(Clone, Debug)]
pub struct Contact {
    texts: Bytes,
    /// Where each text ends in `texts`, in the order of [`Text`].
    ends: [u32; TEXTS],
    /// When it expires; 0 never.
    pub expires: UnixTime,
    /// When it was made or refreshed.
    pub last_modified: UnixTime,
    /// When the last keep-alive was answered.
    pub last_keepalive: UnixTime,
    /// Round trip of the last keep-alive in microseconds.
    pub keepalive_roundtrip: u32,
    /// CSeq of the registration.
    pub cseq: u32,
    /// Preference in thousandths; `None`: not given.
    pub q: Option<u16>,
    /// `reg-id` (RFC 5626).
    pub reg_id: u32,
    /// Flags of the record.
    pub flags: u32,
    /// Branch flags of the registration.
    pub branch_flags: u32,
    /// Bit set of the methods in Allow; all bits when there was none.
    pub methods: u32,
    /// Server that took the registration.
    pub server_id: u32,
    /// Socket that the registration came in by.
    pub socket: Option<SocketId>,
    /// Connection that the registration came in by.
    pub connection: Option<ConnectionId>,
    /// Attributes (`xavp_contact`).
    pub attributes: Option<Arc<Xavp>>,
}

const TEXTS: usize = 7;

#[derive(Clone, Copy)]
enum Text {
    Uri,
    CallId,
    UserAgent,
    Received,
    Path,
    Instance,
    Ruid,
}

impl Contact {
    /// Packs a contact. An empty text means that there is none.
    #[must_use]
    pub fn new(info: &ContactInfo<'_>) -> Self {
        let texts = [
            info.uri,
            info.call_id,
            info.user_agent,
            info.received,
            info.path,
            info.instance,
            info.ruid,
        ];
        let mut packed = Vec::with_capacity(texts.iter().map(|t| t.len()).sum());
        let mut ends = [0; TEXTS];
        for (text, end) in texts.iter().zip(&mut ends) {
            packed.extend_from_slice(text);
            // A message is far below 4 GB: its parts fit.
            *end = packed.len() as u32;
        }
        Self {
            texts: packed.into(),
            ends,
            expires: info.expires,
            last_modified: info.last_modified,
            last_keepalive: info.last_modified,
            keepalive_roundtrip: 0,
            cseq: info.cseq,
            q: info.q,
            reg_id: info.reg_id,
            flags: info.flags,
            branch_flags: info.branch_flags,
            methods: info.methods,
            server_id: info.server_id,
            socket: info.socket,
            connection: info.connection,
            attributes: info.attributes.clone(),
        }
    }

    /// This contact as a refresh changes it: what the refresh leaves out of instance, reg-id and
    /// unique id stays.
    #[must_use]
    pub fn refreshed(&self, info: &ContactInfo<'_>) -> Self {
        let mut merged = info.clone();
        let (instance, ruid) = (self.instance(), self.ruid());
        if merged.instance.is_empty() {
            merged.instance = &instance;
        }
        if merged.reg_id == 0 {
            merged.reg_id = self.reg_id;
        }
        merged.ruid = &ruid;
        Self::new(&merged)
    }

    fn text(&self, which: Text) -> Bytes {
        let index = which as usize;
        let start = index.checked_sub(1).map_or(0, |i| self.ends[i]);
        self.texts.slice(start as usize..self.ends[index] as usize)
    }

    fn bytes(&self, which: Text) -> &[u8] {
        let index = which as usize;
        let start = index.checked_sub(1).map_or(0, |i| self.ends[i]);
        &self.texts[start as usize..self.ends[index] as usize]
    }

    /// Contact URI.
    #[must_use]
    pub fn uri(&self) -> Bytes {
        self.text(Text::Uri)
    }

    /// Contact URI, borrowed.
    #[must_use]
    pub fn uri_bytes(&self) -> &[u8] {
        self.bytes(Text::Uri)
    }

    /// Call-ID of the registration.
    #[must_use]
    pub fn call_id(&self) -> Bytes {
        self.text(Text::CallId)
    }

    /// Call-ID of the registration, borrowed.
    #[must_use]
    pub fn call_id_bytes(&self) -> &[u8] {
        self.bytes(Text::CallId)
    }

    /// User-Agent of the registration; empty if there was none.
    #[must_use]
    pub fn user_agent(&self) -> Bytes {
        self.text(Text::UserAgent)
    }

    /// Source URI behind a NAT; empty if there is none.
    #[must_use]
    pub fn received(&self) -> Bytes {
        self.text(Text::Received)
    }

    /// Path vector; empty if there is none.
    #[must_use]
    pub fn path(&self) -> Bytes {
        self.text(Text::Path)
    }

    /// Path vector, borrowed.
    #[must_use]
    pub fn path_bytes(&self) -> &[u8] {
        self.bytes(Text::Path)
    }

    /// `+sip.instance`; empty if there is none.
    #[must_use]
    pub fn instance(&self) -> Bytes {
        self.text(Text::Instance)
    }

    /// `+sip.instance`, borrowed.
    #[must_use]
    pub fn instance_bytes(&self) -> &[u8] {
        self.bytes(Text::Instance)
    }

    /// Unique id.
    #[must_use]
    pub fn ruid(&self) -> Bytes {
        self.text(Text::Ruid)
    }

    /// Unique id, borrowed.
    #[must_use]
    pub fn ruid_bytes(&self) -> &[u8] {
        self.bytes(Text::Ruid)
    }

    /// Whether it still holds.
    #[must_use]
    pub fn is_valid(&self, now: UnixTime) -> bool {
        self.expires == 0 || self.expires > now
    }

    /// Whether it has answered no keep-alive for longer than `timeout`; 0 is no limit.
    #[must_use]
    pub fn is_silent(&self, timeout: u32, now: UnixTime) -> bool {
        timeout > 0 && now.saturating_sub(self.last_keepalive) > timeout
    }

    /// Bytes of memory that this contact's texts take.
    #[must_use]
    pub fn text_size(&self) -> usize {
        self.texts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let info = ContactInfo {
            uri: b"sip:a@b",
            call_id: b"c",
            path: b"<sip:p;lr>",
            ruid: b"uloc-1",
            reg_id: 3,
            instance: b"<urn:x>",
            ..ContactInfo::default()
        };
        let contact = Contact::new(&info);
        assert_eq!(contact.uri(), "sip:a@b");
        assert_eq!(contact.call_id_bytes(), b"c");
        assert_eq!(contact.user_agent(), "");
        assert_eq!(contact.path(), "<sip:p;lr>");
        assert_eq!(contact.ruid(), "uloc-1");
        let refreshed = contact.refreshed(&ContactInfo {
            uri: b"sip:a@c",
            ..ContactInfo::default()
        });
        assert_eq!(refreshed.ruid(), "uloc-1");
        assert_eq!(
            (refreshed.instance(), refreshed.reg_id),
            ("<urn:x>".into(), 3)
        );
        assert_eq!(refreshed.path(), "");
    }
}
