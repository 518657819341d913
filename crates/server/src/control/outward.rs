//! Messages to programs that listen on a pipe or a datagram socket of their own.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::UnixDatagram;
use tokio::net::unix::pipe::OpenOptions;
use tokio::sync::Mutex;

/// Over how many locks the pipes are spread.
const STRIPES: usize = 16;

/// Keeps messages to one pipe apart: what does not fit into it at once is written in pieces.
#[derive(Clone, Default)]
pub(super) struct Pipes {
    hasher: RandomState,
    stripes: Arc<[Mutex<()>; STRIPES]>,
}

impl Pipes {
    /// Writes a message to a pipe that somebody reads from.
    pub(super) async fn write(
        self,
        path: PathBuf,
        message: Vec<u8>,
        limit: Duration,
    ) -> io::Result<()> {
        let stripe = self.hasher.hash_one(&path) as usize % STRIPES;
        within(limit, async {
            let _turn = self.stripes[stripe].lock().await;
            // It is opened without waiting: an error says that nobody reads.
            let mut pipe = OpenOptions::new().open_sender(&path)?;
            pipe.write_all(&message).await
        })
        .await
    }
}

/// Sends a message to a datagram socket.
pub(super) async fn send(path: PathBuf, message: Vec<u8>, limit: Duration) -> io::Result<()> {
    within(limit, async {
        let socket = UnixDatagram::unbound()?;
        socket
            .send_to(&message, AsRef::<Path>::as_ref(&path))
            .await
            .map(drop)
    })
    .await
}

/// What is ready at once has no limit.
async fn within(limit: Duration, work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
