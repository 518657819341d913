//! Another program that a script tells of requests, by a named pipe and by a unix datagram socket. What
//! arrives has to be what Kamailio writes, to the byte.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::time::{Duration, Instant};

use acceptance::client::control::kamcmd;
use acceptance::client::phone::Phone;
use acceptance::message::text;
use acceptance::subject::{Program, Server};
use nix::sys::stat::Mode;
use tempfile::TempDir;

use crate::subject::{Subject, config_file, ensure};
use crate::{Case, Need};

const COMPARED: &[Need] = &[Need::Reference];
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) const CASES: &[Case] = &[
    Case::new("told::what_arrives", COMPARED, what_arrives),
    Case::new("told::the_reader_answers", &[], reader_answers),
    Case::new("told::the_reader_says_nothing", &[], reader_is_silent),
    Case::new("told::the_caller_gives_up", &[], caller_gives_up),
    Case::new("told::nobody_reads", COMPARED, nobody_reads),
];

const ROUTES: &str = "Record-Route: <sip:192.0.2.1;lr;x=1>, <sip:192.0.2.2:5070>\r\n";
const STRICT: &str =
    "Record-Route: \"A, B\" <sip:192.0.2.1>\r\nRecord-Route: <sip:192.0.2.2;lr>\r\n";
const MORE: &str = "User-Agent: One 1\r\nX-More: first\r\nX-More: second\r\n";
const BODY: &str = "Content-Type: text/plain\r\nContent-Length: 9\r\n\r\none\r\ntwo\n";
const EMPTY: &str = "Content-Length: 0\r\n\r\n";

/// Method, user, and what follows `CSeq`.
const REQUESTS: &[(&str, &str, &[&str])] = &[
    ("OPTIONS", "plain", &[EMPTY]),
    (
        "OPTIONS",
        "plain",
        &[
            "Contact: <sip:c@192.0.2.3>;q=1, <sip:d@192.0.2.4>\r\n",
            EMPTY,
        ],
    ),
    ("OPTIONS", "plain", &["Contact: *\r\n", EMPTY]),
    (
        "OPTIONS",
        "plain",
        &["Contact: <sip:c@192.0.2.3>\r\n", ROUTES, EMPTY],
    ),
    (
        "OPTIONS",
        "plain",
        &["Contact: <sip:c@192.0.2.3>\r\n", STRICT, EMPTY],
    ),
    ("MESSAGE", "plain", &["X-Record: 1\r\nX-Rport: 1\r\n", BODY]),
    ("INVITE", "plain", &[BODY]),
    ("MESSAGE", "more", &[MORE, BODY]),
    ("INVITE", "more", &[MORE, BODY]),
    ("MESSAGE", "body", &[BODY]),
    ("MESSAGE", "body", &[EMPTY]),
    ("MESSAGE", "unix", &["X-Record: 1\r\n", BODY]),
    ("OPTIONS", "moved", &[EMPTY]),
];

/// A server and the programs that it tells.
struct Scene {
    server: Server,
    phone: Phone,
    folder: TempDir,
    pipe: File,
    socket: UnixDatagram,
    _stream: UnixListener,
}

impl Scene {
    fn new(subject: &Subject, program: &Program) -> Result<Self, String> {
        let wrong = |error: std::io::Error| error.to_string();
        let folder = tempfile::tempdir().map_err(wrong)?;
        open_to_all(folder.path(), 0o755)?;
        let place = |name| folder.path().join(name);
        for name in ["pipe", "unread"] {
            nix::unistd::mkfifo(&place(name), Mode::empty()).map_err(|e| e.to_string())?;
            open_to_all(&place(name), 0o666)?;
        }
        // Also open for writing, so that it does not end when the server closes it.
        let pipe = File::options()
            .read(true)
            .write(true)
            .custom_flags(nix::libc::O_NONBLOCK)
            .open(place("pipe"))
            .map_err(wrong)?;
        let socket = UnixDatagram::bind(place("socket")).map_err(wrong)?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(wrong)?;
        let stream = UnixListener::bind(place("stream")).map_err(wrong)?;
        for name in ["socket", "stream"] {
            open_to_all(&place(name), 0o666)?;
        }
        let config = std::fs::read_to_string(config_file("told")).map_err(wrong)?;
        let config = config.replace("/run/told", &folder.path().display().to_string());
        let file = place("told.cfg");
        std::fs::write(&file, config).map_err(wrong)?;
        let server = subject.start(program, Some(&file), &[])?;
        let phone = Phone::new(server.addr)?;
        Ok(Self {
            server,
            phone,
            folder,
            pipe,
            socket,
            _stream: stream,
        })
    }

    /// Sends a request and gives the start of its answer.
    fn ask(
        &self,
        method: &str,
        user: &str,
        number: usize,
        more: &[&str],
    ) -> Result<String, String> {
        self.send(method, user, number, more)?;
        Ok(self.phone.expect("4xx")?.start)
    }

    fn send(&self, method: &str, user: &str, number: usize, more: &[&str]) -> Result<(), String> {
        let (own, server) = (self.phone.addr, self.server.addr);
        let request = format!(
            "{method} sip:{user}@{server};p=1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP {own};branch=z9hG4bKtold{number}\r\nMax-Forwards: 70\r\n\
             From: \"Al Ice\" <sip:alice@a.example;x=y>;z=1;tag=f{number}\r\n\
             To: Bob <sip:{user}@b.example>;tag=t{number}\r\n\
             Call-ID: told{number}@a.example\r\nCSeq: {number} {method}\r\n{}",
            more.concat()
        );
        self.phone.send(request.as_bytes())
    }

