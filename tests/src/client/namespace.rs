//! Namespaces of Linux: a test starts itself again inside of one.
//!
//! With a network of its own a test can lose packets (`tc netem`), with mounts of its own it can
//! be the system log. Both need root or unprivileged user namespaces.

use std::process::Command;
use std::time::Duration;

use super::{bound_to_us, run};

/// Set inside, so that the test knows where it is.
const INSIDE: &str = "ACCEPTANCE_INSIDE";
const LOSSY: &str = "ip link set lo up && tc qdisc add dev lo root netem loss 5%";
const OWN_NETWORK: &str = "ip link set lo up && ip addr add 192.0.2.1/32 dev lo && \
     ip addr add 192.0.2.2/32 dev lo";
/// A `/dev` that belongs to the test, with the devices that programs need.
const OWN_DEVICES: &str = "old=$(mktemp -d) && mount --rbind /dev \"$old\" && \
     mount -t tmpfs none /dev && \
     for d in null zero random urandom tty; do \
     touch /dev/$d && mount --bind \"$old/$d\" /dev/$d; done";

/// A kind of namespace and what makes it ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Namespace {
    /// A loopback network that loses 5 % of its packets.
    LossyNetwork,
    /// A network with the addresses 192.0.2.1 and 192.0.2.2 on its loopback.
    OwnNetwork,
    /// A `/dev` without a system log.
    OwnDevices,
}

impl Namespace {
    fn flag(self) -> &'static str {
        match self {
            Self::LossyNetwork | Self::OwnNetwork => "--net",
            Self::OwnDevices => "--mount",
        }
    }

    fn preparation(self) -> &'static str {
        match self {
            Self::LossyNetwork => LOSSY,
            Self::OwnNetwork => OWN_NETWORK,
            Self::OwnDevices => OWN_DEVICES,
        }
    }

    /// A command that enters a new namespace and does `then` in it.
    fn command(self, then: &str) -> Command {
        let mut command = bound_to_us("unshare");
        if !nix::unistd::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        let script = format!("{} && {then}", self.preparation());
        command.arg(self.flag()).args(["sh", "-c", &script, "sh"]);
        command
    }

    /// What a report calls it.
    fn name(self) -> &'static str {
        match self {
            Self::LossyNetwork => "lossy network (netem)",
            Self::OwnNetwork => "network of its own",
            Self::OwnDevices => "/dev of its own",
        }
    }

    /// Why it cannot be had here.
    pub fn missing(self) -> Option<String> {
        let mut command = self.command("true");
        let failure = run(&mut command, Duration::from_secs(10))
            .and_then(super::Finished::success)
            .err()?;
        let reason = failure
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty());
        let reason = reason.unwrap_or("unshare failed");
        Some(format!("no {}: {reason}", self.name()))
    }

    /// Runs the named test inside; `None` when we are there already.
    pub fn enter(self, test: &str, limit: Duration) -> Option<Result<(), String>> {
        if std::env::var_os(INSIDE).is_some() {
            return None;
        }
        let program = match std::env::current_exe() {
            Ok(program) => program,
            Err(error) => return Some(Err(error.to_string())),
        };
        let mut command = self.command("exec \"$@\"");
        command
            .arg(program)
            .args(["--exact", test])
            .env(INSIDE, "1");
        let outcome = run(&mut command, limit).and_then(super::Finished::success);
        Some(outcome.map(|_| ()))
    }
}
