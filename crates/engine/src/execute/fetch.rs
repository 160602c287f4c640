//! Fetching the enrichments that an execution waits for, on threads of their own. What was fetched is stored with the record before the
//! execution runs; what failed for now is tried again later, also after a restart.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use salesdash_language::codes;
use salesdash_value::{Value, json};

use super::of_program;
use super::queue::Item;
use crate::catalog::{LinkConfig, TenantConfig};
use crate::enrich::{FetchError, Fetched, Wanted};
use crate::program::{COMPLETE, Program};
use crate::record::Known;
use crate::{Engine, EngineError, Result};

/// How often an enrichment is tried before its execution fails.
pub const MAX_TRIES: i64 = 10;
/// The first wait after a failed try; each further one is twice as long.
const FIRST_WAIT_US: i64 = 2_000_000;
/// The longest wait that we choose ourselves.
const MAX_WAIT_US: i64 = 900_000_000;
/// The longest wait that a vendor can ask for.
const MAX_ASKED_US: i64 = 86_400_000_000;
/// Records that wait for a thread at most; more stay in the queue.
pub(crate) const MAX_TASKS: usize = 1000;
/// When those are looked at again.
const LOOK_AGAIN_US: i64 = 200_000;

/// An execution that waits for an enrichment.
pub(crate) struct Fetch {
    pub item: Item,
    pub config: Arc<TenantConfig>,
    pub link: Arc<LinkConfig>,
    pub program: Arc<Program>,
    pub record: Arc<Value>,
    pub known: Known,
    /// The want to begin with, and what it hangs on.
    pub next: (usize, Value),
}

impl Engine {
    /// Has the enrichments of an execution fetched: by the threads for that, or here where there are none.
    pub(super) fn fetch(self: &Arc<Self>, task: Fetch) {
        if task.link.disconnected {
            return self.queue.hold(task.item);
        }
        let sender = self.fetches.lock().clone();
        match sender {
            None => self.fetch_now(task),
            Some(sender) => {
                if let Err(refused) = sender.try_send(Box::new(task)) {
                    let task = refused.into_inner();
                    self.queue.put_back(task.item, self.store().now() + LOOK_AGAIN_US);
                }
            }
        }
    }

    /// Fetches on the calling thread.
    pub(crate) fn fetch_now(self: &Arc<Self>, task: Fetch) {
        let again = task.item.clone();
        if catch_unwind(AssertUnwindSafe(|| self.fetch_all(task))).is_err() {
            crate::metrics::count(&self.metrics.panics);
            self.after_error(again, salesdash_store::StoreError::Database("a fetch gave up in the middle".to_owned()));
        }
    }

    fn fetch_all(self: &Arc<Self>, task: Fetch) {
        let Fetch { item, config, link, program, record, mut known, next } = task;
        let mut next = Some(next);
        while let Some((place, parent)) = next {
            let want = &program.wants[place];
            let fetched = self.fetch_one(&config, item.lane.source, &program, &record, &known, (place, &parent), item.fresh);
            match fetched {
                Ok(fetched) => match self.keep_enrichment(&item, &want.path, fetched) {
                    Ok((id, value)) => {
                        known.last = known.last.max(id);
                        known.values[place] = Some(value);
                        crate::metrics::count(&self.metrics.enrichments);
                    }
                    Err(error) => return self.try_again(item, &error),
                },
                Err(error) => {
                    crate::metrics::count(&self.metrics.enrichment_failures);
                    let failure = of_program(&program, &codes::ENRICHMENT_FAILED, format!("`{}` could not be fetched: {error}", want.ty));
                    return match error {
                        FetchError::Failed(_) => self.submit_failure(item, failure),
                        FetchError::Later { after, reason } => match self.postpone(&item, after, &reason) {
                            Ok(Some(due)) => self.queue.put_back(Item { attempts: item.attempts + 1, ..item }, due),
                            Ok(None) => self.submit_failure(item, failure),
                            Err(error) => self.try_again(item, &error),
                        },
                        FetchError::NeedsReconnecting(reason) => match self.disconnect(&item, link.provider, &reason) {
                            Ok(()) => self.queue.hold(Item { attempts: item.attempts + 1, ..item }),
                            Err(error) => self.try_again(item, &error),
                        },
                    };
                }
            }
            next = known.next(&record, &program.wants);
        }
        // Back to the workers: evaluating is not for these threads.
        let item = Item { enriched: Some(known.last), record: Some(record), ..item };
        self.queue.put_back(item, 0);
    }

