//! From records to rows: everything that can be worked out before the transaction is, and the transaction does the rest.

use std::collections::HashMap;
use std::sync::Arc;

use salesdash_providers::identify::{self, Version};
use salesdash_store::deliveries::{Delivery, ModelVerdict, NewModel, Verdict};
use salesdash_store::ledger::Ledger;
use salesdash_store::payload::Packed;
use salesdash_store::{Result as StoreResult, Scope};
use salesdash_value::{Text, Value, json};
use sha2::{Digest, Sha256};

use super::{Incoming, Taken};
use crate::catalog::SourceConfig;
use crate::events::What;
use crate::execute::queue::{Item, Lane, LaneKey};
use crate::metrics::count;
use crate::{Engine, EngineError, Result};

/// Records that are ready to be stored: keys, versions and digests are worked out, payloads compressed and encrypted.
pub struct Batch {
    pub(super) tenant: i64,
    pub(super) source: Arc<SourceConfig>,
    /// Bytes of the delivery.
    pub(super) bytes: i64,
    /// What was delivered, where it is more than the one record in it.
    pub(super) raw: Option<Packed>,
    pub(super) records: Vec<Prepared>,
    /// The backfill that brings them, where one does.
    pub(super) job: Option<i64>,
}

/// One record that is ready to be stored.
pub(super) struct Prepared {
    record: Arc<Value>,
    event: Option<Text>,
    key: Option<Text>,
    key_hash: i64,
    version: Option<Version>,
    digest: i64,
    packed: Packed,
}

/// The number under which records with this key are found: see `source_models.key_hash`.
#[must_use]
pub fn key_hash(key: &str) -> i64 {
    hash(key.as_bytes()) >> 32
}

/// The first eight bytes of a SHA-256, as a number that is not 0.
fn hash(bytes: &[u8]) -> i64 {
    let digest = Sha256::digest(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first).max(i64::MIN + 1) | 1
}

/// What becomes of a record, before it is written.
struct Judged {
    verdict: ModelVerdict,
    /// Whether its event is to be noted.
    note: bool,
    /// The record that a backfill brought and that makes this one known: it has arrived otherwise now.
    brought: Option<i64>,
}

impl Engine {
    /// Makes a record ready to be stored. `key` is its key, where that does not stand where its model says (of an event that holds only an
    /// id, that id); `text` is its JSON, where it is at hand as it was received.
    pub(super) fn prepare_one(
        &self,
        tenant: i64,
        source: &SourceConfig,
        incoming: Incoming,
        key: Option<Text>,
        text: Option<&[u8]>,
    ) -> Result<Prepared> {
        let Incoming { record, event } = incoming;
        // A record without its key is taken all the same: it is a record of its own then.
        let key = key.or_else(|| source.key.as_ref().and_then(|path| identify::key(&record, path).ok()));
        let version = source.version.as_ref().and_then(|path| identify::version(&record, path).ok());
        if let Some(learner) = &source.learner {
            learner.look(&record);
        }
        let canonical = json::to_string(&record);
        let packed = self.store.pack(tenant, source.row.id, text.unwrap_or(canonical.as_bytes()))?;
        Ok(Prepared {
            event,
            key_hash: key.as_deref().map_or(0, key_hash),
            digest: hash(canonical.as_bytes()),
            record: Arc::new(record),
            key,
            version,
            packed,
        })
    }

