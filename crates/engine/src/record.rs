//! A record as a spec sees it: read back from the store, with its enrichments hung on it and its declared dates made dates.

use std::sync::Arc;

use salesdash_language::model::{Models, conform};
use salesdash_language::types::Type;
use salesdash_providers::interpret::webhook::IS_DELETED;
use salesdash_store::executions::Execution;
use salesdash_store::{Scope, StoreError};
use salesdash_value::{Text, Value, json};

use crate::program::{COMPLETE, Kept, Program, Want};
use crate::{Engine, EngineError, Result};

/// A record as it was received, with what was fetched for it. Nothing is masked.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// The record.
    pub record: Value,
    /// The enrichments: the types from the record down to it with `/` between them, and what was found (null: there is none).
    pub enrichments: Vec<(String, Value)>,
    /// The type of the record, as its model is declared now.
    pub ty: Type,
}

impl Engine {
    /// The record of a source model, as it was received.
    ///
    /// # Errors
    /// Where there is none of this id, retention removed it, or it was erased.
    pub fn record(&self, tenant: i64, source_model: i64) -> Result<StoredRecord> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        self.store.read(tenant, |scope| {
            let mut read = || {
                let source = scope.source_model(source_model)?.source;
                let record = load(scope, source_model)?;
                let mut enrichments = Vec::new();
                for found in scope.enrichments(source_model, i64::MAX)? {
                    let value = found.payload.map(|payload| parse_payload(scope, payload)).transpose();
                    enrichments.push((found.chain, value?.unwrap_or_default()));
                }
                let model = config.sources.get(&source).map(|source| source.row.model.clone()).unwrap_or_default();
                let ty = config.models.get(model.as_str()).map_or(Type::ANY, |model| Models::read_one("", model).0.ty);
                Ok(StoredRecord { record, enrichments, ty })
            };
            Ok(read())
        })?
    }

    /// The processor that an execution ran, also where its link is gone. `None` where the link is gone and it never ran.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn processor_of(&self, tenant: i64, execution: &Execution) -> Result<Option<i64>> {
        self.store.read(tenant, |scope| Ok(processor_of(scope, execution)))?
    }
}

/// The processor that an execution ran, also where its link is gone. `None` where the link is gone and it never ran.
///
/// # Errors
/// Where the database fails.
pub fn processor_of(scope: &mut Scope<'_>, execution: &Execution) -> Result<Option<i64>> {
    match scope.link(execution.link) {
        Ok(link) => return Ok(Some(link.processor)),
        Err(StoreError::Missing(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let Some(context) = execution.context else { return Ok(None) };
    Ok(Some(Kept::read(scope.context(context)?, context)?.processor))
}

/// The record of a source model, as it was received.
pub(crate) fn load(scope: &mut Scope<'_>, source_model: i64) -> Result<Value> {
    match scope.source_model(source_model)?.payload {
        Some(payload) => parse_payload(scope, payload),
        None => Err(gone(scope, source_model)?),
    }
}

/// Why a source model has no payload any more.
fn gone(scope: &mut Scope<'_>, source_model: i64) -> Result<EngineError> {
    Ok(scope.erased(source_model)?.map_or(EngineError::PayloadGone, EngineError::Erased))
}

/// What a payload holds: JSON, always.
pub(crate) fn parse_payload(scope: &mut Scope<'_>, payload: i64) -> Result<Value> {
    let content = scope.payload(payload).map_err(|error| match error {
        StoreError::Missing(_) => EngineError::PayloadGone,
        other => EngineError::Store(other),
    })?;
    json::parse(&content, json::Limits::DEFAULT)
        .map_err(|error| EngineError::Store(StoreError::Damaged(format!("a stored payload is not JSON: {error}"))))
}

/// The enrichments that are known of a record, by the place of the want; `None` where one has to be fetched yet.
pub(crate) struct Known {
    pub values: Vec<Option<Value>>,
    /// The last one's id.
    pub last: i64,
}

impl Known {
    /// Reads what was fetched for a source model up to a time.
    pub fn read(scope: &mut Scope<'_>, source_model: i64, at: i64, wants: &[Want]) -> Result<Self> {
        let mut known = Self { values: vec![None; wants.len()], last: 0 };
        if wants.is_empty() {
            return Ok(known);
        }
        let stored = scope.enrichments(source_model, at)?;
        for (place, want) in wants.iter().enumerate() {
            let Some(found) = stored.iter().find(|enrichment| enrichment.chain == want.path) else { continue };
            known.last = known.last.max(found.id);
            known.values[place] = Some(match (found.payload, found.missing) {
                (Some(payload), _) => parse_payload(scope, payload)?,
                (None, true) => Value::Null,
                (None, false) => return Err(EngineError::PayloadGone),
            });
        }
        Ok(known)
    }

    /// The first that has to be fetched, with what it hangs on. What hangs on something that is missing is missing too.
    pub fn next(&mut self, record: &Value, wants: &[Want]) -> Option<(usize, Value)> {
        for (place, want) in wants.iter().enumerate() {
            if self.values[place].is_some() {
                continue;
            }
            let parent = match want.parent {
                None => self.base(record, wants),
                Some(parent) => self.values[parent].clone().unwrap_or_default(),
            };
            if parent.is_null() {
                self.values[place] = Some(Value::Null);
                continue;
            }
            return Some((place, parent));
        }
        None
    }

    /// The record itself: where it had to be completed, what it was completed to; where that is gone, the event, marked.
    pub fn base(&self, record: &Value, wants: &[Want]) -> Value {
        let completes = wants.first().is_some_and(|want| want.ty == COMPLETE);
        match self.values.first() {
            Some(Some(Value::Null)) if completes => with_field(record.clone(), &Text::new_static(IS_DELETED), Value::Boolean(true)),
            Some(Some(completed)) if completes => completed.clone(),
            _ => record.clone(),
        }
    }

    /// The record with its enrichments as nested fields.
    pub fn hang(&self, record: &Value, wants: &[Want]) -> Value {
        let mut record = self.base(record, wants);
        // Children come after their parents, so going backwards each value is complete when it is hung on its parent.
        let mut values: Vec<Value> = self.values.iter().map(|value| value.clone().unwrap_or_default()).collect();
        for (place, want) in wants.iter().enumerate().rev() {
            if want.ty == COMPLETE {
                continue;
            }
            let value = std::mem::take(&mut values[place]);
            match want.parent {
                Some(parent) => values[parent] = with_field(std::mem::take(&mut values[parent]), &want.name, value),
                None => record = with_field(record, &want.name, value),
            }
        }
        record
    }
}

/// An object with a field more; what is no object stays as it is.
fn with_field(object: Value, name: &Text, value: Value) -> Value {
    let Value::Object(fields) = object else { return object };
    let mut fields: Vec<(Text, Value)> = fields.iter().filter(|(known, _)| known != name).cloned().collect();
    fields.push((name.clone(), value));
    Value::Object(fields.into())
}

/// The record as the plan takes it.
pub(crate) fn as_seen(record: &Arc<Value>, known: &Known, program: &Program) -> Value {
    conform(known.hang(record, &program.wants), program.plan.source(), &program.kept.zone)
}
