//! Socket options that the libraries below have no names for.

use std::{
    io,
    os::fd::{AsFd, AsRawFd},
};

/// An option whose value is an integer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntOption {
    level: libc::c_int,
    name: libc::c_int,
}

impl IntOption {
    /// Seconds that a listener keeps a connection back on which nothing was sent.
    pub(crate) const DEFER_ACCEPT: Self = Self::tcp(libc::TCP_DEFER_ACCEPT);
    /// Seconds that the system keeps a connection whose peer does not end it.
    pub(crate) const LINGER2: Self = Self::tcp(libc::TCP_LINGER2);
    /// Times that the opening of a connection is repeated.
    pub(crate) const SYN_COUNT: Self = Self::tcp(libc::TCP_SYNCNT);

    const fn tcp(name: libc::c_int) -> Self {
        Self {
            level: libc::IPPROTO_TCP,
            name,
        }
    }

    /// Sets it.
    #[allow(unsafe_code, reason = "no safe name for these options exists")]
    pub(crate) fn set(self, socket: &impl AsFd, value: u32) -> io::Result<()> {
        let value = libc::c_int::try_from(value).unwrap_or(libc::c_int::MAX);
        let size = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the descriptor is open for as long as `socket` is borrowed, and the pointer is
        // to an integer of the size given, which the system only reads.
        let result = unsafe {
            libc::setsockopt(
                socket.as_fd().as_raw_fd(),
                self.level,
                self.name,
                (&raw const value).cast(),
                size,
            )
        };
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Reads it.
    #[cfg(test)]
    #[allow(unsafe_code, reason = "no safe name for these options exists")]
    pub(crate) fn get(self, socket: &impl AsFd) -> io::Result<libc::c_int> {
        let mut value: libc::c_int = 0;
        let mut size = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: both pointers are valid for the call, and the size is that of the integer.
        let result = unsafe {
            libc::getsockopt(
                socket.as_fd().as_raw_fd(),
                self.level,
                self.name,
                (&raw mut value).cast(),
                &raw mut size,
            )
        };
        if result == 0 {
            Ok(value)
        } else {
            Err(io::Error::last_os_error())
        }
    }
}
