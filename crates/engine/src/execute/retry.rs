//! Having executions run again: those that failed, and any other.

use std::sync::Arc;

use salesdash_store::attempts::Again;
use salesdash_store::executions::{Filter, Status};
use salesdash_store::{Paging, Result as StoreResult, Scope, StoreError};

use super::queue::{Item, Lane, LaneKey};
use crate::events::What;
use crate::{Engine, Result};

/// Executions that are put back in one transaction at most.
const BATCH: usize = 200;

/// What asking for executions to run again came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Those that wait again.
    pub waiting: Vec<i64>,
    /// Those that were left alone, and why: `waiting` already, `stale`, `replaced`, `undone`, `missing`, `erased` on request, `overtaken`: a
    /// later version of its record has been executed since, or `unversioned`: it is to run as it ran before, and has not run with any version.
    pub left: Vec<(i64, &'static str)>,
}

impl Engine {
    /// Has executions run again. What each came to before is kept as an attempt. Where they are pinned, each runs with the spec, the constants and
    /// the surroundings that it ran with, however old these are: what newer versions wrote is written over, as the one who asks wants it.
    ///
    /// # Errors
    /// Where the database fails. What was put back before then runs.
    pub fn run_again(self: &Arc<Self>, tenant: i64, ids: &[i64], again: &Again) -> Result<Retried> {
        let mut retried = Retried::default();
        for ids in ids.chunks(BATCH) {
            let (ids, again) = (ids.to_vec(), again.clone());
            let (some, waiting) = self.store().write(tenant, move |scope| put_back(scope, &ids, &again))?;
            let now = self.store().now();
            let items: Vec<Item> = waiting.iter().map(|waiting| self.item_of(waiting, now)).collect();
            if self.events.anybody() {
                for item in &items {
                    let (id, source, link) = (item.execution, item.lane.source, item.link);
                    self.events.send(tenant, What::Execution { id, source, link, status: Status::Waiting, code: None });
                }
            }
            self.queue.push(items, self.options.records_at_hand);
            retried.waiting.extend(some.waiting);
            retried.left.extend(some.left);
        }
        Ok(retried)
    }

    /// How many executions a filter selects.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_matching(&self, tenant: i64, filter: &Filter) -> Result<i64> {
        Ok(self.store().read(tenant, |scope| scope.count_executions(filter))?)
    }

    /// Has every execution that a filter selects run again, oldest first for each batch; gives how many wait again.
    ///
    /// # Errors
    /// Where the database fails. What was put back before then runs.
    pub fn retry_matching(self: &Arc<Self>, tenant: i64, filter: &Filter, again: &Again) -> Result<i64> {
        let mut paging = Paging { limit: BATCH, ..Paging::default() };
        let mut count = 0;
        loop {
            let page = self.store().read(tenant, |scope| scope.executions(filter, paging))?;
            let Some(last) = page.items.last() else { return Ok(count) };
            paging.before = last.id;
            let mut ids: Vec<i64> = page.items.iter().map(|execution| execution.id).collect();
            ids.reverse();
            count += i64::try_from(self.run_again(tenant, &ids, again)?.waiting.len()).unwrap_or(0);
        }
    }
}

fn put_back(scope: &mut Scope<'_>, ids: &[i64], again: &Again) -> StoreResult<(Retried, Vec<salesdash_store::executions::Waiting>)> {
    let (mut retried, mut waiting) = (Retried::default(), Vec::new());
    for id in ids {
        let known = match scope.execution(*id) {
            Ok(known) => known,
            Err(StoreError::Missing(_)) => {
                retried.left.push((*id, "missing"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let reason = match known.status {
            Status::Waiting => Some("waiting"),
            Status::Stale => Some("stale"),
            Status::Replaced => Some("replaced"),
            Status::Undone => Some("undone"),
            Status::Succeeded | Status::Skipped | Status::PartiallyFailed | Status::Failed => None,
        };
        let reason = match reason {
            None if scope.erased(known.source_model)?.is_some() => Some("erased"),
            reason => reason,
        };
        // What has run and was overtaken would be stale now; its history is worth more. What failed can be noted as stale.
        let unversioned = again.pinned && (known.version == 0 || known.context.is_none());
        let overtaken = reason.is_none() && known.status != Status::Failed && scope.is_superseded(known.source_model, known.link, 0, 0)?;
        if let Some(reason) = reason.or(overtaken.then_some("overtaken")).or(unversioned.then_some("unversioned")) {
            retried.left.push((*id, reason));
            continue;
        }
        scope.requeue(*id, again)?;
        let source = scope.source_model(known.source_model)?.source;
        scope.unsettle(source, known.source_model, known.status == Status::Failed)?;
        waiting.extend(scope.waiting_item(*id)?);
        retried.waiting.push(*id);
    }
    Ok((retried, waiting))
}

impl Engine {
    /// The item of something that was found in the store. It may be late: nobody knows what was executed meanwhile.
    pub(crate) fn item_of(&self, waiting: &salesdash_store::executions::Waiting, now: i64) -> Item {
        let config = self.catalog.tenant(self.store(), waiting.tenant).ok();
        let source = config.as_ref().and_then(|config| config.sources.get(&waiting.source));
        Item {
            execution: waiting.execution,
            link: waiting.link,
            source_model: waiting.source_model,
            lane: LaneKey {
                tenant: waiting.tenant,
                source: waiting.source,
                lane: Lane::of(waiting.key_hash, source.is_some_and(|source| source.enriched), waiting.source_model),
            },
            job: waiting.job,
            record: None,
            late: true,
            fresh: waiting.fresh.unwrap_or(false),
            pinned: waiting.pinned,
            attempts: 0,
            since: now.min(waiting.execution),
            enriched: None,
        }
    }
}
