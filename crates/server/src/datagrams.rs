//! How datagrams over IPv4 leave, by run-time values, which the transport follows.

use std::sync::Arc;

use engine::Core;
use engine::cfg_vars::{CfgInt, CfgValue};
use transport::{RawOptions, Transport};

/// `udp4_raw` was asked for in vain.
#[derive(Debug, thiserror::Error)]
#[error("udp4_raw needs the privilege to send raw packets (CAP_NET_RAW); -1 does without it")]
pub(crate) struct NotPrivileged;

/// The values of the group `core` that are concerned.
struct Values {
    raw: CfgInt,
    mtu: CfgInt,
    hops: CfgInt,
}

impl Values {
    fn of(core: &Core) -> Self {
        // All are declared: the second declaration gives what there is.
        let value = |name| core.cfg.int("core", name, 0, None, "");
        Self {
            raw: value("udp4_raw"),
            mtu: value("udp4_raw_mtu"),
            hops: value("udp4_raw_ttl"),
        }
    }

    /// Puts what the system does in the place of -1.
    fn settle(&self, transport: &Transport) {
        if self.raw.get() < 0 {
            self.raw.set(i64::from(transport.can_send_raw()));
        }
        if self.hops.get() < 0
            && let Some(hops) = transport.hops()
            && transport.can_send_raw()
        {
            self.hops.set(hops.into());
        }
    }

    fn options(&self) -> Option<RawOptions> {
        (self.raw.get() != 0).then(|| RawOptions {
            mtu: u16::try_from(self.mtu.get()).unwrap_or(u16::MAX),
            // Of a number that is too large Kamailio sends the last eight bits, too.
            hops: self.hops.get().to_be_bytes()[7],
        })
    }
}

/// Sets what the configuration says, and lets the transport follow the values. It goes when the core
/// goes.
pub(crate) fn follow(core: &Arc<Core>, transport: &Arc<Transport>) -> Result<(), NotPrivileged> {
    let values = Values::of(core);
    if !transport.can_send_raw() {
        if values.raw.get() > 0 {
            return Err(NotPrivileged);
        }
        core.cfg.limit("core", "udp4_raw", |value| match value {
            CfgValue::Int(number) => *number <= 0,
            CfgValue::Text(_) => false,
        });
    }
    let transport = Arc::clone(transport);
    let follow = move || {
        values.settle(&transport);
        transport.change_raw(values.options());
    };
    follow();
    core.cfg.watch("core", Box::new(follow));
    Ok(())
}
