//! The life of the server: read, bind, settle, start, wait, stop.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use engine::Core;
use engine::log::Level;
use script::source::SourceMap;
use transport::resolve::{LocateOptions, Resolver, ResolverConfig};
use transport::{SocketOptions, Transport, UdpOptions};

use crate::allocator;
use crate::cli::{CommandLine, Daemonize, EXIT_FAILURE};
use crate::config;
use crate::daemon::{self, Daemon, Launch};
use crate::inbound::{Receiver, SipFramer};
use crate::log::{JsonFlags, Log, LogConfig, Output, SYSLOG_SOCKET};
use crate::signals::{Request, Signals};
use crate::sockets;
use crate::world::{self, SharedTransport};
use crate::{datagrams, streams};

/// How long stopping may take.
const STOP_DEADLINE: Duration = Duration::from_millis(1500);

/// How often periodic work is looked at.
const TICK: Duration = Duration::from_millis(10);

/// How often threads that have nothing to do are woken.
const WAKE: Duration = Duration::from_secs(10);

/// Why the server does not come up. Diagnostics of the configuration were printed before.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("the configuration has errors")]
    Config,
    #[error(transparent)]
    Sockets(#[from] sockets::SocketError),
    #[error(transparent)]
    Bind(#[from] transport::BindError),
    #[error(transparent)]
    Raw(#[from] datagrams::NotPrivileged),
    #[error(transparent)]
    Daemon(#[from] daemon::DaemonError),
    #[error("cannot start the runtime: {0}")]
    Runtime(std::io::Error),
    #[error("cannot set up name resolution: {0}")]
    Resolver(std::io::Error),
    #[error(transparent)]
    Transport(#[from] transport::StartError),
    #[error(transparent)]
    Module(#[from] engine::module::InitError),
    #[error("bad user name or number: {0}")]
    User(String),
    #[error("cannot watch for signals: {0}")]
    Signals(nix::Error),
}

/// Runs the server until it is told to stop.
#[must_use]
pub fn run(line: &CommandLine) -> ExitCode {
    let (background, read) = wants_background(line);
    // What came in by a pipe cannot be read a second time.
    let input = match (&read, background) {
        (Some(read), true) => read.text(),
        _ => None,
    };
    match daemon::launch(background, input) {
        Ok(Launch::Parent(code)) => code,
        Ok(Launch::Server(daemon)) => match serve(line, read, daemon) {
            Ok(()) => ExitCode::SUCCESS,
            Err(StartError::Config) => ExitCode::from(EXIT_FAILURE),
            Err(error) => fail(&error),
        },
        Err(error) => fail(&error),
    }
}

pub(crate) fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("ERROR: {error}");
    ExitCode::from(EXIT_FAILURE)
}

/// Whether to leave the terminal: as `-D` says, else as `fork` in the configuration; the built-in
/// configuration stays, so that the first start shows what happens. What `fork` says is found out
/// by the process in the background, which reads the configuration anyway; only standard input has
/// to be read here, and is handed on.
fn wants_background(line: &CommandLine) -> (bool, Option<config::Read>) {
    match line.daemonize {
        Daemonize::Background => (true, None),
        Daemonize::NoFork | Daemonize::Foreground => (false, None),
        Daemonize::Unset if line.config.is_none() => (false, None),
        Daemonize::Unset if config::is_stdin(line) && !daemon::is_launched() => {
            let read = config::read(line);
            (read.forks(), Some(read))
        }
        Daemonize::Unset => (true, None),
    }
}

/// A core with what it was built from.
struct Built {
    core: Arc<Core>,
    transport: SharedTransport,
    addresses: Vec<transport::ListenAddress>,
    runtime: tokio::runtime::Runtime,
    log: Log,
    is_default: bool,
}

fn build(line: &CommandLine, read: config::Read) -> Result<Built, StartError> {
    let assembled = assemble(line, read)?;
    if config::print(
        &assembled.built.diagnostics,
        &assembled.source,
        line.diagnostics,
    ) {
        return Err(StartError::Config);
    }
    let core = assembled.built.core.ok_or(StartError::Config)?;
    Ok(Built {
        core,
        transport: assembled.transport,
        addresses: assembled.addresses,
        runtime: assembled.runtime,
        log: assembled.log,
        is_default: assembled.is_default,
    })
}

/// What was made of the configuration, with its mistakes.
pub(crate) struct Assembled {
    pub(crate) built: engine::load::Built,
    pub(crate) source: Arc<SourceMap>,
    pub(crate) settings: engine::settings::Settings,
    transport: SharedTransport,
    addresses: Vec<transport::ListenAddress>,
    runtime: tokio::runtime::Runtime,
    log: Log,
    is_default: bool,
}

/// Builds what a configuration describes. When that cannot even be begun, the
/// mistakes found so far were printed.
pub(crate) fn assemble(line: &CommandLine, read: config::Read) -> Result<Assembled, StartError> {
    let settings = read.plan.settings.clone();
    write_and_read_as(&settings);
    let found = sockets::addresses(&settings, line)
        .and_then(|addresses| Ok((sockets::table(&addresses, &settings, line)?, addresses)));
    let (table, addresses) = match found {
        Ok(found) => found,
        Err(error) => {
            config::print(read.plan.diagnostics(), &read.source, line.diagnostics);
            return Err(error.into());
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads(settings.tcp_children.or(settings.children)))
        .thread_name("runtime")
        .on_thread_park(|| allocator::give_back_in_turn(false))
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    let log = log(line, &settings, read.is_default);
    let resolver =
        Arc::new(Resolver::new(ResolverConfig::default()).map_err(StartError::Resolver)?);
    let options = LocateOptions {
        protos: sockets::protocols(&table),
        ipv6: table.all().iter().any(|s| s.address.is_ipv6()),
        ..LocateOptions::default()
    };
    let transport = SharedTransport::new(OnceLock::new());
    let services = world::services(
        Arc::clone(&transport),
        resolver,
        options,
        log.clone(),
        runtime.handle().clone(),
        config::Files::of(line),
    );
    Ok(Assembled {
        built: read.plan.build(services, table),
        source: read.source,
        settings,
        transport,
        addresses,
        runtime,
        log,
        is_default: read.is_default,
    })
}

/// What holds for addresses and URIs wherever they are written and read.
fn write_and_read_as(settings: &engine::settings::Settings) {
    if let Some(style) = settings.ipv6_style {
        style.set();
    }
    if !settings.host_chars.is_empty() {
        sip::allow_in_hosts(&settings.host_chars);
    }
}

fn log(line: &CommandLine, settings: &engine::settings::Settings, is_default: bool) -> Log {
    let stderr = settings.log_stderror || is_default;
    Log::new(LogConfig {
        ident: settings
            .log_name
            .clone()
            .unwrap_or_else(|| "ferrosip".to_owned()),
        facility: settings.log_facility,
        level: i32::MAX,
        output: if stderr {
            Output::Stderr {
                color: line.log_color || settings.log_color,
            }
        } else {
            Output::Syslog {
                path: SYSLOG_SOCKET.into(),
            }
        },
        json: line.json_log.as_deref().map(JsonFlags::parse),
        utc_offset: transport::process::utc_offset,
    })
}

fn serve(line: &CommandLine, read: Option<config::Read>, daemon: Daemon) -> Result<(), StartError> {
    let signals = Signals::block().map_err(StartError::Signals)?;
    let read = read.unwrap_or_else(|| config::read(line));
    if daemon.in_background() && line.daemonize == Daemonize::Unset && !read.forks() {
        daemon.decline();
        return Ok(());
    }
    let built = build(line, read)?;
    let Built {
        core,
        addresses,
        runtime,
        log,
        ..
    } = &built;
    let settings = &core.settings;
    let transport = Arc::new(Transport::bind(transport::Config {
        listen: addresses.clone(),
        udp: UdpOptions {
            threads: threads(settings.children),
            ..UdpOptions::default()
        },
        tcp: streams::options(core),
        sockets: SocketOptions {
            tos: settings.tos,
            receive_buffer: line
                .max_recv_buffer
                .and_then(|n| usize::try_from(n).ok())
                .or(settings.receive_buffer),
            free_bind: settings.free_bind,
            path_mtu_discovery: settings.path_mtu_discovery,
            multicast_ttl: settings.mcast_ttl,
            multicast_loopback: settings.mcast_loopback,
            send_buffer: line.max_send_buffer.and_then(|n| usize::try_from(n).ok()),
        },
    })?);
    let pid_files = daemon.settle(&daemon::Settings {
        user: settings.process.user.clone(),
        group: settings.process.group.clone(),
        chroot: line
            .chroot
            .clone()
            .or_else(|| settings.process.chroot.clone().map(Into::into)),
        working_dir: line
            .working_dir
            .clone()
            .or_else(|| settings.process.workdir.clone().map(Into::into)),
        runtime_dir: settings.process.runtime_dir.clone(),
        pid_file: line.pid_file.clone(),
        pgid_file: line.pgid_file.clone(),
        disable_core_dump: settings.process.disable_core_dump,
        open_files: settings.process.open_files,
        schedule: Some(settings.process.schedule).filter(|_| settings.process.real_time),
    })?;
    // Only the first value is ever set: the transport of this start.
    let _ = built.transport.set(Arc::clone(&transport));
    if let Err(error) = log.start() {
        return Err(StartError::Runtime(error));
    }
    let inbound = Arc::new(Receiver(Arc::clone(core)));
    let framer = Arc::new(SipFramer::new(core));
    follow_facility(core, log);
    streams::follow(core, &transport);
    datagrams::follow(core, &transport)?;
    core.start()?;
    transport.start(runtime.handle().clone(), inbound, framer)?;
    start_ticking(runtime.handle(), core);
    wake_now_and_then(runtime.handle());
    announce(&built);
    daemon.ready(log.is_on_stderr())?;
    wait_for_stop(&signals, core);
    core.stop();
    let report = transport.stop(stop_limit(settings.process.exit_timeout));
    if report.threads_left > 0 || report.connections_cut > 0 {
        core.log(
            Level::Warning,
            &format!(
                "{} busy threads and {} connections were cut off",
                report.threads_left, report.connections_cut
            ),
        );
    }
    core.log(Level::Notice, "stopped");
    log.flush(Duration::from_millis(200));
    drop(pid_files);
    let Built { runtime, .. } = built;
    runtime.shutdown_timeout(Duration::from_millis(100));
    Ok(())
}

/// How long threads and connections have to end, by `exit_timeout`, of which 0 sets no limit.
fn stop_limit(exit_timeout: u64) -> Duration {
    match exit_timeout {
        0 => STOP_DEADLINE,
        seconds => STOP_DEADLINE.min(Duration::from_secs(seconds)),
    }
}

/// One thread per core; `children` (of datagrams) and `tcp_children` (of streams and all that
/// waits) are upper bounds.
fn threads(children: Option<i64>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limit = children
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(cores)
        .max(1);
    cores.min(limit)
}

fn start_ticking(runtime: &tokio::runtime::Handle, core: &Arc<Core>) {
    let core = Arc::clone(core);
    runtime.spawn(async move {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            interval.tick().await;
            core.tick();
        }
    });
}

/// Gives each thread of the runtime cause to wake, so that it gives back memory before it rests
/// again: without traffic one of them does all the ticking.
fn wake_now_and_then(runtime: &tokio::runtime::Handle) {
    let handle = runtime.clone();
    runtime.spawn(async move {
        let mut interval = tokio::time::interval(WAKE);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            interval.tick().await;
            for _ in 0..handle.metrics().num_workers() {
                handle.spawn(tokio::task::yield_now());
            }
        }
    });
}

/// Says what is there: in the log, and for the built-in configuration what to try next.
fn announce(built: &Built) {
    let core = &built.core;
    core.log(
        Level::Notice,
        &format!("ferrosip {} is up", env!("CARGO_PKG_VERSION")),
    );
    for socket in core.sockets.all() {
        core.log(
            Level::Info,
            &format!("listening on {}", String::from_utf8_lossy(&socket.text)),
        );
    }
    if !built.is_default {
        return;
    }
    let addresses: Vec<String> = core
        .sockets
        .all()
        .iter()
        .map(|s| String::from_utf8_lossy(&s.text).into_owned())
        .collect();
    eprintln!(
        "ferrosip {} is up with its built-in configuration (give your own with -f).",
        env!("CARGO_PKG_VERSION")
    );
    eprintln!("  listening on    {}", addresses.join("  "));
    for (what, path) in core.control_sockets() {
        eprintln!("  {what:15} {path}");
    }
    eprintln!(
        "  try next        register two softphones as any name at one of these addresses and call one from the other;"
    );
    eprintln!("                  see them with: kamcmd ul.dump   (stop with Ctrl-C)");
}

/// Lets the log follow `core.log_facility`.
fn follow_facility(core: &Arc<Core>, log: &Log) {
    let name = core.cfg.text("core", "log_facility", Bytes::new(), "");
    let log = log.clone();
    let follow = move || {
        if let Some(facility) = engine::cfg_vars::facility(&name.get()) {
            log.change_facility(facility);
        }
    };
    core.cfg.watch("core", Box::new(follow));
}

/// Reads the configuration again; what keeps it from being put in place goes to the log.
fn reload(core: &Arc<Core>) {
    if let Err(error) = engine::reload::reload(core) {
        core.log(Level::Error, &format!("reload: {error}"));
    }
}

fn wait_for_stop(signals: &Signals, core: &Arc<Core>) {
    loop {
        match signals.wait() {
            Ok(Request::Stop) => {
                core.log(Level::Notice, "told to stop");
                return;
            }
            Ok(Request::Status) => core.log(Level::Notice, &core.status_line()),
            Ok(Request::Hangup) => reload(core),
            Ok(Request::Unhandled(number)) => {
                core.log(Level::Warning, &format!("signal {number} is not handled"))
            }
            Err(error) => {
                core.log(
                    Level::Critical,
                    &format!("waiting for signals failed: {error}"),
                );
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_takes_no_longer_than_the_exit_timeout() {
        assert_eq!(stop_limit(0), STOP_DEADLINE);
        assert_eq!(stop_limit(1), Duration::from_secs(1));
        assert_eq!(stop_limit(60), STOP_DEADLINE);
    }
}
