//! The process as `/proc` shows it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use engine::process::{Memory, Process, Worker};
use nix::sys::signal::{Signal, kill};
use nix::unistd::getpid;

/// This process.
pub(crate) struct ThisProcess;

impl Process for ThisProcess {
    fn id(&self) -> i64 {
        i64::from(getpid().as_raw())
    }

    fn workers(&self) -> Vec<Worker> {
        let main = self.id();
        let mut workers: Vec<Worker> = fs::read_dir("/proc/self/task")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let id: i64 = entry.file_name().to_str()?.parse().ok()?;
                let name = fs::read_to_string(entry.path().join("comm")).ok()?;
                let name = name.trim_end();
                Some(Worker {
                    id,
                    name: if id == main {
                        "main process".to_owned()
                    } else {
                        name.to_owned()
                    },
                })
            })
            .collect();
        workers.sort_by_key(|w| w.id);
        workers
    }

    fn memory(&self) -> Memory {
        let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Memory {
            total: kilobytes(&machine, "MemTotal:").min(container().unwrap_or(u64::MAX)),
            free: kilobytes(&machine, "MemAvailable:"),
            used: kilobytes(&status, "VmRSS:"),
            max_used: kilobytes(&status, "VmHWM:"),
        }
    }

    fn directory(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }

    fn arguments(&self) -> Vec<String> {
        std::env::args_os()
            .map(|a| a.to_string_lossy().into_owned())
            .collect()
    }

    fn utc_offset(&self, at: Duration) -> i64 {
        transport::process::utc_offset(i64::try_from(at.as_secs()).unwrap_or(i64::MAX))
    }

    fn host_name(&self) -> Option<String> {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        let name = name.trim();
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn signal(&self, number: i32) -> bool {
        Signal::try_from(number).is_ok_and(|signal| kill(getpid(), signal).is_ok())
    }
}

/// The memory that the process's control group may use, in bytes; `max` (no number) is no limit.
fn container() -> Option<u64> {
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?;
    limit.trim().parse().ok()
}

/// A line such as `VmRSS:    1234 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kb| kb.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_understood() {
        let memory = ThisProcess.memory();
        assert!(memory.used > 0 && memory.max_used >= memory.used && memory.total > memory.used);
        let workers = ThisProcess.workers();
        assert_eq!(workers[0].id, ThisProcess.id());
        assert_eq!(kilobytes("A: 1 kB\nB:  20 kB\n", "B:"), 20_480);
        assert!(!ThisProcess.signal(9999));
    }
}
