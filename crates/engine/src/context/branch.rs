//! The destination set: where a request is sent.

use bytes::Bytes;

use crate::socket::SocketId;

/// Most branches that one request may have besides its main target (Kamailio's default limit is
/// 12 in all, at most 31 by `max_branches`).
pub const MAX_BRANCHES: usize = 30;

/// One destination of a request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Branch {
    /// Request URI of this branch; on the main target `None` means the received one.
    pub uri: Option<Bytes>,
    /// Next hop (`$du`): where to send if not to the URI.
    pub dst_uri: Option<Bytes>,
    /// Path vector: becomes Route headers (RFC 3327).
    pub path: Option<Bytes>,
    /// Socket to send from (`$fs`).
    pub socket: Option<SocketId>,
    /// Preference in thousandths (`q=0.7` is 700); `None`: not given.
    pub q: Option<u16>,
    /// Branch flags (`setbflag`).
    pub flags: u32,
    /// The registration it came from; apart, because few branches have one.
    pub registration: Option<Box<Registration>>,
    /// `otcpid`: the stream that the contact registered over. Scripts see it; sending goes by
    /// address and uses the connections that lead there.
    pub connection: Option<crate::socket::ConnectionId>,
}

/// What a branch knows of the location record whose contact it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Registration {
    /// `+sip.instance` of the contact.
    pub instance: Option<Bytes>,
    /// `reg-id` of the contact (RFC 5626).
    pub reg_id: u32,
    /// Unique id of the record.
    pub ruid: Option<Bytes>,
    /// User-Agent that registered the contact.
    pub user_agent: Option<Bytes>,
}

impl Registration {
    const NONE: Self = Self {
        instance: None,
        reg_id: 0,
        ruid: None,
        user_agent: None,
    };
}

impl Branch {
    /// The registration it came from; empty if it came from none.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        self.registration
            .as_deref()
            .unwrap_or(const { &Registration::NONE })
    }

    /// The same branch, of this registration.
    #[must_use]
    pub fn registered(self, registration: Registration) -> Self {
        let registration = (registration != Registration::NONE).then(|| Box::new(registration));
        Self {
            registration,
            ..self
        }
    }

    /// Drops what belongs to a location record, because the URI is no longer that record's.
    pub fn forget_location(&mut self) {
        self.registration = None;
    }
}

/// The branches besides the main target.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BranchSet {
    list: Vec<Branch>,
}

impl BranchSet {
    /// Adds a branch; false when there are too many.
    pub fn push(&mut self, branch: Branch) -> bool {
        if self.list.len() >= MAX_BRANCHES {
            return false;
        }
        self.list.push(branch);
        true
    }

    /// All branches in the order they were added.
    #[must_use]
    pub fn as_slice(&self) -> &[Branch] {
        &self.list
    }

    /// All branches, to change.
    pub fn as_mut_slice(&mut self) -> &mut [Branch] {
        &mut self.list
    }

    /// Removes one branch.
    pub fn remove(&mut self, index: usize) -> Option<Branch> {
        (index < self.list.len()).then(|| self.list.remove(index))
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Takes all out.
    pub fn take(&mut self) -> Vec<Branch> {
        std::mem::take(&mut self.list)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
