//! What core parameters change in what the system does for the server: how packets look, limits of
//! its process, its schedule. What is expected is what Kamailio does: the tests pass with it.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use acceptance::client::control::kamcmd;
use acceptance::client::namespace::Namespace;
use acceptance::client::packets::{Packet, Watch};
use acceptance::client::phone::Phone;
use acceptance::subject::{Launch, Program, Server};

use crate::subject::{RUN, Subject, config_file, ensure, number};
use crate::{Case, Need};

const OWN_NETWORK: &[Need] = &[Need::Inside(Namespace::OwnNetwork), Need::Tool("kamcmd")];

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "parameters::datagrams_in_pieces",
        needs: OWN_NETWORK,
        run: |s| inside(s, pieces),
    },
    Case {
        name: "parameters::raw_sockets_without_privilege",
        needs: &[Need::Root, Need::Tool("setpriv"), Need::Tool("kamcmd")],
        run: unprivileged,
    },
    Case {
        name: "parameters::tcp_delayed_ack",
        needs: OWN_NETWORK,
        run: |s| inside(s, delayed_ack),
    },
    Case {
        name: "parameters::limits_of_the_process",
        needs: &[],
        run: limits,
    },
    Case {
        name: "parameters::schedule_of_the_process",
        needs: &[Need::Root],
        run: schedule,
    },
];

const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const PEER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
/// On a loaded machine a packet may take its time.
const PATIENCE: Duration = Duration::from_secs(10);

fn inside(subject: &Subject, test: fn(&Subject) -> Result<(), String>) -> Result<(), String> {
    match Namespace::OwnNetwork.enter(subject.test, RUN * 2) {
        Some(outcome) => outcome,
        None => test(subject),
    }
}

fn start(subject: &Subject, defines: &[&str]) -> Result<Server, String> {
    let arguments = defines.iter().flat_map(|define| ["-A", define]);
    let launch = Launch {
        config: Some(&config_file("system")),
        without_media: false,
        local: "",
        addr: SocketAddr::from((SERVER, 5060)),
        to_syslog: false,
        arguments: arguments.map(str::to_owned).collect(),
    };
    Server::launch(&subject.program, &launch).map_err(|e| e.to_string())
}

/// The packets of one reply that is about 900 bytes long.
fn reply(phone: &Phone, watch: &mut Watch, id: &str) -> Result<Vec<Packet>, String> {
    let pad = format!("X-Pad: {}\r\n", "p".repeat(500));
    phone.send(phone.request("INFO", "x", id, &pad).as_bytes())?;
    let answer = phone.expect(&format!("~(?s)^SIP/2.0 200 .*Call-ID: {id}-"))?;
    ensure(answer.all("X-Long").len() == 1, || format!("{answer:?}"))?;
    let is_last = |packets: &[Packet]| packets.last().is_some_and(|packet| !packet.more);
    Ok(watch.packets(is_reply, PATIENCE, is_last))
}

fn is_reply(packet: &Packet) -> bool {
    packet.from == SERVER && packet.segment.is_none()
}

/// Whether packets are as a reply that is cut so, with so many hops.
fn check(packets: &[Packet], mtu: Option<usize>, hops: u8) -> Result<(), String> {
    let wrong = || format!("not cut at {mtu:?} with {hops} hops: {packets:?}");
    let total = packets
        .iter()
        .map(|packet| packet.length - 20)
        .sum::<usize>();
    let count = mtu.map_or(1, |mtu| total.div_ceil((mtu - 20) / 8 * 8));
    ensure(packets.len() == count && total > 600, wrong)?;
    let mut offset = 0;
    for (index, packet) in packets.iter().enumerate() {
        let is_last = index + 1 == packets.len();
        let fits = packet.offset == offset && packet.more != is_last && packet.hops == hops;
        let is_full = is_last || mtu.is_none_or(|mtu| packet.length == 20 + (mtu - 20) / 8 * 8);
        ensure(fits && is_full, wrong)?;
        offset += packet.length - 20;
    }
    Ok(())
}

fn told(server: &Server) -> Result<[i64; 3], String> {
    let value = |name| number(server, &["core.udp4_raw_info"], name);
    Ok([
        value("udp4_raw")?,
        value("udp4_raw_mtu")?,
        value("udp4_raw_ttl")?,
    ])
}

fn set(server: &Server, name: &str, value: &str) -> Result<(), String> {
    kamcmd(server.folder(), &["cfg.set_now_int", "core", name, value]).map(|_| ())
}

