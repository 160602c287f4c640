//! Looking through everything for what is of a contact.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use salesdash_language::model::Models;
use salesdash_language::types::Type;
use salesdash_store::deliveries::SourceModel;
use salesdash_store::erasing::{Extent, Find};
use salesdash_store::executions::Execution;
use salesdash_store::{Scope, StoreError};

use super::contact::Contact;
use super::document::{Document, Phase};
use super::{ERASING, FOUND, keep};
use crate::catalog::TenantConfig;
use crate::replay::Reruns;
use crate::{Engine, EngineError, Result, record};

/// Source models and bodies that are looked through at a time.
const CHUNK: i64 = 200;
/// Records that are.
const RECORDS: i64 = 5000;

/// What a step found.
#[derive(Default)]
struct Finds {
    models: HashSet<i64>,
    deliveries: HashSet<i64>,
    outcomes: HashSet<i64>,
}

/// What reading takes, kept for a step.
struct Reading<'r> {
    engine: &'r Engine,
    config: Arc<TenantConfig>,
    contact: &'r Contact,
    reruns: Reruns,
    types: HashMap<String, Type>,
}

impl Reading<'_> {
    fn type_of(&mut self, model: &str) -> Type {
        let config = &self.config;
        let read = || config.models.get(model).map_or(Type::ANY, |declared| Models::read_one("", declared).0.ty);
        self.types.entry(model.to_owned()).or_insert_with(read).clone()
    }

    /// Whether a payload holds something of the contact. One that cannot be read does not.
    fn payload(&mut self, scope: &mut Scope<'_>, payload: i64, model: &str) -> Result<bool> {
        match record::parse_payload(scope, payload) {
            Ok(value) => {
                let ty = self.type_of(model);
                Ok(self.contact.is_in(&value, &ty))
            }
            Err(EngineError::PayloadGone) => Ok(false),
            Err(EngineError::Store(StoreError::Damaged(_))) => {
                tracing::warn!(payload, "a payload cannot be read while a contact is erased, and is left as it is");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Looks a source model through: its payload, what was fetched for it, and what its executions write, worked out again.
    fn model(&mut self, scope: &mut Scope<'_>, model: &SourceModel, finds: &mut Finds) -> Result<()> {
        let own = self.config.sources.get(&model.source).map(|source| source.row.model.clone()).unwrap_or_default();
        let mut ours = match model.payload {
            Some(payload) => self.payload(scope, payload, &own)?,
            None => false,
        };
        for enrichment in scope.every_enrichment(model.id)? {
            if ours {
                break;
            }
            if let Some(payload) = enrichment.payload {
                ours = self.payload(scope, payload, enrichment.chain.rsplit('/').next().unwrap_or_default())?;
            }
        }
        let executions = scope.executions_of_model(model.id)?;
        for execution in with_attempts(scope, executions)? {
            if execution.outcome.as_deref().is_some_and(|outcome| self.contact.key_in(outcome)) {
                finds.outcomes.insert(execution.id);
            }
            if ours || execution.digest.as_ref().is_none_or(Vec::is_empty) {
                continue;
            }
            // Keys that a spec makes of several fields stand in no payload; what was written with one is worked out again.
            ours = match self.reruns.rerun(self.engine, &self.config, scope, &execution, None, false) {
                Ok(rerun) => self.contact.is_written_by(&rerun.outcome),
                Err(
                    EngineError::PayloadGone
                    | EngineError::Erased(_)
                    | EngineError::Unsound(_)
                    | EngineError::Store(StoreError::Missing(_)),
                ) => false,
                Err(error) => return Err(error),
            };
        }
        if ours {
            finds.models.insert(model.id);
        }
        Ok(())
    }
}

impl Finds {
    /// Notes what was found: of a source model every version of its record, for all of them are about the same.
    fn note(&self, scope: &mut Scope<'_>, job: i64, until: i64) -> salesdash_store::Result<()> {
        for id in &self.models {
            let model = match scope.source_model(*id) {
                Ok(model) => model,
                Err(StoreError::Missing(_)) => continue,
                Err(error) => return Err(error),
            };
            for version in scope.versions_of(&model, until)? {
                if scope.note_find(job, Find::Model, version.id)? {
                    scope.note_find(job, Find::Delivery, version.delivery)?;
                }
            }
        }
        for id in &self.deliveries {
            scope.note_find(job, Find::Delivery, *id)?;
        }
        for id in &self.outcomes {
            scope.note_find(job, Find::Outcome, *id)?;
        }
        Ok(())
    }

    /// Notes the source models of executions.
    fn models_of(&mut self, scope: &mut Scope<'_>, executions: impl IntoIterator<Item = i64>) -> salesdash_store::Result<()> {
        for execution in executions {
            match scope.execution(execution) {
                Ok(found) => drop(self.models.insert(found.source_model)),
                Err(StoreError::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Executions, and what each came to before it was made to run again.
fn with_attempts(scope: &mut Scope<'_>, executions: Vec<Execution>) -> salesdash_store::Result<Vec<Execution>> {
    let mut all = Vec::with_capacity(executions.len());
    for execution in executions {
        all.extend(scope.attempts(&execution)?.into_iter().map(|attempt| attempt.execution));
        all.push(execution);
    }
    Ok(all)
}

impl Engine {
    pub(super) fn search_step(
        self: &Arc<Self>,
        tenant: i64,
        id: i64,
        state: &str,
        document: &mut Document,
        contact: Contact,
    ) -> Result<()> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let mut reading = Reading { engine: self, config, contact: &contact, reruns: Reruns::default(), types: HashMap::new() };
        let mut finds = self.store.read(tenant, |scope| Ok(look(&mut reading, scope, document)))??;
        let found_all = document.phase == Phase::TakeModels;
        let (state, keys, mut document) = (state.to_owned(), contact.keys().to_vec(), document.clone());
        self.store.write(tenant, move |scope| {
            if found_all {
                // What wrote the records is noted last, once more: they may have been written meanwhile.
                let writers = scope.executions_of_contact(&keys)?;
                finds.models_of(scope, writers)?;
            }
            finds.note(scope, id, document.until)?;
            let mut to = state.clone();
            if found_all {
                let extent = scope.extent(id, &keys)?;
                let (models, deliveries) = (extent.source_models, extent.deliveries);
                document.found = Some(Extent { phone_numbers: document.phone_numbers, external_ids: document.external_ids, ..extent });
                if state == ERASING {
                    (document.done, document.total) = (0, models + deliveries);
                } else {
                    (to, document.done) = (FOUND.to_owned(), document.total);
                }
            }
            keep(scope, id, &state, &to, &document)
        })?;
        Ok(())
    }
}

/// Looks the next chunk through, and moves on.
fn look(reading: &mut Reading<'_>, scope: &mut Scope<'_>, document: &mut Document) -> Result<Finds> {
    let mut finds = Finds::default();
    match document.phase {
        Phase::Models => {
            let models = scope.models_between(document.position, document.until, CHUNK)?;
            for model in &models {
                reading.model(scope, model, &mut finds)?;
            }
            document.done += i64::try_from(models.len()).unwrap_or(0);
            match models.last() {
                Some(last) => document.position = last.id,
                None if document.since > 0 => {
                    document.enter(Phase::Since);
                    document.position = document.since.min(document.waiting) - 1;
                }
                None => document.enter(Phase::Bodies),
            }
        }
        Phase::Since => {
            let (models, last) = scope.enriched_between(document.position, document.until, CHUNK)?;
            for id in models {
                let model = scope.source_model(id)?;
                reading.model(scope, &model, &mut finds)?;
            }
            // Executions that were called for, or ran, since.
            let until = last.map_or(document.until, |last| last + 1);
            let mut after = document.position;
            loop {
                let executions = scope.executions_between(after, until, CHUNK)?;
                for execution in &with_attempts(scope, executions.clone())? {
                    if execution.outcome.as_deref().is_some_and(|outcome| reading.contact.key_in(outcome)) {
                        finds.outcomes.insert(execution.id);
                    }
                }
                match executions.last() {
                    Some(last) => after = last.id,
                    None => break,
                }
            }
            match last {
                Some(last) => document.position = last,
                None => {
                    document.enter(Phase::Bodies);
                    document.position = document.since - 1;
                }
            }
        }
        Phase::Bodies => {
            let (bodies, last) = scope.bodies_between(document.position, document.until, CHUNK)?;
            for (delivery, payload, _) in bodies {
                match scope.payload(payload) {
                    Ok(body) if reading.contact.is_in_body(&body) => drop(finds.deliveries.insert(delivery)),
                    Ok(_) | Err(StoreError::Missing(_) | StoreError::Damaged(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            match last {
                Some(last) => document.position = last,
                None => document.enter(Phase::Records),
            }
        }
        Phase::Records => {
            let writers = scope.executions_of_contact(reading.contact.keys())?;
            finds.models_of(scope, writers)?;
            document.enter(Phase::Holders);
            (document.phone_numbers, document.external_ids) = (0, 0);
        }
        _ => {
            let (holders, last) = scope.holders_after(&document.record(), reading.contact.keys(), RECORDS)?;
            let count = |counted: usize| i64::try_from(counted).unwrap_or(0);
            document.phone_numbers += count(holders.iter().filter(|holder| holder.in_fields).count());
            document.external_ids += count(holders.iter().filter(|holder| holder.in_external_id).count());
            finds.models_of(scope, holders.iter().map(|holder| holder.execution))?;
            match last {
                Some(last) => document.place = hex::encode(last.0),
                None => document.enter(Phase::TakeModels),
            }
        }
    }
    Ok(finds)
}
