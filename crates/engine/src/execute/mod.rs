//! Executing what waits.

pub(crate) mod queue;

use std::sync::Arc;

use salesdash_store::executions::Filter;

use crate::{Engine, Result};

/// What asking for executions to run again came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Those that wait again.
    pub waiting: Vec<i64>,
    /// Those that were left alone, and why: `waiting` already, `stale`, `missing`.
    pub left: Vec<(i64, &'static str)>,
}

impl Engine {
    /// Has executions run again, with the newest spec and constants; with `fresh`, with enrichments fetched again.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn retry(self: &Arc<Self>, _tenant: i64, _ids: &[i64], _fresh: bool) -> Result<Retried> {
        todo!()
    }

    /// How many executions a filter selects.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_matching(&self, _tenant: i64, _filter: &Filter) -> Result<i64> {
        todo!()
    }

    /// Has every execution that a filter selects run again; gives how many wait again.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn retry_matching(self: &Arc<Self>, _tenant: i64, _filter: &Filter, _fresh: bool) -> Result<i64> {
        todo!()
    }
}