/// `udp4_raw`, `udp4_raw_mtu`, `udp4_raw_ttl`: at start and when operators change them.
fn pieces(subject: &Subject) -> Result<(), String> {
    let phone = Phone::at(
        SocketAddr::from((PEER, 5060)),
        SocketAddr::from((SERVER, 5060)),
    )?;
    let mut watch = Watch::start()?;
    let mut look = |id: &str, mtu, hops| {
        // What came before is of no interest.
        watch.packets(is_reply, Duration::from_millis(50), |_| false);
        let packets = reply(&phone, &mut watch, id)?;
        check(&packets, mtu, hops)
            .map_err(|why| format!("{id}: {why}"))
            .map(|()| packets[0].whole)
    };
    let system: u8 = 64;
    let starts: [(&[&str], _, _, _); 6] = [
        (&[], [0, 1500, 64], None, system),
        (&["RAW=1"], [1, 1500, 64], None, system),
        (
            &["RAW=0", "RAW_MTU=300", "RAW_TTL=17"],
            [0, 300, 17],
            None,
            system,
        ),
        (
            &["RAW=-1", "RAW_MTU=300", "RAW_TTL=17"],
            [1, 300, 17],
            Some(300),
            17,
        ),
        (
            &["RAW=7", "RAW_MTU=10", "RAW_TTL=1000"],
            [7, 10, 1000],
            None,
            232,
        ),
        (
            &["RAW=1", "RAW_MTU=29", "RAW_TTL=3"],
            [1, 29, 3],
            Some(29),
            3,
        ),
    ];
    for (index, (defines, shown, mtu, hops)) in starts.into_iter().enumerate() {
        let server = start(subject, defines)?;
        let now = told(&server)?;
        ensure(now == shown, || format!("{defines:?}: {now:?}"))?;
        look(&format!("start{index}"), mtu, hops)?;
    }
    let server = start(subject, &["WITH_PATH_MTU"])?;
    ensure(look("whole", None, system)?, || "it may be cut".to_owned())?;
    for (step, (name, value, mtu, hops)) in [
        ("udp4_raw_ttl", "9", None, system),
        ("udp4_raw", "1", None, 9),
        ("udp4_raw_mtu", "500", Some(500), 9),
        ("udp4_raw_ttl", "19", Some(500), 19),
        ("udp4_raw_ttl", "0", Some(500), 0),
        ("udp4_raw_mtu", "28", None, 0),
        ("udp4_raw_ttl", "255", None, 255),
        ("udp4_raw", "0", None, system),
    ]
    .into_iter()
    .enumerate()
    {
        set(&server, name, value)?;
        let whole = look(&format!("step{step}"), mtu, hops)?;
        // A raw socket does not ask for the path's limit.
        let expected = step == 0 || (name, value) == ("udp4_raw", "0");
        ensure(whole == expected, || {
            format!("{name}={value}: whole {whole}")
        })?;
    }
    Ok(())
}

/// A copy of the program that begins with some commands of the shell.
fn behind(subject: &Subject, folder: &Path, commands: &str) -> Result<Subject, String> {
    let path = folder.join("program");
    let program = subject.program.path.display();
    let problem = |e: std::io::Error| e.to_string();
    fs::write(&path, format!("#!/bin/sh\n{commands} '{program}' \"$@\"\n")).map_err(problem)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(problem)?;
    Ok(Subject {
        program: Program {
            path,
            ..subject.program.clone()
        },
        test: subject.test,
    })
}

fn unprivileged(subject: &Subject) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let without = "exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw";
    let subject = behind(subject, folder.path(), without)?;
    let started = |define| subject.configured("system", &["-A", define]);
    ensure(started("RAW=1").is_err(), || {
        "it starts with what it cannot do".to_owned()
    })?;
    let server = started("RAW=-1")?;
    let now = told(&server)?;
    ensure(now == [0, 1500, -1], || format!("{now:?}"))?;
    let words = ["cfg.set_now_int", "core", "udp4_raw", "1"];
    let said = kamcmd(server.folder(), &words)?;
    ensure(said.contains("error: 400"), || {
        format!("it is turned on: {said}")
    })?;
    ensure(told(&server)? == now, || "the values changed".to_owned())
}

/// With `tcp_delayed_ack` the data of an opened connection acknowledges its opening, also when
/// operators ask for it.
fn delayed_ack(subject: &Subject) -> Result<(), String> {
    for (define, expected) in [("DELAYED_ACK=yes", 0), ("DELAYED_ACK=no", 1)] {
        let server = start(subject, &[define])?;
        let seen = acks_before_data(5070)?;
        ensure(seen == expected, || format!("{define}: {seen} before data"))?;
        let other = if expected == 0 { "0" } else { "1" };
        let words = ["cfg.set_now_int", "tcp", "delayed_ack", other];
        kamcmd(server.folder(), &words)?;
        let seen = acks_before_data(5071)?;
        ensure(seen != expected, || {
            format!("{words:?}: {seen} before data")
        })?;
    }
    Ok(())
}

