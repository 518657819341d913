//! What other modules may use: who was authenticated, and the steps of authenticating, between
//! which a backend finds the password.

pub use super::credentials::{Claim, Claimed, Kind, Refusal};
pub use super::marks::Authorized;
pub(crate) use super::marks::{Marks, authorized, is_found};
pub use super::params::Auth;
