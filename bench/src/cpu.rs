//! CPU time and memory of a process group, from /proc.

use std::fs;
use std::path::Path;

/// CPU time that all threads of a group have used so far, in nanoseconds. Threads that have ended
/// are not counted: the subjects keep theirs.
pub(crate) fn of_group(group: i32) -> u64 {
    let mut total = 0;
    for_each_member(group, |directory| {
        let tasks = fs::read_dir(directory.join("task")).into_iter().flatten();
        for task in tasks.flatten() {
            let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let first = text.split_whitespace().next();
            total += first.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    });
    total
}

/// Memory of a group in bytes, shared pages counted once: the sum of Pss.
pub(crate) fn memory_of_group(group: i32) -> u64 {
    let mut total = 0;
    for_each_member(group, |directory| {
        let text = fs::read_to_string(directory.join("smaps_rollup")).unwrap_or_default();
        let pss = text.lines().find_map(|l| l.strip_prefix("Pss:"));
        total += pss
            .and_then(|p| p.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap_or(0)
            * 1024;
    });
    total
}

/// Open descriptors of a group.
pub(crate) fn descriptors_of_group(group: i32) -> u64 {
    entries_of_group(group, "fd")
}

/// Threads of a group.
pub(crate) fn threads_of_group(group: i32) -> u64 {
    entries_of_group(group, "task")
}

fn entries_of_group(group: i32, name: &str) -> u64 {
    let mut total = 0;
    for_each_member(group, |directory| {
        total += fs::read_dir(directory.join(name)).map_or(0, |entries| entries.count() as u64);
    });
    total
}

/// Calls with the directory in /proc of each process of a group.
fn for_each_member(group: i32, mut call: impl FnMut(&Path)) {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    for entry in entries.flatten() {
        let directory = entry.path();
        let Ok(stat) = fs::read_to_string(directory.join("stat")) else {
            continue;
        };
        // Behind the name, which may hold anything: state, parent, group.
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest);
        let of = fields.and_then(|f| f.split_whitespace().nth(2)?.parse::<i32>().ok());
        if of == Some(group) {
            call(&directory);
        }
    }
}
