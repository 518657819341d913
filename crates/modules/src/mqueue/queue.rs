//! One queue.

use std::collections::BTreeMap;

use ahash::RandomState;
use bytes::Bytes;
use hashbrown::HashMap;
use parking_lot::Mutex;

/// Bytes of keys and values that a queue takes at most.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// What one item takes beyond its key and value.
const ITEM_BYTES: usize = 128;

/// What happens when a key is in the queue already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AddMode {
    /// It is in it twice.
    All,
    /// The new item is passed over.
    Oldest,
    /// The old item goes.
    Newest,
}

/// An item.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Item {
    pub(super) key: Bytes,
    pub(super) value: Bytes,
}

/// The queue has no room.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the queue is full")]
pub(super) struct Full;

/// A queue.
pub(super) struct Queue {
    pub(super) name: Bytes,
    /// Items at most; 0 for any number.
    size: usize,
    mode: AddMode,
    items: Mutex<Items>,
}

#[derive(Default)]
struct Items {
    /// By the order in which they came.
    by_age: BTreeMap<u64, Item>,
    /// Where a key is; not kept when a key may be in the queue twice.
    by_key: HashMap<Bytes, u64, RandomState>,
    next: u64,
    bytes: usize,
}

impl Queue {
    /// An empty queue.
    pub(super) fn new(name: Bytes, size: usize, mode: AddMode) -> Self {
        Self {
            name,
            size,
            mode,
            items: Mutex::default(),
        }
    }

    /// Puts an item in; the oldest one goes when there are more than the size allows.
    pub(super) fn add(&self, key: &[u8], value: &[u8]) -> Result<(), Full> {
        let mut items = self.items.lock();
        let is_unique = self.mode != AddMode::All;
        if let Some(&at) = items.by_key.get(key) {
            if self.mode == AddMode::Oldest {
                return Ok(());
            }
            items.remove(at);
        }
        let bytes = key.len() + value.len() + ITEM_BYTES;
        if items.bytes + bytes > MAX_BYTES {
            return Err(Full);
        }
        let at = items.next;
        items.next += 1;
        items.bytes += bytes;
        // Copies: a slice of a message would keep the whole of it in memory.
        let key = Bytes::copy_from_slice(key);
        if is_unique {
            items.by_key.insert(key.clone(), at);
        }
        let value = Bytes::copy_from_slice(value);
        items.by_age.insert(at, Item { key, value });
        if self.size > 0 && items.by_age.len() > self.size {
            items.take_oldest();
        }
        Ok(())
    }

    /// Takes the oldest item out.
    pub(super) fn fetch(&self) -> Option<Item> {
        self.items.lock().take_oldest()
    }

    /// How many items there are.
    pub(super) fn len(&self) -> usize {
        self.items.lock().by_age.len()
    }
}

impl Items {
    fn take_oldest(&mut self) -> Option<Item> {
        let oldest = *self.by_age.first_key_value()?.0;
        self.remove(oldest)
    }

    fn remove(&mut self, at: u64) -> Option<Item> {
        let item = self.by_age.remove(&at)?;
        self.by_key.remove(&item.key);
        self.bytes -= item.key.len() + item.value.len() + ITEM_BYTES;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(size: usize, mode: AddMode, keys: &[&str]) -> Vec<(String, String)> {
        let queue = Queue::new("q".into(), size, mode);
        for (n, key) in keys.iter().enumerate() {
            queue.add(key.as_bytes(), n.to_string().as_bytes()).unwrap();
        }
        let text = |bytes: Bytes| String::from_utf8_lossy(&bytes).into_owned();
        let all = std::iter::from_fn(|| queue.fetch())
            .map(|item| (text(item.key), text(item.value)))
            .collect();
        assert_eq!((queue.len(), queue.items.lock().bytes), (0, 0));
        assert!(queue.items.lock().by_key.is_empty());
        all
    }

    fn items(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        list.iter().map(owned).collect()
    }

    #[test]
    fn the_size_and_the_mode_say_what_stays() {
        assert_eq!(
            filled(2, AddMode::All, &["a", "a", "b"]),
            items(&[("a", "1"), ("b", "2")])
        );
        assert_eq!(
            filled(0, AddMode::Oldest, &["a", "b", "a"]),
            items(&[("a", "0"), ("b", "1")])
        );
        assert_eq!(
            filled(2, AddMode::Newest, &["a", "b", "a", "c"]),
            items(&[("a", "2"), ("c", "3")])
        );
    }

    #[test]
    fn memory_is_bounded() {
        let queue = Queue::new("q".into(), 0, AddMode::All);
        let large = vec![b'x'; MAX_BYTES / 4];
        for _ in 0..3 {
            queue.add(b"k", &large).unwrap();
        }
        assert_eq!(queue.add(b"k", &large), Err(Full));
        queue.fetch();
        assert_eq!(queue.add(b"k", &large), Ok(()));
    }
}
