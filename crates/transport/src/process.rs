//! What the process asks of the C library beside sockets.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_within_a_day_and_a_bit() {
        for time in [0, 1_795_404_545, i64::MIN, i64::MAX] {
            assert!(utc_offset(time).abs() <= 26 * 3600);
        }
    }
}
