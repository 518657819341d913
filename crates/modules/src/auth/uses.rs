//! How often nonces were used: `nonce_count` and `one_time_nonce`.
//!
//! A nonce gets a number when it is made. Its number leads to a place in a table of fixed size; a
//! newer nonce takes the place of an older one, which is stale from then on. All without locks.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

use super::nonce::BadNonce;

/// Bit of a number's kind: the uses of the nonce are counted.
const COUNTED: u8 = 0x80;
/// Bit of a number's kind: the nonce may be used once.
const ONCE: u8 = 0x40;

/// The tables that are kept, if any.
#[derive(Default)]
pub(super) struct Uses {
    counts: Option<Counts>,
    once: Option<Once>,
    /// The number of the next nonce.
    next: AtomicU32,
}

/// What came of counting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Use {
    /// The use was counted by its `nc`: nothing else has to be checked.
    Counted,
    /// It has no such count.
    NotCounted,
}

impl Uses {
    /// Tables of 2^order places each; `None`: not kept. Numbers begin anywhere, so that nonces of
    /// an earlier run with the same secret are hardly taken for new ones.
    pub(super) fn new(counts: Option<u32>, once: Option<u32>, first: u32) -> Self {
        Self {
            counts: counts.map(Counts::new),
            once: once.map(Once::new),
            next: AtomicU32::new(first),
        }
    }

    /// Whether a nonce is good for one use.
    pub(super) fn are_for_once(&self) -> bool {
        self.once.is_some()
    }

    /// Number and kind of a new nonce; empty when nothing is counted.
    pub(super) fn issue(&self) -> smallvec::SmallVec<[u8; 5]> {
        let counted = if self.counts.is_some() { COUNTED } else { 0 };
        let kind = counted | if self.once.is_some() { ONCE } else { 0 };
        let mut written = smallvec::SmallVec::new();
        if kind == 0 {
            return written;
        }
        let number = self.next.fetch_add(1, Ordering::AcqRel);
        if let Some(counts) = &self.counts {
            counts.clear(number);
        }
        if let Some(once) = &self.once {
            once.clear(number);
        }
        written.extend_from_slice(&number.to_be_bytes());
        written.push(kind);
        written
    }

    /// Counts a use of the nonce with this number and kind. `count` is the `nc` of the credentials.
    pub(super) fn count(&self, number: &[u8], count: Option<&[u8]>) -> Result<Use, BadNonce> {
        let (counts, once) = match (&self.counts, &self.once) {
            (None, None) => return Ok(Use::NotCounted),
            tables => tables,
        };
        let Some((number, [kind])) = number.split_first_chunk() else {
            return Err(BadNonce::Stale);
        };
        let number = u32::from_be_bytes(*number);
        // How many nonces ago it was made: from 1.
        let age = self.next.load(Ordering::Acquire).wrapping_sub(number);
        let is_kept = |order: u32| age != 0 && u64::from(age) <= 1 << order;
        if let (Some(counts), Some(count)) = (counts, count) {
            if kind & COUNTED == 0 || !is_kept(counts.order) {
                return Err(BadNonce::Stale);
            }
            let count = sip::header::nonce_count(count)
                .filter(|_| count.len() == 8)
                .ok_or(BadNonce::Count)?;
            return match u8::try_from(count) {
                Ok(count) if counts.raise(number, count) => Ok(Use::Counted),
                _ => Err(BadNonce::Stale),
            };
        }
        if let Some(once) = once {
            if kind & ONCE == 0 || !is_kept(once.order) {
                return Err(BadNonce::Stale);
            }
            if once.take(number) {
                return Err(BadNonce::Used);
            }
        }
        Ok(Use::NotCounted)
    }
}

/// The highest `nc` seen of each nonce: at most 255.
struct Counts {
    order: u32,
    places: Box<[AtomicU8]>,
}

impl Counts {
    fn new(order: u32) -> Self {
        let places = (0..1_usize << order).map(|_| AtomicU8::new(0)).collect();
        Self { order, places }
    }