/// How many packets without data the server sends on a connection to a port between its opening and
/// the request that it was opened for.
fn acks_before_data(port: u16) -> Result<usize, String> {
    let place = SocketAddr::from((PEER, port));
    let listener = TcpListener::bind(place).map_err(|e| format!("{place}: {e}"))?;
    let mut watch = Watch::start()?;
    let phone = Phone::at(
        SocketAddr::from((PEER, 5060)),
        SocketAddr::from((SERVER, 5060)),
    )?;
    let to = format!("X-To: {place};transport=tcp\r\n");
    phone.send(phone.request("INFO", "forward", "ack", &to).as_bytes())?;
    let (mut stream, _) = listener.accept().map_err(|e| e.to_string())?;
    let limit = stream.set_read_timeout(Some(PATIENCE));
    limit.map_err(|e| e.to_string())?;
    let read = stream.read(&mut [0; 2000]).map_err(|e| e.to_string())?;
    ensure(read > 0, || "the connection ended".to_owned())?;
    let has_data = |packet: &Packet| packet.segment.is_some_and(|s| s.data > 0);
    // Kamailio leaves it to the system which address it connects from.
    let is_there = |packet: &Packet| packet.segment.is_some_and(|s| s.port == port);
    let packets = watch.packets(is_there, PATIENCE, |packets| packets.iter().any(has_data));
    let segments = packets.iter().filter_map(|packet| packet.segment);
    Ok(segments
        .filter(|segment| !segment.is_control && segment.data == 0)
        .count())
}

/// The soft and the hard limit of a process.
fn limit_of(server: &Server, name: &str) -> Result<[String; 2], String> {
    let path = format!("/proc/{}/limits", server.id());
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let row = text.lines().find_map(|line| line.strip_prefix(name));
    let mut words = row.unwrap_or_default().split_whitespace();
    let mut next = || words.next().unwrap_or_default().to_owned();
    Ok([next(), next()])
}

/// `open_files_limit` and `disable_core_dump`.
fn limits(subject: &Subject) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let lowered = "ulimit -Sn 400; ulimit -Hn 1500; ulimit -Sc 0; exec";
    let lowered = behind(subject, folder.path(), lowered)?;
    let server = |define| lowered.configured("system", &["-A", define]);
    for (define, expected) in [
        ("OPEN_FILES=1200", ["1200", "1500"]),
        ("OPEN_FILES=300", ["400", "1500"]),
    ] {
        let now = limit_of(&server(define)?, "Max open files")?;
        ensure(now == expected, || format!("{define}: {now:?}"))?;
    }
    for (define, is_left) in [("CORE_DUMPS=no", true), ("CORE_DUMPS=yes", false)] {
        let [soft, hard] = limit_of(&server(define)?, "Max core file size")?;
        // Who may raise the hard limit does that.
        let expected = if is_left {
            soft == hard && soft != "0"
        } else {
            [&*soft, &*hard] == ["0", "0"]
        };
        ensure(expected, || format!("{define}: {soft} {hard}"))?;
    }
    if !nix::unistd::geteuid().is_root() {
        return Ok(());
    }
    // Who becomes another user leaves a core file only if the process says so: then it belongs to
    // that user.
    for (define, owner) in [("CORE_DUMPS=no", 65_534), ("CORE_DUMPS=yes", 0)] {
        let arguments = ["-A", define, "-A", "WITHOUT_CONTROL", "-u", "65534"];
        let server = subject.configured("system", &arguments)?;
        let path = format!("/proc/{}/limits", server.id());
        let user = fs::metadata(path).map_err(|e| e.to_string())?.uid();
        ensure(user == owner, || format!("{define}: of user {user}"))?;
    }
    Ok(())
}

/// Priority and policy of each thread of the server's first process.
fn schedules(server: &Server) -> Result<Vec<(String, String)>, String> {
    let folder = format!("/proc/{}/task", server.id());
    let threads = fs::read_dir(folder).map_err(|e| e.to_string())?;
    let read = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("stat")).ok()?;
        // The name, in parentheses, may have spaces.
        let rest = text.rsplit_once(") ")?.1;
        let mut fields = rest.split(' ').skip(37);
        Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
    };
    Ok(threads.flatten().filter_map(read).collect())
}

/// `real_time`, `rt_policy` and `rt_prio`.
fn schedule(subject: &Subject) -> Result<(), String> {
    for (when, policy, priority, expected) in [
        (4, 2, 10, ("10", "1")),
        (4, 1, 7, ("7", "2")),
        (7, 2, 10, ("10", "1")),
        (0, 1, 7, ("0", "0")),
    ] {
        let defines = [
            format!("REAL_TIME={when}"),
            format!("RT_POLICY={policy}"),
            format!("RT_PRIO={priority}"),
        ];
        let defines: Vec<&str> = defines.iter().flat_map(|d| ["-A", d]).collect();
        let server = subject.configured("system", &defines)?;
        let threads = schedules(&server)?;
        let is_so = |(own, policy): &(String, String)| (&**own, &**policy) == expected;
        let all = !threads.is_empty() && threads.iter().all(is_so);
        ensure(all, || format!("{defines:?}: {threads:?}"))?;
    }
    Ok(())
}
