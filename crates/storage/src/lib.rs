//! The database interface and its drivers.
