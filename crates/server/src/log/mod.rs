//! The log: Kamailio's levels and line shapes, to standard error or to syslog.
//!
//! A line is built by the thread that logs and handed to a writer thread through a bounded queue,
//! so that a slow terminal or a stopped syslog daemon never blocks a worker. Lines that find the
//! queue full are counted, and the count is logged once there is room again. Until
//! [`Log::start`] makes that thread, lines are written at once.

mod json;
mod line;
mod sink;

use std::cell::Cell;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicU8, AtomicU16, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use std::{io, process, thread};

use engine::log::{CORE, Facility, Level, Place};
use engine::services::LogLine;

pub use json::JsonFlags;

use line::Body;
use sink::Sink;

/// Where syslog listens.
pub const SYSLOG_SOCKET: &str = "/dev/log";

/// Lines that may wait for the writer.
const QUEUE_LINES: usize = 16_384;
/// Bytes that may wait for the writer.
const QUEUE_BYTES: usize = 16 << 20;

/// Bytes of lines that are written in one call.
const AT_ONCE: usize = 64 << 10;
/// How long the writer rests after writing, so that under load neither each line wakes it nor is
/// written alone.
const LINGER: Duration = Duration::from_millis(2);

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Standard error.
    Stderr {
        /// `-e`: colour by level.
        color: bool,
    },
    /// A syslog datagram socket, normally [`SYSLOG_SOCKET`].
    Syslog {
        /// The socket's path.
        path: PathBuf,
    },
}

/// How to log.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `log_name`, the program's name by default.
    pub ident: String,
    /// `log_facility`.
    pub facility: Facility,
    /// `debug`: the highest number that is logged.
    pub level: i32,
    /// Where to.
    pub output: Output,
    /// `--log-engine=json`: lines are JSON documents.
    pub json: Option<JsonFlags>,
    /// Seconds east of UTC at a Unix time, for syslog's local timestamps.
    pub utc_offset: fn(i64) -> i64,
}

/// The log. Clones share everything.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    ident: String,
    facility: AtomicU8,
    level: AtomicI32,
    color: AtomicBool,
    /// Colours of levels that the configuration changes.
    colors: RwLock<Vec<(Level, String)>>,
    json: Option<JsonFlags>,
    host: String,
    syslog: bool,
    utc_offset: fn(i64) -> i64,
    sink: Mutex<Sink>,
    queue: OnceLock<SyncSender<Entry>>,
    queued_bytes: AtomicUsize,
    dropped: AtomicU64,
}

enum Entry {
    Line(Vec<u8>),
    /// Everything before it has been written when this is answered.
    Flush(SyncSender<()>),
}

thread_local! {
    static WORKER: Cell<u16> = const { Cell::new(0) };
}

/// Gives the calling thread the number that stands first in its lines, as Kamailio's process number:
/// 1 for the first that receives, and so on.
pub fn number_worker() {
    static WORKERS: AtomicU16 = AtomicU16::new(0);
    WORKER.with(|worker| {
        if worker.get() == 0 {
            worker.set(WORKERS.fetch_add(1, Ordering::Relaxed).saturating_add(1));
        }
    });
}

impl Log {
    /// Opens the output. No thread is made, so this may come before daemonising and chroot.
    pub fn new(config: LogConfig) -> Self {
        let (color, sink) = match config.output {
            Output::Stderr { color } => (color, Sink::Stderr),
            Output::Syslog { path } => (false, Sink::syslog(path)),
        };
        Self(Arc::new(Shared {
            ident: config.ident,
            facility: AtomicU8::new(config.facility.code()),
            level: AtomicI32::new(config.level),
            color: AtomicBool::new(color),
            colors: RwLock::default(),
            json: config.json,
            host: std::fs::read_to_string("/proc/sys/kernel/hostname")
                .map(|name| name.trim_end().to_owned())
                .unwrap_or_default(),
            syslog: matches!(sink, Sink::Syslog { .. }),
            utc_offset: config.utc_offset,
            sink: Mutex::new(sink),
            queue: OnceLock::new(),
            queued_bytes: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        }))
    }

