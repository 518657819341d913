//! What options do to a server that runs: the same to Kamailio and to ferrosip.
//!
//! A server answers each request with a reason phrase that tells what it knows; the answers of both
//! programs have to be equal, and so has what the system says of their processes.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use acceptance::address::{SERVER_PORT, allocate};
use acceptance::scenario::Family;
use acceptance::subject::{Program, unusable_reference};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::verdicts::words;

const CONFIG: &str = r#"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "xlog.so"
loadmodule "corex.so"
#!ifndef TEXT
#!define TEXT "none"
#!endif
#!ifndef NUMBER
#!define NUMBER 1
#!endif
request_route {
	$var(own) = "foreign";
	if (uri == myself) { $var(own) = "own"; }
	xlog("L_ERR", "seen $rU\n");
	xlog("L_DBG", "deep $rU\n");
	$var(number) = NUMBER;
	sl_send_reply("200", "rcv=$Ri:$Rp adv=$RAi $var(own) text=$defn(NUMBER) TEXT number=$var(number) debug=$sel(cfg_get.core.debug) SUBST");
}
"#;

/// How long a server may take to come up or to go.
const LIMIT: Duration = Duration::from_secs(20);

/// A server that was started with a command line of the test's own.
struct Server {
    addr: SocketAddr,
    folder: TempDir,
    child: Child,
    /// The process that serves.
    pid: Pid,
}

impl Server {
    fn start(program: &Program, arguments: &str, config: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let addr = allocate(Family::V4, SERVER_PORT);
        fs::write(folder.path().join("test.cfg"), config.unwrap_or(CONFIG)).expect("a file");
        let filled = fill(arguments, addr, folder.path());
        let child = Command::new(&program.path)
            .args(words(&filled))
            .current_dir(folder.path())
            .stdin(File::open(folder.path().join("test.cfg")).expect("the file"))
            .stdout(File::create(folder.path().join("out")).expect("a file"))
            .stderr(File::create(folder.path().join("err")).expect("a file"))
            .spawn()
            .expect("the program starts");
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process number"));
        let mut server = Self {
            addr,
            folder,
            child,
            pid,
        };
        server.wait_until_up(program);
        server
    }

    fn wait_until_up(&mut self, program: &Program) {
        let began = Instant::now();
        while self.ask("up", self.addr).is_none() {
            if began.elapsed() > LIMIT {
                panic!("{} does not answer:\n{}", program.name, self.log());
            }
        }
        if let Ok(text) = fs::read_to_string(self.folder.path().join("pid")) {
            self.pid = Pid::from_raw(text.trim().parse().expect("a process number"));
        }
    }

    /// The reason phrase of the answer to a request for a user at this server.
    fn ask(&self, user: &str, to: SocketAddr) -> Option<String> {
        self.ask_at(user, &to.to_string(), to)
    }

    fn ask_at(&self, user: &str, host: &str, to: SocketAddr) -> Option<String> {
        let socket = UdpSocket::bind((self.addr.ip(), 0)).expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a time limit");
        let own = socket.local_addr().expect("an address");
        let request = format!(
            "OPTIONS sip:{user}@{host} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{user}\r\n\
             From: <sip:a@b>;tag=1\r\nTo: <sip:{user}@{host}>\r\nCall-ID: {user}\r\n\
             CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(request.as_bytes(), to).ok()?;
        let mut buffer = [0; 4096];
        let (length, _) = socket.recv_from(&mut buffer).ok()?;
        let answer = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let reason = answer.lines().next()?.strip_prefix("SIP/2.0 200 ")?;
        Some(self.neutral(reason))
    }

    /// Text without what belongs to this server alone.
    fn neutral(&self, text: &str) -> String {
        text.replace(&self.addr.ip().to_string(), "ADDRESS")
            .replace(&self.folder.path().display().to_string(), "FOLDER")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("err")).unwrap_or_default()
    }

