//! Iterators over a table, by name, at most four in use at once per message.
//!
//! An iterator goes over the items that there were when it started; items that have gone since are
//! skipped. So a script may change the table meanwhile, which in Kamailio can end in a deadlock.

use std::sync::Arc;

use bytes::Bytes;
use script::value::Value;

use super::table::{Seconds, Table};

/// How many there may be at once.
const MAX_ITERATORS: usize = 4;
/// The longest name, less one.
const MAX_NAME: usize = 32;

/// The iterators of a message.
#[derive(Default)]
pub(super) struct Iterators(Vec<ItemIterator>);

struct ItemIterator {
    name: Bytes,
    /// The table while it is in use.
    table: Option<Arc<Table>>,
    names: Vec<Bytes>,
    /// How many of `names` have been passed; the current one is the last of these.
    passed: usize,
}

/// Why an iterator cannot start.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum StartError {
    /// Four are in use.
    #[error("no iterator is free: there may be 4 at once")]
    TooMany,
    /// The name is empty or too long.
    #[error("the name of an iterator has 1 to 31 characters")]
    Name,
}

/// What became of removing the current item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Removed {
    /// It is gone, and the iterator stands on the next one.
    MovedOn,
    /// It is gone, and was the last one.
    WasLast,
    /// There was no current item.
    Nothing,
}

impl Iterators {
    /// Starts an iterator before a table's first item; one of this name starts anew.
    ///
    /// # Errors
    /// No iterator is free, or the name cannot be one.
    pub(super) fn start(&mut self, name: &[u8], table: Arc<Table>) -> Result<(), StartError> {
        if name.is_empty() || name.len() >= MAX_NAME {
            return Err(StartError::Name);
        }
        let known = self.0.iter().position(|i| i.name == name);
        let index = known.or_else(|| self.0.iter().position(|i| i.table.is_none()));
        let fresh = ItemIterator {
            name: Bytes::copy_from_slice(name),
            table: Some(table),
            names: Vec::new(),
            passed: 0,
        };
        match index {
            Some(index) => self.0[index] = fresh,
            None if self.0.len() < MAX_ITERATORS => self.0.push(fresh),
            None => return Err(StartError::TooMany),
        }
        Ok(())
    }

    fn open(&mut self, name: &[u8]) -> Option<(&mut ItemIterator, Arc<Table>)> {
        let found = self.0.iter_mut().find(|i| i.name == name)?;
        let table = found.table.clone()?;
        Some((found, table))
    }

    /// Ends an iterator; false when there is none of this name.
    pub(super) fn end(&mut self, name: &[u8]) -> bool {
        match self.open(name) {
            Some((found, _)) => {
                found.table = None;
                found.names.clear();
                found.passed = 0;
                true
            }
            None => false,
        }
    }

    /// Moves to the next item; false when there is none. `None`: no such iterator.
    pub(super) fn next(&mut self, name: &[u8], now: Seconds) -> Option<bool> {
        let (iterator, table) = self.open(name)?;
        Some(iterator.advance(&table, now))
    }

    /// Name and value of the current item.
    pub(super) fn current(&mut self, name: &[u8], now: Seconds) -> Option<(Bytes, Value)> {
        let (iterator, table) = self.open(name)?;
        let item = iterator.item()?;
        let value = table.get(&item, now)?;
        Some((item, value))
    }

    /// Removes the current item and moves to the next one. `None`: no such iterator.
    pub(super) fn remove(&mut self, name: &[u8], now: Seconds) -> Option<Removed> {
        let (iterator, table) = self.open(name)?;
        let Some(item) = iterator.item() else {
            return Some(Removed::Nothing);
        };
        table.remove(&item);
        Some(if iterator.advance(&table, now) {
            Removed::MovedOn
        } else {
            Removed::WasLast
        })
    }

    /// Table and name of the current item, to change it.
    pub(super) fn current_place(&mut self, name: &[u8]) -> Option<(Arc<Table>, Bytes)> {
        let (iterator, table) = self.open(name)?;
        Some((table, iterator.item()?))
    }
}

impl ItemIterator {
    fn item(&self) -> Option<Bytes> {
        self.names.get(self.passed.checked_sub(1)?).cloned()
    }

    fn advance(&mut self, table: &Table, now: Seconds) -> bool {
        if self.passed == 0 {
            self.names = table.entries(now).into_iter().map(|e| e.name).collect();
        }
        while let Some(name) = self.names.get(self.passed) {
            self.passed += 1;
            if table.get(name, now).is_some() {
                return true;
            }
        }
        // Behind the end: the next move starts from the beginning.
        self.passed = 0;
        self.names.clear();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition::Definition;
    use super::*;

    fn table() -> Arc<Table> {
        let table = Table::new(Definition::parse(b"a=>size=4").unwrap(), || 7);
        for name in ["i1", "i2", "i3", "zi"] {
            table.set(name.as_bytes(), &Value::Int(1), 0);
        }
        Arc::new(table)
    }

    #[test]
    fn over_the_end_and_again() {
        let mut all = Iterators::default();
        all.start(b"i", table()).unwrap();
        let mut count = 0;
        while all.next(b"i", 0) == Some(true) {
            count += 1;
        }
        assert_eq!(count, 4);
        assert_eq!(all.current(b"i", 0), None);
        assert_eq!(all.remove(b"i", 0), Some(Removed::Nothing));
        assert_eq!(all.next(b"i", 0), Some(true));
        assert!(all.end(b"i"));
        assert!(!all.end(b"i"));
        assert!(!all.end(b"other"));
        assert_eq!(all.next(b"i", 0), None);
    }

    #[test]
    fn removing_moves_on() {
        let mut all = Iterators::default();
        let t = table();
        all.start(b"i", Arc::clone(&t)).unwrap();
        assert_eq!(all.next(b"i", 0), Some(true));
        for _ in 0..3 {
            assert_eq!(all.remove(b"i", 0), Some(Removed::MovedOn));
        }
        assert_eq!(all.remove(b"i", 0), Some(Removed::WasLast));
        assert!(t.entries(0).is_empty());
    }

    #[test]
    fn limits() {
        let mut all = Iterators::default();
        for name in [b"1", b"2", b"3", b"4"] {
            all.start(name, table()).unwrap();
        }
        assert_eq!(all.start(b"5", table()), Err(StartError::TooMany));
        all.end(b"2");
        assert_eq!(all.start(b"5", table()), Ok(()));
        assert_eq!(all.start(b"", table()), Err(StartError::Name));
        assert_eq!(all.start(&[b'x'; 32], table()), Err(StartError::Name));
    }
}
