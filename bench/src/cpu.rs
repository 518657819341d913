//! CPU time and memory of a process group, from /proc.

use std::fs;

/// CPU time in clock ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cpu {
    /// In user mode.
    pub(crate) user: u64,
    /// In the kernel.
    pub(crate) system: u64,
}

impl Cpu {
    /// What has been used since an earlier reading.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            user: self.user - earlier.user,
            system: self.system - earlier.system,
        }
    }
}

/// Microseconds of a clock tick.
pub(crate) fn tick_micros() -> f64 {
    let hertz = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)
        .ok()
        .flatten()
        .unwrap_or(100);
    1e6 / hertz as f64
}

/// What all processes of a group have used.
pub(crate) fn of_group(group: i32) -> Cpu {
    let mut total = Cpu::default();
    for_each_member(group, |fields, _| {
        let number = |i: usize| {
            fields
                .get(i)
                .and_then(|f| f.parse::<u64>().ok())
                .unwrap_or(0)
        };
        total.user += number(11);
        total.system += number(12);
    });
    total
}

/// Private memory (anonymous and shared-by-the-group) of a group in bytes: the sum of Pss.
pub(crate) fn memory_of_group(group: i32) -> u64 {
    let mut total = 0;
    for_each_member(group, |_, pid| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let pss = text.lines().find_map(|l| l.strip_prefix("Pss:"));
        total += pss
            .and_then(|p| p.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap_or(0)
            * 1024;
    });
    total
}

/// Calls with the fields of /proc/PID/stat behind the command name, from the state on.
fn for_each_member(group: i32, mut call: impl FnMut(&[&str], u32)) {
    let Ok(entries) = fs::read_dir("/proc") else {
        return;
    };
    for entry in entries.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|n| n.parse::<u32>().ok())
        else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let fields: Vec<&str> = rest.split_whitespace().collect();
        if fields.get(2).and_then(|g| g.parse::<i32>().ok()) == Some(group) {
            call(&fields, pid);
        }
    }
}
