//! The work of tenants, on top of the store: what arrives is taken in, executed, and can be looked at, tried and done again.
//!
//! [`Engine`] is the whole of it. The way of a record: [`intake`] verifies a delivery, takes it apart and stores it with the executions
//! it calls for; the queue hands those to workers, in order for each record; [`execute`] evaluates and commits what an
//! execution writes together with its status; [`replay`] shows afterwards what happened, worked out again. What a spec *would* do is
//! shown by [`draft`] for one record and by [`preview`] for many; [`jobs`] do things over in bulk, and [`erase`] takes away what there is of a contact.

pub mod bench;
mod catalog;
pub mod compare;
pub mod coverage;
pub mod demo;
pub mod digest;
pub mod draft;
mod engine;
pub mod enrich;
pub mod erase;
pub mod error;
pub mod events;
pub mod execute;
pub mod find;
pub mod freshness;
mod history;
pub mod intake;
pub mod jobs;
pub mod metrics;
pub mod preview;
mod program;
pub mod random;
mod record;
pub mod replay;
pub mod retention;
pub mod settings;
mod shown;
mod state;

pub use engine::{Engine, Options};
pub use error::{EngineError, Result};
pub use record::{StoredRecord, processor_of};
