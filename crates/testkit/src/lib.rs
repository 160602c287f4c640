//! What tests share: systems of vendors that are played from data, on this machine.

mod server;
pub mod vendor;

pub use server::{Asked, Reply};
pub use vendor::Vendor;
