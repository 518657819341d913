//! The old line protocol: `:method:reply-pipe`, an argument a line, an empty line.
//!
//! The answer begins with `200 OK` (or the fault), then has one line for each value; structures
//! are written as `name:value,name:value`.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use engine::Core;
use engine::control::{
    Answering, ControlAddress, ControlAnswer, ControlFrame, ControlPeer, ControlService,
};
use engine::rpc::{Caller, RpcFault, RpcReply, RpcResult, RpcValue, Wire};

/// Where clients make their pipes.
const REPLY_DIRECTORY: &str = "/tmp";

/// The service behind `fifo` addresses.
pub(super) struct Lines {
    core: Weak<Core>,
}

impl Lines {
    pub(super) fn new(core: &Arc<Core>) -> Self {
        Self {
            core: Arc::downgrade(core),
        }
    }

    fn call(&self, request: &Request<'_>, peer: &ControlPeer) -> Result<RpcReply, RpcFault> {
        let method = String::from_utf8_lossy(request.method);
        let missing = || RpcFault::new(500, format!("Command '{method}' not found"));
        let core = self.core.upgrade().ok_or_else(missing)?;
        if core.rpcs.method(&method).is_none() {
            return Err(missing());
        }
        let args: Vec<RpcValue> = request.args.iter().map(|a| argument(a)).collect();
        let caller = Caller {
            wire: Wire::Lines,
            converts: true,
            peer: Some(peer.clone()),
        };
        Ok(core.rpcs.call_from(&core, &caller, &method, &args))
    }
}

impl ControlService for Lines {
    fn frame(&self, buffer: &[u8]) -> ControlFrame {
        let Some(first) = memchr::memchr(b'\n', buffer) else {
            return ControlFrame::NeedMore;
        };
        // Only a line that begins with a colon begins a request.
        if buffer.first() != Some(&b':') {
            return ControlFrame::Skip(first + 1);
        }
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', buffer) {
            if end == from {
                return ControlFrame::Request(end + 1);
            }
            from = end + 1;
        }
        ControlFrame::NeedMore
    }

    fn answer(&self, bytes: &[u8], peer: &ControlPeer) -> Answering {
        let Some(request) = Request::parse(bytes) else {
            return Answering::Now(ControlAnswer::default());
        };
        let by_pipe = matches!(peer.local, ControlAddress::Fifo(_));
        let pipe = by_pipe.then(|| request.reply_pipe()).flatten();
        let lines = move |result: &RpcResult| ControlAnswer {
            bytes: print_result(result),
            pipe,
            close: false,
        };
        match self.call(&request, peer) {
            Ok(RpcReply::Later(later)) => {
                Answering::Later(Box::pin(async move { lines(&later.await) }))
            }
            Ok(RpcReply::Now(result)) => Answering::Now(lines(&result)),
            Err(fault) => Answering::Now(lines(&Err(fault))),
        }
    }
}

struct Request<'a> {
    method: &'a [u8],
    reply: &'a [u8],
    args: Vec<&'a [u8]>,
}

impl<'a> Request<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut lines = bytes.split(|b| *b == b'\n');
        let head = lines.next()?.strip_prefix(b":")?;
        let colon = memchr::memchr(b':', head)?;
        let (method, reply) = (head.get(..colon)?, head.get(colon + 1..)?);
        Some(Self {
            method,
            reply,
            args: lines.take_while(|line| !line.is_empty()).collect(),
        })
    }

    /// The client's pipe; a name that leads out of the directory is refused.
    fn reply_pipe(&self) -> Option<PathBuf> {
        let name = std::str::from_utf8(self.reply).ok()?;
        let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
        plain.then(|| PathBuf::from(REPLY_DIRECTORY).join(name))
    }
}

/// Lines have no types: what looks like a number is one.
fn argument(text: &[u8]) -> RpcValue {
    let number = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
    number.map_or_else(
        || RpcValue::Text(bytes::Bytes::copy_from_slice(text)),
        RpcValue::Int,
    )
}

fn print_result(result: &RpcResult) -> Vec<u8> {
    match result {
        Ok(values) => {
            let mut out = b"200 OK\n".to_vec();
            for value in values {
                print(value, &mut out);
                out.push(b'\n');
            }
            out
        }
        Err(fault) => format!("{} {}\n", fault.code, fault.reason).into_bytes(),
    }
}

fn print(value: &RpcValue, out: &mut Vec<u8>) {
    match value {
        RpcValue::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
        RpcValue::Double(d) => out.extend_from_slice(format!("{d:.6}").as_bytes()),
        RpcValue::Text(text) => out.extend_from_slice(text),
        RpcValue::Null => {}
        RpcValue::Struct(members) => {
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(name.as_bytes());
                out.push(b':');
                print(member, out);
            }
        }
        RpcValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                print(item, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_cut_at_the_empty_line() {
        let lines = Lines { core: Weak::new() };
        assert_eq!(lines.frame(b":a:b\n"), ControlFrame::NeedMore);
        assert_eq!(lines.frame(b":a:b\n\nrest"), ControlFrame::Request(6));
        assert_eq!(lines.frame(b":a:b\nx\n\n"), ControlFrame::Request(8));
        assert_eq!(lines.frame(b"junk\n:a:b\n\n"), ControlFrame::Skip(5));
        let request = Request::parse(b":core.echo:rep\nabc\n5\n\n").unwrap();
        assert_eq!(request.method, b"core.echo");
        assert_eq!(request.args, [b"abc".as_slice(), b"5"]);
        assert_eq!(request.reply_pipe(), Some("/tmp/rep".into()));
        for bad in ["../x", "", "a/b", ".."] {
            let text = format!(":m:{bad}\n\n");
            assert_eq!(Request::parse(text.as_bytes()).unwrap().reply_pipe(), None);
        }
    }

    #[test]
    fn structures_are_one_line() {
        let mut out = Vec::new();
        let inner = RpcValue::Struct(vec![("a".into(), 1.into()), ("b".into(), "x".into())]);
        print(&inner, &mut out);
        assert_eq!(out, b"a:1,b:x");
    }
}
