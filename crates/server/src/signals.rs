//! Signals as values.
//!
//! [`Signals::block`] is called by the main thread before any other exists, so that every thread
//! inherits the mask and the signals wait for [`Signals::wait`]. Nothing runs inside a handler.
//! The control interface stops the server through the same door: [`request_stop`].

use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// SIGTERM or SIGINT: end cleanly.
    Stop,
    /// SIGUSR1: log the memory status. Kamailio does so at the level of `memlog`.
    Status,
    /// SIGHUP: read the configuration again. Kamailio ignores it, so that nobody who sends it means
    /// anything else.
    Hangup,
    /// SIGUSR2, which Kamailio reports as unhandled; the number is the signal's.
    Unhandled(i32),
}

/// The blocked signals.
pub struct Signals(SigSet);

impl Signals {
    /// Blocks the signals for the calling thread and all that it will start.
    ///
    /// # Errors
    /// The system refuses the mask.
    pub fn block() -> nix::Result<Self> {
        let mut set = SigSet::empty();
        for signal in [
            Signal::SIGTERM,
            Signal::SIGINT,
            Signal::SIGHUP,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
        ] {
            set.add(signal);
        }
        set.thread_block()?;
        Ok(Self(set))
    }

    /// Waits for the next one.
    ///
    /// # Errors
    /// The system refuses to wait.
    pub fn wait(&self) -> nix::Result<Request> {
        Ok(match self.0.wait()? {
            Signal::SIGTERM | Signal::SIGINT => Request::Stop,
            Signal::SIGUSR1 => Request::Status,
            Signal::SIGHUP => Request::Hangup,
            other => Request::Unhandled(other as i32),
        })
    }
}

/// Asks the process to end, as SIGTERM does.
///
/// # Errors
/// The system refuses the signal.
pub fn request_stop() -> nix::Result<()> {
    kill(Pid::this(), Signal::SIGTERM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::raise;

    #[test]
    fn signals_arrive_as_requests() {
        // `raise` reaches this thread alone: other tests' threads have not blocked them.
        let signals = Signals::block().expect("mask");
        for (signal, request) in [
            (Signal::SIGHUP, Request::Hangup),
            (Signal::SIGUSR1, Request::Status),
            (Signal::SIGUSR2, Request::Unhandled(Signal::SIGUSR2 as i32)),
            (Signal::SIGINT, Request::Stop),
            (Signal::SIGTERM, Request::Stop),
        ] {
            raise(signal).expect("raise");
            assert_eq!(signals.wait(), Ok(request));
        }
    }
}
