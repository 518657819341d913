//! Namespaces of Linux: a test starts itself again inside of one.
//!
//! With a network of its own a test can lose packets (`tc netem`) or join networks as it likes,
//! with mounts of its own it can be the system log. Both need root or unprivileged user namespaces.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
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

/// A public network, which the test is in, and two further ones: that of an edge server, which is
/// on the public network behind a router and on a private one, and that of an inner server, which
/// is on the private one alone. Nothing but the edge server joins them: no kernel forwards.
const THREE_NETWORKS: &str = "mount -t tmpfs none /run && mkdir /run/netns && \
     ip netns add edge && ip netns add inner && \
     ip link set lo up && \
     ip link add pub0 type veth peer name pub1 netns edge && \
     ip addr add 203.0.113.10/24 dev pub0 && ip addr add 203.0.113.1/24 dev pub0 && \
     ip addr add 10.1.1.1/24 dev pub0 && ip link set pub0 up && \
     ip -n edge link set lo up && ip -n edge addr add 10.1.1.2/24 dev pub1 && \
     ip -n edge link set pub1 up && ip -n edge route add default via 10.1.1.1 && \
     ip -n edge link add in0 type veth peer name in1 netns inner && \
     ip -n edge addr add 10.2.2.1/24 dev in0 && ip -n edge link set in0 up && \
     ip -n inner link set lo up && ip -n inner addr add 10.2.2.2/24 dev in1 && \
     ip -n inner addr add 10.2.2.20/24 dev in1 && ip -n inner link set in1 up";

/// A loopback network whose one name server is the test, with a file of hosts and some addresses
/// of its own.
const OWN_RESOLVER: &str = "mount -t tmpfs none /mnt && \
     echo nameserver 127.0.0.53 > /mnt/resolv.conf && \
     printf '127.0.0.1 localhost\\n192.0.2.77 hosted.test Also.hosted.test\\n' > /mnt/hosts && \
     for d in 10 11 77 99; do ip addr add 192.0.2.$d/32 dev lo; done && \
     mount --bind /mnt/resolv.conf \"$(readlink -f /etc/resolv.conf)\" && \
     mount --bind /mnt/hosts /etc/hosts && ip link set lo up";

/// A kind of namespace and what makes it ready.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Namespace {
    /// A loopback network that loses 5 % of its packets.
    LossyNetwork,
    /// A network with the addresses 192.0.2.1 and 192.0.2.2 on its loopback.
    OwnNetwork,
    /// A `/dev` without a system log.
    OwnDevices,
    /// A network with a name server at [`Namespace::RESOLVER`] that the test has to be, in which
    /// `hosted.test` and `Also.hosted.test` are 192.0.2.77 by the file of hosts. This address and
    /// 192.0.2.10, 192.0.2.11 and 192.0.2.99 are the network's own.
    OwnResolver,
    /// A public network and, as `edge` and `inner` of `ip netns`, two others.
    ThreeNetworks,
}

impl Namespace {
    /// Where the name server of [`Namespace::OwnResolver`] is.
    pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 53);

    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::LossyNetwork | Self::OwnNetwork => &["--net"],
            Self::OwnDevices => &["--mount"],
            // What is mounted goes with us.
            Self::OwnResolver | Self::ThreeNetworks => &["--net", "--mount"],
        }
    }

    fn preparation(self) -> &'static str {
        match self {
            Self::LossyNetwork => LOSSY,
            Self::OwnNetwork => OWN_NETWORK,
            Self::OwnDevices => OWN_DEVICES,
            Self::OwnResolver => OWN_RESOLVER,
            Self::ThreeNetworks => THREE_NETWORKS,
        }
    }

    /// A command that enters a new namespace and does `then` in it.
    fn command(self, then: &str) -> Command {
        let mut command = bound_to_us("unshare");
        if !nix::unistd::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        let script = format!("{} && {then}", self.preparation());
        command.args(self.flags()).args(["sh", "-c", &script, "sh"]);
        command
    }

    /// What a report calls it.
    fn name(self) -> &'static str {
        match self {
            Self::LossyNetwork => "lossy network (netem)",
            Self::OwnNetwork => "network of its own",
            Self::OwnDevices => "/dev of its own",
            Self::OwnResolver => "resolver of its own",
            Self::ThreeNetworks => "three networks",
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

    /// Whether this program was started by [`Namespace::enter`].
    pub fn is_around_us() -> bool {
        std::env::var_os(INSIDE).is_some()
    }

    /// Runs the named test inside; `None` when we are there already.
    pub fn enter(self, test: &str, limit: Duration) -> Option<Result<(), String>> {
        if Self::is_around_us() {
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

/// A command in a network of [`Namespace::ThreeNetworks`].
pub fn in_network(network: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = bound_to_us("nsenter");
    command
        .arg(format!("--net=/run/netns/{network}"))
        .arg(program);
    command
}

/// A UDP socket in a network of [`Namespace::ThreeNetworks`].
pub fn bind_in_network(network: &str, addr: SocketAddr) -> Result<UdpSocket, String> {
    let file = File::open(format!("/run/netns/{network}")).map_err(|e| e.to_string())?;
    // A thread of its own enters the network; the socket stays there.
    let bound = std::thread::spawn(move || {
        nix::sched::setns(file, nix::sched::CloneFlags::CLONE_NEWNET).map_err(|e| e.to_string())?;
        UdpSocket::bind(addr).map_err(|e| format!("{addr}: {e}"))
    });
    bound
        .join()
        .unwrap_or_else(|_| Err("the thread that binds panicked".to_owned()))
}