    /// Fetches what one want asks for, and stores nothing.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn fetch_one(
        &self,
        config: &TenantConfig,
        source: i64,
        program: &Program,
        record: &Value,
        known: &Known,
        (place, parent): (usize, &Value),
        fresh: bool,
    ) -> std::result::Result<Fetched, FetchError> {
        let want = &program.wants[place];
        let Some(enrich) = self.enrich.read().clone() else {
            return Err(FetchError::Failed("nothing is installed that fetches enrichments".to_owned()));
        };
        let (tenant, provider) = (config.id, program.kept.provider);
        let _span = tracing::debug_span!("enrichment", tenant, provider, source, kind = &*want.ty).entered();
        let base = if want.ty == COMPLETE { record.clone() } else { known.base(record, &program.wants) };
        enrich.fetch(&Wanted {
            tenant,
            provider,
            source,
            model: config.sources.get(&source).map_or("", |source| source.row.model.as_str()),
            record: &base,
            enrichment: &want.ty,
            parent,
            chain: &want.chain,
            fresh,
        })
    }

    /// Stores an enrichment; gives its id and its value.
    fn keep_enrichment(&self, item: &Item, chain: &str, fetched: Fetched) -> Result<(i64, Value)> {
        let value = match fetched {
            Fetched::Found(value) => value,
            Fetched::Missing => Value::Null,
        };
        let tenant = item.lane.tenant;
        let packed = match &value {
            Value::Null => None,
            value => Some(self.store().pack(tenant, item.lane.source, json::to_string(value).as_bytes())?),
        };
        let (source_model, chain) = (item.source_model, chain.to_owned());
        let id = self.store().write(tenant, move |scope| {
            // What was erased meanwhile stays so: its execution is in the queue no more, and writes nothing.
            if scope.erased(source_model)?.is_some() {
                return Ok(scope.next_id());
            }
            scope.insert_enrichment(source_model, &chain, packed.as_ref())
        })?;
        Ok((id, value))
    }

    /// Puts an execution off; gives when it is tried again, `None` where it was tried often enough.
    fn postpone(&self, item: &Item, after: Option<std::time::Duration>, reason: &str) -> Result<Option<i64>> {
        let (execution, now, reason) = (item.execution, self.store().now(), reason.to_owned());
        let asked = after.map_or(0, |after| i64::try_from(after.as_micros()).unwrap_or(i64::MAX)).min(MAX_ASKED_US);
        Ok(self.store().write(item.lane.tenant, move |scope| {
            let attempts = scope.postponement(execution)?.map_or(0, |known| known.attempts) + 1;
            if attempts >= MAX_TRIES {
                return Ok(None);
            }
            let wait = FIRST_WAIT_US.saturating_mul(1 << (attempts - 1).clamp(0, 20)).min(MAX_WAIT_US);
            let mut random = crate::random::Random::new((execution ^ attempts).cast_unsigned());
            let jitter = i64::try_from(random.below(wait.unsigned_abs() / 2 + 1)).unwrap_or(0);
            let due = now + (wait / 2 + jitter).max(asked);
            scope.postpone(execution, attempts, due, &reason)?;
            Ok(Some(due))
        })?)
    }

    /// Marks a provider as needing to be connected again; its executions wait for that.
    fn disconnect(self: &Arc<Self>, item: &Item, provider: i64, reason: &str) -> Result<()> {
        let (tenant, execution, reason) = (item.lane.tenant, item.execution, reason.to_owned());
        let changed = self.store().write(tenant, move |scope| {
            let attempts = scope.postponement(execution)?.map_or(0, |known| known.attempts);
            scope.postpone(execution, attempts, i64::MAX, &reason)?;
            let known = scope.provider(provider)?;
            if known.status == "active" {
                scope.set_provider_status(provider, "needs_reconnecting")?;
                scope.audit("engine", "provider.needs_reconnecting", &format!("provider:{provider}"), Some(&reason), None)?;
            }
            Ok(known.status == "active")
        });
        if changed.map_err(EngineError::Store)? {
            self.changed(tenant);
        }
        Ok(())
    }
}
