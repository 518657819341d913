//! What modules keep with a message, by type.

use std::any::{Any, TypeId};

use smallvec::SmallVec;

/// At most one value of each type. Few modules keep something with a message: a linear search.
#[derive(Default)]
pub struct Extensions {
    items: SmallVec<[(TypeId, Box<dyn Any + Send>); 2]>,
}

impl Extensions {
    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The value of this type.
    #[must_use]
    pub fn get<T: Any + Send>(&self) -> Option<&T> {
        let (_, item) = self.items.iter().find(|(id, _)| *id == TypeId::of::<T>())?;
        item.downcast_ref()
    }

    /// The value of this type, to change.
    pub fn get_mut<T: Any + Send>(&mut self) -> Option<&mut T> {
        let (_, item) = self
            .items
            .iter_mut()
            .find(|(id, _)| *id == TypeId::of::<T>())?;
        item.downcast_mut()
    }

    /// The value of this type, made if there is none.
    pub fn get_or_default<T: Any + Send + Default>(&mut self) -> &mut T {
        let index = match self
            .items
            .iter()
            .position(|(id, _)| *id == TypeId::of::<T>())
        {
            Some(index) => index,
            None => {
                self.items.push((TypeId::of::<T>(), Box::<T>::default()));
                self.items.len() - 1
            }
        };
        self.items[index]
            .1
            .downcast_mut()
            .expect("stored under the id of its own type")
    }

    /// Puts a value in place of the one of the same type.
    pub fn insert<T: Any + Send>(&mut self, value: T) {
        self.remove::<T>();
        self.items.push((TypeId::of::<T>(), Box::new(value)));
    }

    /// Takes the value of this type out.
    pub fn remove<T: Any + Send>(&mut self) -> Option<T> {
        let index = self
            .items
            .iter()
            .position(|(id, _)| *id == TypeId::of::<T>())?;
        let (_, item) = self.items.swap_remove(index);
        item.downcast().ok().map(|b| *b)
    }
}
