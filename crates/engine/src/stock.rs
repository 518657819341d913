//! Counted handles that a thread keeps in stock.
//!
//! Each message holds on to the core and to a program. If each counted itself in and out, threads
//! that handle messages at the same time would fight over two counters; so a thread keeps the
//! handles of messages that are done, for those to come.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;

use crate::Program;
use crate::core::Core;

/// The most that a thread keeps: what is in work at a time, nested runs included.
const MOST: usize = 8;

/// What threads keep handles on.
pub trait Stocked: Sized + 'static {
    /// Runs something on the thread's stock; `None` when the thread ends.
    fn with_stock<R>(run: impl FnOnce(&mut Vec<Arc<Self>>) -> R) -> Option<R>;
}

thread_local! {
    static CORES: RefCell<Vec<Arc<Core>>> = const { RefCell::new(Vec::new()) };
    static PROGRAMS: RefCell<Vec<Arc<Program>>> = const { RefCell::new(Vec::new()) };
}

impl Stocked for Core {
    fn with_stock<R>(run: impl FnOnce(&mut Vec<Arc<Self>>) -> R) -> Option<R> {
        CORES.try_with(|stock| run(&mut stock.borrow_mut())).ok()
    }
}

impl Stocked for Program {
    fn with_stock<R>(run: impl FnOnce(&mut Vec<Arc<Self>>) -> R) -> Option<R> {
        PROGRAMS.try_with(|stock| run(&mut stock.borrow_mut())).ok()
    }
}

/// A handle that goes back into the stock of the thread that is done with it.
pub struct Handle<T: Stocked>(Option<Arc<T>>);

impl<T: Stocked> Handle<T> {
    /// A handle on the same value, out of the thread's stock if there is one.
    #[must_use]
    pub fn of(value: &Arc<T>) -> Self {
        let stocked = T::with_stock(|stock| stock.pop_if(|top| Arc::ptr_eq(top, value)));
        Self(Some(stocked.flatten().unwrap_or_else(|| Arc::clone(value))))
    }
}

impl<T: Stocked> From<Arc<T>> for Handle<T> {
    fn from(value: Arc<T>) -> Self {
        Self(Some(value))
    }
}

impl<T: Stocked> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self::of(self)
    }
}

impl<T: Stocked> Deref for Handle<T> {
    type Target = Arc<T>;

    fn deref(&self) -> &Arc<T> {
        // Only `drop` takes it out.
        self.0.as_ref().expect("a handle is not used once dropped")
    }
}

impl<T: Stocked> Drop for Handle<T> {
    fn drop(&mut self) {
        let Some(value) = self.0.take() else {
            return;
        };
        // Dropped outside of the stock: what ends with the last handle may want the stock itself.
        let _dropped = T::with_stock(|stock| put(stock, value));
    }
}

/// What has to be dropped after a handle was put into a stock.
#[derive(Debug, Eq, PartialEq)]
enum Left<T> {
    Nothing,
    /// It was one too many.
    One(Arc<T>),
    /// Handles on another value, which no message needs any more.
    Outdated(Vec<Arc<T>>),
}

/// Puts a handle into a stock.
fn put<T>(stock: &mut Vec<Arc<T>>, value: Arc<T>) -> Left<T> {
    let is_other = stock.last().is_some_and(|top| !Arc::ptr_eq(top, &value));
    if is_other {
        return Left::Outdated(std::mem::replace(stock, vec![value]));
    }
    if stock.len() < MOST {
        stock.push(value);
        return Left::Nothing;
    }
    Left::One(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stock_holds_one_value_and_not_too_much_of_it() {
        let (first, second) = (Arc::new(1), Arc::new(2));
        let mut stock = Vec::new();
        for _ in 0..MOST {
            assert_eq!(put(&mut stock, Arc::clone(&first)), Left::Nothing);
        }
        let one_too_many = put(&mut stock, Arc::clone(&first));
        assert_eq!(one_too_many, Left::One(Arc::clone(&first)));
        drop(one_too_many);
        let outdated = put(&mut stock, Arc::clone(&second));
        assert_eq!(outdated, Left::Outdated(vec![Arc::clone(&first); MOST]));
        drop(outdated);
        assert_eq!(Arc::strong_count(&first), 1);
        assert_eq!((stock.len(), Arc::strong_count(&second)), (1, 2));
    }
}
