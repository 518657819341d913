//! Real sockets in a temporary directory.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};

use super::*;
use engine::control::{ControlAnswer, ControlFrame};

/// Answers each line with itself in upper case.
struct Upper(Option<PathBuf>);

impl ControlService for Upper {
    fn frame(&self, buffer: &[u8]) -> ControlFrame {
        match buffer.iter().position(|b| *b == b'\n') {
            Some(at) => ControlFrame::Request(at + 1),
            None => ControlFrame::NeedMore,
        }
    }

    fn answer(&self, request: &[u8], _: &ControlPeer) -> Answering {
        Answering::Now(ControlAnswer {
            bytes: request.to_ascii_uppercase(),
            pipe: self.0.clone(),
            close: false,
        })
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime")
}

fn access() -> ControlAccess {
    ControlAccess {
        mode: 0o600,
        ..ControlAccess::default()
    }
}

#[test]
fn unix_stream() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let path = dir.path().join("s");
    let sockets = RuntimeControlSockets(runtime.handle().clone());
    let address = ControlAddress::UnixStream(path.clone());
    let socket = sockets
        .open(&address, &access(), Arc::new(Upper(None)))
        .expect("open");
    let mode = path.metadata().expect("file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut client = UnixStream::connect(&path).expect("connect");
    client.write_all(b"one\ntw").expect("write");
    client.write_all(b"o\n").expect("write");
    let mut answer = [0; 8];
    client.read_exact(&mut answer).expect("read");
    assert_eq!(&answer, b"ONE\nTWO\n");
    assert_eq!(socket.connections().len(), 1);
    socket.close();
    assert!(!path.exists());
    assert_eq!(client.read(&mut answer).expect("closed"), 0);
}

#[test]
fn unix_datagram() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let path = dir.path().join("d");
    let sockets = RuntimeControlSockets(runtime.handle().clone());
    let address = ControlAddress::UnixDatagram(path.clone());
    let socket = sockets
        .open(&address, &access(), Arc::new(Upper(None)))
        .expect("open");
    let client = UnixDatagram::bind(dir.path().join("c")).expect("bind");
    client.send_to(b"x", &path).expect("send");
    let mut answer = [0; 8];
    assert_eq!(client.recv(&mut answer).expect("answer"), 1);
    assert_eq!(answer[0], b'X');
    socket.close();
}

#[test]
fn pipes() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let (path, back) = (dir.path().join("f"), dir.path().join("r"));
    let sockets = RuntimeControlSockets(runtime.handle().clone());
    let address = ControlAddress::Fifo(path.clone());
    let service = Arc::new(Upper(Some(back.clone())));
    let socket = sockets.open(&address, &access(), service).expect("open");
    nix::unistd::mkfifo(&back, nix::sys::stat::Mode::from_bits_truncate(0o600)).expect("fifo");
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("open")
        .write_all(b"hello\n")
        .expect("write");
    assert_eq!(std::fs::read(&back).expect("answer"), b"HELLO\n");
    socket.close();
}

#[test]
fn other_files_are_left_alone() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let path = dir.path().join("precious");
    std::fs::write(&path, "data").expect("write");
    let sockets = RuntimeControlSockets(runtime.handle().clone());
    let address = ControlAddress::UnixStream(path.clone());
    assert!(
        sockets
            .open(&address, &access(), Arc::new(Upper(None)))
            .is_err()
    );
    assert_eq!(std::fs::read(&path).expect("still there"), b"data");
}