    /// Starts the writer thread; a second call does nothing.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(&self) -> io::Result<()> {
        if self.0.queue.get().is_some() {
            return Ok(());
        }
        let (queue, lines) = mpsc::sync_channel(QUEUE_LINES);
        let shared = Arc::clone(&self.0);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || shared.write_all(&lines))?;
        // Whoever was first owns the queue; the other writer ends with its sender.
        let _ = self.0.queue.set(queue);
        Ok(())
    }

    /// Whether a line of this level would be written; ask before formatting an expensive one.
    pub fn enabled(&self, level: Level) -> bool {
        level.number() <= self.0.level.load(Ordering::Relaxed)
    }

    /// Logs one line, if its level is enabled.
    pub fn write(&self, line: &LogLine<'_>) {
        if self.enabled(line.level) {
            self.0.submit(line);
        }
    }

    /// Changes the colour of a level on a terminal: `0;31;49`.
    pub fn set_color(&self, level: Level, color: &str) {
        let mut colors = self
            .0
            .colors
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        colors.retain(|(l, _)| *l != level);
        colors.push((level, color.to_owned()));
    }

    /// Whether lines go to standard error.
    pub fn is_on_stderr(&self) -> bool {
        !self.0.syslog
    }

    /// The current `debug` level.
    pub fn level(&self) -> i32 {
        self.0.level.load(Ordering::Relaxed)
    }

    /// Changes `debug` at run time.
    pub fn change_level(&self, level: i32) {
        self.0.level.store(level, Ordering::Relaxed);
    }

    /// Changes `log_facility` at run time.
    pub fn change_facility(&self, facility: Facility) {
        self.0.facility.store(facility.code(), Ordering::Relaxed);
    }

    /// Lines lost because the queue was full or the output refused them.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything logged so far is written, at most `limit`. Tells whether it was.
    pub fn flush(&self, limit: Duration) -> bool {
        let Some(queue) = self.0.queue.get() else {
            return true;
        };
        let (done, answer) = mpsc::sync_channel(1);
        queue.try_send(Entry::Flush(done)).is_ok() && answer.recv_timeout(limit).is_ok()
    }
}

impl Shared {
    fn submit(&self, line: &LogLine<'_>) {
        let body = &Body(line);
        let text = if self.syslog {
            let facility = line.facility;
            let facility =
                facility.map_or_else(|| self.facility.load(Ordering::Relaxed), Facility::code);
            let now = SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs() as i64);
            let local = now.saturating_add((self.utc_offset)(now));
            let mut text =
                line::syslog_head(facility, line.level, local, &self.ident, process::id());
            text.extend(self.document(body).unwrap_or_else(|| body.line()));
            text
        } else if let Some(document) = self.document(body) {
            document
        } else {
            let color = self
                .color
                .load(Ordering::Relaxed)
                .then(|| self.color_of(line.level));
            line::stderr(
                WORKER.with(Cell::get),
                process::id(),
                color.as_deref(),
                body,
            )
        };
        match self.queue.get() {
            Some(queue) => self.enqueue(queue, text),
            None => {
                let mut text = text;
                self.write_out(&mut text);
            }
        }
    }

    /// The line as a JSON document, if lines are such.
    fn document(&self, body: &Body<'_>) -> Option<Vec<u8>> {
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let process = json::Process {
            worker: WORKER.with(Cell::get),
            pid: process::id(),
            ident: &self.ident,
            host: &self.host,
            time: time.unwrap_or_default(),
        };
        Some(json::document(self.json?, &process, body))
    }

    fn color_of(&self, level: Level) -> String {
        let colors = self.colors.read().unwrap_or_else(PoisonError::into_inner);
        let changed = colors.iter().find(|(l, _)| *l == level);
        changed.map_or_else(|| format!("{};49", level.color()), |(_, c)| c.clone())
    }

    fn enqueue(&self, queue: &SyncSender<Entry>, line: Vec<u8>) {
        let length = line.len();
        let waiting = self.queued_bytes.fetch_add(length, Ordering::Relaxed);
        let accepted = waiting + length <= QUEUE_BYTES
            && !matches!(
                queue.try_send(Entry::Line(line)),
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_))
            );
        if !accepted {
            self.queued_bytes.fetch_sub(length, Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes a text, if there is one, and empties it.
    fn write_out(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        if sink.write(text).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        text.clear();
    }

    /// The writer thread.
    fn write_all(&self, lines: &mpsc::Receiver<Entry>) {
        let mut reported = 0;
        let mut text = Vec::new();
        while let Ok(first) = lines.recv() {
            for entry in std::iter::once(first).chain(lines.try_iter()) {
                match entry {
                    Entry::Line(line) => {
                        self.queued_bytes.fetch_sub(line.len(), Ordering::Relaxed);
                        text.extend_from_slice(&line);
                        // A datagram to syslog is one line.
                        if self.syslog || text.len() > AT_ONCE {
                            self.write_out(&mut text);
                        }
                    }
                    Entry::Flush(done) => {
                        self.write_out(&mut text);
                        let _ = done.try_send(());
                    }
                }
            }
            self.write_out(&mut text);
            let dropped = self.dropped.load(Ordering::Relaxed);
            if dropped != reported && self.queued_bytes.load(Ordering::Relaxed) < QUEUE_BYTES / 2 {
                let message = format!("{} log lines were lost", dropped - reported);
                reported = dropped;
                self.submit(&LogLine {
                    level: Level::Warning,
                    facility: None,
                    prefix: b"",
                    source: CORE,
                    module: "core",
                    place: Place::Source(Location::caller()),
                    label: None,
                    call_id: b"",
                    message: message.as_bytes(),
                });
            }
            thread::sleep(LINGER);
        }
    }
}

#[cfg(test)]
mod tests;
