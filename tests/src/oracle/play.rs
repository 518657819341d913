//! Evaluates expressions on a server: starts it, sends the messages, reads the answers in its log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use regex::Regex;

use super::config;
use super::messages::{Message, Way};
use super::scene::Scene;
use super::{Form, Row};
use crate::subject::{Launch, Program, Server};

/// How long a server may take for one message.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a configuration logs when it is through with a message.
pub(crate) const END: &str = "@@END@@\n";

/// What each row gave, by its number.
pub type Answers = BTreeMap<usize, String>;

/// Why there are no answers.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The server does not run.
    #[error(transparent)]
    Start(#[from] crate::subject::StartError),
    /// Files or sockets.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It does not come to the end of a case.
    #[error("{program} does not come to the end of {case}; its log ends:\n{log}")]
    Silent {
        /// The program's name.
        program: &'static str,
        /// The case.
        case: String,
        /// The end of its log.
        log: String,
    },
    /// It stopped answering.
    #[error(
        "{program} does not come to the end of message {message}, stopped in row {next}; its log ends:\n{log}"
    )]
    Stuck {
        /// The program's name.
        program: &'static str,
        /// The message's name.
        message: &'static str,
        /// The first row without an answer.
        next: usize,
        /// The end of its log.
        log: String,
    },
}

/// Evaluates the rows for each message in a scene.
pub fn answers(
    program: &Program,
    rows: &[&Row],
    (scene, messages): (Scene, &[&Message]),
    (server, agent): (SocketAddr, SocketAddr),
) -> Result<Vec<Answers>, PlayError> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), config::write(rows, scene).text)?;
    let launch = Launch {
        config: Some(file.path()),
        without_media: false,
        local: "",
        addr: server,
        // The usual eight megabytes are little for thousands of expressions.
        to_syslog: false,
        arguments: vec!["-M".to_owned(), "512".to_owned()],
    };
    let mut running = Server::launch(program, &launch)?;
    let mut log = File::open(running.folder().join("log"))?;
    let socket = UdpSocket::bind(agent)?;
    let mut answers = Vec::new();
    for message in messages {
        if rows.first().is_some_and(|row| row.form == Form::Assignment) {
            answers.push(alone(
                program,
                message,
                rows.len(),
                (&mut running, &mut log),
                &socket,
            )?);
            continue;
        }
        log.seek(SeekFrom::End(0))?;
        let bytes = message.bytes(server, agent);
        // Kept until the answers are there.
        let mut stream = None;
        match message.way {
            Way::Udp => _ = socket.send_to(&bytes, server)?,
            Way::Tcp => stream.insert(connect(server, agent)?).write_all(&bytes)?,
        }
        let text = read_to_end_mark(&mut log, &mut running)?;
        let found = parse(&text);
        if !text.contains(END) {
            let last = found.keys().next_back();
            return Err(PlayError::Stuck {
                program: program.name,
                message: message.name,
                next: last.map_or(0, |last| last + 1),
                log: running.log_tail(),
            });
        }
        answers.push(found);
    }
    Ok(answers)
}

/// Sends a message for each row.
fn alone(
    program: &Program,
    message: &Message,
    rows: usize,
    (running, log): (&mut Server, &mut File),
    socket: &UdpSocket,
) -> Result<Answers, PlayError> {
    let (server, agent) = (running.addr, socket.local_addr()?);
    let mut answers = Answers::new();
    for number in 0..rows {
        log.seek(SeekFrom::End(0))?;
        let row = format!("X-Row: {number}");
        socket.send_to(&message.with_header(&row, server, agent), server)?;
        let text = read_to_end_mark(log, running)?;
        if !text.contains(END) {
            return Err(PlayError::Stuck {
                program: program.name,
                message: message.name,
                next: number,
                log: running.log_tail(),
            });
        }
        answers.extend(parse(&text));
    }
    Ok(answers)
}

/// A connection from the agent's own address, so that both servers see the same. It is reset when
/// dropped, so that the next one can have the address.
fn connect(server: SocketAddr, agent: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_linger(Some(Duration::ZERO))?;
    socket.bind(&agent.into())?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}

/// What the log says until the end of a message, or as far as it comes.
pub(crate) fn read_to_end_mark(log: &mut File, server: &mut Server) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    let mut has_ended = false;
    while Instant::now() < deadline && !has_ended {
        has_ended = server.has_ended();
        let from = bytes.len().saturating_sub(16);
        log.read_to_end(&mut bytes)?;
        if bytes[from..]
            .windows(8)
            .any(|window| window == b"@@END@@\n")
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // One character for each byte: answers may hold any.
    Ok(bytes.into_iter().map(char::from).collect())
}

/// The answers in a log: `@@number text@@`. A NUL ends a line of Kamailio's log at once, so that the
/// next line's head follows: what stands before a NUL is compared.
fn parse(log: &str) -> Answers {
    static END_OR_HEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"@@\n|[ 0-9][0-9]\([0-9]+\) [A-Z]+: ").expect("a constant pattern")
    });
    /// Where a container lies in memory is different each time.
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("<<xavp:0x[0-9a-f]+>>").expect("a constant pattern"));
    /// The branch of a message that was sent.
    static BRANCH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("branch=z9hG4bK[0-9a-zA-Z.]+").expect("a constant pattern"));
    /// A tag or a branch that a server made.
    static MADE: LazyLock<Regex> = LazyLock::new(|| {
        let pattern =
            "z9hG4bK[0-9a-f]{3,4}[.][0-9a-f]{32}[.][0-9a-f]+|[0-9a-f]{32}[.-][0-9a-f]{8,}";
        Regex::new(pattern).expect("a constant pattern")
    });
    let mut answers = Answers::new();
    let mut rest = log;
    while let Some(start) = rest.find("@@") {
        let inner = &rest[start + 2..];
        let Some(end) = END_OR_HEAD.find(inner) else {
            break;
        };
        if let Some((number, text)) = inner[..end.start()].split_once(' ')
            && let Ok(number) = number.parse()
        {
            let text = text.split('\0').next().unwrap_or_default();
            let text = PLACE.replace_all(text, "<<xavp>>");
            let text = BRANCH.replace_all(&text, "branch=*");
            let text = MADE.replace_all(&text, "*");
            *answers.entry(number).or_default() += &text;
        }
        rest = &inner[end.end()..];
    }
    answers
}
