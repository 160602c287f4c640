//! What SalesDash knows about the systems that data comes from, as data: how their webhooks are verified, what their bodies hold, and
//! what fields their records have. Knows no provider by name.
//!
//! Pure: no I/O, no clock, no randomness. The way of a webhook: [`verification`] decides on the exact bytes received whether it comes
//! from who it should; [`body`] makes records of it; [`identify`] finds their keys and versions; [`inference`] learns their fields.

pub mod body;
pub mod definition;
pub mod folder;
pub mod identify;
pub mod inference;
pub mod interpret;
pub mod path;
pub mod personal;
pub mod reader;
pub mod request;
pub mod types;
pub mod verification;

pub use folder::{FileProblem, Files, ProviderType};
pub use path::Path;
pub use personal::looks_personal;
pub use reader::Problem;
pub use request::{Found, Place, Request};
pub use types::Types;
