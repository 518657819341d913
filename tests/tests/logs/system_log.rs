//! The system's log, in a `/dev` of our own.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const SOCKET: &str = "/dev/log";

/// Takes datagrams until it is dropped; then `/dev/log` is free again.
pub(crate) struct SystemLog {
    lines: Arc<Mutex<String>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SystemLog {
    pub(crate) fn start() -> std::io::Result<Self> {
        if Path::new(SOCKET).exists() {
            std::fs::remove_file(SOCKET)?;
        }
        let socket = UnixDatagram::bind(SOCKET)?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        let lines = Arc::new(Mutex::new(String::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let (kept, ended) = (Arc::clone(&lines), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while !ended.load(Ordering::Relaxed) {
                let Ok(length) = socket.recv(&mut buffer) else {
                    continue;
                };
                let datagram = String::from_utf8_lossy(&buffer[..length]);
                let mut lines = kept.lock().unwrap_or_else(PoisonError::into_inner);
                // What ends a datagram is compared, so it is made visible.
                lines.push_str(&datagram.replace('\n', "\\n").replace('\0', "\\0"));
                lines.push('\n');
            }
        });
        Ok(Self {
            lines,
            ends,
            thread: Some(thread),
        })
    }

    /// A line of each datagram so far.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }
}

impl Drop for SystemLog {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of it has been told.
            let _ = thread.join();
        }
    }
}
