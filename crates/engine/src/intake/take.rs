use std::sync::Arc;

use salesdash_store::Scope;

use super::{Incoming, Taken};
use crate::{Engine, Result};

/// Records that are ready to be stored: keys, versions and digests are worked out, payloads compressed and encrypted.
pub struct Batch {
    _private: (),
}

impl Engine {
    /// Makes records of a source ready to be stored, outside of any transaction.
    ///
    /// # Errors
    /// Where there is no such source, or something is no record.
    pub fn prepare(&self, _tenant: i64, _source: i64, _records: Vec<Incoming>) -> Result<Batch> {
        todo!()
    }

    /// Stores what was made ready within somebody's transaction. After its commit, [`Engine::committed`] must be told.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn store_batch(&self, _scope: &mut Scope<'_>, _batch: &Batch) -> salesdash_store::Result<Taken> {
        todo!()
    }

    /// Has the executions of what was stored run.
    pub fn committed(&self, _taken: Taken) {
        todo!()
    }

    /// Takes in records of a source, such as a page of a poll, and waits until they are durable. `also` writes in the same transaction: the
    /// moved cursor, what is logged of the run.
    ///
    /// # Errors
    /// Where there is no such source, something is no record, or the database fails; then nothing of it is stored.
    pub fn take_records<F>(self: &Arc<Self>, _tenant: i64, _source: i64, _records: Vec<Incoming>, _also: F) -> Result<Taken>
    where
        F: FnOnce(&mut Scope<'_>, &Taken) -> salesdash_store::Result<()> + Send + 'static,
    {
        todo!()
    }
}
