//! Flags that all messages share.

use std::sync::atomic::{AtomicU32, Ordering};

/// 32 flags. Scripts name one by its number, operators several by a mask.
pub(super) struct GlobalFlags(AtomicU32);

impl GlobalFlags {
    /// Starts with a mask.
    pub(super) fn new(mask: u32) -> Self {
        Self(AtomicU32::new(mask))
    }

    /// All that are set.
    pub(super) fn mask(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets those of a mask.
    pub(super) fn set(&self, mask: u32) {
        self.0.fetch_or(mask, Ordering::Relaxed);
    }

    /// Clears those of a mask.
    pub(super) fn clear(&self, mask: u32) {
        self.0.fetch_and(!mask, Ordering::Relaxed);
    }

    /// Whether all of a mask are set.
    pub(super) fn has(&self, mask: u32) -> bool {
        self.mask() & mask == mask
    }
}
