//! The machine's own name, `$HN`.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use engine::Core;
use engine::module::State;
use engine::services::{Lookup, Record, RecordKind};

/// The name and the address that the resolver has for it, once they are known.
#[derive(Default)]
pub(super) struct HostName {
    pub(super) name: OnceLock<String>,
    pub(super) address: OnceLock<IpAddr>,
}

/// Finds out.
pub(super) fn start(core: &Arc<Core>, state: &State) {
    let Ok(state) = Arc::clone(state).downcast::<HostName>() else {
        return;
    };
    let Some(name) = core.services.process.host_name() else {
        return;
    };
    let query = Bytes::copy_from_slice(name.as_bytes());
    let lookup = core.services.resolver.lookup(query, RecordKind::A);
    state.name.get_or_init(|| name);
    match lookup {
        Lookup::Ready(records) => state.take(&records),
        Lookup::Later(asked) => core.services.spawner.spawn(Box::pin(async move {
            state.take(&asked.await);
        })),
    }
}

impl HostName {
    fn take(&self, records: &[Record]) {
        let address = records.iter().find_map(|record| match record {
            Record::Address(address) => Some(*address),
            _ => None,
        });
        if let Some(address) = address {
            self.address.get_or_init(|| address);
        }
    }

    /// What stands behind the first dot.
    pub(super) fn domain(&self) -> Option<&str> {
        self.name.get()?.split_once('.').map(|(_, domain)| domain)
    }
}
