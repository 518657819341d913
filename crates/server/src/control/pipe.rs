//! Named pipes: requests come by one, each answer goes by a pipe that the client made.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::control::{Answering, ControlAddress, ControlFrame, ControlPeer, ControlService};
use nix::sys::stat::Mode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{OpenOptions, Receiver, Sender};
use tokio::task::JoinSet;

use super::{MOST_ANSWERS, answer};

/// How long a client may take to open its pipe, and to read the answer.
const CLIENT_TIME: Duration = Duration::from_secs(2);

/// Pause between two looks at whether the client reads.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) fn open(path: &Path) -> io::Result<Receiver> {
    nix::unistd::mkfifo(path, Mode::from_bits_truncate(0o600))?;
    // Also open for writing, so that it does not end when a client closes it.
    OpenOptions::new().read_write(true).open_receiver(path)
}

pub(super) async fn serve(
    mut receiver: Receiver,
    local: ControlAddress,
    service: Arc<dyn ControlService>,
) {
    let peer = ControlPeer {
        local,
        host: None,
        port: None,
    };
    let mut answers = JoinSet::new();
    let mut buffer = Vec::new();
    loop {
        if !matches!(receiver.read_buf(&mut buffer).await, Ok(count) if count > 0) {
            tokio::time::sleep(PAUSE).await;
        }
        while !buffer.is_empty() {
            match service.frame(&buffer) {
                ControlFrame::NeedMore => break,
                ControlFrame::Skip(len) => {
                    buffer.drain(..len.clamp(1, buffer.len()));
                }
                ControlFrame::Request(len) => {
                    let request: Vec<u8> = buffer.drain(..len.clamp(1, buffer.len())).collect();
                    let answer = answer(&service, &request, &peer);
                    while answers.try_join_next().is_some() {}
                    if answers.len() < MOST_ANSWERS {
                        answers.spawn(send(answer));
                    }
                }
            }
        }
        if buffer.len() > service.max_request() {
            buffer.clear();
        }
    }
}

/// Writes an answer, once it is there, to the client's pipe, once the client reads from it.
async fn send(answer: Answering) {
    let answer = answer.wait().await;
    let Some(path) = &answer.pipe else {
        return;
    };
    let _ = tokio::time::timeout(CLIENT_TIME, async {
        if let Some(mut pipe) = reader(path).await {
            let _ = pipe.write_all(&answer.bytes).await;
        }
    })
    .await;
}

async fn reader(path: &Path) -> Option<Sender> {
    loop {
        match OpenOptions::new().open_sender(path) {
            Ok(pipe) => return Some(pipe),
            // Nobody reads yet.
            Err(error) if error.raw_os_error() == Some(nix::libc::ENXIO) => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(_) => return None,
        }
    }
}
