//! Taking away what was found of a contact.

use std::collections::HashSet;
use std::sync::Arc;

use salesdash_records::Outcome;
use salesdash_store::deliveries::SourceModel;
use salesdash_store::erasing::{Find, REFERRING};
use salesdash_store::executions::{Execution, Finished, Status};
use salesdash_store::{Result as StoreResult, Scope, StoreError};
use salesdash_value::Id;

use super::contact::Contact;
use super::document::{Document, Phase};
use super::{ERASING, keep, summary};
use crate::intake::key_hash;
use crate::{Engine, Result};

/// Source models, deliveries and outcomes that are taken away in one transaction.
const CHUNK: i64 = 50;
/// Records that lose their contact in one transaction.
const RECORDS: i64 = 500;
/// Records that are gone over in one transaction.
const HOLDERS: i64 = 2000;
/// Rows of which is looked up what they refer to, and payloads that are removed, at a time.
const ROWS: i64 = 10_000;
/// Pages that are given back to the disk in one transaction.
const PAGES: i64 = 500;

impl Engine {
    pub(super) fn take_step(self: &Arc<Self>, tenant: i64, id: i64, state: &str, document: &mut Document, contact: Contact) -> Result<()> {
        debug_assert_eq!(state, ERASING);
        if document.phase == Phase::Referred {
            return self.look_up_references(tenant, id, document);
        }
        // From here on whatever becomes free in the file is overwritten.
        self.store.database().overwrite(true)?;
        let mut document = document.clone();
        let gone = self.store.write(tenant, move |scope| {
            let gone = take(scope, id, &mut document, &contact)?;
            keep(scope, id, ERASING, ERASING, &document)?;
            Ok(gone)
        })?;
        // What waits in memory has its record at hand.
        self.queue.forget(tenant, |item| gone.contains(&item.source_model));
        Ok(())
    }

    /// Looks up which of the payloads something else refers to: the same content is stored once.
    fn look_up_references(&self, tenant: i64, id: i64, document: &mut Document) -> Result<()> {
        let table = document.place.parse::<usize>().unwrap_or(0);
        let after = document.position;
        let (used, last) = self.store.read(tenant, |scope| {
            let payloads: HashSet<i64> = scope.finds(id, Find::Payload, 0, i64::MAX)?.into_iter().collect();
            scope.referred_to(REFERRING[table], &payloads, after, ROWS)
        })?;
        match last {
            Some(last) => document.position = last,
            None => {
                document.looked.push(after);
                (document.position, document.place) = (0, (table + 1).to_string());
                if table + 1 == REFERRING.len() {
                    document.enter(Phase::Payloads);
                }
            }
        }
        let document = document.clone();
        Ok(self.store.write(tenant, move |scope| {
            for payload in used {
                scope.drop_find(id, Find::Payload, payload)?;
            }
            keep(scope, id, ERASING, ERASING, &document)
        })?)
    }

    /// Overwrites and gives back what is free in the file, and ends the erasure, unless that has to wait for somebody who reads.
    pub(super) fn sweep(self: &Arc<Self>, tenant: i64, id: i64, document: Document) -> Result<()> {
        let database = self.store.database();
        while database.give_back(PAGES)? {}
        if !database.checkpoint()? {
            return Ok(());
        }
        database.overwrite(false)?;
        self.store.write(tenant, move |scope| {
            let (to, action) = if document.cancelled { ("cancelled", "contact.erasure_cancelled") } else { ("finished", "contact.erased") };
            keep(scope, id, ERASING, to, &document)?;
            let counts = document.found.as_ref().map(summary);
            scope.audit(&document.actor, action, &format!("erasure:{id}"), Some(&document.reason), counts.as_deref())
        })?;
        Ok(())
    }
}

