//! The process as operators see it: threads, memory, signals.

use std::path::PathBuf;
use std::time::Duration;

/// One thread of the server, shown where Kamailio shows a process.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Worker {
    /// The system's number of it.
    pub id: i64,
    /// What it does.
    pub name: String,
}

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Memory {
    /// What the machine has.
    pub total: u64,
    /// What the machine still has.
    pub free: u64,
    /// What the process holds in memory.
    pub used: u64,
    /// The most that it held at once.
    pub max_used: u64,
}

/// Looks at the process and ends it.
pub trait Process: Send + Sync {
    /// The process's number.
    fn id(&self) -> i64;
    /// Its threads; the first is the main one.
    fn workers(&self) -> Vec<Worker>;
    /// Its memory.
    fn memory(&self) -> Memory;
    /// Its working directory.
    fn directory(&self) -> Option<PathBuf>;
    /// How it was called.
    fn arguments(&self) -> Vec<String>;
    /// How far local time is ahead of UTC, in seconds, at a time since 1970.
    fn utc_offset(&self, at: Duration) -> i64;
    /// The machine's name as the system has it, when it has one.
    fn host_name(&self) -> Option<String>;
    /// Sends a signal to the process; false when it cannot be sent.
    fn signal(&self, number: i32) -> bool;
}

/// A process with one thread and no memory: for simulations.
pub struct NoProcess;

impl Process for NoProcess {
    fn id(&self) -> i64 {
        1
    }

    fn workers(&self) -> Vec<Worker> {
        vec![Worker {
            id: 1,
            name: "main".to_owned(),
        }]
    }

    fn memory(&self) -> Memory {
        Memory::default()
    }

    fn directory(&self) -> Option<PathBuf> {
        Some(PathBuf::from("/"))
    }

    fn arguments(&self) -> Vec<String> {
        vec!["ferrosip".to_owned()]
    }

    fn utc_offset(&self, _: Duration) -> i64 {
        0
    }

    fn host_name(&self) -> Option<String> {
        Some("host.example".to_owned())
    }

    fn signal(&self, _: i32) -> bool {
        false
    }
}
