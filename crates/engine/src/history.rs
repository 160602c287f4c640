//! What wrote a record. No execution keeps a list of that: each keeps, of every row that it changed, which execution had written it before, so
//! that it can be undone; that leads back from one to the next, whatever source record they ran on.

use std::collections::{BTreeMap, BTreeSet};

use salesdash_records::Change;
use salesdash_store::executions::{Execution, Status};
use salesdash_store::{Scope, StoreError};
use salesdash_value::Id;

use crate::catalog::TenantConfig;
use crate::digest::digest;
use crate::replay::{Reruns, written};
use crate::{Engine, EngineError, Result};

impl Engine {
    /// The executions that a record comes from, newest first, `limit` at most: every one that wrote it, and those of the source record that
    /// wrote it last, also where they came to nothing.
    ///
    /// What an execution had written before it was run again is not known any more; where its payload is gone and it changed several
    /// records of the kind, which of them it was is not either, and what wrote the record before that is left out.
    ///
    /// # Errors
    /// Where there is no such record.
    pub fn writers(&self, tenant: i64, record: Id, limit: usize) -> Result<Vec<Execution>> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        self.store.read(tenant, |scope| Ok(self.writers_in(&config, scope, record, limit)))?
    }

    fn writers_in(&self, config: &TenantConfig, scope: &mut Scope<'_>, record: Id, limit: usize) -> Result<Vec<Execution>> {
        let last = scope.record(record)?.ok_or(EngineError::missing("record"))?.row.execution.cast_signed();
        let mut found: BTreeMap<i64, Execution> =
            scope.executions_of_same_record(last, limit)?.into_iter().map(|execution| (execution.id, execution)).collect();
        let (mut reruns, mut seen, mut next) = (Reruns::default(), BTreeSet::new(), Some(last));
        while let Some(id) = next.take().filter(|id| seen.len() < limit && seen.insert(*id)) {
            let execution = match scope.execution(id) {
                Ok(execution) => execution,
                Err(StoreError::Missing(_)) => break,
                Err(error) => return Err(error.into()),
            };
            next = self.before(&mut reruns, config, scope, &execution, record)?;
            found.insert(id, execution);
        }
        Ok(found.into_values().rev().take(limit).collect())
    }

    /// The execution that had written a record before one changed it; `None` where that one made it, or it is not known.
    fn before(
        &self,
        reruns: &mut Reruns,
        config: &TenantConfig,
        scope: &mut Scope<'_>,
        execution: &Execution,
        record: Id,
    ) -> Result<Option<i64>> {
        // A row is named by the effect that wrote it, where it is not named in what was kept.
        let outcome =
            if execution.status == Status::Waiting { None } else { reruns.rerun(self, config, scope, execution, None, false).ok() };
        let outcome =
            outcome.filter(|rerun| digest(&rerun.program.plan, &rerun.outcome).is(execution.digest.as_deref())).map(|rerun| rerun.outcome);
        let mut unnamed = Vec::new();
        for one in written(execution, outcome.as_ref())? {
            for touched in &one.touched {
                let Change::Updated(before) = &touched.change else { continue };
                if touched.id == record {
                    return Ok(Some(before.execution.cast_signed()));
                }
                if touched.id == Id([0; 16]) {
                    unnamed.push(before.execution.cast_signed());
                }
            }
        }
        Ok(if let [one] = unnamed[..] { Some(one) } else { None })
    }
}