    fn place(&self, number: u32) -> &AtomicU8 {
        &self.places[number as usize & (self.places.len() - 1)]
    }

    fn clear(&self, number: u32) {
        self.place(number).store(0, Ordering::Release);
    }

    /// False: such a count was seen, or a higher one.
    fn raise(&self, number: u32, count: u8) -> bool {
        self.place(number).fetch_max(count, Ordering::AcqRel) < count
    }
}

/// Whether each nonce was used.
struct Once {
    order: u32,
    words: Box<[AtomicU64]>,
}

impl Once {
    fn new(order: u32) -> Self {
        let words = (1_usize << order).div_ceil(64);
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        Self { order, words }
    }

    fn place(&self, number: u32) -> (&AtomicU64, u64) {
        let place = number & ((1_u64 << self.order) - 1) as u32;
        (&self.words[place as usize / 64], 1 << (place % 64))
    }

    fn clear(&self, number: u32) {
        let (word, bit) = self.place(number);
        word.fetch_and(!bit, Ordering::AcqRel);
    }

    /// Marks it as used; true: it was already.
    fn take(&self, number: u32) -> bool {
        let (word, bit) = self.place(number);
        word.fetch_or(bit, Ordering::AcqRel) & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_must_rise() {
        let uses = Uses::new(Some(3), None, u32::MAX);
        let nonce = uses.issue();
        assert_eq!(nonce[4], COUNTED);
        let count = |text: &str| uses.count(&nonce, Some(text.as_bytes()));
        assert_eq!(count("00000001"), Ok(Use::Counted));
        assert_eq!(count("00000001"), Err(BadNonce::Stale));
        assert_eq!(count("00000003"), Ok(Use::Counted));
        assert_eq!(count("00000002"), Err(BadNonce::Stale));
        assert_eq!(count("000000ff"), Ok(Use::Counted));
        assert_eq!(count("00000100"), Err(BadNonce::Stale));
        assert_eq!(count("1"), Err(BadNonce::Count));
        assert_eq!(count("zzzzzzzz"), Err(BadNonce::Count));
        assert_eq!(uses.count(&nonce, None), Ok(Use::NotCounted));
        assert_eq!(uses.count(&[], Some(b"00000001")), Err(BadNonce::Stale));
    }

    #[test]
    fn once_is_once() {
        let uses = Uses::new(None, Some(1), 7);
        let (first, second) = (uses.issue(), uses.issue());
        assert_eq!(uses.count(&first, None), Ok(Use::NotCounted));
        assert_eq!(uses.count(&first, None), Err(BadNonce::Used));
        // Nobody counts these: the nonce is used up whatever `nc` says.
        assert_eq!(uses.count(&second, Some(b"00000001")), Ok(Use::NotCounted));
        assert_eq!(uses.count(&second, Some(b"00000002")), Err(BadNonce::Used));
    }

    #[test]
    fn newer_nonces_take_the_places_of_older_ones() {
        let uses = Uses::new(Some(2), Some(2), 0);
        let nonces: Vec<_> = (0..5).map(|_| uses.issue()).collect();
        assert_eq!(
            uses.count(&nonces[0], Some(b"00000001")),
            Err(BadNonce::Stale)
        );
        assert_eq!(uses.count(&nonces[0], None), Err(BadNonce::Stale));
        for nonce in &nonces[1..] {
            assert_eq!(uses.count(nonce, Some(b"00000001")), Ok(Use::Counted));
            assert_eq!(uses.count(nonce, None), Ok(Use::NotCounted));
        }
        // One that was never made.
        let future = [0, 0, 0, 5, COUNTED | ONCE];
        assert_eq!(uses.count(&future, None), Err(BadNonce::Stale));
    }

    #[test]
    fn nothing_is_counted_by_default() {
        let uses = Uses::default();
        assert!(uses.issue().is_empty());
        assert_eq!(uses.count(&[], Some(b"x")), Ok(Use::NotCounted));
    }
}