    /// A request that another phone refuses: what the failure route tells.
    fn told_of_failure(&mut self) -> Result<String, String> {
        let callee = Phone::new(self.server.addr)?;
        let target = format!("X-Target: sip:{}\r\n", callee.addr);
        let number = REQUESTS.len();
        self.send("INVITE", "failed", number, &[&target, MORE, BODY])?;
        let invite = callee.expect("INVITE")?;
        callee.reply(&invite, 486)?;
        let told = self.told("failed")?;
        self.phone.expect("408")?;
        Ok(told)
    }

    /// What arrives, with the server's address and numbers of transactions masked.
    fn told(&mut self, user: &str) -> Result<String, String> {
        let mut buffer = vec![0; 65_536];
        let by_socket = matches!(user, "unix" | "moved");
        let length = if by_socket {
            self.socket.recv(&mut buffer).map_err(|e| e.to_string())?
        } else {
            read_some(&mut self.pipe, &mut buffer)?
        };
        Ok(self.masked(&text(&buffer[..length])))
    }

    fn masked(&self, told: &str) -> String {
        let (own, ip) = (
            self.server.addr.to_string(),
            self.server.addr.ip().to_string(),
        );
        let told = told.replace(&own, "SERVER").replace(&ip, "SERVER-IP");
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
        let lines = told.split('\n').map(|line| match line.split_once(':') {
            Some((index, label)) if is_number(index) && is_number(label) => "INDEX:LABEL",
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn open_to_all(path: &Path, mode: u32) -> Result<(), String> {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).map_err(|e| e.to_string())
}

/// What is in the pipe, once there is something.
fn read_some(pipe: &mut File, buffer: &mut [u8]) -> Result<usize, String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match pipe.read(buffer) {
            Ok(length) => return Ok(length),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("nothing came by the pipe".to_owned())
}

/// The same requests to both; what each of them tells and answers.
fn what_arrives(subject: &Subject) -> Result<(), String> {
    let mut outcomes = Vec::new();
    for program in [Program::kamailio(), subject.program.clone()] {
        let mut scene = Scene::new(subject, &program)?;
        let mut told = Vec::new();
        for (number, (method, user, more)) in REQUESTS.iter().enumerate() {
            let answer = scene.ask(method, user, number, more)?;
            ensure(answer.contains("480 Told"), || format!("{user}: {answer}"))?;
            told.push(scene.told(user)?);
        }
        told.push(scene.told_of_failure()?);
        outcomes.push(told);
    }
    for (number, (wanted, told)) in outcomes[0].iter().zip(&outcomes[1]).enumerate() {
        ensure(wanted == told, || {
            format!("request {number}: Kamailio told\n{wanted:?}\nthe subject\n{told:?}")
        })?;
    }
    Ok(())
}

/// Where nobody reads, the script goes on at once, and with a failure.
fn nobody_reads(subject: &Subject) -> Result<(), String> {
    for program in [Program::kamailio(), subject.program.clone()] {
        let scene = Scene::new(subject, &program)?;
        for (number, user) in ["unread", "absent", "unix-absent", "unix-stream"]
            .iter()
            .enumerate()
        {
            let answer = scene.ask("OPTIONS", user, number, &[EMPTY])?;
            ensure(answer.contains("480 Not told"), || {
                format!("{user}: {answer}")
            })?;
        }
        let answer = scene.ask("OPTIONS", "none", 9, &[EMPTY])?;
        ensure(answer.contains("404 Told -1"), || answer.clone())?;
        let absent = scene.folder.path().join("absent");
        ensure(!absent.exists(), || "a file was made".to_owned())?;
    }
    Ok(())
}

/// The reader may answer by a control command, with the number that it was told.
fn reader_answers(subject: &Subject) -> Result<(), String> {
    let mut scene = Scene::new(subject, &subject.program)?;
    scene.send("INVITE", "held", 1, &[BODY])?;
    let mut buffer = vec![0; 65_536];
    let length = read_some(&mut scene.pipe, &mut buffer)?;
    let told = text(&buffer[..length]);
    let id = told.split('\n').nth(15).unwrap_or_default();
    let answer = kamcmd(
        scene.server.folder(),
        &["tm.reply", "603", "No thanks", id, "reader", ""],
    )?;
    ensure(!answer.starts_with("error"), || {
        format!("tm.reply of {id}: {answer}")
    })?;
    scene.phone.expect("603").map(drop)
}

/// Without an answer the request times out, and no failure route runs.
fn reader_is_silent(subject: &Subject) -> Result<(), String> {
    let mut scene = Scene::new(subject, &subject.program)?;
    scene.send("INVITE", "held", 1, &[BODY])?;
    scene.told("held")?;
    scene.phone.expect("408")?;
    let mut buffer = [0; 16];
    let more = scene.pipe.read(&mut buffer);
    ensure(more.is_err(), || "a failure route told more".to_owned())
}

/// A request that waits for the reader can be cancelled.
fn caller_gives_up(subject: &Subject) -> Result<(), String> {
    let mut scene = Scene::new(subject, &subject.program)?;
    scene.send("INVITE", "held", 1, &[EMPTY])?;
    scene.told("held")?;
    scene.send("CANCEL", "held", 1, &[EMPTY])?;
    scene.phone.expect("487").map(drop)
}
