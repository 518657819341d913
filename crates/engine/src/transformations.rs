//! The transformations of the core, `{class.name,…}` (Kamailio transformations cookbook 5.6).

use crate::transformation::Transformation;

/// All of them.
pub static TABLE: &[Transformation] = &[];