    /// Makes records of a source ready to be stored, outside of any transaction.
    ///
    /// # Errors
    /// Where there is no such source, or something is no record.
    pub fn prepare(&self, tenant: i64, source: i64, records: Vec<Incoming>) -> Result<Batch> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let source = config.sources.get(&source).map(Arc::clone).ok_or(EngineError::missing("source"))?;
        let mut prepared = Vec::with_capacity(records.len());
        let mut bytes = 0;
        for (place, incoming) in records.into_iter().enumerate() {
            if incoming.record.as_object().is_none() {
                let kind = incoming.record.kind_name();
                return Err(EngineError::Invalid(format!("record {} is {kind}, not an object", place + 1)));
            }
            let one = self.prepare_one(tenant, &source, incoming, None, None)?;
            bytes += i64::try_from(one.packed.content.len()).unwrap_or(0);
            prepared.push(one);
        }
        Ok(Batch { tenant, source, bytes, raw: None, records: prepared, job: None })
    }

    /// Stores what was made ready within somebody's transaction. After its commit, [`Engine::committed`] must be told.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn store_batch(&self, scope: &mut Scope<'_>, batch: &Batch) -> StoreResult<Taken> {
        store(scope, batch)
    }

    /// Has the executions of what was stored run.
    pub fn committed(&self, taken: Taken) {
        self.metrics.records.fetch_add(taken.records.unsigned_abs(), std::sync::atomic::Ordering::Relaxed);
        match taken.verdict {
            Some(Verdict::Accepted) => count(&self.metrics.deliveries.accepted),
            Some(Verdict::Duplicate) => count(&self.metrics.deliveries.duplicate),
            _ => {}
        }
        if let Some(verdict) = taken.verdict
            && self.events.anybody()
        {
            let what = What::Delivery { id: taken.delivery, source: taken.source, verdict, records: taken.records };
            self.events.send(taken.tenant, what);
        }
        self.queue.push(taken.queued, self.options.records_at_hand);
    }

    /// Takes in records of a source, such as a page of a poll, and waits until they are durable. `also` writes in the same transaction: the
    /// moved cursor, what is logged of the run.
    ///
    /// # Errors
    /// Where there is no such source, something is no record, or the database fails; then nothing of it is stored.
    pub fn take_records<F>(self: &Arc<Self>, tenant: i64, source: i64, records: Vec<Incoming>, also: F) -> Result<Taken>
    where
        F: FnOnce(&mut Scope<'_>, &Taken) -> StoreResult<()> + Send + 'static,
    {
        self.take_records_for(tenant, source, None, records, also)
    }

    /// The same for a backfill: undoing it takes back what it alone brought.
    ///
    /// # Errors
    /// As [`Engine::take_records`].
    pub fn take_records_for<F>(
        self: &Arc<Self>,
        tenant: i64,
        source: i64,
        job: Option<i64>,
        records: Vec<Incoming>,
        also: F,
    ) -> Result<Taken>
    where
        F: FnOnce(&mut Scope<'_>, &Taken) -> StoreResult<()> + Send + 'static,
    {
        let batch = Batch { job, ..self.prepare(tenant, source, records)? };
        let learner = batch.source.learner.clone().map(|learner| (learner, batch.source.row.model.clone()));
        let mut taken = self.store.write(tenant, move |scope| {
            let taken = store(scope, &batch)?;
            also(scope, &taken)?;
            Ok(taken)
        })?;
        let queued = std::mem::take(&mut taken.queued);
        self.committed(Taken { queued, ..taken.clone() });
        if let Some((learner, model)) = learner {
            self.learnt(tenant, &model, &learner);
        }
        Ok(taken)
    }
}

/// What becomes of each record.
fn judge(scope: &mut Scope<'_>, batch: &Batch) -> StoreResult<Vec<Judged>> {
    let source = batch.source.row.id;
    // What this very batch brought counts as known for what comes after it.
    let mut newest: HashMap<&str, (Option<Version>, i64)> = HashMap::new();
    let mut events: HashMap<&str, ()> = HashMap::new();
    let several = batch.records.len() > 1;
    let mut judged = Vec::with_capacity(batch.records.len());
    for record in &batch.records {
        let mut note = false;
        if let Some(event) = &record.event {
            let repeated = several && events.insert(event, ()).is_some();
            if repeated || scope.delivery_of_event(source, event.as_bytes())?.is_some() {
                judged.push(Judged { verdict: ModelVerdict::Duplicate, note: false, brought: None });
                continue;
            }
            note = true;
        }
        let mut verdict = ModelVerdict::Taken;
        let mut brought = None;
        if let Some(key) = &record.key {
            let known = match newest.get(key.as_str()) {
                Some((version, digest)) => Some((version.clone(), *digest)),
                None => {
                    let known = scope.newest_of_key(source, record.key_hash, key)?;
                    brought = known.as_ref().filter(|known| known.job.is_some() && known.job != batch.job).map(|known| known.id);
                    known.map(|known| (known.version.map(Version::of), known.digest))
                }
            };
            if let Some((version, digest)) = known {
                verdict = match (&record.version, &version) {
                    (Some(ours), Some(known)) if ours < known => ModelVerdict::Stale,
                    (ours, known) if digest == record.digest && ours == known => ModelVerdict::Duplicate,
                    _ => ModelVerdict::Taken,
                };
            }
            if several && verdict == ModelVerdict::Taken {
                newest.insert(key, (record.version.clone(), record.digest));
            }
        }
        let brought = brought.filter(|_| verdict != ModelVerdict::Taken);
        judged.push(Judged { verdict, note, brought });
    }
    Ok(judged)
}

/// Stores a batch: the delivery, its payload, its records, the executions they call for, and the ledger.
pub(super) fn store(scope: &mut Scope<'_>, batch: &Batch) -> StoreResult<Taken> {
    let source = &batch.source.row;
    let judged = judge(scope, batch)?;
    for known in judged.iter().filter_map(|judged| judged.brought) {
        scope.also_arrived(known)?;
    }
    let delivery = scope.next_id();
    let records = i64::try_from(batch.records.len()).unwrap_or(i64::MAX);
    let mut taken = Taken { delivery, records, tenant: batch.tenant, source: source.id, ..Taken::default() };
    let all_known = records > 0 && judged.iter().all(|one| one.verdict == ModelVerdict::Duplicate);
    let verdict = if all_known { Verdict::Duplicate } else { Verdict::Accepted };
    let mut ledger = Ledger { received: records, ..Ledger::default() };
    let mut payload = None;
    if all_known {
        // Nothing of it is new, and what it repeats is stored.
        taken.duplicate = records;
        ledger.duplicate = records;
        for (record, judged) in batch.records.iter().zip(&judged) {
            note_event(scope, source.id, record, judged, delivery)?;
        }
    } else {
        payload = batch.raw.as_ref().map(|raw| scope.store_payload_as(delivery, raw)).transpose()?;
        // What is all of a delivery has its number: see the store's `numbers`.
        let whole = batch.records.len() == 1 && batch.raw.is_none();
        let pending = i64::try_from(batch.source.links.len()).unwrap_or(0);
        let since = scope.now();
        for (place, (record, judged)) in batch.records.iter().zip(&judged).enumerate() {
            note_event(scope, source.id, record, judged, delivery)?;
            let source_model = if whole { delivery } else { scope.next_id() };
            let own = scope.store_payload_as(source_model, &record.packed)?;
            if whole {
                payload = Some(own);
            }
            let pending = if judged.verdict == ModelVerdict::Taken { pending } else { 0 };
            let model = NewModel {
                key: record.key.as_ref().map(ToString::to_string),
                key_hash: record.key_hash,
                version: record.version.as_ref().map(ToString::to_string),
                place: i64::try_from(place).unwrap_or(i64::MAX),
                digest: record.digest,
                verdict: judged.verdict,
                pending,
                job: batch.job,
            };
            scope.insert_source_model_as(source_model, source.id, delivery, own, &model)?;
            match judged.verdict {
                ModelVerdict::Duplicate => {
                    taken.duplicate += 1;
                    ledger.duplicate += 1;
                }
                ModelVerdict::Stale => {
                    taken.stale += 1;
                    ledger.stale += 1;
                }
                ModelVerdict::Taken | ModelVerdict::Undone if pending == 0 => {
                    taken.taken += 1;
                    ledger.executed += 1;
                }
                ModelVerdict::Taken | ModelVerdict::Undone => {
                    taken.taken += 1;
                    ledger.waiting += 1;
                }
            }
            if pending == 0 {
                continue;
            }
            let key_hash = record.key.as_ref().map(|_| record.key_hash);
            let lane = LaneKey { tenant: batch.tenant, source: source.id, lane: Lane::of(key_hash, batch.source.enriched, source_model) };
            for (place, link) in batch.source.links.iter().enumerate() {
                let version = link.program.as_ref().map_or(0, |program| program.version);
                let execution = if place == 0 { source_model } else { scope.next_id() };
                scope.insert_execution_as(execution, source_model, link.row.id, version, link.row.constants, batch.job)?;
                taken.executions += 1;
                taken.queued.push(Item {
                    execution,
                    link: link.row.id,
                    source_model,
                    lane,
                    job: batch.job,
                    record: Some(Arc::clone(&record.record)),
                    late: false,
                    fresh: false,
                    pinned: false,
                    attempts: 0,
                    since,
                    enriched: None,
                });
            }
        }
    }
    scope.insert_delivery(&Delivery { id: delivery, source: source.id, verdict, reason: None, bytes: batch.bytes, records, payload })?;
    scope.add_to_ledger(source.id, &ledger)?;
    taken.verdict = Some(verdict);
    Ok(taken)
}

fn note_event(scope: &mut Scope<'_>, source: i64, record: &Prepared, judged: &Judged, delivery: i64) -> StoreResult<()> {
    match &record.event {
        Some(event) if judged.note => scope.insert_event(source, event.as_bytes(), delivery),
        _ => Ok(()),
    }
}
