//! What the module holds: the addresses it is told and the sockets it opened.

use std::sync::Arc;

use engine::control::{ControlAccess, ControlAddress, ControlService, ControlSocket};
use engine::module::{InitError, ParamText};
use engine::rpc::RpcFault;
use engine::{Core, Setup};
use parking_lot::Mutex;

use super::address::{self, Plain};
use super::binrpc::Binrpc;
use super::lines::Lines;

/// The name of the socket that there is without configuration.
const DEFAULT_NAME: &str = "kamailio_ctl";

/// What is spoken on a socket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Protocol {
    Binrpc,
    Lines,
}

impl Protocol {
    /// Kamailio's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Binrpc => "binrpc",
            Self::Lines => "fifo",
        }
    }
}

/// The module's state.
pub(super) struct CtlState {
    addresses: Vec<(Protocol, ControlAddress)>,
    access: ControlAccess,
    converts: bool,
    open: Mutex<Vec<(Protocol, Arc<dyn ControlSocket>)>>,
}

impl CtlState {
    pub(super) fn new(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let mut addresses = Vec::new();
        for text in texts(setup, "binrpc") {
            let address = address::parse(&text, Plain::UnixStream)
                .map_err(|e| InitError::of_param("binrpc", e))?;
            addresses.push((Protocol::Binrpc, address));
        }
        if addresses.is_empty() {
            let path = setup.settings.runtime_path(DEFAULT_NAME);
            addresses.push((Protocol::Binrpc, ControlAddress::UnixStream(path)));
        }
        for text in texts(setup, "fifo") {
            let address =
                address::parse(&text, Plain::Fifo).map_err(|e| InitError::of_param("fifo", e))?;
            addresses.push((Protocol::Lines, address));
        }
        let id = |name| {
            let text = setup.params.text(name)?;
            Some(String::from_utf8_lossy(&text).into_owned())
        };
        Ok(Self {
            addresses,
            access: ControlAccess {
                mode: u32::try_from(setup.params.int("mode") & 0o777)
                    .map_err(|_| InitError::of_param("mode", "no permissions"))?,
                user: id("user"),
                group: id("group"),
            },
            converts: setup.params.int("autoconversion") != 0,
            open: Mutex::default(),
        })
    }

    /// Opens the sockets.
    pub(super) fn start(&self, core: &Arc<Core>) -> Result<(), InitError> {
        for (protocol, address) in &self.addresses {
            let service: Arc<dyn ControlService> = match protocol {
                Protocol::Binrpc => Arc::new(Binrpc::new(core, self.converts)),
                Protocol::Lines => Arc::new(Lines::new(core)),
            };
            let socket = core
                .services
                .control
                .open(address, &self.access, service)
                .map_err(|e| InitError::new(e.to_string()))?;
            core.add_control_socket(protocol.name(), &socket.address().to_string());
            self.open.lock().push((*protocol, socket));
        }
        Ok(())
    }

    /// Closes them and removes their files.
    pub(super) fn stop(&self) {
        for (_, socket) in self.open.lock().drain(..) {
            socket.close();
        }
    }

    /// The open sockets.
    pub(super) fn open(&self) -> Vec<(Protocol, Arc<dyn ControlSocket>)> {
        self.open.lock().clone()
    }
}

fn texts(setup: &Setup<'_>, name: &str) -> Vec<String> {
    let values = setup.params.list(name);
    values
        .map(|value| match value {
            ParamText::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ParamText::Int(n) => n.to_string(),
        })
        .collect()
}

/// A method that is not there, in the words that kamcmd's users know.
pub(super) fn not_found(method: &str) -> RpcFault {
    RpcFault::new(500, format!("command {method} not found"))
}
