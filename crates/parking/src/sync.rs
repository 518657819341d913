//! The lock around a table: one whose turns a test decides, with the feature `shuttle`.

#[cfg(not(feature = "shuttle"))]
pub(crate) use parking_lot::Mutex;

#[cfg(feature = "shuttle")]
pub(crate) use decided::Mutex;

#[cfg(feature = "shuttle")]
mod decided {
    use std::sync::PoisonError;

    use shuttle::sync::MutexGuard;

    /// With the interface of the other one.
    pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
