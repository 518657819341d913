//! What the module holds.

use std::path::PathBuf;
use std::sync::Arc;

use engine::control::{ControlAccess, ControlAddress, ControlService, ControlSocket};
use engine::module::InitError;
use engine::{Core, Setup};
use parking_lot::Mutex;

use super::service::{Datagrams, Pipe};

const HTTP: i64 = 1;
const PIPE: i64 = 2;
const DATAGRAMS: i64 = 4;

/// The module's state.
pub(super) struct JsonState {
    /// A line for each member.
    pub(super) pretty: bool,
    /// Requests may come by HTTP.
    pub(super) http: bool,
    pipe: Option<(PathBuf, ControlAccess)>,
    replies: PathBuf,
    datagrams: Option<(ControlAddress, ControlAccess)>,
    open: Mutex<Vec<Arc<dyn ControlSocket>>>,
}

impl JsonState {
    pub(super) fn new(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let transport = setup.params.int("transport");
        let wanted = |bit| transport == 0 || transport & bit != 0;
        let text = |name| {
            let text = setup.params.text(name).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        let access = |mode, user, group| {
            let id = |name: &str| {
                let text = setup.params.text(name)?;
                Some(String::from_utf8_lossy(&text).into_owned())
            };
            ControlAccess {
                mode: (setup.params.int(mode) & 0o777) as u32,
                user: id(user),
                group: id(group),
            }
        };
        let (fifo, socket) = (text("fifo_name"), text("dgram_socket"));
        let pipe = (wanted(PIPE) && !fifo.is_empty()).then(|| {
            let path = setup.settings.runtime_path(&fifo);
            (path, access("fifo_mode", "fifo_user", "fifo_group"))
        });
        let datagrams = if wanted(DATAGRAMS) && !socket.is_empty() {
            let address = match socket.strip_prefix("udp:") {
                Some(rest) => udp(rest)?,
                None => ControlAddress::UnixDatagram(setup.settings.runtime_path(&socket)),
            };
            Some((address, access("dgram_mode", "dgram_user", "dgram_group")))
        } else {
            None
        };
        Ok(Self {
            pretty: setup.params.int("pretty_format") != 0,
            http: wanted(HTTP),
            pipe,
            replies: PathBuf::from(text("fifo_reply_dir")),
            datagrams,
            open: Mutex::default(),
        })
    }

    /// Opens the pipe and the socket.
    pub(super) fn start(&self, core: &Arc<Core>) -> Result<(), InitError> {
        if let Some((path, access)) = &self.pipe {
            let service = Pipe::new(core, self.pretty, self.replies.clone());
            let address = ControlAddress::Fifo(path.clone());
            self.serve(core, &address, access, Arc::new(service))?;
        }
        if let Some((address, access)) = &self.datagrams {
            let service = Datagrams::new(core, self.pretty);
            self.serve(core, address, access, Arc::new(service))?;
        }
        Ok(())
    }

    fn serve(
        &self,
        core: &Arc<Core>,
        address: &ControlAddress,
        access: &ControlAccess,
        service: Arc<dyn ControlService>,
    ) -> Result<(), InitError> {
        let control = &core.services.control;
        let socket = control
            .open(address, access, service)
            .map_err(|e| InitError::new(e.to_string()))?;
        core.add_control_socket("jsonrpc", &socket.address().to_string());
        self.open.lock().push(socket);
        Ok(())
    }

    /// Closes them and removes their files.
    pub(super) fn stop(&self) {
        for socket in self.open.lock().drain(..) {
            socket.close();
        }
    }
}

fn udp(text: &str) -> Result<ControlAddress, InitError> {
    text.rsplit_once(':')
        .and_then(|(host, port)| Some(ControlAddress::Udp(host.to_owned(), port.parse().ok()?)))
        .ok_or_else(|| InitError::of_param("dgram_socket", format!("`{text}` is no host:port")))
}
