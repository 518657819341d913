//! What is compared: each work is a configuration, the traffic, and how many peers and workers.

use std::fs;
use std::io;

use crate::port::Transport;
use crate::script::Scenario;

/// Where Debian's package puts the stock configuration.
const STOCK: &str = "/etc/kamailio/kamailio.cfg";

/// One row of the comparison.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    /// As the tables call it.
    pub(crate) name: &'static str,
    /// What the issue of performance asks for: own cost over Kamailio's.
    pub(crate) target: f64,
    pub(crate) scenario: Scenario,
    pub(crate) config: Config,
    pub(crate) from: Transport,
    pub(crate) to: Transport,
    pub(crate) peers: u16,
    pub(crate) workers: usize,
    /// Exchanges in a turn.
    pub(crate) units: u64,
    /// The same users in each turn.
    pub(crate) refreshes: bool,
}

/// Which configuration.
#[derive(Clone, Copy)]
pub(crate) enum Config {
    Options,
    Register,
    Digest,
    Call,
    Script,
    Soak,
    Registered,
    Stock,
}

const BASE: Work = Work {
    name: "",
    target: 0.35,
    scenario: Scenario::Call,
    config: Config::Call,
    from: Transport::Udp,
    to: Transport::Udp,
    peers: 1,
    workers: 1,
    units: 2000,
    refreshes: false,
};

/// All works, in the order of the tables.
pub(crate) const ALL: &[Work] = &[
    Work {
        name: "OPTIONS, stateless reply",
        scenario: Scenario::Options,
        config: Config::Options,
        units: 12_000,
        ..BASE
    },
    Work {
        name: "OPTIONS, 1,000 peers",
        scenario: Scenario::Options,
        config: Config::Options,
        units: 12_000,
        peers: 1000,
        ..BASE
    },
    Work {
        name: "OPTIONS, 2 workers",
        scenario: Scenario::Options,
        config: Config::Options,
        units: 12_000,
        workers: 2,
        ..BASE
    },
    Work {
        name: "OPTIONS, 200 statements",
        target: 0.25,
        scenario: Scenario::Options,
        config: Config::Script,
        units: 4000,
        ..BASE
    },
    Work {
        name: "REGISTER, new",
        scenario: Scenario::Register,
        config: Config::Register,
        units: 8000,
        ..BASE
    },
    Work {
        name: "REGISTER, refresh",
        scenario: Scenario::Register,
        config: Config::Register,
        units: 8000,
        refreshes: true,
        ..BASE
    },
    Work {
        name: "REGISTER with digest",
        scenario: Scenario::Authenticated,
        config: Config::Digest,
        units: 8000,
        refreshes: true,
        ..BASE
    },
    Work {
        name: "MESSAGE, relayed",
        scenario: Scenario::Message,
        units: 5000,
        ..BASE
    },
    Work {
        name: "call, UDP",
        ..BASE
    },
    Work {
        name: "call, UDP, 1,000 peers",
        peers: 1000,
        ..BASE
    },
    Work {
        name: "call, UDP, 2 workers",
        workers: 2,
        ..BASE
    },
    Work {
        name: "call, TCP",
        from: Transport::Tcp,
        to: Transport::Tcp,
        ..BASE
    },
    Work {
        name: "call, UDP to TCP",
        to: Transport::Tcp,
        ..BASE
    },
    Work {
        name: "registered call, stock configuration",
        scenario: Scenario::RegisteredCall,
        config: Config::Stock,
        units: 1000,
        ..BASE
    },
];

/// What else a server in training does: ways of messages that no row of the comparison takes.
pub(crate) const TRAINED: &[Work] = &[
    Work {
        name: "call, TCP to UDP",
        from: Transport::Tcp,
        ..BASE
    },
    Work {
        name: "registered call, checked and accounted",
        scenario: Scenario::RegisteredCall,
        config: Config::Registered,
        units: 1000,
        ..BASE
    },
];

impl Config {
    /// Its text; the stock one is read from where the package put it.
    pub(crate) fn text(self) -> io::Result<String> {
        let text = match self {
            Self::Options => include_str!("../configs/options.cfg"),
            Self::Register => include_str!("../configs/register.cfg"),
            Self::Digest => include_str!("../configs/digest.cfg"),
            Self::Call => include_str!("../configs/call.cfg"),
            Self::Script => include_str!("../configs/script.cfg"),
            Self::Soak => include_str!("../configs/soak.cfg"),
            Self::Registered => include_str!("../configs/registered.cfg"),
            Self::Stock => return fs::read_to_string(STOCK),
        };
        Ok(text.to_owned())
    }
}

impl Work {
    /// Whether anything goes over TCP.
    pub(crate) fn uses_tcp(&self) -> bool {
        self.from == Transport::Tcp || self.to == Transport::Tcp
    }
}