    /// The lines of the script in the log, without numbers of processes. Lines may be written later
    /// than answers are sent, so one more request tells that all before it are there.
    fn script_lines(&self) -> String {
        let _ = self.ask("end", self.addr);
        let began = Instant::now();
        loop {
            let log = self.log();
            let lines: Vec<&str> = log
                .lines()
                .filter(|line| line.contains("seen ") || line.contains("deep "))
                .filter(|line| !line.contains("seen up") && !line.contains("deep up"))
                .collect();
            let end = lines.iter().position(|line| line.contains("seen end"));
            if end.is_some() || began.elapsed() > LIMIT {
                let lines = &lines[..end.unwrap_or(lines.len())];
                return lines.iter().fold(String::new(), |mut all, line| {
                    let text = line.split_once(") ").map_or(*line, |(_, text)| text);
                    let _ = writeln!(all, "{text}");
                    all
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn proc(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.pid))
    }

    /// Where a link of the process's folder points to.
    fn link(&self, file: &str) -> String {
        let target = fs::read_link(self.proc(file)).unwrap_or_default();
        self.neutral(&target.display().to_string())
    }

    /// A row of the process's status.
    fn status(&self, name: &str) -> String {
        let text = fs::read_to_string(self.proc("status")).unwrap_or_default();
        let row = text.lines().find(|line| line.starts_with(name));
        row.unwrap_or_default().to_owned()
    }

    fn exists(&self, file: &str) -> bool {
        self.folder.path().join(file).exists()
    }

    /// Ends the server; says whether its pid file went with it.
    fn stop(mut self) -> bool {
        let _ = kill(self.pid, Signal::SIGTERM);
        let began = Instant::now();
        while self.proc("exe").exists()
            && self.child.try_wait().is_ok_and(|ended| ended.is_none())
            && began.elapsed() < LIMIT
        {
            std::thread::sleep(Duration::from_millis(20));
        }
        while self.exists("pid") && began.elapsed() < LIMIT / 4 {
            std::thread::sleep(Duration::from_millis(20));
        }
        !self.exists("pid")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill(self.pid, Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

fn fill(text: &str, addr: SocketAddr, folder: &Path) -> String {
    text.replace("{ip}", &addr.ip().to_string())
        .replace("{addr}", &addr.to_string())
        .replace("{dir}", &folder.display().to_string())
}

/// Options of every start in the foreground.
const USUAL: &str = "-f test.cfg -DD -E -w {dir} -Y {dir}/run -P {dir}/pid -m 64 -n 1";

/// What both programs tell is the same.
fn same(name: &str, observe: impl Fn(&Program) -> String) {
    if let Some(why) = unusable_reference() {
        eprintln!("SKIPPED: {why}");
        return;
    }
    let (theirs, ours) = (observe(&Program::kamailio()), observe(&Program::subject()));
    assert!(!theirs.is_empty(), "{name}: Kamailio told nothing");
    assert_eq!(theirs, ours, "{name}: Kamailio's left, ours right");
}

/// Command lines whose answer tells their effect.
#[test]
fn what_a_server_was_told_shows_in_its_answers() {
    let cases = [
        ("plain", "-l udp:{addr}"),
        ("advertise", "-l udp:{addr}/192.0.2.7:5099"),
        ("advertise without port", "-l udp:{addr}/192.0.2.7"),
        ("no transport", "-l {addr}"),
        ("a list", "-l 'udp:({ip},127.0.0.43):5060'"),
        ("no TCP", "-T -l {addr}"),
        ("no SCTP", "-S -l udp:{addr}"),
        ("workers", "-N 2 -l {addr}"),
        ("define", "-A 'TEXT=\"a b\"' -A NUMBER=42 -l udp:{addr}"),
        ("glued define", "-ANUMBER=42 -l udp:{addr}"),
        ("subst", "--subst=/SUBST/other/ -l udp:{addr}"),
        ("substdef", "--substdef=/NUMBER/7/ -l udp:{addr}"),
        ("substdefs", "--substdefs=/TEXT/told/ -l udp:{addr}"),
        ("debug", "--debug=3 -l udp:{addr}"),
        ("counted debug", "-dd -d -l udp:{addr}"),
        ("alias", "--alias=alias.example -l udp:{addr}"),
        (
            "alias with port",
            "--alias=udp:alias.example:5070 -l udp:{addr}",
        ),
        ("memory", "-M 8 -x qm -X qm -O 1 --atexit=no -l udp:{addr}"),
        ("network", "-b 100000 -W poll -r -R -K -a no -l udp:{addr}"),
        (
            "a module path",
            "-L /usr/lib/x86_64-linux-gnu/kamailio/modules -l udp:{addr}",
        ),
    ];
    for (name, arguments) in cases {
        same(name, |program| {
            let server = Server::start(program, &format!("{USUAL} {arguments}"), None);
            let mut told = String::new();
            for host in [
                server.addr.to_string(),
                "alias.example".to_owned(),
                "alias.example:5070".to_owned(),
                "192.0.2.7:5099".to_owned(),
            ] {
                let answer = server.ask_at("asked", &host, server.addr);
                let _ = writeln!(told, "{}: {answer:?}", server.neutral(&host));
            }
            told + &server.script_lines()
        });
    }
}

#[test]
fn modules_and_parameters_of_the_command_line() {
    let config = "request_route { sl_send_reply(\"200\", \"$shv(a) $shv(b)\"); }\n";
    same("modules", |program| {
        let arguments = format!(
            "{USUAL} -l udp:{{addr}} --loadmodule=pv --loadmodule sl.so \
             --modparam=sl:default_code:i:502 --modparam sl:default_reason:s:'gone: away'"
        );
        let config = config.replace("$shv(a) $shv(b)", "$(ru{s.len}) ok");
        Server::start(program, &arguments, Some(&config));
        "up".to_owned()
    });
}

#[test]
fn the_process_is_as_the_options_say() {
    let daemon =
        "-f {dir}/test.cfg -E -Y {dir}/run -P {dir}/pid -G {dir}/pgid -m 64 -n 1 -l udp:{addr}";
    let cases = [
        ("foreground", format!("{USUAL} -l udp:{{addr}}")),
        (
            "no directory",
            "-f test.cfg -DD -E -Y {dir}/run -P {dir}/pid -l udp:{addr}".to_owned(),
        ),
        (
            "nobody",
            format!("{USUAL} -l udp:{{addr}} -u nobody -g nogroup"),
        ),
        (
            "numbers",
            format!("{USUAL} -l udp:{{addr}} -u 65534 -g 65534"),
        ),
        ("nobody alone", format!("{USUAL} -l udp:{{addr}} -u nobody")),
        (
            "chroot",
            "-f test.cfg -DD -E -t {dir} -w / -Y /run -P /pid -m 64 -n 1 -l udp:{addr}".to_owned(),
        ),
        (
            "no fork",
            "-f test.cfg -D -E -w {dir} -Y {dir}/run -P {dir}/pid -m 64 -l udp:{addr}".to_owned(),
        ),
        ("background", daemon.to_owned()),
        ("background, said", format!("{daemon} -DDD")),
        ("background in a folder", format!("{daemon} -w {{dir}}")),
        ("standard input", daemon.replace("{dir}/test.cfg", "-")),
    ];
    for (name, arguments) in cases {
        same(name, |program| {
            let is_daemon = arguments.contains("-G ");
            let mut server = Server::start(program, &arguments, None);
            let mut told = String::new();
            if is_daemon {
                let ended = server.child.wait().expect("the parent ends");
                // The pid file is there when the parent has ended.
                let pid = fs::read_to_string(server.folder.path().join("pid"));
                let pid = pid.expect("a pid file").trim().parse();
                server.pid = Pid::from_raw(pid.expect("a process number"));
                let group = fs::read_to_string(server.folder.path().join("pgid"));
                let own = nix::unistd::getpgid(Some(server.pid)).map(Pid::as_raw).ok();
                let group = group.ok().and_then(|text| text.trim().parse().ok());
                let _ = writeln!(told, "ended {:?}, group {}", ended.code(), own == group);
                let _ = writeln!(told, "input {}", server.link("fd/0"));
                let _ = writeln!(told, "output {}", server.link("fd/1"));
                let _ = writeln!(told, "error {}", server.link("fd/2"));
            }
            let _ = writeln!(told, "in {} of {}", server.link("cwd"), server.link("root"));
            let _ = writeln!(told, "{}", server.status("Uid"));
            let _ = writeln!(told, "{}", server.status("Gid"));
            // Without other processes Kamailio writes no pid file; ours is of use to who stops it.
            if name != "no fork" {
                let _ = writeln!(told, "pid {}", server.exists("pid"));
            }
            // Kamailio makes the directory before it changes the root, ours within it.
            if name != "chroot" {
                let _ = writeln!(told, "run {}", server.exists("run"));
            }
            let _ = writeln!(told, "{:?}", server.ask("last", server.addr).is_some());
            told + &server.script_lines()
        });
    }
}

#[test]
fn pid_files_go_with_the_server() {
    same("pid file", |program| {
        let server = Server::start(program, &format!("{USUAL} -l udp:{{addr}}"), None);
        let was_there = server.exists("pid");
        format!("{was_there} {}", server.stop())
    });
}

/// The configuration comes through a pipe that can be read once: neither program reads it twice.
#[test]
fn the_way_to_the_background_reads_the_configuration_once() {
    same("pipe", |program| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        let writer = {
            let pipe = pipe.clone();
            std::thread::spawn(move || fs::write(pipe, CONFIG))
        };
        let arguments = format!(
            "-f {} -E -Y {{dir}}/run -P {{dir}}/pid -m 64 -n 1 -l udp:{{addr}}",
            pipe.display()
        );
        let mut server = Server::start(program, &arguments, None);
        let ended = server.child.wait().expect("the parent ends");
        let _ = writer.join();
        let pid = fs::read_to_string(server.folder.path().join("pid")).expect("a pid file");
        server.pid = Pid::from_raw(pid.trim().parse().expect("a process number"));
        format!("{:?}", ended.code())
    });
}
