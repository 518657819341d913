//! What the process asks of the C library beside sockets.

use std::io;

/// Seconds east of UTC that local time has at a Unix time (0 where it cannot be told).
#[allow(unsafe_code, reason = "the standard library knows no time zones")]
pub fn utc_offset(unix_time: i64) -> i64 {
    let time: libc::time_t = unix_time;
    let mut local = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call, and `localtime_r` keeps neither. `tm` is plain
    // numbers and one pointer, for which all zeros are valid, so it is initialised even on failure.
    unsafe {
        libc::localtime_r(&time, local.as_mut_ptr());
        local.assume_init().tm_gmtoff
    }
}

/// Has all threads of the process, and those that they start, scheduled by a policy of the system
/// (0 as others, 1 round robin, 2 first in, first out) with a priority.
///
/// # Errors
/// The system refuses: a priority of real time takes privileges.
#[allow(unsafe_code, reason = "no library below has this call")]
pub fn schedule(policy: i32, priority: i32) -> io::Result<()> {
    let policy = match policy {
        1 => libc::SCHED_RR,
        2 => libc::SCHED_FIFO,
        _ => libc::SCHED_OTHER,
    };
    let priority = match policy {
        libc::SCHED_OTHER => 0,
        _ => priority,
    };
    for thread in std::fs::read_dir("/proc/self/task")?.flatten() {
        let Some(id) = thread
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let param = libc::sched_param {
            sched_priority: priority,
        };
        // SAFETY: the pointer is valid for the call, which only reads.
        if unsafe { libc::sched_setscheduler(id, policy, &raw const param) } != 0 {
            let error = io::Error::last_os_error();
            // A thread may end between listing and asking.
            if error.raw_os_error() != Some(libc::ESRCH) {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Gives back to the system what this thread allocated and any thread has freed, where
/// mimalloc is the allocator; elsewhere there is nothing to give.
#[allow(unsafe_code, reason = "the allocator's crate has no safe wrapper")]
pub fn give_back_freed() {
    // SAFETY: the function may be called at any time by any thread; it touches free memory alone.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_within_a_day_and_a_bit() {
        for time in [0, 1_795_404_545, i64::MIN, i64::MAX] {
            assert!(utc_offset(time).abs() <= 26 * 3600);
        }
    }

    #[test]
    fn ordinary_scheduling_takes_no_privileges() {
        schedule(0, 7).unwrap();
        assert!(schedule(1, 1000).is_err());
    }
}
