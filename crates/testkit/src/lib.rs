//! What tests share: systems of vendors that are played from data, on this machine.

mod consent;
mod control;
pub mod crm;
mod server;
pub mod vendor;

pub use server::{Asked, Reply};
pub use vendor::Vendor;
