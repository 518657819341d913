//! The log against a syslog socket of the test's own.

use std::os::unix::net::UnixDatagram;

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

fn log_to(path: &std::path::Path) -> Log {
    Log::new(LogConfig {
        ident: "ferrosip".to_owned(),
        facility: Facility::DAEMON,
        level: 2,
        output: Output::Syslog {
            path: path.to_owned(),
        },
        json: None,
        utc_offset: |_| 0,
    })
}

fn spoken<'a>(
    level: Level,
    facility: Option<Facility>,
    prefix: &'a [u8],
    source: &'a str,
    message: &'a [u8],
) -> LogLine<'a> {
    LogLine {
        level,
        facility,
        prefix,
        source,
        module: engine::log::module_of(source),
        place: Place::Source(Location::caller()),
        label: None,
        call_id: b"",
        message,
    }
}

fn receive(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).expect("a line");
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

#[test]
fn lines_reach_syslog_with_level_and_facility() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    let server = UnixDatagram::bind(&path).expect("bind");
    let log = log_to(&path);
    log.write(&spoken(
        Level::Error,
        None,
        b"",
        "<core>",
        b"before the thread\n",
    ));
    assert!(receive(&server).starts_with("<27>"));

    log.start().expect("thread");
    log.write(&spoken(Level::Debug, None, b"", "<core>", b"not enabled"));
    log.write(&spoken(
        Level::Info,
        Facility::from_name("LOG_LOCAL0"),
        b"{p} ",
        "<script>",
        b"hello",
    ));
    let line = receive(&server);
    assert!(line.starts_with("<134>"), "{line}");
    assert!(
        line.ends_with(&format!(
            " ferrosip[{}]: INFO: {{p}} <script>: hello",
            process::id()
        )),
        "{line}"
    );

    log.change_level(3);
    log.change_facility(Facility::from_name("LOG_LOCAL7").expect("known"));
    log.write(&spoken(Level::Debug, None, b"", "tm", b"now enabled"));
    assert!(receive(&server).starts_with("<191>"));
    assert!(log.flush(LIMIT));
    assert_eq!(log.dropped(), 0);
}

#[test]
fn a_restarted_syslog_is_found_again() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    let log = log_to(&path);
    log.start().expect("thread");
    log.write(&spoken(
        Level::Error,
        None,
        b"",
        "<core>",
        b"nobody listens",
    ));
    assert!(log.flush(LIMIT));
    assert!(log.dropped() >= 1);
    for _ in 0..2 {
        let _ = std::fs::remove_file(&path);
        let server = UnixDatagram::bind(&path).expect("bind");
        log.write(&spoken(Level::Error, None, b"", "<core>", b"again"));
        while !receive(&server).ends_with("<core>: again") {}
    }
}

#[test]
fn a_stopped_syslog_never_blocks_the_caller() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("log");
    let _server = UnixDatagram::bind(&path).expect("bind");
    let log = log_to(&path);
    log.start().expect("thread");
    let start = std::time::Instant::now();
    let text = vec![b'x'; 50_000];
    for _ in 0..1000 {
        log.write(&spoken(Level::Error, None, b"", "<core>", &text));
    }
    assert!(start.elapsed() < LIMIT);
    assert!(log.dropped() > 0);
}
