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
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
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
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
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
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
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
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
    let address = ControlAddress::UnixStream(path.clone());
    assert!(
        sockets
            .open(&address, &access(), Arc::new(Upper(None)))
            .is_err()
    );
    assert_eq!(std::fs::read(&path).expect("still there"), b"data");
}

const LONG: Duration = Duration::from_secs(20);

fn fifo(path: &Path) {
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::from_bits_truncate(0o600)).expect("fifo");
}

#[test]
fn readers_are_told() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
    let (pipe, socket) = (dir.path().join("p"), dir.path().join("s"));
    fifo(&pipe);
    let mut reader = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .expect("open");
    let told = sockets.tell(ControlAddress::Fifo(pipe.clone()), b"one".to_vec(), LONG);
    runtime.block_on(told).expect("told");
    let mut three = [0; 3];
    reader.read_exact(&mut three).expect("read");
    assert_eq!(&three, b"one");
    let listener = UnixDatagram::bind(&socket).expect("bind");
    let told = sockets.tell(ControlAddress::UnixDatagram(socket), b"two".to_vec(), LONG);
    runtime.block_on(told).expect("told");
    assert_eq!(listener.recv(&mut three).expect("datagram"), 3);
    assert_eq!(&three, b"two");
}

#[test]
fn a_pipe_that_nobody_empties_ends_the_wait() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
    let path = dir.path().join("p");
    fifo(&path);
    let file = std::fs::OpenOptions::new();
    let _reader = file
        .clone()
        .read(true)
        .write(true)
        .open(&path)
        .expect("open");
    let limit = Duration::from_millis(20);
    let much = vec![b'x'; 1 << 20];
    let told = sockets.tell(ControlAddress::Fifo(path.clone()), much, limit);
    let error = runtime.block_on(told).expect_err("it is full");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn only_readers_are_told() {
    let (runtime, dir) = (runtime(), tempfile::tempdir().expect("dir"));
    let sockets = RuntimeControlSockets::new(runtime.handle().clone());
    let (unread, file, absent) = (
        dir.path().join("p"),
        dir.path().join("f"),
        dir.path().join("a"),
    );
    fifo(&unread);
    std::fs::write(&file, "data").expect("write");
    for path in [&unread, &file, &absent] {
        for address in [ControlAddress::Fifo, ControlAddress::UnixDatagram] {
            let told = sockets.tell(address(path.clone()), b"x".to_vec(), LONG);
            assert!(runtime.block_on(told).is_err(), "{}", path.display());
        }
    }
    assert_eq!(std::fs::read(&file).expect("still there"), b"data");
    assert!(!absent.exists());
}
