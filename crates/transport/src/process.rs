//! What the process asks of the C library beside sockets.

use std::io;
use std::time::Duration;

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

/// `mi_option_purge_delay`, which the allocator's crate does not name.
const MI_OPTION_PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// `mi_option_arena_purge_mult`: by how much longer the largest pieces are kept.
const MI_OPTION_ARENA_PURGE_MULT: libmimalloc_sys::mi_option_t = 24;

/// Lets mimalloc keep freed memory for that long before the system gets it, unless the environment
/// says otherwise.
#[allow(unsafe_code, reason = "the allocator's crate has no safe wrapper")]
pub fn delay_giving_back(delay: Duration) {
    let millis = std::ffi::c_long::try_from(delay.as_millis()).unwrap_or(std::ffi::c_long::MAX);
    // SAFETY: the options are those of the version that is linked (v2). The allocator reads each as
    // one number without waiting for anybody; the server sets them before it starts threads.
    unsafe {
        libmimalloc_sys::mi_option_set_default(MI_OPTION_PURGE_DELAY, millis);
        libmimalloc_sys::mi_option_set_default(MI_OPTION_ARENA_PURGE_MULT, 1);
    }
}

/// Finds what this thread allocated and any thread has freed, where mimalloc is the allocator;
/// elsewhere there is nothing to find. The system gets it `at_once`, or when the delay is over.
#[allow(unsafe_code, reason = "the allocator's crate has no safe wrapper")]
pub fn give_back_freed(at_once: bool) {
    // SAFETY: the function may be called at any time by any thread; it touches free memory alone.
    unsafe { libmimalloc_sys::mi_collect(at_once) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(unsafe_code, reason = "the allocator's crate has no safe wrapper")]
    fn the_allocator_knows_the_option() {
        if std::env::var_os("MIMALLOC_PURGE_DELAY").is_some() {
            return;
        }
        // SAFETY: options may be read at any time.
        let value = |option| unsafe { libmimalloc_sys::mi_option_get(option) };
        let both = || [MI_OPTION_PURGE_DELAY, MI_OPTION_ARENA_PURGE_MULT].map(value);
        // mimalloc's own defaults: the options beside them have others.
        assert_eq!(both(), [10, 10]);
        delay_giving_back(Duration::from_secs(10));
        assert_eq!(both(), [10_000, 1]);
    }

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