/// Takes the next chunk away, and moves on. Gives the source models that are gone.
fn take(scope: &mut Scope<'_>, job: i64, document: &mut Document, contact: &Contact) -> StoreResult<HashSet<i64>> {
    let mut gone = HashSet::new();
    let at = document.confirmed.unwrap_or(document.until);
    match document.phase {
        Phase::TakeModels => {
            let ids = scope.finds(job, Find::Model, document.position, CHUNK)?;
            for id in &ids {
                let model = match scope.source_model(*id) {
                    Ok(model) => model,
                    Err(StoreError::Missing(_)) => continue,
                    Err(error) => return Err(error),
                };
                take_model(scope, job, &model, document.until, contact, at)?;
                gone.insert(model.id);
            }
            go_on(document, &ids, Phase::TakeBodies);
        }
        Phase::TakeBodies => {
            let ids = scope.finds(job, Find::Delivery, document.position, CHUNK)?;
            for id in &ids {
                scope.erase_delivery(job, *id, at)?;
            }
            go_on(document, &ids, Phase::TakeOutcomes);
        }
        Phase::TakeOutcomes => {
            let ids = scope.finds(job, Find::Outcome, document.position, CHUNK)?;
            for id in &ids {
                match scope.execution(*id) {
                    Ok(execution) => {
                        let outcome = forgetting(&execution, contact)?;
                        let (reads, message) = (execution.reads.as_deref(), execution.message.as_deref());
                        scope.rewrite_execution(*id, outcome.as_deref(), reads, message)?;
                        scope.forget_attempts(*id)?;
                    }
                    Err(StoreError::Missing(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            go_on(document, &ids, Phase::TakeHolders);
        }
        Phase::TakeHolders => {
            let (holders, last) = scope.holders_after(&document.record(), contact.keys(), HOLDERS)?;
            for holder in holders.iter().filter(|holder| holder.execution < document.until) {
                scope.detach(holder.id, contact.keys())?;
            }
            match last {
                Some(last) => document.place = hex::encode(last.0),
                None => document.enter(Phase::TakeContacts),
            }
        }
        Phase::TakeContacts => {
            let unlinked = scope.unlink_contact(contact.keys(), document.until, RECORDS)?;
            if unlinked == 0 {
                scope.forget_changes(contact.keys())?;
                document.looked.clear();
                document.enter(Phase::Referred);
            }
        }
        Phase::Payloads => {
            let ids = scope.finds(job, Find::Payload, document.position, RECORDS)?;
            let mut payloads: HashSet<i64> = ids.iter().copied().collect();
            // What came since the tables were gone through can refer to the same content.
            for (table, looked) in REFERRING.iter().zip(document.looked.clone()) {
                let (used, _) = scope.referred_to(table, &payloads, looked, i64::MAX)?;
                payloads.retain(|payload| !used.contains(payload));
            }
            scope.remove_payloads(&payloads.into_iter().collect::<Vec<_>>())?;
            if ids.is_empty() {
                // Nobody needs to know any more who it was.
                scope.forget_finds(job)?;
                (document.secret, document.done) = (None, document.total);
            }
            go_on(document, &ids, Phase::Sweep);
        }
        _ => {}
    }
    Ok(gone)
}

/// Goes on after what was done, or with the next phase where that was nothing.
fn go_on(document: &mut Document, ids: &[i64], next: Phase) {
    if matches!(document.phase, Phase::TakeModels | Phase::TakeBodies) {
        document.done = (document.done + i64::try_from(ids.len()).unwrap_or(0)).min(document.total);
    }
    match ids.last() {
        Some(last) => document.position = *last,
        None => document.enter(next),
    }
}

/// Takes away what a source model and its executions hold of the contact. What waits of it will not run.
fn take_model(scope: &mut Scope<'_>, job: i64, model: &SourceModel, until: i64, contact: &Contact, at: i64) -> StoreResult<()> {
    for mut execution in scope.executions_of_model(model.id)? {
        if execution.status == Status::Waiting && scope.dequeue(execution.id)? {
            scope.resume(execution.id)?;
            let text = "the record was erased on request before this ran".to_owned();
            let finished = Finished {
                status: Status::Skipped,
                version: execution.version,
                constants: execution.constants,
                at: scope.now(),
                took: 0,
                context: execution.context,
                digest: Vec::new(),
                outcome: Vec::new(),
                reads: None,
                error: Some((String::new(), String::new(), text)),
            };
            scope.finish_execution(execution.id, &finished)?;
            scope.settle(model.source, model.id, false)?;
            execution = scope.execution(execution.id)?;
        }
        let outcome = forgetting(&execution, contact)?;
        let message = execution.message.as_deref().filter(|message| !contact.is_named_in(message));
        scope.rewrite_execution(execution.id, outcome.as_deref(), None, message)?;
        scope.forget_attempts(execution.id)?;
    }
    // Where the key tells who it is, all versions of the record get another one in common.
    if model.key.as_ref().is_some_and(|key| contact.tells(key)) {
        let versions: Vec<i64> = scope.versions_of(model, until)?.iter().map(|version| version.id).collect();
        let key = format!("erased-{}", versions.first().unwrap_or(&model.id));
        scope.rename_record(&versions, &key, key_hash(&key))?;
    }
    scope.erase_model(job, model, at)?;
    scope.erase_delivery(job, model.delivery, at)
}

/// What an execution wrote, without the contact's key.
fn forgetting(execution: &Execution, contact: &Contact) -> StoreResult<Option<Vec<u8>>> {
    let Some(bytes) = execution.outcome.as_deref().filter(|bytes| contact.key_in(bytes)) else { return Ok(execution.outcome.clone()) };
    // Rows that are named by their effect are written back so; which id stands for that makes no difference.
    let own = Id([0; 16]);
    let mut outcomes = Outcome::decode_all(bytes, |_| Some(own)).map_err(|error| StoreError::Damaged(error.to_string()))?;
    for outcome in &mut outcomes {
        outcome.forget(contact.keys());
    }
    Ok(Some(Outcome::encode_all(outcomes.iter().map(|outcome| (outcome, Some(own))), false)))
}
