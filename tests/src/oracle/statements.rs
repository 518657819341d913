//! The statement oracle: small scripts, one route block each, whose traces both servers must share.
//!
//! `tests/statements/*.cfg` holds them: a block `route[case_x]` is a case, `say("…")` in it writes
//! a line of its trace. One server of each kind gets a request for every case, and then plain
//! requests, so that what the case sent to the server itself is worked off, step by step.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;

use regex::Regex;

use super::play::{self, PlayError};
use crate::subject::{Launch, Program, Server};

/// Everything around the cases.
const PRELUDE: &str = include_str!("../../statements/prelude.cfg");
/// How many messages one after the other a case may send to the server itself.
const ROUNDS: usize = 8;

/// The cases: their names, and the configuration with all of them.
pub struct Cases {
    /// Names in order.
    pub names: Vec<String>,
    /// The configuration.
    pub config: String,
}

/// Reads all files of a folder.
pub fn load(folder: &Path) -> std::io::Result<Cases> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name != "prelude.cfg"));
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "cfg"));
    paths.sort();
    let mut config = PRELUDE.to_owned();
    for path in paths {
        config.push_str(&std::fs::read_to_string(path)?);
    }
    let case = Regex::new(r"(?m)^route\[case_([a-z0-9_]+)\]").map_err(std::io::Error::other)?;
    let names = case.captures_iter(&config).map(|c| c[1].to_owned());
    let names = names.collect();
    let say = Regex::new(r#"say\("((?:[^"\\]|\\.)*)"\)"#).map_err(std::io::Error::other)?;
    let config = say.replace_all(&config, r#"xlog("L_ALERT", "@@$1@@\n")"#);
    let config = config.into_owned();
    Ok(Cases { names, config })
}

/// The trace of each case.
pub fn traces(
    program: &Program,
    cases: &Cases,
    (server, agent): (SocketAddr, SocketAddr),
) -> Result<Vec<Vec<String>>, PlayError> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &cases.config)?;
    let launch = Launch {
        config: Some(file.path()),
        without_media: false,
        local: "",
        addr: server,
        to_syslog: false,
        arguments: vec!["-M".to_owned(), "64".to_owned()],
    };
    let mut running = Server::launch(program, &launch)?;
    let mut log = File::open(running.folder().join("log"))?;
    let socket = UdpSocket::bind(agent)?;
    let mut traces = Vec::new();
    for name in &cases.names {
        log.seek(SeekFrom::End(0))?;
        let mut trace = Vec::new();
        socket.send_to(request(name, name, 0, server, agent).as_bytes(), server)?;
        for round in 1..=ROUNDS {
            let end = request("nothing", name, round, server, agent);
            socket.send_to(end.as_bytes(), server)?;
            let text = play::read_to_end_mark(&mut log, &mut running)?;
            if !text.contains(play::END) {
                let log = running.log_tail();
                return Err(PlayError::Silent {
                    program: program.name,
                    case: name.clone(),
                    log,
                });
            }
            trace.extend(lines(&text));
        }
        traces.push(trace);
    }
    Ok(traces)
}

fn request(user: &str, case: &str, round: usize, server: SocketAddr, agent: SocketAddr) -> String {
    format!(
        "OPTIONS sip:{user}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {agent};branch=z9hG4bK{case}-{round}\r\n\
         Max-Forwards: 20\r\nFrom: <sip:alice@example.org>;tag={case}\r\nTo: <sip:{user}@{server}>\r\n\
         Call-ID: {case}-{round}\r\nCSeq: 1 OPTIONS\r\nX-Case: {case}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// What was said, without the mark of the end.
fn lines(log: &str) -> Vec<String> {
    let parts: Vec<&str> = log.split("@@").collect();
    let said = parts.iter().skip(1).step_by(2);
    said.filter(|text| **text != "END")
        .map(|text| (*text).to_owned())
        .collect()
}
