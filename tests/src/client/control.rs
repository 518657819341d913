//! The server's control interfaces, as Kamailio's tools use them.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use nix::libc::O_NONBLOCK;
use nix::sys::stat::Mode;
use serde_json::{Value, json};

use super::{Finished, bound_to_us, run, wait_for};

const LIMIT: Duration = Duration::from_secs(5);

/// Runs Debian's kamcmd on the socket in a server's run folder.
pub fn kamcmd_status(folder: &Path, words: &[&str]) -> Result<Finished, String> {
    let socket = format!("unix:{}", folder.join("kamailio_ctl").display());
    let mut command = bound_to_us("kamcmd");
    run(command.args(["-s", &socket]).args(words), LIMIT)
}

/// The answer of kamcmd, which must have succeeded.
pub fn kamcmd(folder: &Path, words: &[&str]) -> Result<String, String> {
    let answer = kamcmd_status(folder, words)?.success();
    answer.map_err(|why| format!("kamcmd {}: {why}", words.join(" ")))
}

/// Asks over the JSON-RPC datagram socket.
pub fn datagram(folder: &Path, method: &str, params: &Value) -> Result<Value, String> {
    let problem = |e: std::io::Error| format!("datagram {method}: {e}");
    let own = tempfile::tempdir_in(folder).map_err(problem)?;
    let socket = UnixDatagram::bind(own.path().join("client")).map_err(problem)?;
    socket.set_read_timeout(Some(LIMIT)).map_err(problem)?;
    let request = request(method, params);
    socket
        .send_to(
            request.to_string().as_bytes(),
            folder.join("kamailio_rpc.sock"),
        )
        .map_err(problem)?;
    let mut buffer = vec![0; 65_536];
    let length = socket.recv(&mut buffer).map_err(problem)?;
    parse(&buffer[..length])
}

/// Asks over the JSON-RPC FIFO; the answer comes by a FIFO of ours.
pub fn fifo(folder: &Path, method: &str, params: &Value) -> Result<Value, String> {
    let problem = |e: std::io::Error| format!("fifo {method}: {e}");
    // The server looks for it in its reply folder, /tmp, and refuses names with folders.
    let reply = tempfile::Builder::new()
        .prefix("sip-test-reply-")
        .make_in("/tmp", |path| {
            nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR).map_err(Into::into)
        })
        .map_err(problem)?;
    let name = reply
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let mut answer = OpenOptions::new()
        .read(true)
        .custom_flags(O_NONBLOCK)
        .open(reply.path())
        .map_err(problem)?;
    let mut request = request(method, params);
    request["reply_name"] = json!(name);
    let mut service = OpenOptions::new()
        .write(true)
        .custom_flags(O_NONBLOCK)
        .open(folder.join("kamailio_rpc.fifo"))
        .map_err(problem)?;
    service
        .write_all(format!("{request}\n").as_bytes())
        .map_err(problem)?;
    let mut bytes = Vec::new();
    wait_for("the answer by FIFO", LIMIT, || {
        read_some(&mut answer, &mut bytes)
    })?;
    parse(&bytes)
}

/// Reads what is there; whether it is a whole JSON text.
fn read_some(from: &mut File, bytes: &mut Vec<u8>) -> bool {
    // Nothing there yet is an error too: asked again.
    let _ = from.read_to_end(bytes);
    serde_json::from_slice::<Value>(bytes).is_ok()
}

fn request(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 7})
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|e| format!("{e}: {}", String::from_utf8_lossy(bytes)))
}

/// What a JSON value looks like without its data: keys in order, types.
pub fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => match items.first() {
            Some(first) => format!("[{}]", shape(first)),
            None => "[]".to_owned(),
        },
        Value::Object(fields) => {
            let fields = fields.iter();
            let shown: Vec<String> = fields.map(|(k, v)| format!("{k}: {}", shape(v))).collect();
            format!("{{{}}}", shown.join(", "))
        }
    }
}

/// The words that kamcmd prints before each `:` or alone on a line, in order: its answer's keys.
pub fn keys(answer: &str) -> Vec<&str> {
    let lines = answer.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| line.split([':', '=']).next().unwrap_or_default().trim())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_keys_and_order() {
        let value = json!({"b": 1, "a": [{"x": "y"}], "c": []});
        assert_eq!(shape(&value), "{b: number, a: [{x: string}], c: []}");
    }

    #[test]
    fn keys_of_an_answer() {
        assert_eq!(keys("{\n\tcurrent: 0\n}\n"), ["{", "current", "}"]);
        assert_eq!(keys("tm.x = 3"), ["tm.x"]);
    }
}
