//! The work of tenants, on top of the store.

pub mod bench;
pub mod demo;
pub mod digest;
pub mod random;
