//! Which cores this process, and what it starts, may run on: the server under load on one, its
//! load on another, so that every subject has the same to itself.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The cores that this process was given.
pub(crate) struct Cores {
    all: CpuSet,
    first_two: Option<(CpuSet, CpuSet)>,
}

impl Cores {
    /// What there is now, before anything was kept to a core.
    pub(crate) fn given() -> io::Result<Self> {
        let all = sched_getaffinity(Pid::from_raw(0))?;
        let mut numbers = (0..CpuSet::count()).filter(|n| all.is_set(*n).unwrap_or(false));
        let only = |number| {
            let mut set = CpuSet::new();
            set.set(number).map(|()| set)
        };
        let first_two = match (numbers.next(), numbers.next()) {
            (Some(one), Some(other)) => Some((only(one)?, only(other)?)),
            _ => None,
        };
        Ok(Self { all, first_two })
    }

    /// Starts servers on a core of their own (workers that share several get all), with this
    /// process back on the other core afterwards.
    pub(crate) fn start<T>(
        &self,
        workers: usize,
        start: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let (server, load) = match &self.first_two {
            Some((server, load)) if workers == 1 => (server, load),
            _ => (&self.all, &self.all),
        };
        let this = Pid::from_raw(0);
        sched_setaffinity(this, server)?;
        // What is started takes over where it may run.
        let started = start();
        sched_setaffinity(this, load)?;
        started
    }
}
