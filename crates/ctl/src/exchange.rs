//! One request, one answer.

use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use engine::rpc::RpcValue;
use engine::rpc::binrpc::{self, DecodeError, Header, Kind};

use crate::address::Address;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest datagram.
const DATAGRAM: usize = 65_536;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("cannot reach the server: {0}")]
    Io(#[from] io::Error),
    #[error("the answer cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("the answer is to another request")]
    Mismatch,
    #[error("no randomness for the request's number")]
    Random,
    #[error("error: {code} - {reason}")]
    Fault { code: i64, reason: String },
}

/// Calls a method and returns its values.
pub(crate) fn call(
    address: &Address,
    method: &str,
    args: &[RpcValue],
) -> Result<Vec<RpcValue>, CallError> {
    let cookie = getrandom::u32().map_err(|_| CallError::Random)?;
    let request = binrpc::request(cookie, method, args);
    let answer = match address {
        Address::UnixStream(path) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            converse(stream, &request)?
        }
        Address::Tcp(host, port) => {
            let stream = TcpStream::connect((host.as_str(), *port))?;
            stream.set_read_timeout(Some(PATIENCE))?;
            converse(stream, &request)?
        }
        Address::UnixDatagram(path) => {
            let own = OwnPath::new(cookie);
            let socket = UnixDatagram::bind(&own.0)?;
            socket.set_read_timeout(Some(PATIENCE))?;
            socket.send_to(&request, path)?;
            let mut buffer = vec![0; DATAGRAM];
            let len = socket.recv(&mut buffer)?;
            buffer.truncate(len);
            buffer
        }
        Address::Udp(host, port) => {
            let socket = UdpSocket::bind("0.0.0.0:0").or_else(|_| UdpSocket::bind("[::]:0"))?;
            socket.connect((host.as_str(), *port))?;
            socket.set_read_timeout(Some(PATIENCE))?;
            socket.send(&request)?;
            let mut buffer = vec![0; DATAGRAM];
            let len = socket.recv(&mut buffer)?;
            buffer.truncate(len);
            buffer
        }
    };
    let header = binrpc::header(&answer)?.ok_or(DecodeError::End)?;
    result(header, cookie, &answer)
}

/// Where a datagram's answer comes to; the file is removed at the end.
struct OwnPath(PathBuf);

impl OwnPath {
    fn new(number: u32) -> Self {
        Self(std::env::temp_dir().join(format!("ferroctl-{}-{number:x}", std::process::id())))
    }
}

impl Drop for OwnPath {
    fn drop(&mut self) {
        // Nothing can be done about a file that stays.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn converse(mut stream: impl Read + Write, request: &[u8]) -> Result<Vec<u8>, CallError> {
    stream.write_all(request)?;
    let mut answer = Vec::new();
    let mut piece = [0; 16_384];
    loop {
        if let Some(header) = binrpc::header(&answer)?
            && answer.len() >= header.end
        {
            return Ok(answer);
        }
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Err(DecodeError::End.into());
        }
        answer.extend_from_slice(piece.get(..count).unwrap_or_default());
    }
}

fn result(header: Header, cookie: u32, answer: &[u8]) -> Result<Vec<RpcValue>, CallError> {
    let body = answer
        .get(header.body..header.end)
        .ok_or(DecodeError::End)?;
    let values = binrpc::values(body)?;
    if header.cookie != cookie {
        return Err(CallError::Mismatch);
    }
    match (header.kind, values.as_slice()) {
        (Some(Kind::Reply), _) => Ok(values),
        (Some(Kind::Fault), [RpcValue::Int(code), RpcValue::Text(reason)]) => {
            Err(CallError::Fault {
                code: *code,
                reason: String::from_utf8_lossy(reason).into_owned(),
            })
        }
        _ => Err(DecodeError::Type.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::rpc::RpcFault;

    #[test]
    fn a_stream_answers_in_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let server = std::thread::spawn(move || {
            for result in [
                Ok(vec![RpcValue::Int(5)]),
                Err(RpcFault::new(500, "command x not found")),
            ] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut buffer = [0; 1024];
                let len = stream.read(&mut buffer).unwrap();
                let head = binrpc::header(&buffer[..len]).unwrap().unwrap();
                for byte in binrpc::reply(head.cookie, &result) {
                    stream.write_all(&[byte]).unwrap();
                }
            }
        });
        let address = Address::UnixStream(path);
        assert_eq!(call(&address, "a.b", &[]).unwrap(), [RpcValue::Int(5)]);
        let error = call(&address, "x", &[]).unwrap_err();
        assert_eq!(error.to_string(), "error: 500 - command x not found");
        server.join().unwrap();
    }
}
